// Small kernels whose cost is known by hand, to see it counted (see CUDAEmulator.h, "Counters"). They are right, and
// not in the PTX. `size` is the width of a square matrix, a multiple of 32; grid: (size / 32, size / 32), block: (32,
// 8) or (32, 1).
#include "../Kernels/Runtime/cuda.h"

// MARK: Global memory: neighbouring threads, neighbouring elements?

/// Lanes read and write along a row: 32 floats side by side, in 4 sectors of 32 bytes.
ENTRY(sound_copyRows, (const Cell<float> *x, Cell<float> *out, int64_t size)) {
  int64_t column = static_cast<int64_t>(blockIdx.x) * 32 + threadIdx.x;
  for (int64_t i = threadIdx.y; i < 32; i += 8) {
    int64_t row = static_cast<int64_t>(blockIdx.y) * 32 + i;
    out[row * size + column] = x[row * size + column];
  }
}

/// Lanes read and write down a column: each float lies in a sector of its own.
ENTRY(sound_copyColumns, (const Cell<float> *x, Cell<float> *out, int64_t size)) {
  int64_t row = static_cast<int64_t>(blockIdx.y) * 32 + threadIdx.x;
  for (int64_t i = threadIdx.y; i < 32; i += 8) {
    int64_t column = static_cast<int64_t>(blockIdx.x) * 32 + i;
    out[row * size + column] = x[row * size + column];
  }
}

/// All lanes read one element: one sector.
ENTRY(sound_broadcast, (const Cell<float> *x, Cell<float> *out, int64_t size)) { out[globalThread()] = x[blockIdx.x]; }

/// Four neighbours a lane, 16 bytes with one instruction: 16 sectors, all of them full.
ENTRY(sound_copyFours, (const Cell<float> *x, Cell<float> *out, int64_t size)) {
  int64_t first = globalThread() * 4;
  storeFour<float>(out + first, loadFour<float>(x + first));
}

/// One element further than a multiple of 32 bytes: 5 sectors where 4 would do.
ENTRY(sound_copyShifted, (const Cell<float> *x, Cell<float> *out, int64_t size)) {
  out[globalThread()] = x[globalThread() + 1];
}

// MARK: Shared memory: 32 banks

/// A column of a tile that is 32 wide lies in one bank: 31 extra turns. One that is 33 wide lies in all of them.
#define TRANSPOSE_THROUGH(name, width)                                                                   \
  ENTRY(name, (const Cell<float> *x, Cell<float> *out, int64_t size)) {                                  \
    SHARED(float, tile, [32][width]);                                                                    \
    int64_t row = static_cast<int64_t>(blockIdx.y) * 32, column = static_cast<int64_t>(blockIdx.x) * 32; \
    int tx = threadIdx.x;                                                                                \
    for (int i = threadIdx.y; i < 32; i += 8) tile[i][tx] = x[(row + i) * size + column + tx];           \
    __syncthreads();                                                                                     \
    for (int i = threadIdx.y; i < 32; i += 8) out[(column + i) * size + row + tx] = tile[tx][i];         \
  }
TRANSPOSE_THROUGH(sound_transpose, 32)
TRANSPOSE_THROUGH(sound_transposePadded, 33)

/// Every second word: lanes i and i + 16 want different words of one bank. Block: 32 threads.
ENTRY(sound_everySecondWord, (const Cell<float> *x, Cell<float> *out, int64_t size)) {
  SHARED(float, words, [64]);
  words[threadIdx.x] = x[threadIdx.x];
  words[threadIdx.x + 32] = x[threadIdx.x + 32];
  __syncthreads();
  out[threadIdx.x] = words[2 * threadIdx.x];
}

/// All lanes want one word: a broadcast, in one turn. Block: 32 threads.
ENTRY(sound_sharedBroadcast, (const Cell<float> *x, Cell<float> *out, int64_t size)) {
  SHARED(float, words, [1]);
  if (threadIdx.x == 0) words[0] = x[0];
  __syncthreads();
  out[threadIdx.x] = words[0];
}

/// A double takes two banks, and a turn moves 16 of them: no extra turn. Block: 32 threads.
ENTRY(sound_sharedDoubles, (const Cell<double> *x, Cell<double> *out, int64_t size)) {
  SHARED(double, words, [32]);
  words[threadIdx.x] = x[threadIdx.x];
  __syncthreads();
  out[threadIdx.x] = words[31 - threadIdx.x];
}

// MARK: Lanes and atomics

/// Odd lanes go one way and even ones the other: two requests of half a warp.
ENTRY(sound_twoBranches, (const Cell<float> *x, Cell<float> *out, int64_t size)) {
  int64_t i = globalThread();
  if (i % 2) {
    out[i] = 1;
  } else {
    out[i] = x[i];
  }
}

/// Lane i goes round i % 4 + 1 times: of 4 requests all 32 lanes take part in the first, and 8 in the last.
ENTRY(sound_unequalLoops, (const Cell<float> *x, Cell<float> *out, int64_t size)) {
  float sum = 0;
  for (int64_t i = 0; i <= threadIdx.x % 4; ++i) sum += x[i * size + threadIdx.x];
  out[globalThread()] = sum;
}

/// All threads of the launch add to one element.
ENTRY(sound_addToOne, (const Cell<float> *x, Cell<float> *out, int64_t size)) {
  atomicAdd(out, float(x[globalThread()]));
}

/// And here to one of 32.
ENTRY(sound_addToMany, (const Cell<float> *x, Cell<float> *out, int64_t size)) {
  atomicAdd(out + threadIdx.x % 32, float(x[globalThread()]));
}
