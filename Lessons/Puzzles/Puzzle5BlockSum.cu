// Puzzle 5: the sum of a block.
//
// Add up count numbers, at most 256, with one block of 256 threads: out[0] = x[0] + x[1] + … + x[count - 1].
//
// Each thread puts one number into shared memory, or 0 if there is none for it. Then, in 8 rounds, each thread of a
// half adds what lies in the other half. This is how it goes with 8 numbers and 3 rounds:
//
//   partial   3   1   4   1   5   9   2   6
//             ↑ + partial[4] ↑               distance 4: threads 0 to 3
//             8  10   6   7   .   .   .   .
//             14 17   .   .                  distance 2: threads 0 and 1
//             31                             distance 1: thread 0, which writes out[0]
//
// Between two rounds everybody must wait until everybody has added: __syncthreads(). All threads must come there,
// also those that have nothing to add.
//
//   Tests/run puzzle 5

#include "Kernels/Runtime/cuda.h"

ENTRY(puzzle_block_sum, (const Cell<float> *x, Cell<float> *out, int count)) {
  // Your code here.
}
