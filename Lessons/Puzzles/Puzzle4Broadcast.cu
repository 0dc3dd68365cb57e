// Puzzle 4: a broadcast.
//
// Add a column to a row: out[r][c] = x[r] + y[c]. x has the shape [rows, 1], y [1, columns], out [rows, columns].
//
//                y  | 1  2  3  4 |
//   x  | 10 |       | 11 12 13 14 |
//      | 20 |  out  | 21 22 23 24 |
//      | 30 |       | 31 32 33 34 |
//
// This time blocks and threads have one dimension, as in puzzle 2, and out is a row of rows · columns elements to them:
//
//   i   0  1  2  3    4  5  6  7    8  9 10 11
//   r   0  0  0  0    1  1  1  1    2  2  2  2
//   c   0  1  2  3    0  1  2  3    0  1  2  3
//
// So a thread takes its number i apart into r and c.
//
//   Tests/run puzzle 4

#include "Kernels/Runtime/cuda.h"

ENTRY(puzzle_broadcast, (const Cell<float> *x, const Cell<float> *y, Cell<float> *out, int rows, int columns)) {
  // Your code here.
}
