// Matrix products: float32 and float64 are ours (products.cpp), those with a vector OpenBLAS's, and so are all of them
// where KINDLING_PRODUCTS says so; integers are plain loops.
//
// OpenBLAS is kept to one thread, and the pool divides the product. There is one pool then and not two that wait for
// each other, and above all a product is divided by its shape alone: its bits are the same on one thread and on
// sixteen, which OpenBLAS's are not.
#include <cblas.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>

#include "../Runtime/scratch.h"
#include "../Runtime/walk.h"
#include "../Runtime/with-type.h"
#include "products.h"

using namespace kindling;

#if defined(__linux__)
// Not in cblas.h: what OpenBLAS does before a fork, and when it is loaded.
extern "C" int blas_thread_shutdown_(void) __attribute__((weak));
extern "C" void gotoblas_dynamic_init(void) __attribute__((weak));
extern "C" void gotoblas_dynamic_quit(void) __attribute__((weak));
#endif

namespace {

#if defined(__linux__) && defined(__x86_64__)
/// OpenBLAS takes a processor that came out after it for one of 2004, and multiplies with vectors of 16 bytes: 0.3.21,
/// which is Debian 12's, does so on Intel's fifth generation of Xeon. Then it is told which of its kernels fit.
void choosePresentKernels() {
  __builtin_cpu_init();
  bool isUnknown = std::strcmp(openblas_get_corename(), "Prescott") == 0 && __builtin_cpu_supports("x86-64-v3");
  if (!isUnknown || std::getenv("OPENBLAS_CORETYPE") || !gotoblas_dynamic_init || !gotoblas_dynamic_quit) return;
  setenv("OPENBLAS_CORETYPE", __builtin_cpu_supports("x86-64-v4") ? "SkylakeX" : "Haswell", 1);
  gotoblas_dynamic_quit();
  gotoblas_dynamic_init();
  unsetenv("OPENBLAS_CORETYPE");
}
#endif

/// OpenBLAS starts its threads when it is loaded, before main, and they wait for work awake for 100 ms: half of a
/// lesson, in which they would take a processor from the pool's threads.
struct Prepared {
  Prepared() {
    openblas_set_num_threads(1);
#if defined(__linux__)
    if (blas_thread_shutdown_) blas_thread_shutdown_();
#endif
#if defined(__linux__) && defined(__x86_64__)
    choosePresentKernels();
#endif
  }
} prepared;

/// Matrices as BLAS wants them: one stride is 1, and the other, the leading dimension, spans at least a row.
struct BLASMatrix {
  const char *data;
  CBLAS_TRANSPOSE transpose;
  int64_t leadingDimension, batchStride;  // in elements
  int64_t elementBytes;

  /// The same matrix without its first rows and columns.
  BLASMatrix from(int64_t batch, int64_t row, int64_t column) const {
    BLASMatrix part = *this;
    int64_t inside = transpose == CblasNoTrans ? row * leadingDimension + column : column * leadingDimension + row;
    part.data += (batch * batchStride + inside) * elementBytes;
    return part;
  }
};

/// Strides that fit are used as they are, anything else is copied.
BLASMatrix asBLAS(KernelType type, int64_t batch, int64_t rows, int64_t columns, const KernelMatrix &matrix,
                  Scratch &scratch) {
  int64_t rowStride = matrix.rowStride, columnStride = matrix.columnStride, size = KindlingTypeSize(type);
  auto data = static_cast<const char *>(matrix.data);
  // The stride of a dimension of size 1 is never used, whatever it says.
  if ((columnStride == 1 || columns == 1) && (rowStride >= columns || rows == 1)) {
    return {data, CblasNoTrans, rows == 1 ? columns : rowStride, matrix.batchStride, size};
  }
  if ((rowStride == 1 || rows == 1) && (columnStride >= rows || columns == 1)) {
    return {data, CblasTrans, columns == 1 ? rows : columnStride, matrix.batchStride, size};
  }
  KernelShape shape = {{matrix.batchStride == 0 ? 1 : batch, rows, columns}, 3};
  void *copy = scratch.ofSize(size_t(elementCount(shape) * size));
  KindlingCopy(type, type, &shape, {matrix.data, {matrix.batchStride, rowStride, columnStride}},
               {copy, {rows * columns, columns, 1}});
  return {static_cast<const char *>(copy), CblasNoTrans, columns, matrix.batchStride == 0 ? 0 : rows * columns, size};
}

// One name for the float32 and the float64 of it.
void gemm(CBLAS_TRANSPOSE xTranspose, CBLAS_TRANSPOSE yTranspose, blasint m, blasint n, blasint k, const float *x,
          blasint xLeading, const float *y, blasint yLeading, float *out, blasint outLeading) {
  cblas_sgemm(CblasRowMajor, xTranspose, yTranspose, m, n, k, 1, x, xLeading, y, yLeading, 0, out, outLeading);
}
void gemm(CBLAS_TRANSPOSE xTranspose, CBLAS_TRANSPOSE yTranspose, blasint m, blasint n, blasint k, const double *x,
          blasint xLeading, const double *y, blasint yLeading, double *out, blasint outLeading) {
  cblas_dgemm(CblasRowMajor, xTranspose, yTranspose, m, n, k, 1, x, xLeading, y, yLeading, 0, out, outLeading);
}
void gemv(CBLAS_TRANSPOSE transpose, blasint rows, blasint columns, const float *matrix, blasint leading,
          const float *vector, blasint step, float *out, blasint outStep) {
  cblas_sgemv(CblasRowMajor, transpose, rows, columns, 1, matrix, leading, vector, step, 0, out, outStep);
}
void gemv(CBLAS_TRANSPOSE transpose, blasint rows, blasint columns, const double *matrix, blasint leading,
          const double *vector, blasint step, double *out, blasint outStep) {
  cblas_dgemv(CblasRowMajor, transpose, rows, columns, 1, matrix, leading, vector, step, 0, out, outStep);
}

/// A matrix times a vector reads every number once: OpenBLAS's gemv does so at a third of what packing for gemm costs.
template <typename T>
void multiplyVector(int64_t rows, int64_t columns, const BLASMatrix &matrix, bool transposed, const T *vector,
                    int64_t step, T *out, int64_t outStep) {
  // `rows` and `columns` are those of the product; gemv wants the matrix's as it lies in memory.
  bool isTransposed = (matrix.transpose == CblasTrans) != transposed;
  bool liesTurned = matrix.transpose == CblasTrans;
  if (transposed) std::swap(rows, columns);
  if (liesTurned) std::swap(rows, columns);
  gemv(isTransposed ? CblasTrans : CblasNoTrans, blasint(rows), blasint(columns),
       reinterpret_cast<const T *>(matrix.data), blasint(matrix.leadingDimension), vector, blasint(step), out,
       blasint(outStep));
}

template <typename T>
void multiply(int64_t m, int64_t n, int64_t k, const BLASMatrix &x, const BLASMatrix &y, T *out, int64_t outStride) {
  auto xData = reinterpret_cast<const T *>(x.data), yData = reinterpret_cast<const T *>(y.data);
  if (n == 1) {
    multiplyVector(m, k, x, false, yData, y.transpose == CblasNoTrans ? y.leadingDimension : 1, out, outStride);
  } else if (m == 1) {
    multiplyVector(n, k, y, true, xData, x.transpose == CblasNoTrans ? 1 : x.leadingDimension, out, int64_t{1});
  } else {
    gemm(x.transpose, y.transpose, blasint(m), blasint(n), blasint(k), xData, blasint(x.leadingDimension), yData,
         blasint(y.leadingDimension), out, blasint(outStride));
  }
}

/// How a product is divided: into at most 8 strips of its longer side, and by its shape alone. For gemm each strip
/// packs the whole other operand once more, which costs about 3 / width of its time; hence none but the
/// last is narrower than 48.
struct Strips {
  bool alongRows;
  int64_t width, count;

  Strips(int64_t m, int64_t n, int64_t k) : alongRows(m >= n), width(std::max(m, n)), count(1) {
    int64_t side = width;
    if (m * n * k < int64_t{1} << 19) return;  // 10 µs
    count = std::clamp<int64_t>(side / 48, 1, 8);
    width = ((side + count - 1) / count + 3) / 4 * 4;
    count = (side + width - 1) / width;
  }
};

template <typename T>
void multiplyByOpenBLAS(KernelType type, int64_t batch, int64_t m, int64_t n, int64_t k, const KernelMatrix &x,
                        const KernelMatrix &y, const KernelMatrix &out) {
  Scratch xScratch, yScratch;
  BLASMatrix left = asBLAS(type, batch, m, k, x, xScratch), right = asBLAS(type, batch, k, n, y, yScratch);
  int64_t outStride = std::max(out.rowStride, n);  // where m is 1 it may say anything
  Strips strips(m, n, k);
  int64_t cost = m * n * k / strips.count / 2;  // OpenBLAS multiplies and adds twice in the time of an addition
  parallelFor(batch * strips.count, cost, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) {
      int64_t b = i / strips.count, start = i % strips.count * strips.width;
      int64_t row = strips.alongRows ? start : 0, column = strips.alongRows ? 0 : start;
      int64_t rows = strips.alongRows ? std::min(strips.width, m - row) : m;
      int64_t columns = strips.alongRows ? n : std::min(strips.width, n - column);
      T *target = static_cast<T *>(out.data) + b * out.batchStride + row * out.rowStride + column;
      multiply(rows, columns, k, left.from(b, row, 0), right.from(b, 0, column), target, outStride);
    }
  });
}

/// Integers: for each row of out, k times a row of y is added to it.
template <typename T>
KINDLING_INLINE void multiplyRow(int64_t n, int64_t k, const T *xRow, int64_t xStep, const T *y, int64_t yRowStride,
                                 int64_t yStep, T *outRow) {
  for (int64_t l = 0; l < k; l++) {
    T factor = xRow[l * xStep];
    const T *yRow = y + l * yRowStride;
    if (yStep == 1) {
      KINDLING_INDEPENDENT
      for (int64_t j = 0; j < n; j++) outRow[j] += factor * yRow[j];
    } else {
      for (int64_t j = 0; j < n; j++) outRow[j] += factor * yRow[j * yStep];
    }
  }
}

#define ROW(name, T, ...)                                                                             \
  KINDLING_CLONES void multiplyIntegers(int64_t n, int64_t k, const Wrapping<T> *xRow, int64_t xStep, \
                                        const Wrapping<T> *y, int64_t yRowStride, int64_t yStep,      \
                                        Wrapping<T> *outRow) {                                        \
    multiplyRow(n, k, xRow, xStep, y, yRowStride, yStep, outRow);                                     \
  }
KINDLING_INTEGER_TYPES(ROW)
#undef ROW

void fillWithZeros(KernelType type, int64_t batch, int64_t m, int64_t n, const KernelMatrix &out) {
  KernelShape shape = {{batch, m, n}, 3};
  KindlingFill(type, &shape, {out.data, {out.batchStride, out.rowStride, 1}}, {0, 0});
}

/// out += bias, in every row.
void addRow(KernelType type, int64_t batch, int64_t m, int64_t n, const void *bias, const KernelMatrix &out) {
  KernelShape shape = {{batch, m, n}, 3};
  KernelOperand all = {out.data, {out.batchStride, out.rowStride, 1}};
  KindlingBinary(BinaryOperation_add, type, &shape, all, {const_cast<void *>(bias), {0, 0, 1}}, all, {0, 0}, {0, 0});
}

/// out must be zeros. Computed on unsigned numbers, because an overflow wraps around.
template <typename T>
void multiplyAllIntegers(int64_t batch, int64_t m, int64_t n, int64_t k, const KernelMatrix &x, const KernelMatrix &y,
                         const KernelMatrix &out) {
  auto left = static_cast<const T *>(x.data), right = static_cast<const T *>(y.data);
  auto target = static_cast<T *>(out.data);
  parallelFor(batch * m, n * k, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) {
      int64_t b = i / m, row = i % m;
      multiplyIntegers(n, k, left + b * x.batchStride + row * x.rowStride, x.columnStride, right + b * y.batchStride,
                       y.rowStride, y.columnStride, target + b * out.batchStride + row * out.rowStride);
    }
  });
}

/// What KINDLING_PRODUCTS asks for. A wrong value ends the program: nothing between here and the user could pass an
/// error on.
KernelProducts productsOfEnvironment() {
  const char *name = std::getenv("KINDLING_PRODUCTS");
  if (!name || !*name || std::strcmp(name, "own") == 0) return KernelProducts_own;
  if (std::strcmp(name, "openblas") == 0) return KernelProducts_openBLAS;
  std::fprintf(stderr, "KINDLING_PRODUCTS is \"%s\"; it can be own or openblas.\n", name);
  std::exit(1);
}

std::atomic<int32_t> products{-1};  // until the first product asks

}  // namespace

void KindlingSetProducts(KernelProducts which) { products.store(which, std::memory_order_relaxed); }

KernelProducts KindlingProducts(void) {
  int32_t which = products.load(std::memory_order_relaxed);
  if (which < 0) KindlingSetProducts(KernelProducts(which = productsOfEnvironment()));
  return KernelProducts(which);
}

void KindlingMatmul(KernelType type, int64_t batch, int64_t m, int64_t n, int64_t k, KernelMatrix x, KernelMatrix y,
                    const void *bias, KernelMatrix out) {
  if (std::max({m, n, k}) > INT32_MAX) fatal("matmul does not take matrices with more than 2^31 - 1 rows or columns.");
  if (batch == 0 || m == 0 || n == 0) return;
  withNumberType("matmul", type, [&](auto named) {
    using T = Wrapping<typename decltype(named)::Type>;
    if constexpr (std::is_floating_point_v<T>) {
      bool isOurs = m > 1 && n > 1 && k > 0 && KindlingProducts() == KernelProducts_own;
      if (isOurs) return multiplyReal<T>(batch, m, n, k, x, y, static_cast<const T *>(bias), out);
      if (k == 0) {
        fillWithZeros(type, batch, m, n, out);
      } else {
        multiplyByOpenBLAS<T>(type, batch, m, n, k, x, y, out);
      }
    } else {
      fillWithZeros(type, batch, m, n, out);
      multiplyAllIntegers<T>(batch, m, n, k, x, y, out);
    }
    if (bias) addRow(type, batch, m, n, bias, out);
  });
}
