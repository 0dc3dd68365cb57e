// Puzzle 12: a histogram.
//
// Count how often each number occurs: out[b] is how many elements of x are b. Each is from 0 to bins - 1, and bins is
// at most 64. out is all 0 before the launch.
//
//   x     | 2  0  2  1  2 |      bins = 4
//   out   | 1  1  3  0 |
//
// There are 4 blocks of 256 threads, and count may be any number, as in puzzle 6. Two threads may well meet in one
// bin, so counting takes atomicAdd. Atomics on one address go one after the other, and out is far. So each block
// counts in shared memory first, and adds its counts to out at the end, one atomicAdd for each bin.
//
//   x  →  counts of block 0  ↘
//   x  →  counts of block 1  →  out
//   …                        ↗
//
// Shared memory holds anything at the start. Who sets it to 0, and who has to wait for that?
//
//   Tests/run puzzle 12

#include "Kernels/Runtime/cuda.h"

ENTRY(puzzle_histogram, (const Cell<int> *x, Cell<uint32_t> *out, int count, int bins)) {
  // Your code here.
}
