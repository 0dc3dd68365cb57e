// The functions that the rows of operations.h use, on the CPU.
#ifndef KINDLING_MATH_H
#define KINDLING_MATH_H

#include <cmath>
#include <cstdint>
#include <type_traits>

#include "../Runtime/clones.h"

namespace kindling {

/// A parameter that takes on the type of the others, so that m_max(x, 0) works for every x.
template <typename T>
using Same = std::type_identity_t<T>;

template <typename T>
KINDLING_INLINE T m_abs(T x) {
  return x < 0 ? -x : x;
}
template <typename T>
KINDLING_INLINE T m_sign(T x) {
  return x > 0 ? T(1) : x < 0 ? T(-1) : x;
}
template <typename T>
KINDLING_INLINE T m_max(T x, Same<T> y) {
  return x > y || x != x ? x : y;
}
template <typename T>
KINDLING_INLINE T m_min(T x, Same<T> y) {
  return x < y || x != x ? x : y;
}
#define F(name)                     \
  template <typename T>             \
  KINDLING_INLINE T m_##name(T x) { \
    return std::name(x);            \
  }
F(exp)
F(log) F(log1p) F(sin) F(cos) F(tanh) F(erf)
#undef F
#define F(name, built)                       \
  template <typename T>                      \
  KINDLING_INLINE T m_##name(T x) {          \
    return __builtin_elementwise_##built(x); \
  }
    F(sqrt, sqrt) F(floor, floor) F(ceil, ceil) F(round_even, roundeven)
#undef F
        template <typename T>
        KINDLING_INLINE T m_pow(T x, Same<T> y) {
  return std::pow(x, y);
}
template <typename T>
KINDLING_INLINE T m_normal_cdf(T x) {
  return T(0.5) * (1 + m_erf(x * T(0.70710678118654752440)));
}
template <typename T>
KINDLING_INLINE T m_gelu_tanh(T x) {
  return x / (1 + m_exp(x * (T(-1.5957691216057308) + T(-0.07135481282553557) * x * x)));
}

/// Integer power by repeated squaring. A negative exponent gives 0 unless x is 1 or -1.
KINDLING_INLINE int64_t m_pow(int64_t x, int64_t y) {
  if (y < 0) return x == 1 ? 1 : x == -1 ? (y % 2 ? -1 : 1) : 0;
  uint64_t result = 1, base = uint64_t(x);
  for (; y > 0; y >>= 1, base *= base) {
    if (y & 1) result *= base;
  }
  return int64_t(result);
}

}  // namespace kindling

#endif
