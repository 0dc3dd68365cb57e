// Launching matrix products: which rung of the ladder.
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

#include "device.h"

typedef char Entry[96];

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
/// multiples of 16 bytes from line to line.
static bool loadsVectors(KernelMatrix matrix, int64_t rows, int64_t columns) {
  if ((uintptr_t)matrix.data % 16 != 0 || matrix.batchStride % 4 != 0) return false;
  if (matrix.columnStride == 1) return columns % 4 == 0 && matrix.rowStride % 4 == 0;
  return matrix.rowStride == 1 && rows % 4 == 0 && matrix.columnStride % 4 == 0;
}

static KindlingCUDAMatmul fastest(const KindlingCUDADevice *device, const CUDAMatmul *s, bool canVectorize) {
  int64_t multiprocessors = device->properties.multiprocessors;
  if (device->properties.emulated) {
    // There a thread that makes many elements is cheapest, as it waits at fewer barriers for each. Without optimisation
    // (swift build without -c release) the vectorised kernel's small functions cost more than that saves.
#ifdef __OPTIMIZE__
    if (canVectorize) return KindlingCUDAMatmul_vectorized;
#endif
    return KindlingCUDAMatmul_blocked;
  }
  // A large tile does most arithmetic for each load, but only if there are tiles for every multiprocessor.
  if (canVectorize && tiles(s->m, 128) * (int64_t)tiles(s->n, 128) * s->batch >= multiprocessors) {
    return KindlingCUDAMatmul_vectorized;
  }
  if (tiles(s->m, 64) * (int64_t)tiles(s->n, 64) * s->batch >= multiprocessors / 2) return KindlingCUDAMatmul_blocked;
  return KindlingCUDAMatmul_tiled;
}

KindlingCUDAStatus KindlingCUDAMatrixProduct(KindlingCUDADevice *device, KernelType type, int64_t batch, int64_t m,
                                             int64_t n, int64_t k, KernelMatrix x, KernelMatrix y, KernelMatrix out,
                                             bool accumulate) {
  ENTER(device);
  if (batch == 0 || m == 0 || n == 0) return KindlingCUDAStatus_success;
  CUDAMatmul s = {batch,
                  m,
                  n,
                  k,
                  x.rowStride,
                  x.columnStride,
                  x.batchStride,
                  y.rowStride,
                  y.columnStride,
                  y.batchStride,
                  out.rowStride,
                  out.batchStride,
                  accumulate};
  bool canVectorize = type == KernelType_float32 && loadsVectors(x, m, k) && loadsVectors(y, k, n);
  KindlingCUDAMatmul rung =
      device->matmul == KindlingCUDAMatmul_automatic ? fastest(device, &s, canVectorize) : device->matmul;
  if (rung == KindlingCUDAMatmul_cublas) {
    bool done = false;
    CALL(KindlingCUDABLASProduct(device, type, x.data, y.data, out.data, &s, &done));
    if (done) return KindlingCUDAStatus_success;
    rung = fastest(device, &s, canVectorize);
  }
  if (rung == KindlingCUDAMatmul_vectorized && !canVectorize) rung = KindlingCUDAMatmul_blocked;
  if (rung == KindlingCUDAMatmul_blocked && type == KernelType_int64) rung = KindlingCUDAMatmul_tiled;

  Grid grid = {{0, 0, (uint32_t)(batch < 65535 ? batch : 65535)}, {0, 0, 1}};
  const char *name = "";
  uint32_t tileRows = 0, tileColumns = 0;
#define RUNG(theirName, rows, columns, x, y) \
  name = theirName, tileRows = rows, tileColumns = columns, grid.block[0] = x, grid.block[1] = y
  switch (rung) {
    case KindlingCUDAMatmul_naive:
      RUNG("naive", 8, 32, 32, 8);
      break;
    case KindlingCUDAMatmul_blocked:
      RUNG("blocked", 64, 64, 16, 16);
      break;
    case KindlingCUDAMatmul_vectorized:
      RUNG("vectorized", 128, 128, 256, 1);
      break;
    default:
      RUNG("tiled", 16, 16, 16, 16);
      break;
  }
  grid.grid[0] = tiles(n, tileColumns);
  grid.grid[1] = tiles(m, tileRows);
  Entry entry;
  snprintf(entry, sizeof entry, "matmul_%s_%s", name, KindlingCUDATypeName(type));
  return LAUNCH(device, entry, grid, A(x.data), A(y.data), A(out.data), A(s));
}

// MARK: cuBLAS

struct BLAS {
  void *library, *handle;
  int (*create)(void **handle);
  int (*destroy)(void *handle);
  int (*setStream)(void *handle, CUstream stream);
  int (*sgemm)(void *handle, int opA, int opB, int m, int n, int k, const float *alpha, const void *a, int lda,
               long long strideA, const void *b, int ldb, long long strideB, const float *beta, void *c, int ldc,
               long long strideC, int batch);
  int (*dgemm)(void *handle, int opA, int opB, int m, int n, int k, const double *alpha, const void *a, int lda,
               long long strideA, const void *b, int ldb, long long strideB, const double *beta, void *c, int ldc,
               long long strideC, int batch);
};

bool KindlingCUDABLASIsThere(KindlingCUDADevice *device) {
  if (device->blasTried) return device->blas != NULL;
  device->blasTried = true;
  if (device->properties.emulated) return false;
  static const char *const candidates[] = {"libcublas.so.13", "libcublas.so.12", "libcublas.so.11"};
  BLAS blas = {0};
  for (size_t i = 0; i < sizeof candidates / sizeof *candidates && !blas.library; ++i) {
    blas.library = dlopen(candidates[i], RTLD_NOW | RTLD_LOCAL);
  }
  if (!blas.library) return false;
  *(void **)&blas.create = dlsym(blas.library, "cublasCreate_v2");
  *(void **)&blas.destroy = dlsym(blas.library, "cublasDestroy_v2");
  *(void **)&blas.setStream = dlsym(blas.library, "cublasSetStream_v2");
  *(void **)&blas.sgemm = dlsym(blas.library, "cublasSgemmStridedBatched");
  *(void **)&blas.dgemm = dlsym(blas.library, "cublasDgemmStridedBatched");
  bool complete = blas.create && blas.destroy && blas.setStream && blas.sgemm && blas.dgemm;
  if (!complete || blas.create(&blas.handle) != 0 || blas.setStream(blas.handle, device->stream) != 0) {
    dlclose(blas.library);
    return false;
  }
  device->blas = malloc(sizeof blas);
  if (!device->blas) abort();
  *device->blas = blas;
  return true;
}

void KindlingCUDABLASClose(KindlingCUDADevice *device) {
  if (!device->blas) return;
  device->blas->destroy(device->blas->handle);
  dlclose(device->blas->library);
  free(device->blas);
  device->blas = NULL;
}

/// cuBLAS counts columns first: what it takes for a matrix is the transpose of ours. Our out = x · y is its outᵀ = yᵀ ·
/// xᵀ, so that y goes first, and a matrix of ours with rows of neighbours is one of its that is not transposed.
KindlingCUDAStatus KindlingCUDABLASProduct(KindlingCUDADevice *device, KernelType type, const void *x, const void *y,
                                           void *out, const CUDAMatmul *s, bool *done) {
  enum { plain = 0, transposed = 1, most = 0x7fffffff };
  *done = false;
  bool isFloat = type == KernelType_float32, xPlain = s->xColumn == 1, yPlain = s->yColumn == 1;
  if (!isFloat && type != KernelType_float64) return KindlingCUDAStatus_success;
  if ((!xPlain && s->xRow != 1) || (!yPlain && s->yRow != 1) || s->k == 0) return KindlingCUDAStatus_success;
  int64_t xStep = xPlain ? s->xRow : s->xColumn, yStep = yPlain ? s->yRow : s->yColumn, outStep = s->outRow;
  // A step between rows is meaningless where there is one row, but cuBLAS looks at it.
  if (xStep < (xPlain ? s->k : s->m)) xStep = xPlain ? s->k : s->m;
  if (yStep < (yPlain ? s->n : s->k)) yStep = yPlain ? s->n : s->k;
  if (outStep < s->n) outStep = s->n;
  bool fits = s->m <= most && s->n <= most && s->k <= most && xStep <= most && yStep <= most && outStep <= most &&
              s->batch <= most;
  if (!fits) return KindlingCUDAStatus_success;
  BLAS *blas = device->blas;
  int opY = yPlain ? plain : transposed, opX = xPlain ? plain : transposed, result;
  if (isFloat) {
    float alpha = 1, beta = s->accumulate ? 1 : 0;
    result = blas->sgemm(blas->handle, opY, opX, (int)s->n, (int)s->m, (int)s->k, &alpha, y, (int)yStep, s->yBatch, x,
                         (int)xStep, s->xBatch, &beta, out, (int)outStep, s->outBatch, (int)s->batch);
  } else {
    double alpha = 1, beta = s->accumulate ? 1 : 0;
    result = blas->dgemm(blas->handle, opY, opX, (int)s->n, (int)s->m, (int)s->k, &alpha, y, (int)yStep, s->yBatch, x,
                         (int)xStep, s->xBatch, &beta, out, (int)outStep, s->outBatch, (int)s->batch);
  }
  if (result != 0) {
    return KindlingCUDAFail(KindlingCUDAStatus_failed, "cublas%cgemmStridedBatched: status %d", isFloat ? 'S' : 'D',
                            result);
  }
  *done = true;
  return KindlingCUDAStatus_success;
}
