// Elementwise operations on the CPU: every row of operations.h, for every element type it is for.
#include "../Runtime/with-type.h"
#include "cpu-math.h"
#include "loops.h"

using namespace kindling;

namespace {

// MARK: One function a family. Each is a switch whose cases are whole loops.

#define ROW(name, value)      \
  case UnaryOperation_##name: \
    return mapTile<T, T>(tile, [=](T x) KINDLING_LAMBDA -> T { return value; });
#define WRAPPING_ROW(name, value) \
  case UnaryOperation_##name:     \
    return mapTile<T, T>(tile, [=](Wrapping<T> x) KINDLING_LAMBDA -> T { return value; });
#define FLOAT_ROW(name, value)                                                     \
  case UnaryOperation_##name:                                                      \
    if constexpr (std::is_floating_point_v<T>)                                     \
      return mapTile<T, T>(tile, [=](T x) KINDLING_LAMBDA -> T { return value; }); \
    else                                                                           \
      break;

KINDLING_CLONES void unaryLoops(UnaryOperation operation, KernelType type, const Tile<2> &tile, KernelScalar first,
                                KernelScalar second) {
  withNumberType("a unary operation", type, [&](auto named) KINDLING_LAMBDA {
    using T = typename decltype(named)::Type;
    T p = scalarAs<T>(first), q = scalarAs<T>(second);
    switch (operation) {
      KINDLING_UNARY_WRAPPING(WRAPPING_ROW)
      KINDLING_UNARY_ORDERED(ROW)
      KINDLING_UNARY_FLOAT(FLOAT_ROW)
    }
    unsupported("this operation", type);
  });
}
#undef ROW
#undef WRAPPING_ROW
#undef FLOAT_ROW

/// Whether a float32 operation is quicker as long as |x| stays within a limit. Then it is done that way, to the same
/// bits: e^x is then neither denormal nor infinite, and an angle is reduced without the C library.
KINDLING_CLONES bool tookShortcut(UnaryOperation operation, const Tile<2> &tile) {
#define ROW(name, limit, shortcut, value)                                        \
  case UnaryOperation_##name:                                                    \
    mapTileWithin(                                                               \
        limit, tile, [=](float x) KINDLING_LAMBDA -> float { return shortcut; }, \
        [=](float x) KINDLING_LAMBDA -> float { return value; });                \
    return true;
  switch (operation) {
    ROW(exp, largestLogarithm, m_exp_normal(x), m_exp(x))
    ROW(sigmoid, largestLogarithm, 1 / (1 + m_exp_normal(-x)), 1 / (1 + m_exp(-x)))
    ROW(silu, largestLogarithm, x / (1 + m_exp_normal(-x)), x / (1 + m_exp(-x)))
    ROW(sin, largestAngle, m_sin(x), __builtin_fabsf(x) > largestAngle ? std::sin(x) : m_sin(x))
    ROW(cos, largestAngle, m_cos(x), __builtin_fabsf(x) > largestAngle ? std::cos(x) : m_cos(x))
    default:
      return false;
  }
#undef ROW
}

void unaryTile(UnaryOperation operation, KernelType type, const Tile<2> &tile, KernelScalar p, KernelScalar q) {
  if (type == KernelType_float32 && tookShortcut(operation, tile)) return;
  unaryLoops(operation, type, tile, p, q);
}

#define ROW(name, value)       \
  case BinaryOperation_##name: \
    return zipTile<T, T>(tile, [=](T x, T y) KINDLING_LAMBDA -> T { return value; });
#define WRAPPING_ROW(name, value) \
  case BinaryOperation_##name:    \
    return zipTileOrNumbers<T>(tile, [=](Wrapping<T> x, Wrapping<T> y) KINDLING_LAMBDA -> T { return value; });
#define FLOAT_ROW(name, value)                                                                \
  case BinaryOperation_##name:                                                                \
    if constexpr (std::is_floating_point_v<T>)                                                \
      return zipTileOrNumbers<T>(tile, [=](T x, T y) KINDLING_LAMBDA -> T { return value; }); \
    else                                                                                      \
      break;

KINDLING_CLONES void binaryTile(BinaryOperation operation, KernelType type, const Tile<3> &tile, KernelScalar first,
                                KernelScalar second) {
  withNumberType("a binary operation", type, [&](auto named) KINDLING_LAMBDA {
    using T = typename decltype(named)::Type;
    T p = scalarAs<T>(first), q = scalarAs<T>(second);
    switch (operation) {
      KINDLING_BINARY_WRAPPING(WRAPPING_ROW)
      KINDLING_BINARY_ORDERED(ROW)
      KINDLING_BINARY_FLOAT(FLOAT_ROW)
    }
    unsupported("this operation", type);
  });
}
#undef ROW
#undef WRAPPING_ROW
#undef FLOAT_ROW

#define ROW(name, value)        \
  case CompareOperation_##name: \
    return zipTile<bool, T>(tile, [=](T x, T y) KINDLING_LAMBDA -> bool { return value; });

KINDLING_CLONES void compareTile(CompareOperation operation, KernelType type, const Tile<3> &tile) {
  withType(type, [&](auto named) KINDLING_LAMBDA {
    using T = typename decltype(named)::Type;
    switch (operation) { KINDLING_COMPARE(ROW) }
  });
}
#undef ROW

// MARK: What an element costs, in additions: it decides from which size on threads pay

int64_t costOf(UnaryOperation operation) {
  switch (operation) {
    case UnaryOperation_powerScalar:
    case UnaryOperation_scalarPower:
      return 32;
    case UnaryOperation_exp:
    case UnaryOperation_log:
    case UnaryOperation_log1p:
    case UnaryOperation_expm1:
    case UnaryOperation_exp2:
    case UnaryOperation_log2:
    case UnaryOperation_sin:
    case UnaryOperation_cos:
    case UnaryOperation_tanh:
    case UnaryOperation_erf:
    case UnaryOperation_sigmoid:
    case UnaryOperation_silu:
    case UnaryOperation_gelu:
    case UnaryOperation_geluTanh:
    case UnaryOperation_softplus:
      return 8;
    default:
      return 1;
  }
}

int64_t costOf(BinaryOperation operation) {
  switch (operation) {
    case BinaryOperation_power:
      return 32;
    case BinaryOperation_passGelu:
    case BinaryOperation_remainder:
    case BinaryOperation_floorDivide:
      return 8;
    default:
      return 1;
  }
}

// MARK: Contiguous operands

/// A stretch of elements that lie side by side, as a tile of one row.
template <int N>
Tile<N> stretch(void *const (&data)[N], int64_t size, int64_t begin, int64_t end) {
  Tile<N> tile;
  tile.rows = 1;
  tile.columns = end - begin;
  for (int i = 0; i < N; i++) {
    tile.data[i] = static_cast<char *>(data[i]) + begin * size;
    tile.rowStrides[i] = 0;
    tile.columnStrides[i] = 1;
  }
  return tile;
}

}  // namespace

void KindlingUnaryContiguous(UnaryOperation operation, KernelType type, int64_t count, const void *x, void *out,
                             KernelScalar p, KernelScalar q) {
  parallelFor(count, costOf(operation), [&](int64_t begin, int64_t end) {
    unaryTile(operation, type, stretch({out, const_cast<void *>(x)}, KindlingTypeSize(type), begin, end), p, q);
  });
}

void KindlingBinaryContiguous(BinaryOperation operation, KernelType type, int64_t count, const void *x, const void *y,
                              void *out, KernelScalar p, KernelScalar q) {
  parallelFor(count, costOf(operation), [&](int64_t begin, int64_t end) {
    void *const data[] = {out, const_cast<void *>(x), const_cast<void *>(y)};
    binaryTile(operation, type, stretch(data, KindlingTypeSize(type), begin, end), p, q);
  });
}

// MARK: Operands of any strides

void KindlingUnary(UnaryOperation operation, KernelType type, const KernelShape *shape, KernelOperand x,
                   KernelOperand out, KernelScalar p, KernelScalar q) {
  Walk<2> walk(*shape, {out.strides, x.strides});
  walk.sortByMemoryOrder();
  walk.mergeLoops();
  int64_t size = KindlingTypeSize(type);
  parallelTiles(walk, {out.data, x.data}, {size, size}, costOf(operation),
                [&](const Tile<2> &tile) { unaryTile(operation, type, tile, p, q); });
}

void KindlingBinary(BinaryOperation operation, KernelType type, const KernelShape *shape, KernelOperand x,
                    KernelOperand y, KernelOperand out, KernelScalar p, KernelScalar q) {
  Walk<3> walk(*shape, {out.strides, x.strides, y.strides});
  walk.sortByMemoryOrder();
  walk.mergeLoops();
  int64_t size = KindlingTypeSize(type);
  parallelTiles(walk, {out.data, x.data, y.data}, {size, size, size}, costOf(operation),
                [&](const Tile<3> &tile) { binaryTile(operation, type, tile, p, q); });
}

void KindlingCompare(CompareOperation operation, KernelType type, const KernelShape *shape, KernelOperand x,
                     KernelOperand y, KernelOperand out) {
  Walk<3> walk(*shape, {out.strides, x.strides, y.strides});
  walk.sortByMemoryOrder();
  walk.mergeLoops();
  int64_t size = KindlingTypeSize(type);
  parallelTiles(walk, {out.data, x.data, y.data}, {1, size, size}, 1,
                [&](const Tile<3> &tile) { compareTile(operation, type, tile); });
}

void KindlingCompareScalar(CompareOperation operation, KernelType type, const KernelShape *shape, KernelOperand x,
                           KernelScalar value, KernelOperand out) {
  withType(type, [&](auto named) {
    using T = typename decltype(named)::Type;
    T element = scalarAs<T>(value);
    KernelOperand y = {&element, {}};
    KindlingCompare(operation, type, shape, x, y, out);
  });
}
