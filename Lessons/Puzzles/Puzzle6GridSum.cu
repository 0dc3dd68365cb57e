// Puzzle 6: a sum over blocks.
//
// Add up count numbers, however many: out[0] = x[0] + x[1] + … + x[count - 1]. out[0] is 0 before the launch.
//
// There are 4 blocks of 256 threads, and no more: the grid has gridDim.x · blockDim.x = 1024 threads. So first each
// thread adds up numbers of its own: those whose index is its number in the grid, that number + 1024, + 2048, … as far
// as they are below count.
//
//   index          0 … 255 | 256 … 511 | 512 … 767 | 768 … 1023 | 1024 … 1279 | 1280 … 1535 | …
//   block             0          1           2            3             0             1
//
// Then each block adds up the sums of its threads, as in puzzle 5. And then the four blocks meet in out[0]. They
// cannot wait for each other, so this takes atomicAdd(&out[0], value), once for each block.
//
//   Tests/run puzzle 6

#include "Kernels/Runtime/cuda.h"

constexpr int threads = 256;  // of a block

ENTRY(puzzle_grid_sum, (const Cell<float> *x, Cell<float> *out, int count)) {
  // Your code here.
}
