// Puzzle 4, solved: a broadcast.

#include "Kernels/Runtime/cuda.h"

ENTRY(puzzle_broadcast, (const Cell<float> *x, const Cell<float> *y, Cell<float> *out, int rows, int columns)) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < rows * columns) out[i] = x[i / columns] + y[i % columns];
}
