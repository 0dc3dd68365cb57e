// Puzzle 6, solved: a sum over blocks.

#include "Kernels/Runtime/cuda.h"

constexpr int threads = 256;  // of a block

ENTRY(puzzle_grid_sum, (const Cell<float> *x, Cell<float> *out, int count)) {
  SHARED(float, partial, [threads]);
  int t = threadIdx.x;
  float sum = 0;
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  for (; i < count; i += gridDim.x * blockDim.x) sum += x[i];
  partial[t] = sum;
  __syncthreads();
  for (int distance = threads / 2; distance > 0; distance /= 2) {
    if (t < distance) partial[t] += partial[t + distance];
    __syncthreads();
  }
  if (t == 0) atomicAdd(&out[0], partial[0]);
}
