// Elementwise operations on the CPU: every row of operations.h, for every element type it is for.
#include "../Runtime/types.h"
#include "loops.h"
#include "math.h"

using namespace kindling;

namespace {

// MARK: One function per element type. Each is a switch whose cases are whole loops.

#define ROW(name, value)      \
  case UnaryOperation_##name: \
    return mapTile<T, T>(tile, [=](T x) KINDLING_LAMBDA -> T { return value; });

/// Whether a tile has an angle that float32.h cannot reduce.
KINDLING_INLINE bool hasLargeAngle(const Tile<2> &tile) {
  int64_t step = tile.columnStrides[1], count = tile.columns;
  bool found = false;
  for (int64_t row = 0; row < tile.rows; row++) {
    const float *x = tile.row<float>(1, row);
    for (int64_t i = 0; i < count; i++) found |= __builtin_fabsf(x[i * step]) > largestAngle;
  }
  return found;
}

/// sin and cos of a tile with such angles: those go to the C library, the others are computed as ever.
KINDLING_INLINE void mapLargeAngles(bool isSine, const Tile<2> &tile) {
  mapTile<float, float>(tile, [=](float x) KINDLING_LAMBDA -> float {
    if (__builtin_fabsf(x) > largestAngle) return isSine ? std::sin(x) : std::cos(x);
    return isSine ? m_sin(x) : m_cos(x);
  });
}

KINDLING_CLONES void unaryFloat32(UnaryOperation operation, const Tile<2> &tile, float p, float q) {
  using T = float;
  bool isSine = operation == UnaryOperation_sin;
  if ((isSine || operation == UnaryOperation_cos) && hasLargeAngle(tile)) return mapLargeAngles(isSine, tile);
  switch (operation) { KINDLING_UNARY_ARITHMETIC(ROW) KINDLING_UNARY_FLOAT(ROW) }
}

KINDLING_CLONES void unaryFloat64(UnaryOperation operation, const Tile<2> &tile, double p, double q) {
  using T = double;
  switch (operation) { KINDLING_UNARY_ARITHMETIC(ROW) KINDLING_UNARY_FLOAT(ROW) }
}

KINDLING_CLONES void unaryInt64(UnaryOperation operation, const Tile<2> &tile, int64_t p, int64_t q) {
  switch (operation) {
    {
      using T = uint64_t;
      KINDLING_UNARY_WRAPPING(ROW)
    }
    {
      using T = int64_t;
      KINDLING_UNARY_ORDERED(ROW)
    }
    default:
      unsupported("this operation", KernelType_int64);
  }
}
#undef ROW

#define ROW(name, value)       \
  case BinaryOperation_##name: \
    return zipTile<T, T>(tile, [=](T x, T y) KINDLING_LAMBDA -> T { return value; });

KINDLING_CLONES void binaryFloat32(BinaryOperation operation, const Tile<3> &tile, float p, float q) {
  using T = float;
  switch (operation) { KINDLING_BINARY_ARITHMETIC(ROW) KINDLING_BINARY_FLOAT(ROW) }
}

KINDLING_CLONES void binaryFloat64(BinaryOperation operation, const Tile<3> &tile, double p, double q) {
  using T = double;
  switch (operation) { KINDLING_BINARY_ARITHMETIC(ROW) KINDLING_BINARY_FLOAT(ROW) }
}

KINDLING_CLONES void binaryInt64(BinaryOperation operation, const Tile<3> &tile, int64_t p, int64_t q) {
  switch (operation) {
    {
      using T = uint64_t;
      KINDLING_BINARY_WRAPPING(ROW)
    }
    {
      using T = int64_t;
      KINDLING_BINARY_ORDERED(ROW)
    }
    default:
      unsupported("this operation", KernelType_int64);
  }
}
#undef ROW

#define ROW(name, value)        \
  case CompareOperation_##name: \
    return zipTile<bool, T>(tile, [=](T x, T y) KINDLING_LAMBDA -> bool { return value; });

KINDLING_CLONES void compareFloat32(CompareOperation operation, const Tile<3> &tile) {
  using T = float;
  switch (operation) { KINDLING_COMPARE(ROW) }
}

KINDLING_CLONES void compareFloat64(CompareOperation operation, const Tile<3> &tile) {
  using T = double;
  switch (operation) { KINDLING_COMPARE(ROW) }
}

KINDLING_CLONES void compareInt64(CompareOperation operation, const Tile<3> &tile) {
  using T = int64_t;
  switch (operation) { KINDLING_COMPARE(ROW) }
}

KINDLING_CLONES void compareBool(CompareOperation operation, const Tile<3> &tile) {
  using T = bool;
  switch (operation) { KINDLING_COMPARE(ROW) }
}
#undef ROW

// MARK: From a KernelType to its function

void unaryTile(UnaryOperation operation, KernelType type, const Tile<2> &tile, KernelScalar p, KernelScalar q) {
  switch (type) {
    case KernelType_float32:
      return unaryFloat32(operation, tile, float(p.real), float(q.real));
    case KernelType_float64:
      return unaryFloat64(operation, tile, p.real, q.real);
    case KernelType_int64:
      return unaryInt64(operation, tile, p.integer, q.integer);
    case KernelType_bool:
      unsupported("a unary operation", type);
  }
}

void binaryTile(BinaryOperation operation, KernelType type, const Tile<3> &tile, KernelScalar p, KernelScalar q) {
  switch (type) {
    case KernelType_float32:
      return binaryFloat32(operation, tile, float(p.real), float(q.real));
    case KernelType_float64:
      return binaryFloat64(operation, tile, p.real, q.real);
    case KernelType_int64:
      return binaryInt64(operation, tile, p.integer, q.integer);
    case KernelType_bool:
      unsupported("a binary operation", type);
  }
}

void compareTile(CompareOperation operation, KernelType type, const Tile<3> &tile) {
  switch (type) {
    case KernelType_float32:
      return compareFloat32(operation, tile);
    case KernelType_float64:
      return compareFloat64(operation, tile);
    case KernelType_int64:
      return compareInt64(operation, tile);
    case KernelType_bool:
      return compareBool(operation, tile);
  }
}

// MARK: What an element costs, in additions: it decides from which size on threads pay

int64_t costOf(UnaryOperation operation) {
  switch (operation) {
    case UnaryOperation_powerScalar:
    case UnaryOperation_scalarPower:
      return 32;
    case UnaryOperation_exp:
    case UnaryOperation_log:
    case UnaryOperation_log1p:
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

int64_t costOf(BinaryOperation operation) { return operation == BinaryOperation_power ? 32 : 1; }

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

void kernels_unary_contiguous(UnaryOperation operation, KernelType type, int64_t count, const void *x, void *out,
                              KernelScalar p, KernelScalar q) {
  parallelFor(count, costOf(operation), [&](int64_t begin, int64_t end) {
    unaryTile(operation, type, stretch({out, const_cast<void *>(x)}, elementSize(type), begin, end), p, q);
  });
}

void kernels_binary_contiguous(BinaryOperation operation, KernelType type, int64_t count, const void *x, const void *y,
                               void *out, KernelScalar p, KernelScalar q) {
  parallelFor(count, costOf(operation), [&](int64_t begin, int64_t end) {
    void *const data[] = {out, const_cast<void *>(x), const_cast<void *>(y)};
    binaryTile(operation, type, stretch(data, elementSize(type), begin, end), p, q);
  });
}

// MARK: Operands of any strides

void kernels_unary(UnaryOperation operation, KernelType type, const KernelShape *shape, KernelOperand x,
                   KernelOperand out, KernelScalar p, KernelScalar q) {
  Walk<2> walk(*shape, {out.strides, x.strides});
  walk.sortByMemoryOrder();
  walk.mergeLoops();
  int64_t size = elementSize(type);
  parallelTiles(walk, {out.data, x.data}, {size, size}, costOf(operation),
                [&](const Tile<2> &tile) { unaryTile(operation, type, tile, p, q); });
}

void kernels_binary(BinaryOperation operation, KernelType type, const KernelShape *shape, KernelOperand x,
                    KernelOperand y, KernelOperand out, KernelScalar p, KernelScalar q) {
  Walk<3> walk(*shape, {out.strides, x.strides, y.strides});
  walk.sortByMemoryOrder();
  walk.mergeLoops();
  int64_t size = elementSize(type);
  parallelTiles(walk, {out.data, x.data, y.data}, {size, size, size}, costOf(operation),
                [&](const Tile<3> &tile) { binaryTile(operation, type, tile, p, q); });
}

void kernels_compare(CompareOperation operation, KernelType type, const KernelShape *shape, KernelOperand x,
                     KernelOperand y, KernelOperand out) {
  Walk<3> walk(*shape, {out.strides, x.strides, y.strides});
  walk.sortByMemoryOrder();
  walk.mergeLoops();
  int64_t size = elementSize(type);
  parallelTiles(walk, {out.data, x.data, y.data}, {1, size, size}, 1,
                [&](const Tile<3> &tile) { compareTile(operation, type, tile); });
}

void kernels_compare_scalar(CompareOperation operation, KernelType type, const KernelShape *shape, KernelOperand x,
                            KernelScalar value, KernelOperand out) {
  withType(type, [&](auto named) {
    using T = typename decltype(named)::Type;
    T element = scalarAs<T>(value);
    KernelOperand y = {&element, {}};
    kernels_compare(operation, type, shape, x, y, out);
  });
}
