// Puzzle 11: a tiled product.
//
// Multiply two matrices: out[r][c] = x[r][0] · y[0][c] + x[r][1] · y[1][c] + … + x[r][k - 1] · y[k - 1][c]. x has the
// shape [m, k], y [k, n], out [m, n].
//
// A block of 16 × 16 threads makes a piece of 16 × 16 of out, one element a thread. All of them go along k together, in
// steps of 16. For each step they load a tile of x and a tile of y, one element of each a thread, and multiply from
// there:
//
//                        y    |  ↓  |
//                             | tile|   step 0
//                             | tile|   step 1
//    x  | tile  tile … |  →   | piece of out |
//         step 0  1
//
// What lies beyond the end of x or y counts as 0. There are two waits in a step: the tiles are complete; everybody is
// done with them.
//
//   Tests/run puzzle 11

#include "Kernels/Runtime/cuda.h"

constexpr int tile = 16;  // rows and columns of a tile, and of the threads of a block

ENTRY(puzzle_product, (const Cell<float> *x, const Cell<float> *y, Cell<float> *out, int m, int n, int k)) {
  // Your code here.
}
