// Puzzle 5, solved: the sum of a block.

#include "Kernels/Runtime/cuda.h"

ENTRY(puzzle_block_sum, (const Cell<float> *x, Cell<float> *out, int count)) {
  SHARED(float, partial, [256]);
  int t = threadIdx.x;
  partial[t] = t < count ? float(x[t]) : 0.0f;
  __syncthreads();
  for (int distance = 128; distance > 0; distance /= 2) {
    if (t < distance) partial[t] += partial[t + distance];
    __syncthreads();  // outside of the if: every thread must come
  }
  if (t == 0) out[0] = partial[0];
}
