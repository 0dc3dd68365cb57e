// Elementwise kernels for CUDA. The rows are those of operations.h; what differs from the CPU is who visits which
// element.
#include "../Runtime/cuda.h"
#include "cuda-math.h"
#include "operations.h"

// MARK: Unary and binary

// `Number` is what the row computes with: T, or for int64 where it may overflow, its unsigned twin.
#define UNARY(name, value, T, Number, suffix)                                                                    \
  ENTRY(unary_##name##_##suffix,                                                                                 \
        (const Cell<T> *x, Cell<T> *out, const __grid_constant__ CUDALayout layout, uint32_t count, T p, T q)) { \
    auto function = [=](Number x) -> T { return value; };                                                        \
    walk<2>(layout, count,                                                                                       \
            [=](const Elements<2> &at) { at.store<T>(1, out, eachOf<T>(function, at.load<T>(0, x))); });         \
  }

#define ROW(name, value) UNARY(name, value, float, float, float32) UNARY(name, value, double, double, float64)
KINDLING_UNARY_ARITHMETIC(ROW)
KINDLING_UNARY_FLOAT(ROW)
#undef ROW
#define ROW(name, value) UNARY(name, value, int64_t, uint64_t, int64)
KINDLING_UNARY_WRAPPING(ROW)
#undef ROW
#define ROW(name, value) UNARY(name, value, int64_t, int64_t, int64)
KINDLING_UNARY_ORDERED(ROW)
#undef ROW

#define BINARY(name, value, T, Number, suffix)                                                             \
  ENTRY(binary_##name##_##suffix, (const Cell<T> *x, const Cell<T> *y, Cell<T> *out,                       \
                                   const __grid_constant__ CUDALayout layout, uint32_t count, T p, T q)) { \
    auto function = [=](Number x, Number y) -> T { return value; };                                        \
    walk<3>(layout, count, [=](const Elements<3> &at) {                                                    \
      at.store<T>(2, out, eachOf<T>(function, at.load<T>(0, x), at.load<T>(1, y)));                        \
    });                                                                                                    \
  }

#define ROW(name, value) BINARY(name, value, float, float, float32) BINARY(name, value, double, double, float64)
KINDLING_BINARY_ARITHMETIC(ROW)
KINDLING_BINARY_FLOAT(ROW)
#undef ROW
#define ROW(name, value) BINARY(name, value, int64_t, uint64_t, int64)
KINDLING_BINARY_WRAPPING(ROW)
#undef ROW
#define ROW(name, value) BINARY(name, value, int64_t, int64_t, int64)
KINDLING_BINARY_ORDERED(ROW)
#undef ROW

// MARK: Compare, select, fill

/// Compares with `number` where there is no y.
#define COMPARE(name, value, T, suffix)                                                            \
  ENTRY(compare_##name##_##suffix, (const Cell<T> *x, const Cell<T> *y, T number, Cell<bool> *out, \
                                    const __grid_constant__ CUDALayout layout, uint32_t count)) {  \
    auto function = [](T x, T y) -> bool { return value; };                                        \
    walk<3>(layout, count, [=](const Elements<3> &at) {                                            \
      Four<T> other = y ? at.load<T>(1, y) : Four<T>{{number, number, number, number}};            \
      at.store<bool>(2, out, eachOf<bool>(function, at.load<T>(0, x), other));                     \
    });                                                                                            \
  }

#define ROW(name, value)               \
  COMPARE(name, value, float, float32) \
  COMPARE(name, value, double, float64) COMPARE(name, value, int64_t, int64) COMPARE(name, value, bool, bool)
KINDLING_COMPARE(ROW)
#undef ROW

#define SELECT_AND_FILL(T, suffix)                                                                            \
  ENTRY(select_##suffix, (const Cell<bool> *condition, const Cell<T> *x, const Cell<T> *y, Cell<T> *out,      \
                          const __grid_constant__ CUDALayout layout, uint32_t count)) {                       \
    auto function = [](bool condition, T x, T y) -> T { return condition ? x : y; };                          \
    walk<4>(layout, count, [=](const Elements<4> &at) {                                                       \
      auto conditions = at.load<bool>(0, condition);                                                          \
      at.store<T>(3, out, eachOf<T>(function, conditions, at.load<T>(1, x), at.load<T>(2, y)));               \
    });                                                                                                       \
  }                                                                                                           \
  ENTRY(fill_##suffix, (Cell<T> * out, const __grid_constant__ CUDALayout layout, uint32_t count, T value)) { \
    walk<1>(layout, count,                                                                                    \
            [=](const Elements<1> &at) { at.store<T>(0, out, Four<T>{{value, value, value, value}}); });      \
  }
SELECT_AND_FILL(float, float32)
SELECT_AND_FILL(double, float64)
SELECT_AND_FILL(int64_t, int64)
SELECT_AND_FILL(bool, bool)
