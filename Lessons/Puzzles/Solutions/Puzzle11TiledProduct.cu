// Puzzle 11, solved: a tiled product.

#include "Kernels/Runtime/cuda.h"

constexpr int tile = 16;  // rows and columns of a tile, and of the threads of a block

ENTRY(puzzle_product, (const Cell<float> *x, const Cell<float> *y, Cell<float> *out, int m, int n, int k)) {
  SHARED(float, xTile, [tile][tile]);
  SHARED(float, yTile, [tile][tile]);
  int tx = threadIdx.x, ty = threadIdx.y;
  int r = blockIdx.y * tile + ty, c = blockIdx.x * tile + tx;
  float sum = 0;
  for (int first = 0; first < k; first += tile) {
    xTile[ty][tx] = r < m && first + tx < k ? float(x[r * k + first + tx]) : 0.0f;
    yTile[ty][tx] = first + ty < k && c < n ? float(y[(first + ty) * n + c]) : 0.0f;
    __syncthreads();  // the tiles are complete
    for (int i = 0; i < tile; ++i) sum += xTile[ty][i] * yTile[i][tx];
    __syncthreads();  // everybody is done with them
  }
  if (r < m && c < n) out[r * n + c] = sum;
}
