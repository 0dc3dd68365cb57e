// Running sums.
#include "../Runtime/walk.h"
#include "../Runtime/with-type.h"
#include "cpu-fold.h"

using namespace kindling;

namespace {

/// One line: each sum needs the one before it, so there is nothing to vectorise.
template <typename T>
void sumLine(const T *x, int64_t step, T *out, int64_t outStep, int64_t count) {
  Wide<T> sum = 0;
  for (int64_t i = 0; i < count; i++) {
    sum += Wide<T>(x[i * step]);
    out[i * outStep] = T(sum);
  }
}

}  // namespace

void KindlingCumulativeSum(KernelType type, const KernelShape *shape, int32_t dimension, KernelOperand x,
                           KernelOperand out) {
  int64_t count = 1, step = 0, outStep = 0;
  KernelShape lines = *shape;
  if (shape->rank > 0) {
    count = shape->sizes[dimension];
    step = x.strides[dimension];
    outStep = out.strides[dimension];
    lines.sizes[dimension] = 1;
  }
  if (count == 0) return;
  Walk<2> walk(lines, {out.strides, x.strides});
  walk.sortByMemoryOrder();
  walk.mergeLoops();
  int64_t size = KindlingTypeSize(type);
  parallelTiles(walk, {out.data, x.data}, {size, size}, 2 * count, [&](const Tile<2> &tile) {
    withNumberType("a running sum", type, [&](auto named) {
      using T = typename decltype(named)::Type;
      for (int64_t row = 0; row < tile.rows; row++) {
        for (int64_t i = 0; i < tile.columns; i++) {
          sumLine(tile.row<T>(1, row) + i * tile.columnStrides[1], step,
                  tile.row<T>(0, row) + i * tile.columnStrides[0], outStep, count);
        }
      }
    });
  });
}
