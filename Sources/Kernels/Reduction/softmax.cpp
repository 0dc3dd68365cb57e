// Softmax of contiguous rows, in three passes over a row that is then still in the cache: the maximum, so that no power
// overflows; the powers and their sum; the quotients.
#include "../Elementwise/cpu-math.h"
#include "../Runtime/threads.h"
#include "cpu-fold.h"

using namespace kindling;

namespace {

/// A maximum that overlooks NaN, which is faster, and safe here: a NaN makes the sum of powers NaN, and that all
/// results.
template <typename T>
struct LargestNumber : Maximum<T> {
  template <typename A>
  KINDLING_INLINE static A join(A a, A b) {
    return b > a ? b : a;
  }
};

template <typename T>
KINDLING_INLINE T largest(const T *x, int64_t count) {
  T result = -std::numeric_limits<T>::infinity();
  for (int64_t i = 0; i < count; i += piece) {
    T next = foldPiece<LargestNumber<T>>(x + i, std::min(piece, count - i));
    result = next > result ? next : result;
  }
  return result;
}

constexpr int64_t block = 512;  // elements whose powers are summed while they are in the fastest cache

/// powers[i] = e^(x[i] - shift); returns their sum.
template <typename T>
KINDLING_INLINE double powersAndSum(const T *x, int64_t count, T shift, T *powers) {
  double sum = 0;
  for (int64_t begin = 0; begin < count; begin += block) {
    int64_t length = std::min(block, count - begin);
    KINDLING_INDEPENDENT
    for (int64_t i = 0; i < length; i++) powers[begin + i] = m_exp(x[begin + i] - shift);
    sum += double(foldStretch<Sum<T>>(powers + begin, length));
  }
  return sum;
}

/// The sum of e^(x[i] - shift).
template <typename T>
KINDLING_INLINE double sumOfPowers(const T *x, int64_t count, T shift) {
  T powers[block];
  double sum = 0;
  for (int64_t begin = 0; begin < count; begin += block) {
    sum += powersAndSum(x + begin, std::min(block, count - begin), shift, powers);
  }
  return sum;
}

template <typename T>
KINDLING_INLINE void softmaxRows(int64_t rows, int64_t columns, const T *x, T *out, SoftmaxKind kind) {
  for (int64_t row = 0; row < rows; row++, x += columns, out += columns) {
    T shift = largest(x, columns);
    if (kind == SoftmaxKind_logarithms) {
      T logSum = T(std::log(sumOfPowers(x, columns, shift)));
      KINDLING_INDEPENDENT
      for (int64_t i = 0; i < columns; i++) out[i] = x[i] - shift - logSum;
    } else {
      bool orZeros = kind == SoftmaxKind_sharesOrZeros;
      if (orZeros && shift == -std::numeric_limits<T>::infinity()) shift = 0;  // -∞ - -∞ would be NaN
      double sum = powersAndSum(x, columns, shift, out);
      T scale = orZeros && sum == 0 ? T(0) : T(1 / sum);
      KINDLING_INDEPENDENT
      for (int64_t i = 0; i < columns; i++) out[i] = out[i] * scale;
    }
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
