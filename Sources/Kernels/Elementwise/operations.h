// Every elementwise operation, one row each: its name and its value. This list makes the C enums that Swift sees, the
// CPU's loops (cpu.cpp) and the CUDA kernels (cuda.cu). To add an operation: a row here, a method in
// Sources/Kindling/Operations, a line in the test table.
//
// In a row, x and y are elements, p and q are numbers handed to the operation, all of one type.
// `m_…` are the functions of cpu-math.h (CPU) or the device's own (CUDA).
#ifndef KINDLING_OPERATIONS_H
#define KINDLING_OPERATIONS_H

#include "../Runtime/element-types.h"

// Rows for float32, float64 and int64. Those of the first kind are computed on unsigned numbers where the elements are
// int64: at the ends of their range these wrap around, as PyTorch's integers do, while C++ leaves open what becomes of
// signed ones.
#define KINDLING_UNARY_WRAPPING(ROW) \
  ROW(negate, -x)                    \
  ROW(square, x *x)                  \
  ROW(addScalar, x + p)              \
  ROW(multiplyScalar, x *p)          \
  ROW(subtractFrom, p - x)
#define KINDLING_UNARY_ORDERED(ROW) \
  ROW(absolute, m_abs(x))           \
  ROW(sign, m_sign(x))              \
  ROW(relu, m_max(x, 0))            \
  ROW(powerScalar, m_pow(x, p))     \
  ROW(scalarPower, m_pow(p, x))     \
  ROW(clamp, m_min(m_max(x, p), q))
#define KINDLING_UNARY_ARITHMETIC(ROW) KINDLING_UNARY_WRAPPING(ROW) KINDLING_UNARY_ORDERED(ROW)

// Rows for float32 and float64.
#define KINDLING_UNARY_FLOAT(ROW)                         \
  ROW(exp, m_exp(x))                                      \
  ROW(log, m_log(x))                                      \
  ROW(log1p, m_log1p(x))                                  \
  ROW(expm1, m_expm1(x))                                  \
  ROW(exp2, m_exp2(x))                                    \
  ROW(log2, m_log2(x))                                    \
  ROW(sqrt, m_sqrt(x))                                    \
  ROW(rsqrt, 1 / m_sqrt(x))                               \
  ROW(sin, m_sin(x))                                      \
  ROW(cos, m_cos(x))                                      \
  ROW(tanh, m_tanh(x))                                    \
  ROW(erf, m_erf(x))                                      \
  ROW(sigmoid, 1 / (1 + m_exp(-x)))                       \
  ROW(silu, x / (1 + m_exp(-x)))                          \
  ROW(gelu, x *m_normal_cdf(x))                           \
  ROW(geluTanh, m_gelu_tanh(x))                           \
  ROW(leakyRelu, x > 0 ? x : x * p)                       \
  ROW(softplus, x *p > q ? x : m_log1p(m_exp(x * p)) / p) \
  ROW(reciprocal, 1 / x)                                  \
  ROW(floor, m_floor(x))                                  \
  ROW(ceil, m_ceil(x))                                    \
  ROW(round, m_round_even(x))                             \
  ROW(trunc, m_trunc(x))                                  \
  ROW(divideScalar, x / p)                                \
  ROW(scalarDivide, p / x)

// Rows for float32, float64 and int64, of the same two kinds. maximum and minimum give NaN where either is NaN.
#define KINDLING_BINARY_WRAPPING(ROW) \
  ROW(add, x + y)                     \
  ROW(subtract, x - y)                \
  ROW(multiply, x *y)                 \
  ROW(addScaled, x + p * y)
#define KINDLING_BINARY_ORDERED(ROW)                                   \
  ROW(power, m_pow(x, y))                                              \
  ROW(maximum, m_max(x, y))                                            \
  ROW(minimum, m_min(x, y))                                            \
  ROW(remainder, m_remainder(x, y))                                    \
  ROW(floorDivide, m_floor_divide(x, y))                               \
  /* Derivatives of clamp and relu: x is the gradient, y the input. */ \
  ROW(passWithin, (p <= y && y <= q) ? x : 0)                          \
  ROW(passAbove, y <= p ? 0 : x)
#define KINDLING_BINARY_ARITHMETIC(ROW) KINDLING_BINARY_WRAPPING(ROW) KINDLING_BINARY_ORDERED(ROW)

// Rows for float32 and float64.
#define KINDLING_BINARY_FLOAT(ROW)       \
  ROW(divide, x / y)                     \
  ROW(multiplyScaled, x *(p * y))        \
  /* Likewise the derivative of gelu. */ \
  ROW(passGelu, x *m_gelu_slope(y))

// Rows for all types; each gives a bool.
#define KINDLING_COMPARE(ROW)       \
  ROW(equal, x == y)                \
  ROW(notEqual, x != y)             \
  ROW(less, x < y)                  \
  ROW(lessOrEqual, x <= y)          \
  ROW(greater, x > y)               \
  ROW(greaterOrEqual, x >= y)       \
  ROW(logicalAnd, x != 0 && y != 0) \
  ROW(logicalOr, x != 0 || y != 0)  \
  ROW(logicalXor, (x != 0) != (y != 0))

#define ROW(name, value) UnaryOperation_##name,
typedef enum KINDLING_ENUM UnaryOperation : int32_t {
  KINDLING_UNARY_ARITHMETIC(ROW) KINDLING_UNARY_FLOAT(ROW)
} UnaryOperation;
#undef ROW

#define ROW(name, value) BinaryOperation_##name,
typedef enum KINDLING_ENUM BinaryOperation : int32_t {
  KINDLING_BINARY_ARITHMETIC(ROW) KINDLING_BINARY_FLOAT(ROW)
} BinaryOperation;
#undef ROW

#define ROW(name, value) CompareOperation_##name,
typedef enum KINDLING_ENUM CompareOperation : int32_t { KINDLING_COMPARE(ROW) } CompareOperation;
#undef ROW

#endif
