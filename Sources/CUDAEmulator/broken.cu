// Kernels with a mistake each, to see it caught: copies of the block's sum (Reduction/cuda-fold.h) and of the tiled
// product (Matmul/cuda.cu). They are not in the PTX. A GPU would run most of them without a word, and be wrong now and
// then.
#include "../Kernels/Runtime/cuda.h"

// MARK: A block sums 256 elements: each halves the distance, and adds what lies that far away

/// The original. Block: 256 threads.
ENTRY(sound_blockSum, (const Cell<float> *x, Cell<float> *out, int64_t count)) {
  SHARED(float, partial, [256]);
  partial[threadIdx.x] = threadIdx.x < count ? float(x[threadIdx.x]) : 0.0f;
  __syncthreads();
  for (uint32_t distance = 128; distance > 0; distance /= 2) {
    if (threadIdx.x < distance) partial[threadIdx.x] += partial[threadIdx.x + distance];
    __syncthreads();
  }
  if (threadIdx.x == 0) out[0] = partial[0];
}

/// No barrier in the loop: a thread may add what its neighbour has not finished.
ENTRY(broken_blockSum_withoutBarrier, (const Cell<float> *x, Cell<float> *out, int64_t count)) {
  SHARED(float, partial, [256]);
  partial[threadIdx.x] = threadIdx.x < count ? float(x[threadIdx.x]) : 0.0f;
  __syncthreads();
  for (uint32_t distance = 128; distance > 0; distance /= 2) {
    if (threadIdx.x < distance) partial[threadIdx.x] += partial[threadIdx.x + distance];
  }
  if (threadIdx.x == 0) out[0] = partial[0];
}

/// `<=` where `<` is right: one element too many.
ENTRY(broken_blockSum_boundOffByOne, (const Cell<float> *x, Cell<float> *out, int64_t count)) {
  SHARED(float, partial, [256]);
  partial[threadIdx.x] = threadIdx.x <= count ? float(x[threadIdx.x]) : 0.0f;
  __syncthreads();
  for (uint32_t distance = 128; distance > 0; distance /= 2) {
    if (threadIdx.x < distance) partial[threadIdx.x] += partial[threadIdx.x + distance];
    __syncthreads();
  }
  if (threadIdx.x == 0) out[0] = partial[0];
}

/// The barrier stands inside the `if`: threads that have nothing to add never reach it.
ENTRY(broken_blockSum_divergentBarrier, (const Cell<float> *x, Cell<float> *out, int64_t count)) {
  SHARED(float, partial, [256]);
  partial[threadIdx.x] = threadIdx.x < count ? float(x[threadIdx.x]) : 0.0f;
  __syncthreads();
  for (uint32_t distance = 128; distance > 0; distance /= 2) {
    if (threadIdx.x < distance) {
      partial[threadIdx.x] += partial[threadIdx.x + distance];
      __syncthreads();
    }
  }
  if (threadIdx.x == 0) out[0] = partial[0];
}

/// A shuffle for all lanes that only half of them reach.
ENTRY(broken_blockSum_missingLanes, (const Cell<float> *x, Cell<float> *out, int64_t count)) {
  float sum = threadIdx.x < count ? float(x[threadIdx.x]) : 0.0f;
  if (threadIdx.x % 32 < 16) sum += __shfl_down_sync(everyLane, sum, 8);
  __syncthreads();
  if (threadIdx.x == 0) out[0] = sum;
}

/// Atomics add to shared memory that nobody has set to 0.
ENTRY(broken_blockSum_neverCleared, (const Cell<float> *x, Cell<float> *out, int64_t count)) {
  SHARED(float, partial, [1]);
  if (threadIdx.x < count) atomicAdd(&partial[0], x[threadIdx.x]);
  __syncthreads();
  if (threadIdx.x == 0) out[0] = partial[0];
}

/// A float where there is an element, and the integer 0 where not: together a float.
ENTRY(sound_floatOrInteger, (const Cell<float> *x, Cell<float> *out, int64_t count)) {
  if (threadIdx.x == 0) out[0] = (count > 0 ? x[0] : 0) / 2;
}

/// How far each of two variables of shared memory lies beyond a multiple of 32 bytes.
ENTRY(sound_sharedPlaces, (Cell<float> * out, int64_t count)) {
  SHARED(bool, first, [3]);
  SHARED(float, second, [3]);
  if (count < 2) return;
  out[0] = static_cast<float>(reinterpret_cast<uintptr_t>(&first) % 32);
  out[1] = static_cast<float>(reinterpret_cast<uintptr_t>(&second) % 32);
}

/// Four floats at once, from an address that is no multiple of 16 bytes.
ENTRY(broken_misalignedFour, (const Cell<float> *x, Cell<float> *out, int64_t count)) {
  if (count > 4) out[0] = loadFour<float>(x + 1).lanes[0];
}

/// One element too far, in an array of one.
ENTRY(broken_secondOfOne, (const Cell<float> *x, Cell<float> *out, int64_t count)) {
  if (threadIdx.x < count) out[1] = x[0];
}

/// The element before the first: threadIdx.x has no sign.
ENTRY(broken_unsignedIndex, (const Cell<float> *x, Cell<float> *out, int64_t count)) {
  if (threadIdx.x < count) out[0] = x[threadIdx.x - 1];
}

/// The row before the first of an array with two dimensions.
ENTRY(broken_unsignedRow, (const Cell<float> *x, Cell<float> *out, int64_t count)) {
  SHARED(float, tile, [32][8]);
  if (threadIdx.x < count) tile[threadIdx.x / 8][threadIdx.x % 8] = x[threadIdx.x];
  __syncthreads();
  if (threadIdx.x == 3) out[0] = tile[threadIdx.x / 8 - 1][threadIdx.x % 8];
}

// MARK: The tiled product of two square matrices, size by size. Block: (16, 16).

#define TILED(name, bound, firstBarrier, secondBarrier)                                                            \
  ENTRY(name, (const Cell<float> *x, const Cell<float> *y, Cell<float> *out, int64_t size)) {                      \
    SHARED(float, xTile, [16][17]);                                                                                \
    SHARED(float, yTile, [16][17]);                                                                                \
    int tx = threadIdx.x, ty = threadIdx.y;                                                                        \
    int64_t row = static_cast<int64_t>(blockIdx.y) * 16 + ty, column = static_cast<int64_t>(blockIdx.x) * 16 + tx; \
    float sum = 0;                                                                                                 \
    for (int64_t first = 0; first < size; first += 16) {                                                           \
      xTile[ty][tx] = row bound size && first + tx bound size ? float(x[row * size + first + tx]) : 0.0f;          \
      yTile[ty][tx] = first + ty bound size && column bound size ? float(y[(first + ty) * size + column]) : 0.0f;  \
      firstBarrier;                                                                                                \
      for (int i = 0; i < 16; ++i) sum += xTile[ty][i] * yTile[i][tx];                                             \
      secondBarrier;                                                                                               \
    }                                                                                                              \
    if (row < size && column < size) out[row * size + column] = sum;                                               \
  }

TILED(sound_tiledProduct, <, __syncthreads(), __syncthreads())
/// The tiles are read before all of them are there.
TILED(broken_tiledProduct_withoutFirstBarrier, <, , __syncthreads())
/// The next tiles are written while the last ones are read.
TILED(broken_tiledProduct_withoutSecondBarrier, <, __syncthreads(), )
/// One row and one column too many.
TILED(broken_tiledProduct_boundOffByOne, <=, __syncthreads(), __syncthreads())
/// Threads beyond the matrix have left before the barrier.
TILED(broken_tiledProduct_divergentBarrier, <, if (row >= size) return; __syncthreads(), __syncthreads())
