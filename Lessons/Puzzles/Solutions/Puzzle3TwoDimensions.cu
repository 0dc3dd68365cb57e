// Puzzle 3, solved: two dimensions.

#include "Kernels/Runtime/cuda.h"

ENTRY(puzzle_mirror, (const Cell<float> *x, Cell<float> *out, int rows, int columns)) {
  int c = blockIdx.x * blockDim.x + threadIdx.x;
  int r = blockIdx.y * blockDim.y + threadIdx.y;
  if (r < rows && c < columns) out[r * columns + c] = x[r * columns + columns - 1 - c];
}
