// Puzzle 7, solved: a convolution in one dimension.

#include "Kernels/Runtime/cuda.h"

ENTRY(puzzle_convolution, (const Cell<float> *x, const Cell<float> *w, Cell<float> *out, int count, int width)) {
  SHARED(float, near, [64 + 8]);
  int t = threadIdx.x, first = blockIdx.x * 64;
  for (int k = t; k < 64 + width - 1; k += 64) near[k] = first + k < count ? float(x[first + k]) : 0.0f;
  __syncthreads();
  if (first + t >= count) return;
  float sum = 0;
  for (int k = 0; k < width; ++k) sum += w[k] * near[t + k];
  out[first + t] = sum;
}
