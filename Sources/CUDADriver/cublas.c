// NVIDIA's own matrix products, where they are installed.
#include "cublas.h"

#include <dlfcn.h>
#include <stdlib.h>

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
  int32_t piece = KindlingCUDATimeBegins(device, isFloat ? "cublasSgemmStridedBatched" : "cublasDgemmStridedBatched");
  if (isFloat) {
    float alpha = 1, beta = 0;
    result = blas->sgemm(blas->handle, opY, opX, (int)s->n, (int)s->m, (int)s->k, &alpha, y, (int)yStep, s->yBatch, x,
                         (int)xStep, s->xBatch, &beta, out, (int)outStep, s->outBatch, (int)s->batch);
  } else {
    double alpha = 1, beta = 0;
    result = blas->dgemm(blas->handle, opY, opX, (int)s->n, (int)s->m, (int)s->k, &alpha, y, (int)yStep, s->yBatch, x,
                         (int)xStep, s->xBatch, &beta, out, (int)outStep, s->outBatch, (int)s->batch);
  }
  KindlingCUDATimeEnds(device, piece);
  if (result != 0) {
    return KindlingCUDAFail(KindlingCUDAStatus_failed, "cublas%cgemmStridedBatched: status %d", isFloat ? 'S' : 'D',
                            result);
  }
  *done = true;
  return KindlingCUDAStatus_success;
}
