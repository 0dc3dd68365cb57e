// Puzzle 7: a convolution in one dimension.
//
// Slide a window of width numbers over x, and weight what is in it:
//
//   out[i] = w[0] · x[i] + w[1] · x[i + 1] + … + w[width - 1] · x[i + width - 1]
//
// x and out have count elements; what lies beyond the end of x counts as 0. width is at most 9.
//
//   x     | a  b  c  d  e  f  g  h |         w  | u  v  w |
//             └──┬──┘
//   out   | .  .  b·u + c·v + d·w … at index 1
//
// A block has 64 threads, each with one element of out. Together they need 64 + width - 1 elements of x, and each of
// these up to width times. So let the block load them into shared memory once, before anybody multiplies:
//
//   threads        0  1  2  …  63
//   first          0  1  2  …  63                     of the block's elements
//   then                           64  …  64 + width - 2       again by threads 0, 1, 2, …
//
//   Tests/run puzzle 7

#include "Kernels/Runtime/cuda.h"

ENTRY(puzzle_convolution, (const Cell<float> *x, const Cell<float> *w, Cell<float> *out, int count, int width)) {
  // Your code here.
}
