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

/// Whether a tile has an angle that float32.h cannot reduce.
KINDLING_CLONES bool hasLargeAngle(const Tile<2> &tile) {
  int64_t step = tile.columnStrides[1], count = tile.columns;
  bool found = false;
  for (int64_t row = 0; row < tile.rows; row++) {
    const float *x = tile.row<float>(1, row);
    for (int64_t i = 0; i < count; i++) found |= __builtin_fabsf(x[i * step]) > largestAngle;
  }
  return found;
}

/// sin and cos of a tile with such angles: those go to the C library, the others are computed as ever.
KINDLING_CLONES void mapLargeAngles(bool isSine, const Tile<2> &tile) {
  mapTile<float, float>(tile, [=](float x) KINDLING_LAMBDA -> float {
    if (__builtin_fabsf(x) > largestAngle) return isSine ? std::sin(x) : std::cos(x);
    return isSine ? m_sin(x) : m_cos(x);
  });
}

void unaryTile(UnaryOperation operation, KernelType type, const Tile<2> &tile, KernelScalar p, KernelScalar q) {
  bool isSine = operation == UnaryOperation_sin, isCosine = operation == UnaryOperation_cos;
  if (type == KernelType_float32 && (isSine || isCosine) && hasLargeAngle(tile)) return mapLargeAngles(isSine, tile);
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
