// Puzzle 8, solved: a prefix sum.

#include "Kernels/Runtime/cuda.h"

ENTRY(puzzle_prefix_sum, (const Cell<float> *x, Cell<float> *out, int count)) {
  SHARED(float, sums, [256]);
  int t = threadIdx.x;
  sums[t] = t < count ? float(x[t]) : 0.0f;
  __syncthreads();
  for (int distance = 1; distance < 256; distance *= 2) {
    float before = t >= distance ? float(sums[t - distance]) : 0.0f;
    __syncthreads();  // everybody has read
    sums[t] += before;
    __syncthreads();  // everybody has written
  }
  if (t < count) out[t] = sums[t];
}
