// The functions that the rows of operations.h use, on the device. Their twins for the CPU are in cpu-math.h.
#ifndef KINDLING_CUDA_MATH_H
#define KINDLING_CUDA_MATH_H

#include "../Runtime/cuda.h"

__device__ inline float m_abs(float x) { return fabsf(x); }
__device__ inline double m_abs(double x) { return fabs(x); }
/// Of integers.
template <typename T>
__device__ T m_abs(T x) {
  return x < 0 ? T(0 - Wrapping<T>(x)) : x;
}

/// -1, 0 or 1; 0 for NaN, as in PyTorch.
template <typename T>
__device__ T m_sign(T x) {
  return x > 0 ? T(1) : x < 0 ? T(-1) : T(0);
}

// NaN is the only number that differs from itself. It wins here, as in PyTorch, while fmax would drop it. Where both
// are equal, as 0 and -0 are, it is the first.
template <typename T>
__device__ T m_max(T x, Same<T> y) {
  return y > x || y != y ? y : x;
}
template <typename T>
__device__ T m_min(T x, Same<T> y) {
  return y < x || y != y ? y : x;
}

#define BOTH(name, float32, float64)                        \
  __device__ inline float name(float x) { return float32; } \
  __device__ inline double name(double x) { return float64; }
BOTH(m_exp, expf(x), exp(x))
BOTH(m_log, logf(x), log(x))
BOTH(m_log1p, log1pf(x), log1p(x))
BOTH(m_expm1, expm1f(x), expm1(x))
BOTH(m_exp2, exp2f(x), exp2(x))
BOTH(m_log2, log2f(x), log2(x))
BOTH(m_sqrt, sqrtf(x), sqrt(x))
BOTH(m_sin, sinf(x), sin(x))
BOTH(m_cos, cosf(x), cos(x))
BOTH(m_tanh, tanhf(x), tanh(x))
BOTH(m_erf, erff(x), erf(x))
BOTH(m_floor, floorf(x), floor(x))
BOTH(m_ceil, ceilf(x), ceil(x))
BOTH(m_round_even, rintf(x), rint(x))
BOTH(m_trunc, truncf(x), trunc(x))
#undef BOTH

/// sin(πx) and cos(πx).
__device__ inline void m_sincospi(float x, float &sine, float &cosine) { sincospif(x, &sine, &cosine); }
__device__ inline void m_sincospi(double x, double &sine, double &cosine) { sincospi(x, &sine, &cosine); }

__device__ inline float m_pow(float x, float y) { return powf(x, y); }
__device__ inline double m_pow(double x, double y) { return pow(x, y); }
/// Of integers, by repeated squaring. A negative exponent gives 0 unless x is 1 or -1.
template <typename T>
__device__ T m_pow(T x, T y) {
  if (y < 0) return x == 1 ? 1 : x == -1 ? (y % 2 ? -1 : 1) : 0;
  Wrapping<T> result = 1, base = Wrapping<T>(x);
  for (; y > 0; y >>= 1, base *= base) {
    if (y & 1) result *= base;
  }
  return T(result);
}

// What is left of a division that is rounded down, and the quotient. cpu-math.h says what happens at the edges.

/// Of integers.
template <typename T>
__device__ T m_remainder(T x, T y) {
  if (y == 0 || y == -1) return 0;
  T rest = x % y;
  return rest != 0 && (rest < 0) != (y < 0) ? rest + y : rest;
}
template <typename T>
__device__ T m_floor_divide(T x, T y) {
  if (y == 0) return 0;
  if (y == -1) return T(0 - Wrapping<T>(x));
  T quotient = x / y;
  return x % y != 0 && (x < 0) != (y < 0) ? quotient - 1 : quotient;
}

#define OF_FLOATS(T, fmod, copysign)                             \
  __device__ inline T m_remainder(T x, T y) {                    \
    T rest = fmod(x, y);                                         \
    return rest != 0 && (rest < 0) != (y < 0) ? rest + y : rest; \
  }                                                              \
  __device__ inline T m_floor_divide(T x, T y) {                 \
    if (y == 0) return x / y;                                    \
    T rest = fmod(x, y);                                         \
    T quotient = (x - rest) / y;                                 \
    if (rest != 0 && (rest < 0) != (y < 0)) quotient -= 1;       \
    if (quotient == 0) return copysign(T(0), x / y);             \
    T whole = m_floor(quotient);                                 \
    return quotient - whole > T(0.5) ? whole + 1 : whole;        \
  }
OF_FLOATS(float, fmodf, copysignf)
OF_FLOATS(double, fmod, copysign)
#undef OF_FLOATS

template <typename T>
__device__ T m_normal_cdf(T x) {
  return T(0.5) * (1 + m_erf(x * T(0.70710678118654752440)));
}
/// Φ(x) + x φ(x), the derivative of x Φ(x).
template <typename T>
__device__ T m_gelu_slope(T x) {
  return m_normal_cdf(x) + x * m_exp(T(-0.5) * x * x) * T(0.39894228040143267794);
}
/// x · (1 + tanh u) / 2 with u = √(2/π) · (x + 0.044715 x³), and (1 + tanh u) / 2 is 1 / (1 + exp(-2u)).
template <typename T>
__device__ T m_gelu_tanh(T x) {
  T twoU = x * (T(1.5957691216057308) + T(0.071354816272600248) * x * x);
  return x / (1 + m_exp(-twoU));
}

#endif
