// Launching matrix products: which rung of the ladder.
#include <stdio.h>

#include "cublas.h"
#include "launch.h"

KindlingCUDAStatus KindlingCUDASetMatmul(KindlingCUDADevice *device, KindlingCUDAMatmul rung) {
  ENTER(device);
  if (rung == KindlingCUDAMatmul_cublas && !KindlingCUDABLASIsThere(device)) {
    return KindlingCUDAFail(
        KindlingCUDAStatus_unsupported,
        "cuBLAS is not there: looked for libcublas.so.13, .12 and .11. It comes with the CUDA toolkit, or "
        "with `pip install nvidia-cublas-cu12` (put its lib folder into LD_LIBRARY_PATH).");
  }
  device->matmul = rung;
  return KindlingCUDAStatus_success;
}

static uint32_t tiles(int64_t size, int64_t tile) { return (uint32_t)((size + tile - 1) / tile); }

/// Whether it can be loaded in vectors of four: neighbours along one dimension, as many as make whole vectors, and
/// multiples of 16 bytes from line to line, so few that 8 lines fit the kernel's 32 bits.
static bool loadsVectors(KernelMatrix matrix, int64_t rows, int64_t columns) {
  const int64_t longest = INT32_MAX / 8;
  if ((uintptr_t)matrix.data % 16 != 0 || matrix.batchStride % 4 != 0) return false;
  if (matrix.rowStride > longest || matrix.columnStride > longest) return false;
  if (matrix.columnStride == 1) return columns % 4 == 0 && matrix.rowStride % 4 == 0;
  return matrix.rowStride == 1 && rows % 4 == 0 && matrix.columnStride % 4 == 0;
}

/// A rung: how much of out a block makes, with how many threads.
typedef struct Rung {
  const char *name;
  uint32_t rows, columns, block[2];
} Rung;
static const Rung rungs[] = {
    [KindlingCUDAMatmul_naive] = {"naive", 8, 32, {32, 8}},
    [KindlingCUDAMatmul_tiled] = {"tiled", 16, 16, {16, 16}},
    [KindlingCUDAMatmul_blocked] = {"blocked", 64, 64, {16, 16}},
    [KindlingCUDAMatmul_vectorized] = {"vectorized", 128, 128, {256, 1}},
};

static int64_t tilesOf(const CUDAMatmul *s, KindlingCUDAMatmul rung) {
  return tiles(s->m, rungs[rung].rows) * (int64_t)tiles(s->n, rungs[rung].columns);
}

/// Into how many shares to cut k, so that there are blocks for all multiprocessors. Each should have enough to do, and
/// their sums have to be added up.
static int64_t sharesFor(const KindlingCUDADevice *device, const CUDAMatmul *s, KindlingCUDAMatmul rung) {
  if (device->properties.emulated || rung == KindlingCUDAMatmul_naive) return 1;
  int64_t blocks = tilesOf(s, rung) * s->batch, least = 64;
  int64_t shares = 2 * (int64_t)device->properties.multiprocessors / blocks;
  if (shares > s->k / least) shares = s->k / least;
  return shares < 1 ? 1 : shares;
}

static KindlingCUDAMatmul fastest(const KindlingCUDADevice *device, const CUDAMatmul *s, bool canVectorize,
                                  bool canBlock) {
  int64_t multiprocessors = device->properties.multiprocessors;
  if (device->properties.emulated) {
    // There a thread that makes many elements is cheapest, as it waits at fewer barriers for each. Without optimisation
    // (swift build without -c release) the vectorised kernel's small functions cost more than that saves.
#ifdef __OPTIMIZE__
    if (canVectorize) return KindlingCUDAMatmul_vectorized;
#endif
    return KindlingCUDAMatmul_blocked;
  }
  // A large tile does most arithmetic for each load, but only if there is work for nearly every multiprocessor.
  const KindlingCUDAMatmul candidates[] = {KindlingCUDAMatmul_vectorized, KindlingCUDAMatmul_blocked};
  for (int i = canVectorize ? 0 : 1; i < 2 && canBlock; ++i) {
    int64_t blocks = tilesOf(s, candidates[i]) * s->batch * sharesFor(device, s, candidates[i]);
    if (blocks >= multiprocessors * 3 / 4) return candidates[i];
  }
  return KindlingCUDAMatmul_tiled;
}

static KindlingCUDAStatus launchRung(KindlingCUDADevice *device, KindlingCUDAMatmul rung, KernelType type,
                                     const void *x, const void *y, void *out, const CUDAMatmul *s) {
  const Rung *r = &rungs[rung];
  int64_t parts = s->batch * s->shares;
  Grid grid = {{(uint32_t)tilesOf(s, rung), 1, (uint32_t)(parts < 65535 ? parts : 65535)},
               {r->block[0], r->block[1], 1}};
  Entry entry;
  snprintf(entry, sizeof entry, "matmul_%s_%s", r->name, KindlingTypeName(type));
  return LAUNCH(device, entry, grid, A(x), A(y), A(out), A(*s));
}

/// The product in shares, each with an out of its own, and then their sums.
static KindlingCUDAStatus launchShares(KindlingCUDADevice *device, KindlingCUDAMatmul rung, KernelType type,
                                       const void *x, const void *y, void *out, const CUDAMatmul *whole,
                                       int64_t shares) {
  enum { step = 16 };  // of the kernels along k, or a multiple of it
  CUDAMatmul s = *whole;
  s.share = (s.k + shares * step - 1) / (shares * step) * step;
  s.shares = (s.k + s.share - 1) / s.share;
  int64_t count = s.batch * s.m * s.n;
  void *partial = NULL;
  CALL(KindlingCUDAAllocate(device, (size_t)(s.shares * count) * (size_t)KindlingTypeSize(type), &partial));
  CUDAMatmul apart = s;
  apart.outRow = s.n;
  apart.outBatch = s.m * s.n;
  apart.outShare = count;
  apart.storesFours = s.n % 4 == 0;
  KindlingCUDAStatus status = launchRung(device, rung, type, x, y, partial, &apart);
  if (status == KindlingCUDAStatus_success) {
    Entry entry;
    snprintf(entry, sizeof entry, "matmul_addShares_%s", KindlingTypeName(type));
    status = LAUNCH(device, entry, KindlingCUDAGridFor(device, count, 256), A(partial), A(out), A(s));
  }
  KindlingCUDAStatus freed = KindlingCUDAFree(device, partial);
  return status == KindlingCUDAStatus_success ? freed : status;
}

KindlingCUDAStatus KindlingCUDAMatrixProduct(KindlingCUDADevice *device, KernelType type, int64_t batch, int64_t m,
                                             int64_t n, int64_t k, KernelMatrix x, KernelMatrix y, KernelMatrix out) {
  ENTER(device);
  if (batch == 0 || m == 0 || n == 0) return KindlingCUDAStatus_success;
  CUDAMatmul s = {.batch = batch, .m = m, .n = n, .k = k, .shares = 1, .share = k};
  s.xRow = x.rowStride, s.xColumn = x.columnStride, s.xBatch = x.batchStride;
  s.yRow = y.rowStride, s.yColumn = y.columnStride, s.yBatch = y.batchStride;
  s.outRow = out.rowStride, s.outBatch = out.batchStride;
  s.storesFours = n % 4 == 0 && loadsVectors(out, m, n);
  bool canBlock = type == KernelType_float32 || type == KernelType_float64;
  bool canVectorize =
      type == KernelType_float32 && loadsVectors(x, m, k) && loadsVectors(y, k, n) && batch <= 65535 && k <= INT32_MAX;
  KindlingCUDAMatmul rung = device->matmul;
  if (rung == KindlingCUDAMatmul_cublas) {
    bool done = false;
    CALL(KindlingCUDABLASProduct(device, type, x.data, y.data, out.data, &s, &done));
    if (done) return KindlingCUDAStatus_success;
    rung = KindlingCUDAMatmul_automatic;
  }
  if (rung == KindlingCUDAMatmul_automatic) rung = fastest(device, &s, canVectorize, canBlock);
  if (rung == KindlingCUDAMatmul_vectorized && !canVectorize) rung = KindlingCUDAMatmul_blocked;
  if (rung == KindlingCUDAMatmul_blocked && !canBlock) rung = KindlingCUDAMatmul_tiled;
  int64_t shares = sharesFor(device, &s, rung);
  if (shares > 1) return launchShares(device, rung, type, x.data, y.data, out.data, &s, shares);
  return launchRung(device, rung, type, x.data, y.data, out.data, &s);
}
