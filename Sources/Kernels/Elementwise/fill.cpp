// Filling, and choosing between two operands.
#include "../Runtime/with-type.h"
#include "loops.h"

using namespace kindling;

namespace {

template <typename T>
KINDLING_INLINE void fillTile(const Tile<1> &tile, T value) {
  int64_t step = tile.columnStrides[0], count = tile.columns;
  for (int64_t row = 0; row < tile.rows; row++) {
    T *out = tile.row<T>(0, row);
    if (step == 1) {
      KINDLING_INDEPENDENT
      for (int64_t i = 0; i < count; i++) out[i] = value;
    } else {
      for (int64_t i = 0; i < count; i++) out[i * step] = value;
    }
  }
}

KINDLING_CLONES void fill(KernelType type, const Tile<1> &tile, KernelScalar value) {
  withType(type, [&](auto named) KINDLING_LAMBDA {
    using T = typename decltype(named)::Type;
    fillTile<T>(tile, scalarAs<T>(value));
  });
}

/// Choosing moves bits and does not look at them, so that only the element's size matters.
template <typename T>
KINDLING_INLINE void selectTile(const Tile<4> &tile) {
  int64_t outStep = tile.columnStrides[0], conditionStep = tile.columnStrides[1];
  int64_t xStep = tile.columnStrides[2], yStep = tile.columnStrides[3], count = tile.columns;
  for (int64_t row = 0; row < tile.rows; row++) {
    T *out = tile.row<T>(0, row);
    const uint8_t *condition = tile.row<uint8_t>(1, row);
    const T *x = tile.row<T>(2, row), *y = tile.row<T>(3, row);
    auto choose = [&](int64_t conditionStep, int64_t xStep, int64_t yStep) KINDLING_LAMBDA {
      KINDLING_INDEPENDENT
      for (int64_t i = 0; i < count; i++) {
        T ifTrue = x[i * xStep], ifFalse = y[i * yStep];
        out[i] = condition[i * conditionStep] ? ifTrue : ifFalse;
      }
    };
    if (outStep == 1 && conditionStep == 1 && xStep == 1 && yStep == 1) {
      choose(1, 1, 1);
    } else if (outStep == 1 && conditionStep == 1 && xStep == 1 && yStep == 0) {
      choose(1, 1, 0);
    } else if (outStep == 1 && conditionStep == 1 && xStep == 0 && yStep == 1) {
      choose(1, 0, 1);
    } else {
      for (int64_t i = 0; i < count; i++) {
        out[i * outStep] = condition[i * conditionStep] ? x[i * xStep] : y[i * yStep];
      }
    }
  }
}

KINDLING_CLONES void select(KernelType type, const Tile<4> &tile) {
  withType(type, [&](auto named) KINDLING_LAMBDA { selectTile<Bits<typename decltype(named)::Type>>(tile); });
}

}  // namespace

void KindlingFill(KernelType type, const KernelShape *shape, KernelOperand out, KernelScalar value) {
  Walk<1> walk(*shape, {out.strides});
  walk.sortByMemoryOrder();
  walk.mergeLoops();
  parallelTiles(walk, {out.data}, {KindlingTypeSize(type)}, 1, [&](const Tile<1> &tile) { fill(type, tile, value); });
}

void KindlingSelect(KernelType type, const KernelShape *shape, KernelOperand condition, KernelOperand x,
                    KernelOperand y, KernelOperand out) {
  Walk<4> walk(*shape, {out.strides, condition.strides, x.strides, y.strides});
  walk.sortByMemoryOrder();
  walk.mergeLoops();
  int64_t size = KindlingTypeSize(type);
  parallelTiles(walk, {out.data, condition.data, x.data, y.data}, {size, 1, size, size}, 1,
                [&](const Tile<4> &tile) { select(type, tile); });
}
