// Softmax of contiguous rows, and its logarithm.
#include "softmax.h"

#include "../Runtime/threads.h"

using namespace kindling;

namespace {

template <typename T>
KINDLING_INLINE void softmaxRows(int64_t rows, int64_t columns, const T *x, T *out, SoftmaxKind kind) {
  for (int64_t row = 0; row < rows; row++, x += columns, out += columns) {
    if (kind != SoftmaxKind_logarithms) {
      softmaxRow(SoftmaxRow<T>{columns, columns, T(1)}, x, out, kind);
      continue;
    }
    T shift = largest(x, columns), logSum = T(std::log(sumOfPowers(x, columns, shift)));
    KINDLING_INDEPENDENT
    for (int64_t i = 0; i < columns; i++) out[i] = x[i] - shift - logSum;
  }
}

KINDLING_CLONES void softmaxOf(KernelType type, int64_t rows, int64_t columns, const char *x, char *out,
                               SoftmaxKind kind) {
  withFloatType("softmax", type, [&](auto named) KINDLING_LAMBDA {
    using T = typename decltype(named)::Type;
    softmaxRows(rows, columns, reinterpret_cast<const T *>(x), reinterpret_cast<T *>(out), kind);
  });
}

}  // namespace

void KindlingSoftmax(KernelType type, int64_t rows, int64_t columns, const void *x, void *out, SoftmaxKind kind) {
  if (columns == 0) return;
  int64_t rowBytes = columns * KindlingTypeSize(type);
  parallelFor(rows, 8 * columns, [&](int64_t begin, int64_t end) {
    softmaxOf(type, end - begin, columns, static_cast<const char *>(x) + begin * rowBytes,
              static_cast<char *>(out) + begin * rowBytes, kind);
  });
}
