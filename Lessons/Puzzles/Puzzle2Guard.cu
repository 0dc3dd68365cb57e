// Puzzle 2: a guard.
//
// Square each element: out[i] = x[i] · x[i], for i from 0 to count - 1.
//
//   blockIdx.x          0               1               2
//   threadIdx.x     0  1  2  3      0  1  2  3      0  1  2  3
//   i               0  1  2  3      4  5  6  7      8  9  -  -       count = 10
//
// All blocks have the same number of threads, blockDim.x, and there are as many blocks as it takes to cover count. So
// the last block may have threads without an element, and these must touch no memory.
//
//   Tests/run puzzle 2

#include "Kernels/Runtime/cuda.h"

ENTRY(puzzle_guard, (const Cell<float> *x, Cell<float> *out, int count)) {
  // Your code here.
}
