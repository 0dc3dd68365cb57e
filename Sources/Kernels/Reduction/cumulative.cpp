// Running sums and products.
#include "../Runtime/walk.h"
#include "../Runtime/with-type.h"
#include "cpu-fold.h"

using namespace kindling;

namespace {

/// One line: each result needs the one before it, so there is nothing to vectorise.
template <typename Fold, typename T = typename Fold::Element>
void foldLine(const T *x, int64_t step, T *out, int64_t outStep, int64_t count) {
  auto value = Fold::identity;
  for (int64_t i = 0; i < count; i++) {
    value = Fold::join(value, typename Fold::Accumulator(x[i * step]));
    out[i * outStep] = T(value);
  }
}

}  // namespace

void KindlingCumulate(ReduceOperation operation, KernelType type, const KernelShape *shape, int32_t dimension,
                      KernelOperand x, KernelOperand out) {
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
    withFold(operation, type, [&](auto fold) {
      using T = typename decltype(fold)::Element;
      for (int64_t row = 0; row < tile.rows; row++) {
        for (int64_t i = 0; i < tile.columns; i++) {
          foldLine<decltype(fold)>(tile.row<T>(1, row) + i * tile.columnStrides[1], step,
                                   tile.row<T>(0, row) + i * tile.columnStrides[0], outStep, count);
        }
      }
    });
  });
}
