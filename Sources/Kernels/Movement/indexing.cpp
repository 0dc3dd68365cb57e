// Reading and writing at indices that are themselves data.
#include <cstring>

#include "../Runtime/walk.h"
#include "../Runtime/with-type.h"

using namespace kindling;

namespace {

/// The first index in row-major order that is outside 0..<size, or -1.
int64_t firstBadIndex(const KernelShape &shape, int64_t size, const KernelOperand &index) {
  Walk<1> walk(shape, {index.strides});  // not sorted: `first` means row-major order
  walk.mergeLoops();
  int64_t bad = -1;
  forEachTile(walk, {index.data}, {8}, 0, walk.count, [&](const Tile<1> &tile) {
    if (bad != -1) return;
    for (int64_t row = 0; row < tile.rows; row++) {
      const int64_t *indices = tile.row<int64_t>(0, row);
      int64_t step = tile.columnStrides[0], columns = step == 0 ? 1 : tile.columns;
      for (int64_t i = 0; i < columns; i++) {
        int64_t value = indices[i * step];
        if (uint64_t(value) < uint64_t(size)) continue;
        bad = value == -1 ? INT64_MIN : value;
        return;
      }
    }
  });
  return bad;
}

/// Strides of an operand that is indexed along `dimension`: there the index decides, and the walk stands still.
struct IndexedStrides {
  int64_t strides[KINDLING_MAXIMUM_RANK];
  IndexedStrides(const KernelOperand &operand, const KernelShape &shape, int32_t dimension) {
    std::copy_n(operand.strides, shape.rank, strides);
    strides[dimension] = 0;
  }
};

/// Operands: out, x, index.
template <typename T>
void gatherTile(const Tile<3> &tile, int64_t stride) {
  int64_t outStep = tile.columnStrides[0], xStep = tile.columnStrides[1], indexStep = tile.columnStrides[2];
  for (int64_t row = 0; row < tile.rows; row++) {
    T *out = tile.row<T>(0, row);
    const T *x = tile.row<T>(1, row);
    const int64_t *index = tile.row<int64_t>(2, row);
    if (outStep == 1 && xStep == 1 && indexStep == 0) {  // whole rows, as in an embedding
      std::memcpy(out, x + *index * stride, size_t(tile.columns) * sizeof(T));
    } else {
      for (int64_t i = 0; i < tile.columns; i++) out[i * outStep] = x[i * xStep + index[i * indexStep] * stride];
    }
  }
}

template <typename T>
KINDLING_INLINE T sumOf(T x, T y) {
  return Wrapping<T>(x) + Wrapping<T>(y);
}
KINDLING_INLINE bool sumOf(bool x, bool y) { return x || y; }

/// Operands: out, source, index.
template <typename T>
KINDLING_INLINE void scatterTile(const Tile<3> &tile, int64_t stride, bool add) {
  int64_t outStep = tile.columnStrides[0], step = tile.columnStrides[1], indexStep = tile.columnStrides[2];
  int64_t count = tile.columns;
  for (int64_t row = 0; row < tile.rows; row++) {
    T *out = tile.row<T>(0, row);
    const T *source = tile.row<T>(1, row);
    const int64_t *index = tile.row<int64_t>(2, row);
    if (outStep == 1 && step == 1 && indexStep == 0) {  // whole rows, as in an embedding's gradient
      T *target = out + *index * stride;
      KINDLING_INDEPENDENT
      for (int64_t i = 0; i < count; i++) target[i] = add ? sumOf(target[i], source[i]) : source[i];
    } else {
      for (int64_t i = 0; i < count; i++) {
        T &target = out[i * outStep + index[i * indexStep] * stride];
        target = add ? sumOf(target, source[i * step]) : source[i * step];
      }
    }
  }
}

KINDLING_CLONES void scatter(KernelType type, const Tile<3> &tile, int64_t stride, bool add) {
  withType(type, [&](auto named) KINDLING_LAMBDA { scatterTile<typename decltype(named)::Type>(tile, stride, add); });
}

}  // namespace

int64_t KindlingGather(KernelType type, const KernelShape *shape, int32_t dimension, int64_t size, KernelOperand x,
                       KernelOperand index, KernelOperand out) {
  int64_t bad = firstBadIndex(*shape, size, index);
  if (bad != -1) return bad;
  IndexedStrides indexed(x, *shape, dimension);
  Walk<3> walk(*shape, {out.strides, indexed.strides, index.strides});
  walk.sortByMemoryOrder();
  walk.mergeLoops();
  int64_t elementBytes = KindlingTypeSize(type), stride = x.strides[dimension];
  parallelTiles(walk, {out.data, x.data, index.data}, {elementBytes, elementBytes, 8}, 2, [&](const Tile<3> &tile) {
    withType(type, [&](auto named) { gatherTile<typename decltype(named)::Type>(tile, stride); });
  });
  return -1;
}

int64_t KindlingScatter(KernelType type, bool add, const KernelShape *shape, int32_t dimension, int64_t size,
                        KernelOperand source, KernelOperand index, KernelOperand out) {
  int64_t bad = firstBadIndex(*shape, size, index);
  if (bad != -1) return bad;
  IndexedStrides indexed(out, *shape, dimension);
  // One element of out may be written from several places, so one thread walks, in row-major order.
  Walk<3> walk(*shape, {indexed.strides, source.strides, index.strides});
  int64_t elementBytes = KindlingTypeSize(type), stride = out.strides[dimension];
  walk.mergeLoops();
  forEachTile(walk, {out.data, source.data, index.data}, {elementBytes, elementBytes, 8}, 0, walk.count,
              [&](const Tile<3> &tile) { scatter(type, tile, stride, add); });
  return -1;
}
