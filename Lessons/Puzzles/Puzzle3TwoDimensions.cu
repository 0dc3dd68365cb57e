// Puzzle 3: two dimensions.
//
// Mirror each row of a matrix: out[r][c] = x[r][columns - 1 - c]. Both have the shape [rows, columns] and lie row by
// row in memory, so that element (r, c) is x[r * columns + c].
//
//   x    | 1 2 3 |      out  | 3 2 1 |
//        | 4 5 6 |           | 6 5 4 |
//
// A block has 16 × 16 threads, and so has the piece of the matrix that it works on. threadIdx.x and blockIdx.x run
// along a row, threadIdx.y and blockIdx.y downwards:
//
//               blockIdx.x  0     1     2
//   blockIdx.y 0         | 16² | 16² | ..- |
//              1         | ... | ... | ..- |      Where the matrix ends within a block, some threads have no element.
//
//   Tests/run puzzle 3

#include "Kernels/Runtime/cuda.h"

ENTRY(puzzle_mirror, (const Cell<float> *x, Cell<float> *out, int rows, int columns)) {
  // Your code here.
}
