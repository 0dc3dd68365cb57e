// Puzzle 8: a prefix sum.
//
// Sum up to each place: out[i] = x[0] + x[1] + … + x[i]. PyTorch calls it cumsum. There is one block of 256 threads,
// and count is at most 256.
//
// In the first round each thread adds what lies 1 place before its own number, in the second 2 places, then 4, 8, …,
// 128:
//
//   sums         3   1   4   1   5   9   2   6
//   distance 1   3   4   5   5   6  14  11   8      each is now a sum of up to 2
//   distance 2   3   4   8   9  11  19  17  22      up to 4
//   distance 4   3   4   8   9  14  23  25  31      up to 8
//
// A thread with nothing so far before it keeps its number. In a round every thread reads what another one is about to
// change. So a round has two halves: all read, wait, all write, wait.
//
//   Tests/run puzzle 8

#include "Kernels/Runtime/cuda.h"

ENTRY(puzzle_prefix_sum, (const Cell<float> *x, Cell<float> *out, int count)) {
  // Your code here.
}
