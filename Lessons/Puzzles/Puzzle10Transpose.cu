// Puzzle 10: a transpose without conflicts.
//
// Transpose a matrix: out[c][r] = x[r][c]. x has the shape [rows, columns], out [columns, rows].
//
// A block has 32 × 32 threads, so a warp is a row of 32 threads with the same threadIdx.y. A warp should read 32
// neighbours of x, and write 32 neighbours of out. A thread that reads x[r][c] and writes out[c][r] at once can do
// one of these only. So let the block bring its piece of x into shared memory, wait, and write it from there; where
// it turns is the tile:
//
//   x                           tile                       out
//   warp 0 reads  → → →         warp 0 fills a row  →      warp 0 writes  → → →
//   warp 1 reads  → → →         …                          warp 1 writes  → → →
//                               then warp 0 reads a column ↓
//
// Shared memory has 32 banks. Neighbouring floats lie in neighbouring banks, and after 32 of them it begins again. In
// one step each bank serves one place of a warp: a column of a tile that is 32 wide lies in one single bank.
//
//   bank of tile[y][x]     32 wide: x        33 wide: (y + x) mod 32
//
//   Tests/run puzzle 10

#include "Kernels/Runtime/cuda.h"

ENTRY(puzzle_transpose, (const Cell<float> *x, Cell<float> *out, int rows, int columns)) {
  // Your code here.
}
