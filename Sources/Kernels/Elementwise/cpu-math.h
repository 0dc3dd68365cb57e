// The functions that the rows of operations.h use, on the CPU. For float32 the dear ones stand in float32.h; float64
// has the C library's, which are exact to the last bit or nearly, and one element at a time.
#ifndef KINDLING_MATH_H
#define KINDLING_MATH_H

#include <cmath>
#include <cstdint>
#include <type_traits>

#include "../Runtime/clones.h"
#include "float32.h"

namespace kindling {

/// A parameter that takes on the type of the others, so that m_max(x, 0) works for every x.
template <typename T>
using Same = std::type_identity_t<T>;

template <typename T>
KINDLING_INLINE T m_abs(T x) {
  if constexpr (std::is_integral_v<T>) return x < 0 ? T(0 - std::make_unsigned_t<T>(x)) : x;
  return __builtin_elementwise_abs(x);
}

/// -1, 0 or 1; 0 for NaN, as in PyTorch.
template <typename T>
KINDLING_INLINE T m_sign(T x) {
  return x > 0 ? T(1) : x < 0 ? T(-1) : T(0);
}

/// NaN where either is NaN: it is not equal to itself, and nothing is greater than it. The first where they are equal,
/// as 0 and -0 are.
template <typename T>
KINDLING_INLINE T m_max(T x, Same<T> y) {
  return ((y > x) | (y != y)) ? y : x;
}
template <typename T>
KINDLING_INLINE T m_min(T x, Same<T> y) {
  return ((y < x) | (y != y)) ? y : x;
}

// These are one instruction each. std::sqrt would also have to set errno, which keeps it out of vector loops.
template <typename T>
KINDLING_INLINE T m_sqrt(T x) {
  return __builtin_elementwise_sqrt(x);
}
template <typename T>
KINDLING_INLINE T m_floor(T x) {
  return __builtin_elementwise_floor(x);
}
template <typename T>
KINDLING_INLINE T m_ceil(T x) {
  return __builtin_elementwise_ceil(x);
}
template <typename T>
KINDLING_INLINE T m_round_even(T x) {
  return __builtin_elementwise_roundeven(x);
}

template <typename T>
KINDLING_INLINE T m_trunc(T x) {
  return __builtin_elementwise_trunc(x);
}

// For these float32 has the C library's too.
template <typename T>
KINDLING_INLINE T m_expm1(T x) {
  return std::expm1(x);
}
template <typename T>
KINDLING_INLINE T m_exp2(T x) {
  return std::exp2(x);
}
template <typename T>
KINDLING_INLINE T m_log2(T x) {
  return std::log2(x);
}

KINDLING_INLINE double m_exp(double x) { return std::exp(x); }
KINDLING_INLINE double m_exp_negative(double x) { return std::exp(x); }
KINDLING_INLINE double m_exp_normal(double x) { return std::exp(x); }
KINDLING_INLINE double m_log(double x) { return std::log(x); }
KINDLING_INLINE double m_log1p(double x) { return std::log1p(x); }
KINDLING_INLINE double m_sin(double x) { return std::sin(x); }
KINDLING_INLINE double m_cos(double x) { return std::cos(x); }
KINDLING_INLINE double m_tanh(double x) { return std::tanh(x); }
KINDLING_INLINE double m_erf(double x) { return std::erf(x); }
KINDLING_INLINE double m_pow(double x, double y) { return std::pow(x, y); }

/// Integer power by repeated squaring; it wraps around. A negative exponent gives 0, unless x is 1 or -1.
template <typename T>
KINDLING_INLINE T m_pow(T x, T y) {
  if (y < 0) return x == 1 ? 1 : x == -1 ? (y % 2 ? -1 : 1) : 0;
  std::make_unsigned_t<T> result = 1;
  for (auto base = std::make_unsigned_t<T>(x); y > 0; y >>= 1, base *= base) {
    if (y & 1) result *= base;
  }
  return T(result);
}

// What is left of a division that is rounded down: it has the sign of the divisor, as in Python. Integers by 0 give 0,
// which the caller refuses; the lowest integer divided by -1 wraps around to itself.
template <typename T>
KINDLING_INLINE T m_remainder(T x, T y) {
  if constexpr (std::is_integral_v<T>) {
    if (y == 0 || y == -1) return 0;
    T rest = x % y;
    return rest != 0 && (rest < 0) != (y < 0) ? rest + y : rest;
  } else {
    T rest = std::fmod(x, y);
    return rest != 0 && (rest < 0) != (y < 0) ? rest + y : rest;
  }
}

/// The quotient, rounded down. As in PyTorch, floats come from the remainder: 1 / 0.1 has only nine whole tenths and a
/// rest.
template <typename T>
KINDLING_INLINE T m_floor_divide(T x, T y) {
  if constexpr (std::is_integral_v<T>) {
    if (y == 0) return 0;
    if (y == -1) return T(0 - std::make_unsigned_t<T>(x));
    T quotient = x / y;
    return x % y != 0 && (x < 0) != (y < 0) ? quotient - 1 : quotient;
  } else {
    if (y == 0) return x / y;
    T rest = std::fmod(x, y);
    T quotient = (x - rest) / y;
    if (rest != 0 && (rest < 0) != (y < 0)) quotient -= 1;
    if (quotient == 0) return std::copysign(T(0), x / y);
    T whole = m_floor(quotient);
    return quotient - whole > T(0.5) ? whole + 1 : whole;
  }
}

/// The share of a normal distribution that lies below x.
KINDLING_INLINE double m_normal_cdf(double x) { return 0.5 * (1 + m_erf(x * 0.70710678118654752440)); }

/// Φ(x) + x φ(x), the derivative of x Φ(x). Each step is rounded, as where it is an operation of its own.
template <typename T>
KINDLING_INLINE T m_gelu_slope(T x) {
#pragma clang fp contract(off)
  T density = m_exp_negative(T(-0.5) * (x * x)) * T(0.39894228040143267794);
  return m_normal_cdf(x) + x * density;
}

/// x · ½ · (1 + tanh u) with u = √(2/π) · (x + 0.044715 x³), which is x / (1 + e^(-2u)).
template <typename T>
KINDLING_INLINE T m_gelu_tanh(T x) {
  T twoU = x * (T(1.5957691216057308) + T(0.071354816272600248) * x * x);
  return x / (1 + m_exp(-twoU));
}

}  // namespace kindling

#endif
