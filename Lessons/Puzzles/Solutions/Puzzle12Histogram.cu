// Puzzle 12, solved: a histogram.

#include "Kernels/Runtime/cuda.h"

ENTRY(puzzle_histogram, (const Cell<int> *x, Cell<uint32_t> *out, int count, int bins)) {
  SHARED(uint32_t, counts, [64]);
  int t = threadIdx.x;
  if (t < bins) counts[t] = 0;
  __syncthreads();
  for (int i = blockIdx.x * blockDim.x + t; i < count; i += gridDim.x * blockDim.x) atomicAdd(&counts[x[i]], 1);
  __syncthreads();
  if (t < bins) atomicAdd(&out[t], counts[t]);
}
