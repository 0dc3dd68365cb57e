// Matrix products: float32 and float64 are OpenBLAS's, int64 is ours.
#include <cblas.h>

#include <algorithm>

#include "../Runtime/blas.h"
#include "../Runtime/scratch.h"
#include "../Runtime/types.h"
#include "../Runtime/walk.h"

using namespace kindling;

namespace {

/// A matrix as BLAS wants it: one of its strides is 1, and the other, the leading dimension, spans at least a row.
struct BLASMatrix {
  const void *data;
  CBLAS_TRANSPOSE transpose;
  int64_t leadingDimension;
};

BLASMatrix asBLAS(KernelType type, const void *data, int64_t rows, int64_t columns, const KernelMatrix &matrix,
                  Scratch &scratch) {
  // The stride of a dimension of size 1 is never used, whatever it says.
  int64_t rowStride = matrix.rowStride, columnStride = matrix.columnStride;
  if ((columnStride == 1 || columns == 1) && (rowStride >= columns || rows == 1)) {
    return {data, CblasNoTrans, rows == 1 ? columns : rowStride};
  }
  if ((rowStride == 1 || rows == 1) && (columnStride >= rows || columns == 1)) {
    return {data, CblasTrans, columns == 1 ? rows : columnStride};
  }
  void *copy = scratch.ofSize(size_t(rows * columns * elementSize(type)));
  KernelShape shape = {{rows, columns}, 2};
  kernels_copy(type, type, &shape, {const_cast<void *>(data), {rowStride, columnStride}}, {copy, {columns, 1}});
  return {copy, CblasNoTrans, columns};
}

void multiply(KernelType type, int64_t m, int64_t n, int64_t k, BLASMatrix x, BLASMatrix y, void *out,
              int64_t outStride, bool accumulate) {
  double beta = accumulate ? 1 : 0;
  auto M = blasint(m), N = blasint(n), K = blasint(k);
  auto xLeading = blasint(x.leadingDimension), yLeading = blasint(y.leadingDimension);
  auto outLeading = blasint(std::max(outStride, n));
  if (type == KernelType_float32) {
    cblas_sgemm(CblasRowMajor, x.transpose, y.transpose, M, N, K, 1, static_cast<const float *>(x.data), xLeading,
                static_cast<const float *>(y.data), yLeading, float(beta), static_cast<float *>(out), outLeading);
  } else {
    cblas_dgemm(CblasRowMajor, x.transpose, y.transpose, M, N, K, 1, static_cast<const double *>(x.data), xLeading,
                static_cast<const double *>(y.data), yLeading, beta, static_cast<double *>(out), outLeading);
  }
}

/// int64: for each row of out, k times a row of y is added to it.
KINDLING_CLONES void multiplyIntegers(int64_t m, int64_t n, int64_t k, const KernelMatrix &x, const KernelMatrix &y,
                                      const KernelMatrix &out) {
  for (int64_t i = 0; i < m; i++) {
    uint64_t *outRow = static_cast<uint64_t *>(out.data) + i * out.rowStride;
    for (int64_t l = 0; l < k; l++) {
      uint64_t factor = static_cast<uint64_t *>(x.data)[i * x.rowStride + l * x.columnStride];
      const uint64_t *yRow = static_cast<uint64_t *>(y.data) + l * y.rowStride;
      int64_t step = y.columnStride;
      if (step == 1) {
        KINDLING_INDEPENDENT
        for (int64_t j = 0; j < n; j++) outRow[j] += factor * yRow[j];
      } else {
        for (int64_t j = 0; j < n; j++) outRow[j] += factor * yRow[j * step];
      }
    }
  }
}

KernelMatrix inBatch(const KernelMatrix &matrix, int64_t index, int64_t size) {
  KernelMatrix result = matrix;
  result.data = static_cast<char *>(matrix.data) + index * matrix.batchStride * size;
  return result;
}

void fillWithZeros(KernelType type, int64_t m, int64_t n, const KernelMatrix &out) {
  KernelShape shape = {{m, n}, 2};
  kernels_fill(type, &shape, {out.data, {out.rowStride, 1}}, {0, 0});
}

}  // namespace

void kernels_matmul(KernelType type, int64_t batch, int64_t m, int64_t n, int64_t k, KernelMatrix x, KernelMatrix y,
                    KernelMatrix out, bool accumulate) {
  if (type == KernelType_bool) unsupported("matmul", type);
  if (m == 0 || n == 0) return;
  kernels_threads();  // the first call tells OpenBLAS how many it may use
  int64_t size = elementSize(type);
  Scratch xScratch, yScratch;
  for (int64_t b = 0; b < batch; b++) {
    KernelMatrix xb = inBatch(x, b, size), yb = inBatch(y, b, size), outb = inBatch(out, b, size);
    if (k == 0 || type == KernelType_int64) {
      if (!accumulate) fillWithZeros(type, m, n, outb);
      if (k > 0) multiplyIntegers(m, n, k, xb, yb, outb);
      continue;
    }
    multiply(type, m, n, k, asBLAS(type, xb.data, m, k, x, xScratch), asBLAS(type, yb.data, k, n, y, yScratch),
             outb.data, out.rowStride, accumulate);
  }
}
