// Puzzle 9: softmax of a row.
//
// out[r][c] = exp(x[r][c] - m) / s, where m is the largest number of row r, and s the sum of exp(x[r][c] - m) over
// the row. Both have the shape [rows, columns]. Without m, a number like 100 would already overflow: exp(100) is no
// float.
//
// There is one block of 128 threads for each row, and columns may be any number. So in each of three passes a thread
// takes the columns threadIdx.x, threadIdx.x + threads, threadIdx.x + 2 · threads, …
//
//   pass 1   the largest of the thread's own numbers,  then of the block     (as in puzzle 5, with fmaxf for +)
//   pass 2   the sum of the thread's own exponentials, then of the block
//   pass 3   out
//
// Every thread needs the result of the block, not only thread 0. And partial is used twice: nobody may write into it
// for the second time before everybody has read what was left there the first time.
//
//   Tests/run puzzle 9

#include "Kernels/Runtime/cuda.h"

constexpr int threads = 128;  // of a block

ENTRY(puzzle_softmax, (const Cell<float> *x, Cell<float> *out, int columns)) {
  // Your code here.
}
