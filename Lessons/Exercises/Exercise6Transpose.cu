// Exercise 6: a CUDA kernel.
//
// Transpose a matrix: out[c][r] = x[r][c]. Both lie row by row in global memory:
//
//   x    [rows, columns]   element (r, c) is x[r * columns + c]
//   out  [columns, rows]   element (c, r) is out[c * rows + r]
//
// A block has 16 × 16 threads and makes one tile of 16 × 16 elements. The grid has as many blocks as it takes to cover
// x: blockIdx.x counts tiles along a row of x, blockIdx.y counts them downwards. rows and columns need not be multiples
// of 16, and then some threads of the last blocks have no element.
//
// Neighbouring threads are those whose threadIdx.x are neighbours. If they read neighbouring elements, the hardware
// makes one wide load of it, and the same goes for writing. A thread that reads x[r][c] and writes out[c][r] at once
// can have only one of the two. So let the block put its tile into shared memory first, and wait. Then each thread
// writes an element that another one has read.
//
// ENTRY stands for `extern "C" __global__ void`, and Cell<float> for a float that the emulator can watch. Shared memory
// is declared with SHARED(float, name, [16][17]). Why 17: so that a column of the tile lies in different memory banks.
//
//   Tests/run exercise 6

#include "Kernels/Runtime/cuda.h"

ENTRY(exercise_transpose, (const Cell<float> *x, Cell<float> *out, int64_t rows, int64_t columns)) {
  // Your code here.
}
