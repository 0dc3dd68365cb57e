// Puzzle 2, solved: a guard.

#include "Kernels/Runtime/cuda.h"

ENTRY(puzzle_guard, (const Cell<float> *x, Cell<float> *out, int count)) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < count) out[i] = x[i] * x[i];
}
