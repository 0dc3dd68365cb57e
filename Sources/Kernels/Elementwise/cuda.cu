// Elementwise kernels for CUDA. The rows are those of operations.h; what differs from the CPU is who visits which
// element.
#include "../Runtime/cuda.h"
#include "cuda-math.h"
#include "operations.h"

// MARK: Unary and binary

// `Number` makes of T what the row computes with: Same<T>, or Wrapping<T> where an integer may overflow.
#define UNARY(suffix, T, name, value, Number)                                                                    \
  ENTRY(unary_##name##_##suffix,                                                                                 \
        (const Cell<T> *x, Cell<T> *out, const __grid_constant__ CUDALayout layout, uint32_t count, T p, T q)) { \
    auto function = [=](Number<T> x) -> T { return value; };                                                     \
    walk<2>(layout, count,                                                                                       \
            [=](const Elements<2> &at) { at.store<T>(1, out, eachOf<T>(function, at.load<T>(0, x))); });         \
  }

#define ROW(name, value) KINDLING_NUMBER_TYPES(UNARY, name, value, Wrapping)
KINDLING_UNARY_WRAPPING(ROW)
#undef ROW
#define ROW(name, value) KINDLING_NUMBER_TYPES(UNARY, name, value, Same)
KINDLING_UNARY_ORDERED(ROW)
#undef ROW
#define ROW(name, value) KINDLING_FLOAT_TYPES(UNARY, name, value, Same)
KINDLING_UNARY_FLOAT(ROW)
#undef ROW

#define BINARY(suffix, T, name, value, Number)                                                             \
  ENTRY(binary_##name##_##suffix, (const Cell<T> *x, const Cell<T> *y, Cell<T> *out,                       \
                                   const __grid_constant__ CUDALayout layout, uint32_t count, T p, T q)) { \
    auto function = [=](Number<T> x, Number<T> y) -> T { return value; };                                  \
    walk<3>(layout, count, [=](const Elements<3> &at) {                                                    \
      at.store<T>(2, out, eachOf<T>(function, at.load<T>(0, x), at.load<T>(1, y)));                        \
    });                                                                                                    \
  }

#define ROW(name, value) KINDLING_NUMBER_TYPES(BINARY, name, value, Wrapping)
KINDLING_BINARY_WRAPPING(ROW)
#undef ROW
#define ROW(name, value) KINDLING_NUMBER_TYPES(BINARY, name, value, Same)
KINDLING_BINARY_ORDERED(ROW)
#undef ROW
#define ROW(name, value) KINDLING_FLOAT_TYPES(BINARY, name, value, Same)
KINDLING_BINARY_FLOAT(ROW)
#undef ROW

// MARK: Compare, select, fill

/// Compares with `number` where there is no y.
#define COMPARE(suffix, T, name, value)                                                            \
  ENTRY(compare_##name##_##suffix, (const Cell<T> *x, const Cell<T> *y, T number, Cell<bool> *out, \
                                    const __grid_constant__ CUDALayout layout, uint32_t count)) {  \
    auto function = [](T x, T y) -> bool { return value; };                                        \
    walk<3>(layout, count, [=](const Elements<3> &at) {                                            \
      Four<T> other = y ? at.load<T>(1, y) : Four<T>{{number, number, number, number}};            \
      at.store<bool>(2, out, eachOf<bool>(function, at.load<T>(0, x), other));                     \
    });                                                                                            \
  }

#define ROW(name, value) KINDLING_TYPES(COMPARE, name, value)
KINDLING_COMPARE(ROW)
#undef ROW

#define SELECT_AND_FILL(suffix, T, ...)                                                                       \
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
KINDLING_TYPES(SELECT_AND_FILL)
