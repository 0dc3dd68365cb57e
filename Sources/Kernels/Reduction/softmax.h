// Softmax of a contiguous row, in three passes over numbers that are then still in the cache: the maximum, so that no
// power overflows; the powers and their sum; the quotients.
#ifndef KINDLING_SOFTMAX_H
#define KINDLING_SOFTMAX_H

#include "../Elementwise/cpu-math.h"
#include "cpu-fold.h"

namespace kindling {

// Extremes that overlook NaN, which is faster, and safe here: a NaN makes the sum of powers NaN, and that all results.
template <typename T>
struct LargestNumber : Maximum<T> {
  template <typename A>
  KINDLING_INLINE static A join(A a, A b) {
    return b > a ? b : a;
  }
};
template <typename T>
struct SmallestNumber : Minimum<T> {
  template <typename A>
  KINDLING_INLINE static A join(A a, A b) {
    return b < a ? b : a;
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

/// powers[i] = e^(x[i] - shift); returns their sum. Usually no power of a block is denormal, and then the steps that
/// only denormals need are left out.
template <typename T>
KINDLING_INLINE double powersAndSum(const T *x, int64_t count, T shift, T *powers) {
  double sum = 0;
  for (int64_t begin = 0; begin < count; begin += block, x += block, powers += block) {
    int64_t length = std::min(block, count - begin);
    if (foldStretch<SmallestNumber<T>>(x, length) - shift >= -largestLogarithm) {
      KINDLING_INDEPENDENT_PAIRS
      for (int64_t i = 0; i < length; i++) powers[i] = m_exp_normal(x[i] - shift);
    } else {
      KINDLING_INDEPENDENT_PAIRS
      for (int64_t i = 0; i < length; i++) powers[i] = m_exp_negative(x[i] - shift);
    }
    sum += double(foldStretch<Sum<T>>(powers, length));
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

/// Joins the lanes of a vector: its halves first, and so on.
template <typename Fold, typename T, int count>
KINDLING_INLINE T joinLanes(const Vector<T, count> &lanes) {
  if constexpr (count == 1) {
    return lanes[0];
  } else {
    Vector<T, count / 2> halves[2];
    std::memcpy(halves, &lanes, sizeof lanes);
    return joinLanes<Fold, T, count / 2>(Fold::join(halves[0], halves[1]));
  }
}

/// Which numbers of a row take part, and what they are multiplied by before. The others get 0.
template <typename T>
struct SoftmaxRow {
  int64_t columns, taken;
  T scale;
};

/// A row of up to `width` numbers: all of it in registers, filled up with -∞, whose powers are 0. (A loop over an
/// unknown number of them would go number by number, and one that is unrolled too.)
template <typename T, int width>
KINDLING_INLINE void softmaxOfFew(const SoftmaxRow<T> &row, const T *x, T *out, bool orZeros) {
  constexpr T lowest = -std::numeric_limits<T>::infinity();
  T numbers[width];
#pragma clang loop vectorize(assume_safety) unroll(disable)
  for (int i = 0; i < width; i++) numbers[i] = i < row.taken ? x[i] * row.scale : lowest;
  Vector<T, width> lanes;
  std::memcpy(&lanes, numbers, sizeof lanes);
  T shift = joinLanes<LargestNumber<T>, T, width>(lanes);
  if (orZeros && shift == lowest) shift = 0;
#pragma clang loop vectorize(assume_safety) unroll(disable)
  for (int i = 0; i < width; i++) numbers[i] = m_exp_negative(numbers[i] - shift);
  std::memcpy(&lanes, numbers, sizeof lanes);
  double sum = joinLanes<Sum<T>, double, width>(__builtin_convertvector(lanes, Vector<double, width>));
  lanes *= orZeros && sum == 0 ? T(0) : T(1 / sum);
  if (row.columns == width) {
    std::memcpy(out, &lanes, sizeof lanes);
  } else {
    std::memcpy(out, &lanes, size_t(row.columns) * sizeof(T));
  }
}

/// out = softmax of x, which may be the same numbers. Not for logarithms.
template <typename T>
KINDLING_INLINE void softmaxRow(const SoftmaxRow<T> &row, const T *x, T *out, SoftmaxKind kind) {
  bool orZeros = kind == SoftmaxKind_sharesOrZeros;
  if constexpr (std::is_same_v<T, float>) {  // the C library's exp takes one number at a time anyway
    if (row.columns <= 16) return softmaxOfFew<T, 16>(row, x, out, orZeros);
    if (row.columns <= 32) return softmaxOfFew<T, 32>(row, x, out, orZeros);
  }
  if (row.scale != 1) {
    KINDLING_INDEPENDENT
    for (int64_t i = 0; i < row.taken; i++) out[i] = x[i] * row.scale;
    x = out;
  }
  T shift = largest(x, row.taken);
  if (orZeros && shift == -std::numeric_limits<T>::infinity()) shift = 0;  // -∞ - -∞ would be NaN
  double sum = powersAndSum(x, row.taken, shift, out);
  T scale = orZeros && sum == 0 ? T(0) : T(1 / sum);
  KINDLING_INDEPENDENT
  for (int64_t i = 0; i < row.taken; i++) out[i] = out[i] * scale;
  for (int64_t i = row.taken; i < row.columns; i++) out[i] = 0 * scale;  // NaN where the row has one
}

}  // namespace kindling

#endif
