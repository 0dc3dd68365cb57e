// Puzzle 10, solved: a transpose without conflicts.

#include "Kernels/Runtime/cuda.h"

ENTRY(puzzle_transpose, (const Cell<float> *x, Cell<float> *out, int rows, int columns)) {
  SHARED(float, tile, [32][33]);
  int tx = threadIdx.x, ty = threadIdx.y;
  int left = blockIdx.x * 32, top = blockIdx.y * 32;  // where the tile begins in x

  if (top + ty < rows && left + tx < columns) tile[ty][tx] = x[(top + ty) * columns + left + tx];
  __syncthreads();
  // In out the tile begins at row `left` and column `top`. Here too tx runs along a row.
  if (left + ty < columns && top + tx < rows) out[(left + ty) * rows + top + tx] = tile[tx][ty];
}
