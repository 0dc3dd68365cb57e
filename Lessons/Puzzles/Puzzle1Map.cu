// Puzzle 1: a map.
//
// Add 10 to each element: out[i] = x[i] + 10.
//
//   x            |  3 |  1 |  4 |  1 |
//                   ↓    ↓    ↓    ↓
//   threadIdx.x     0    1    2    3
//                   ↓    ↓    ↓    ↓
//   out          | 13 | 11 | 14 | 11 |
//
// There is one block, with exactly as many threads as elements. The kernel is what one of them does.
//
//   Tests/run puzzle 1

#include "Kernels/Runtime/cuda.h"

ENTRY(puzzle_map, (const Cell<float> *x, Cell<float> *out)) {
  // Your code here.
}
