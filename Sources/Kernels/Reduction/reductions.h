// Every reduction, one row each: its name, and the fold that it is. The CPU has these folds in cpu-fold.h, CUDA in
// cuda-fold.h; from the rows come the C enum that Swift sees, the CPU's loops and the CUDA kernels.
#ifndef KINDLING_REDUCTIONS_H
#define KINDLING_REDUCTIONS_H

#include "../Runtime/element-types.h"

// Of numbers, into numbers.
#define KINDLING_REDUCE_SUMS(ROW, ...) \
  ROW(sum, Sum<T>, __VA_ARGS__)        \
  ROW(product, Product<T>, __VA_ARGS__)
#define KINDLING_REDUCE_EXTREMES(ROW, ...) \
  ROW(maximum, Maximum<T>, __VA_ARGS__)    \
  ROW(minimum, Minimum<T>, __VA_ARGS__)
#define KINDLING_REDUCE_NUMBERS(ROW, ...) \
  KINDLING_REDUCE_SUMS(ROW, __VA_ARGS__)  \
  KINDLING_REDUCE_EXTREMES(ROW, __VA_ARGS__)

// Of numbers that are not whole, into numbers: the root of the sum of squares.
#define KINDLING_REDUCE_NORMS(ROW, ...) ROW(norm, Norm<T>, __VA_ARGS__)

// Of truths, into truths.
#define KINDLING_REDUCE_BOOLS(ROW, ...) \
  ROW(any, Any, __VA_ARGS__)            \
  ROW(all, All, __VA_ARGS__)

// Of numbers, into the place of the one that the fold would give.
#define KINDLING_REDUCE_POSITIONS(ROW, ...) \
  ROW(argmax, Maximum<T>, __VA_ARGS__)      \
  ROW(argmin, Minimum<T>, __VA_ARGS__)

#define KINDLING_REDUCE(ROW, ...)           \
  KINDLING_REDUCE_NUMBERS(ROW, __VA_ARGS__) \
  KINDLING_REDUCE_NORMS(ROW, __VA_ARGS__)   \
  KINDLING_REDUCE_BOOLS(ROW, __VA_ARGS__)   \
  KINDLING_REDUCE_POSITIONS(ROW, __VA_ARGS__)

#define ROW(name, Fold, ...) ReduceOperation_##name,
typedef enum KINDLING_ENUM ReduceOperation : int32_t { KINDLING_REDUCE(ROW) } ReduceOperation;
#undef ROW

/// What is made of a row x: e^x / Σ e^x; the logarithm of that; or the first once more, but zeros of a row of nothing
/// but -∞, whose sum is 0.
typedef enum KINDLING_ENUM SoftmaxKind : int32_t {
  SoftmaxKind_shares,
  SoftmaxKind_logarithms,
  SoftmaxKind_sharesOrZeros,
} SoftmaxKind;

#endif
