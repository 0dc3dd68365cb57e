// Puzzle 11, solved: a tiled product.

#include "Kernels/Runtime/cuda.h"

ENTRY(puzzle_product, (const Cell<float> *x, const Cell<float> *y, Cell<float> *out, int m, int n, int k)) {
  SHARED(float, xTile, [16][16]);
  SHARED(float, yTile, [16][16]);
  int tx = threadIdx.x, ty = threadIdx.y;
  int r = blockIdx.y * 16 + ty, c = blockIdx.x * 16 + tx;
  float sum = 0;
  for (int first = 0; first < k; first += 16) {
    xTile[ty][tx] = r < m && first + tx < k ? float(x[r * k + first + tx]) : 0.0f;
    yTile[ty][tx] = first + ty < k && c < n ? float(y[(first + ty) * n + c]) : 0.0f;
    __syncthreads();  // the tiles are complete
    for (int i = 0; i < 16; ++i) sum += xTile[ty][i] * yTile[i][tx];
    __syncthreads();  // everybody is done with them
  }
  if (r < m && c < n) out[r * n + c] = sum;
}
