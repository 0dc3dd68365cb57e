// The matrix product for CUDA, as a ladder: the same result on every rung, and each rung answers what held up the one
// below.
//
// out[m, n] = x[m, k] · y[k, n]. Every operand comes with strides, so that a transposed matrix needs no copy.
#include "../Runtime/cuda.h"

/// The tile of out that a block makes. Tiles are counted row by row along x, the one axis on which a grid may be longer
/// than 65535.
struct Tile {
  int64_t firstRow, firstColumn;
  __device__ Tile(const CUDAMatmul &s, int rows, int columns) {
    uint32_t across = static_cast<uint32_t>((s.n + columns - 1) / columns);
    firstRow = static_cast<int64_t>(blockIdx.x / across) * rows;
    firstColumn = static_cast<int64_t>(blockIdx.x % across) * columns;
  }
};

/// A matrix of the batch and a share of k: blockIdx.z walks both. Each share has an out of its own, which addShares
/// adds up, always in the same order.
template <typename T>
struct Part {
  const Cell<T> *x, *y;
  Cell<T> *out;
  int64_t begin, end;  // of k
  __device__ Part(const CUDAMatmul &s, uint32_t number, const Cell<T> *x, const Cell<T> *y, Cell<T> *out) {
    int64_t matrix = number % static_cast<uint32_t>(s.batch), share = number / static_cast<uint32_t>(s.batch);
    this->x = x + matrix * s.xBatch;
    this->y = y + matrix * s.yBatch;
    this->out = out + matrix * s.outBatch + share * s.outShare;
    begin = share * s.share;
    end = begin + s.share < s.k ? begin + s.share : s.k;
  }
};
#define FOR_EACH_PART(part)                                                            \
  for (uint32_t number = blockIdx.z; number < s.batch * s.shares; number += gridDim.z) \
    if (Part<T> part(s, number, x, y, out); true)

// MARK: Rung 1, naive: one thread makes one element

/// Block (32, 8): thread (tx, ty) makes out[row][column]. Each thread reads a whole row of x and a whole column of y
/// from global memory: 2 loads for each multiplication, and every element of x is loaded n times over.
template <typename T>
__device__ void matmulNaive(const Cell<T> *x, const Cell<T> *y, Cell<T> *out, const CUDAMatmul &s) {
  Tile tile(s, 8, 32);
  int64_t row = tile.firstRow + threadIdx.y, column = tile.firstColumn + threadIdx.x;
  if (row >= s.m || column >= s.n) return;
  FOR_EACH_PART(part) {
    const Cell<T> *xRow = part.x + row * s.xRow;
    const Cell<T> *yColumn = part.y + column * s.yColumn;
    Wrapping<T> sum = 0;
    for (int64_t i = part.begin; i < part.end; ++i) {
      sum += Wrapping<T>(xRow[i * s.xColumn]) * Wrapping<T>(yColumn[i * s.yRow]);
    }
    part.out[row * s.outRow + column] = sum;
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
  // 8 bytes of padding: threads that write down a column of the tile would otherwise meet in a few memory banks.
  constexpr int line = tile + 8 / sizeof(T);
  SHARED(T, xTile, [tile][line]);
  SHARED(T, yTile, [tile][line]);
  int tx = threadIdx.x, ty = threadIdx.y;
  Tile at(s, tile, tile);
  // A warp loads two rows of a tile. Those 8 apart have no bank in common, neighbours have two.
  int row = ty / 2 + ty % 2 * 8;
  // Neighbouring threads should load neighbouring elements. Where x is transposed, those are in a column.
  int xr = s.xRow == 1 ? tx : row, xc = s.xRow == 1 ? ty : tx;
  int yr = s.yRow == 1 ? tx : row, yc = s.yRow == 1 ? ty : tx;
  bool xInside = at.firstRow + xr < s.m, yInside = at.firstColumn + yc < s.n;

  FOR_EACH_PART(part) {
    const Cell<T> *xFrom = part.x + (at.firstRow + xr) * s.xRow + xc * s.xColumn;
    const Cell<T> *yFrom = part.y + yr * s.yRow + (at.firstColumn + yc) * s.yColumn;
    Wrapping<T> sum = 0;
    for (int64_t first = part.begin; first < part.end; first += tile) {
      xTile[xr][xc] = xInside && first + xc < part.end ? T(xFrom[first * s.xColumn]) : T(0);
      yTile[yr][yc] = yInside && first + yr < part.end ? T(yFrom[first * s.yRow]) : T(0);
      __syncthreads();  // the tiles are complete
      for (int i = 0; i < tile; ++i) sum += Wrapping<T>(xTile[ty][i]) * Wrapping<T>(yTile[i][tx]);
      __syncthreads();  // the tiles have been used
    }
    if (at.firstRow + ty < s.m && at.firstColumn + tx < s.n) {
      part.out[(at.firstRow + ty) * s.outRow + at.firstColumn + tx] = sum;
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
  Tile at(s, tile, tile);
  // A thread loads 4 of the 1024 elements of each tile: one, and those 4 or 16 lines further on.
  bool xAlongRows = s.xRow == 1, yAlongK = s.yRow == 1;
  int xr = xAlongRows ? thread % tile : thread / step, xk = xAlongRows ? thread / tile : thread % step;
  int yc = yAlongK ? thread / step : thread % tile, yk = yAlongK ? thread % step : thread / tile;
  int xNextRow = xAlongRows ? 0 : 16, xNextK = xAlongRows ? 4 : 0;
  int yNextColumn = yAlongK ? 16 : 0, yNextK = yAlongK ? 0 : 4;

  FOR_EACH_PART(part) {
    const Cell<T> *xFrom = part.x + (at.firstRow + xr) * s.xRow + xk * s.xColumn;
    const Cell<T> *yFrom = part.y + (at.firstColumn + yc) * s.yColumn + yk * s.yRow;
    int64_t xNext = xNextRow * s.xRow + xNextK * s.xColumn, yNext = yNextColumn * s.yColumn + yNextK * s.yRow;
    T sums[each][each] = {};
    for (int64_t first = part.begin; first < part.end; first += step) {
// All four at once where the registers suffice: a float64 takes two.
#pragma unroll(sizeof(T) == 8 ? 2 : 4)
      for (int load = 0; load < 4; ++load) {
        int r = xr + load * xNextRow, c = yc + load * yNextColumn, kOfX = xk + load * xNextK, kOfY = yk + load * yNextK;
        bool xInside = at.firstRow + r < s.m && first + kOfX < part.end;
        bool yInside = at.firstColumn + c < s.n && first + kOfY < part.end;
        xTile[kOfX][r] = xInside ? T(xFrom[first * s.xColumn + load * xNext]) : T(0);
        yTile[kOfY][c] = yInside ? T(yFrom[first * s.yRow + load * yNext]) : T(0);
      }
      __syncthreads();
#pragma unroll 4
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
        if (at.firstRow + row + r >= s.m || at.firstColumn + column + c >= s.n) continue;
        part.out[(at.firstRow + row + r) * s.outRow + at.firstColumn + column + c] = sums[r][c];
      }
    }
  }
}

// MARK: Rung 4, vectorised: 16 bytes a load, 8×8 elements a thread, and the next tile is fetched while this one is used

/// The four elements of each tile of x, or of y, that a thread of the vectorised kernel fetches, and where it puts
/// them.
struct Stream {
  const Cell<float> *next;
  int32_t step;  // from tile to tile
  int left;      // how many elements of k are left from `next` on; 0 also for who stands beyond the matrix's edge
  int place;     // in the tile, which has k as its rows
  bool alongK;   // whether neighbours in memory are neighbours along k, and not across it

  /// A tile has 8 elements along k, that is 2 fours, and 128 across, 32 fours.
  __device__ Stream(const Cell<float> *matrix, int64_t kStride, int64_t stride, int64_t first, int64_t size,
                    int64_t begin, int64_t end) {
    int thread = threadIdx.x;
    alongK = kStride == 1;
    int line = alongK ? thread % 2 * 4 : thread / 32, position = alongK ? thread / 2 : thread % 32 * 4;
    place = line * 128 + position;
    next = matrix + (begin + line) * kStride + (first + position) * stride;
    step = static_cast<int32_t>(8 * kStride);
    left = first + position < size ? static_cast<int>(end - begin) - line : 0;
  }
  __device__ Four<float> fetch() {
    if (left <= 0) return {};
    Four<float> four = loadFour<float>(next);
    next += step;
    left -= 8;
    return four;
  }
  __device__ void put(Cell<float> *tile, Four<float> four) const {
    if (!alongK) return storeFour<float>(tile + place, four);
#pragma unroll
    for (int i = 0; i < 4; ++i) tile[place + i * 128] = four.lanes[i];
  }
};

/// Puts four neighbours of a row of out, as far as they are inside.
__device__ inline void putFour(Cell<float> *out, Four<float> four, int64_t room, const CUDAMatmul &s) {
  if (s.storesFours) {
    if (room > 0) storeFour<float>(out, four);
    return;
  }
#pragma unroll
  for (int c = 0; c < 4; ++c) {
    if (c < room) out[c] = four.lanes[c];
  }
}

/// Block of 256 threads, 128×128 elements of out, k in steps of 8. A thread loads four elements of each tile, and makes
/// 8×8 elements in four 4×4 quarters, 64 rows or columns apart, so that the 16 threads of a row read 16 neighbouring
/// fours of shared memory.
///
/// Both matrices must have a stride of 1 along one dimension and a multiple of 4 elements there, so that four are
/// inside or outside as a whole; and multiples of 16 bytes from line to line, few enough for a step to fit 32 bits. The
/// host sees to that.
__device__ inline void matmulVectorized(const Cell<float> *x, const Cell<float> *y, Cell<float> *out,
                                        const CUDAMatmul &s) {
  constexpr int tile = 128, step = 8, half = 64;
  SHARED(float, xTile, [2][step * tile]);  // two of each: one is read while the other is filled
  SHARED(float, yTile, [2][step * tile]);
  int row = threadIdx.x / 16 * 4, column = threadIdx.x % 16 * 4;
  Tile at(s, tile, tile);

  Part<float> part(s, blockIdx.z, x, y, out);
  Stream xs(part.x, s.xColumn, s.xRow, at.firstRow, s.m, part.begin, part.end);
  Stream ys(part.y, s.yRow, s.yColumn, at.firstColumn, s.n, part.begin, part.end);
  float sums[8][8] = {};
  xs.put(xTile[0], xs.fetch());
  ys.put(yTile[0], ys.fetch());
  __syncthreads();
  int current = 0;
  for (int left = static_cast<int>(part.end - part.begin); left > 0; left -= step, current ^= 1) {
    // Asked for now, needed only after the multiplications. After the last tile these are zeros.
    Four<float> nextX = xs.fetch(), nextY = ys.fetch();
#pragma unroll 4  // all 8 need more than the 128 registers that two blocks on a multiprocessor leave a thread
    for (int i = 0; i < step; ++i) {
      const Cell<float> *x8 = xTile[current] + i * tile + row, *y8 = yTile[current] + i * tile + column;
      Four<float> x4[2] = {loadFour<float>(x8), loadFour<float>(x8 + half)};
      Four<float> y4[2] = {loadFour<float>(y8), loadFour<float>(y8 + half)};
#pragma unroll
      for (int r = 0; r < 8; ++r) {
#pragma unroll
        for (int c = 0; c < 8; ++c) sums[r][c] += x4[r / 4].lanes[r % 4] * y4[c / 4].lanes[c % 4];
      }
    }
    xs.put(xTile[current ^ 1], nextX);
    ys.put(yTile[current ^ 1], nextY);
    __syncthreads();  // one barrier a step: who is past it reads the tile that everybody has filled before it
  }
#pragma unroll
  for (int r = 0; r < 8; ++r) {
    int64_t outRow = at.firstRow + row + r / 4 * half + r % 4;
    if (outRow >= s.m) continue;
#pragma unroll
    for (int c = 0; c < 2; ++c) {
      int64_t outColumn = at.firstColumn + column + c * half;
      Four<float> four = {{sums[r][4 * c], sums[r][4 * c + 1], sums[r][4 * c + 2], sums[r][4 * c + 3]}};
      putFour(part.out + outRow * s.outRow + outColumn, four, s.n - outColumn, s);
    }
  }
}

// MARK: Sums over shares

/// out[row][column] = partial[0] + partial[1] + …, where the partials are matrices of rows without gaps.
template <typename T>
__device__ void addShares(const Cell<T> *partial, Cell<T> *out, const CUDAMatmul &s) {
  uint32_t count = static_cast<uint32_t>(s.batch * s.m * s.n), columns = static_cast<uint32_t>(s.n);
  uint32_t rows = static_cast<uint32_t>(s.m);
  GRID_LOOP
  for (int64_t i = globalThread(); i < count; i += globalThreads()) {
    T sum = 0;
    for (int64_t share = 0; share < s.shares; ++share) sum += partial[share * count + i];
    uint32_t line = static_cast<uint32_t>(i) / columns, column = static_cast<uint32_t>(i) % columns;
    out[line / rows * s.outBatch + line % rows * s.outRow + column] = sum;
  }
}

#define MATMUL(entry, function, rung, suffix, T)                                                    \
  entry(matmul_##rung##_##suffix,                                                                   \
        (const Cell<T> *x, const Cell<T> *y, Cell<T> *out, const __grid_constant__ CUDAMatmul s)) { \
    function(x, y, out, s);                                                                         \
  }
#define MATMUL_NAIVE(suffix, T, ...) MATMUL(ENTRY, matmulNaive<T>, naive, suffix, T)
#define MATMUL_TILED(suffix, T, ...) MATMUL(ENTRY, matmulTiled<T>, tiled, suffix, T)
#define TWO_BLOCKS(name, parameters) ENTRY_OF(256, 2, name, parameters)
#define MATMUL_BLOCKED(suffix, T, ...) MATMUL(TWO_BLOCKS, matmulBlocked<T>, blocked, suffix, T)
KINDLING_NUMBER_TYPES(MATMUL_NAIVE)
KINDLING_NUMBER_TYPES(MATMUL_TILED)
KINDLING_FLOAT_TYPES(MATMUL_BLOCKED)
MATMUL(TWO_BLOCKS, matmulVectorized, vectorized, float32, float)

#define ADD_SHARES(suffix, T, ...)                                                                                 \
  ENTRY(matmul_addShares_##suffix, (const Cell<T> *partial, Cell<T> *out, const __grid_constant__ CUDAMatmul s)) { \
    addShares<T>(partial, out, s);                                                                                 \
  }
KINDLING_NUMBER_TYPES(ADD_SHARES)
