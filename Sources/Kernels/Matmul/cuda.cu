// The matrix product for CUDA, as a ladder: the same result on every rung, and each rung answers what held up the one
// below.
//
// out[m, n] = x[m, k] · y[k, n]. Every operand comes with strides, so that a transposed matrix needs no copy.
// blockIdx.z walks the batch.
#include "../Runtime/cuda.h"

// MARK: Rung 1, naive: one thread makes one element

/// Block (32, 8): thread (tx, ty) makes out[row][column]. Each thread reads a whole row of x and a whole column of y
/// from global memory: 2 loads for each multiplication, and every element of x is loaded n times over.
template <typename T>
__device__ void matmulNaive(const Cell<T> *x, const Cell<T> *y, Cell<T> *out, const CUDAMatmul &s) {
  int64_t row = static_cast<int64_t>(blockIdx.y) * blockDim.y + threadIdx.y;
  int64_t column = static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
  if (row >= s.m || column >= s.n) return;
  for (int64_t b = blockIdx.z; b < s.batch; b += gridDim.z) {
    const Cell<T> *xRow = x + b * s.xBatch + row * s.xRow;
    const Cell<T> *yColumn = y + b * s.yBatch + column * s.yColumn;
    Wrapping<T> sum = 0;
    for (int64_t i = 0; i < s.k; ++i) sum += Wrapping<T>(xRow[i * s.xColumn]) * Wrapping<T>(yColumn[i * s.yRow]);
    Cell<T> &result = out[b * s.outBatch + row * s.outRow + column];
    result = s.accumulate ? result + sum : sum;
  }
}

// MARK: Rung 2, tiled: what a block needs is loaded once, into shared memory

/// Block (16, 16) makes a 16×16 tile of out. It goes through k in steps of 16: together the threads load one tile of x
/// and one of y, wait for each other, and multiply the two tiles. Each element loaded serves 16 threads: 16 times fewer
/// loads.
///
///               y tile ↓
///     x tile →  out tile
template <typename T>
__device__ void matmulTiled(const Cell<T> *x, const Cell<T> *y, Cell<T> *out, const CUDAMatmul &s) {
  constexpr int tile = 16;
  // One column of padding: threads that read down a column of the tile would otherwise all hit the same memory bank.
  SHARED(T, xTile, [tile][tile + 1]);
  SHARED(T, yTile, [tile][tile + 1]);
  int tx = threadIdx.x, ty = threadIdx.y;
  int64_t firstRow = static_cast<int64_t>(blockIdx.y) * tile, firstColumn = static_cast<int64_t>(blockIdx.x) * tile;

  for (int64_t b = blockIdx.z; b < s.batch; b += gridDim.z) {
    Wrapping<T> sum = 0;
    for (int64_t first = 0; first < s.k; first += tile) {
      // Neighbouring threads should load neighbouring elements. Where x is transposed, those are in a column.
      int xr = s.xRow == 1 ? tx : ty, xc = s.xRow == 1 ? ty : tx;
      int yr = s.yRow == 1 ? tx : ty, yc = s.yRow == 1 ? ty : tx;
      bool xInside = firstRow + xr < s.m && first + xc < s.k, yInside = first + yr < s.k && firstColumn + yc < s.n;
      xTile[xr][xc] = xInside ? T(x[b * s.xBatch + (firstRow + xr) * s.xRow + (first + xc) * s.xColumn]) : T(0);
      yTile[yr][yc] = yInside ? T(y[b * s.yBatch + (first + yr) * s.yRow + (firstColumn + yc) * s.yColumn]) : T(0);
      __syncthreads();  // the tiles are complete
      for (int i = 0; i < tile; ++i) sum += Wrapping<T>(xTile[ty][i]) * Wrapping<T>(yTile[i][tx]);
      __syncthreads();  // the tiles have been used
    }
    if (firstRow + ty < s.m && firstColumn + tx < s.n) {
      Cell<T> &result = out[b * s.outBatch + (firstRow + ty) * s.outRow + firstColumn + tx];
      result = s.accumulate ? result + sum : sum;
    }
  }
}

// MARK: Rung 3, blocked: each thread makes many elements, out of registers

/// A thread of the tiled kernel reads two numbers from shared memory for each multiplication, and that is now what it
/// waits for. Here each thread makes 4×4 elements: it reads 4 numbers of x and 4 of y and multiplies each with each, 16
/// multiplications for 8 reads. Block (16, 16) makes 64×64 elements, with k in steps of 16.
template <typename T>
__device__ void matmulBlocked(const Cell<T> *x, const Cell<T> *y, Cell<T> *out, const CUDAMatmul &s) {
  constexpr int tile = 64, step = 16, each = 4;
  SHARED(T, xTile, [step][tile + 4]);  // stored with k as rows, so that a thread's 4 elements lie side by side
  SHARED(T, yTile, [step][tile + 4]);
  int thread = threadIdx.y * 16 + threadIdx.x;
  int row = threadIdx.y * each, column = threadIdx.x * each;
  int64_t firstRow = static_cast<int64_t>(blockIdx.y) * tile, firstColumn = static_cast<int64_t>(blockIdx.x) * tile;

  for (int64_t b = blockIdx.z; b < s.batch; b += gridDim.z) {
    T sums[each][each] = {};
    for (int64_t first = 0; first < s.k; first += step) {
      for (int load = thread; load < tile * step; load += 256) {  // 1024 elements of each tile, 4 a thread
        int xr = s.xRow == 1 ? load % tile : load / step, xk = s.xRow == 1 ? load / tile : load % step;
        int yc = s.yRow == 1 ? load / step : load % tile, yk = s.yRow == 1 ? load % step : load / tile;
        bool xInside = firstRow + xr < s.m && first + xk < s.k, yInside = firstColumn + yc < s.n && first + yk < s.k;
        xTile[xk][xr] = xInside ? T(x[b * s.xBatch + (firstRow + xr) * s.xRow + (first + xk) * s.xColumn]) : T(0);
        yTile[yk][yc] = yInside ? T(y[b * s.yBatch + (first + yk) * s.yRow + (firstColumn + yc) * s.yColumn]) : T(0);
      }
      __syncthreads();
#pragma unroll
      for (int i = 0; i < step; ++i) {
        T xs[each], ys[each];
        for (int r = 0; r < each; ++r) xs[r] = xTile[i][row + r];
        for (int c = 0; c < each; ++c) ys[c] = yTile[i][column + c];
        for (int r = 0; r < each; ++r) {
          for (int c = 0; c < each; ++c) sums[r][c] += xs[r] * ys[c];
        }
      }
      __syncthreads();
    }
    for (int r = 0; r < each; ++r) {
      for (int c = 0; c < each; ++c) {
        if (firstRow + row + r >= s.m || firstColumn + column + c >= s.n) continue;
        Cell<T> &result = out[b * s.outBatch + (firstRow + row + r) * s.outRow + firstColumn + column + c];
        result = s.accumulate ? result + sums[r][c] : sums[r][c];
      }
    }
  }
}

// MARK: Rung 4, vectorised: 16 bytes a load, 8×8 elements a thread, and the next tile is fetched while this one is used

/// Four neighbours of a matrix that is contiguous along one dimension: `line` counts across it, `position` along it.
/// What lies outside is 0.
__device__ inline Vector<float> loadFour(const Cell<float> *matrix, int64_t line, int64_t lines, int64_t position,
                                         int64_t positions, int64_t lineStride) {
  if (line >= lines || position >= positions) return {};
  return loadVector<float>(matrix + line * lineStride + position);
}

/// Block of 256 threads, 128×128 elements of out, k in steps of 8. Thread t loads one vector of each tile: 128·8 / 256
/// = 4 elements. It makes 8×8 elements in four 4×4 quarters, 64 rows or columns apart, so that the 16 threads of a row
/// read 16 neighbouring vectors of shared memory.
///
/// Both matrices must have a stride of 1 along one dimension and a multiple of 4 elements there, so that a vector is
/// inside or outside as a whole; and multiples of 16 bytes from line to line. The host sees to that.
__device__ inline void matmulVectorized(const Cell<float> *x, const Cell<float> *y, Cell<float> *out,
                                        const CUDAMatmul &s) {
  constexpr int tile = 128, step = 8, half = 64;
  SHARED(float, xTile, [2][step * tile]);  // two of each: one is read while the other is filled
  SHARED(float, yTile, [2][step * tile]);
  int thread = threadIdx.x;
  int row = thread / 16 * 4, column = thread % 16 * 4;
  int64_t firstRow = static_cast<int64_t>(blockIdx.y) * tile, firstColumn = static_cast<int64_t>(blockIdx.x) * tile;
  bool xAlongK = s.xColumn == 1, yAlongK = s.yRow == 1;
  // Along k a line of the tile has 8 elements, 2 vectors; across it has 128, 32 vectors.
  int xLine = xAlongK ? thread / 2 : thread / 32, xPosition = xAlongK ? thread % 2 * 4 : thread % 32 * 4;
  int yLine = yAlongK ? thread / 2 : thread / 32, yPosition = yAlongK ? thread % 2 * 4 : thread % 32 * 4;

  for (int64_t b = blockIdx.z; b < s.batch; b += gridDim.z) {
    auto fetchX = [&](int64_t first) {
      return xAlongK ? loadFour(x + b * s.xBatch, firstRow + xLine, s.m, first + xPosition, s.k, s.xRow)
                     : loadFour(x + b * s.xBatch, first + xLine, s.k, firstRow + xPosition, s.m, s.xColumn);
    };
    auto fetchY = [&](int64_t first) {
      return yAlongK ? loadFour(y + b * s.yBatch, firstColumn + yLine, s.n, first + yPosition, s.k, s.yColumn)
                     : loadFour(y + b * s.yBatch, first + yLine, s.k, firstColumn + yPosition, s.n, s.yRow);
    };
    auto put = [&](Cell<float> *into, Vector<float> four, bool alongK, int line, int position) {
      if (alongK) {  // four values of k: four rows of the tile
        for (int i = 0; i < 4; ++i) into[(position + i) * tile + line] = four.lanes[i];
      } else {
        storeVector<float>(into + line * tile + position, four);
      }
    };

    float sums[8][8] = {};
    put(xTile[0], fetchX(0), xAlongK, xLine, xPosition);
    put(yTile[0], fetchY(0), yAlongK, yLine, yPosition);
    __syncthreads();
    int current = 0;
    for (int64_t first = 0; first < s.k; first += step, current ^= 1) {
      bool another = first + step < s.k;
      Vector<float> nextX = {}, nextY = {};
      if (another) {  // asked for now, needed only after the multiplications
        nextX = fetchX(first + step);
        nextY = fetchY(first + step);
      }
#pragma unroll
      for (int i = 0; i < step; ++i) {
        const Cell<float> *xs = xTile[current] + i * tile + row, *ys = yTile[current] + i * tile + column;
        Vector<float> x4[2] = {loadVector<float>(xs), loadVector<float>(xs + half)};
        Vector<float> y4[2] = {loadVector<float>(ys), loadVector<float>(ys + half)};
#pragma unroll
        for (int r = 0; r < 8; ++r) {
#pragma unroll
          for (int c = 0; c < 8; ++c) sums[r][c] += x4[r / 4].lanes[r % 4] * y4[c / 4].lanes[c % 4];
        }
      }
      if (another) {
        put(xTile[current ^ 1], nextX, xAlongK, xLine, xPosition);
        put(yTile[current ^ 1], nextY, yAlongK, yLine, yPosition);
      }
      __syncthreads();  // one barrier a step: who is past it reads the tile that everybody has filled before it
    }
#pragma unroll
    for (int r = 0; r < 8; ++r) {
#pragma unroll
      for (int c = 0; c < 8; ++c) {
        int64_t outRow = firstRow + row + r / 4 * half + r % 4, outColumn = firstColumn + column + c / 4 * half + c % 4;
        if (outRow >= s.m || outColumn >= s.n) continue;
        Cell<float> &result = out[b * s.outBatch + outRow * s.outRow + outColumn];
        result = s.accumulate ? result + sums[r][c] : sums[r][c];
      }
    }
  }
}

#define MATMUL(function, rung, T, suffix)                                                           \
  ENTRY(matmul_##rung##_##suffix,                                                                   \
        (const Cell<T> *x, const Cell<T> *y, Cell<T> *out, const __grid_constant__ CUDAMatmul s)) { \
    function(x, y, out, s);                                                                         \
  }
MATMUL(matmulNaive<float>, naive, float, float32)
MATMUL(matmulNaive<double>, naive, double, float64)
MATMUL(matmulNaive<int64_t>, naive, int64_t, int64)
MATMUL(matmulTiled<float>, tiled, float, float32)
MATMUL(matmulTiled<double>, tiled, double, float64)
MATMUL(matmulTiled<int64_t>, tiled, int64_t, int64)
MATMUL(matmulBlocked<float>, blocked, float, float32)
MATMUL(matmulBlocked<double>, blocked, double, float64)
MATMUL(matmulVectorized, vectorized, float, float32)
