// Exercise 6, solved: a transpose in CUDA.

#include "Kernels/Runtime/cuda.h"

ENTRY(exercise_transpose, (const Cell<float> *x, Cell<float> *out, int64_t rows, int64_t columns)) {
  SHARED(float, tile, [16][17]);
  int tx = threadIdx.x, ty = threadIdx.y;
  int64_t left = int64_t(blockIdx.x) * 16, top = int64_t(blockIdx.y) * 16;  // where the tile begins in x

  if (top + ty < rows && left + tx < columns) tile[ty][tx] = x[(top + ty) * columns + left + tx];
  __syncthreads();  // outside of the if: every thread must come
  // In out the tile begins at row `left` and column `top`. Here too tx runs along a row.
  if (left + ty < columns && top + tx < rows) out[(left + ty) * rows + top + tx] = tile[tx][ty];
}
