// Copying from any strides to any strides, and from any type to any type.
#include <cstring>
#include <limits>

#include "../Runtime/walk.h"
#include "../Runtime/with-type.h"
#include "transpose.h"

using namespace kindling;

namespace {

// MARK: One type

/// Copies a tile whose rows lie side by side in x and whose columns lie side by side in out: a transpose. Row by row,
/// each cache line of x would be fetched again for every element in it. In pieces as high as a line has elements, it is
/// used up while it is there.
template <typename T>
KINDLING_INLINE void transposeTile(const Tile<2> &tile) {
  constexpr int64_t high = 16, wide = 64;
  int64_t outStride = tile.rowStrides[0], xStride = tile.columnStrides[1];
  T *out = tile.row<T>(0, 0);
  const T *x = tile.row<T>(1, 0);
  for (int64_t row = 0; row < tile.rows; row += high) {
    int64_t lastRow = std::min(row + high, tile.rows);
    for (int64_t column = 0; column < tile.columns; column += wide) {
      int64_t lastColumn = std::min(column + wide, tile.columns), j = column;
      for (; j + 4 <= lastColumn; j += 4) {
        int64_t i = row;
        for (; i + 4 <= lastRow; i += 4) {
          transposeFour(x + j * xStride + i, xStride, out + i * outStride + j, outStride);
        }
        for (; i < lastRow; i++) {
          for (int64_t k = j; k < j + 4; k++) out[i * outStride + k] = x[k * xStride + i];
        }
      }
      for (; j < lastColumn; j++) {
        for (int64_t i = row; i < lastRow; i++) out[i * outStride + j] = x[j * xStride + i];
      }
    }
  }
}

/// A copy moves bits and does not look at them, so that only the element's size matters.
template <typename T>
KINDLING_INLINE void copyTile(const Tile<2> &tile) {
  int64_t outStep = tile.columnStrides[0], step = tile.columnStrides[1], count = tile.columns;
  if (outStep == 1 && step != 1 && tile.rowStrides[1] == 1 && tile.rows > 1) return transposeTile<T>(tile);
  for (int64_t row = 0; row < tile.rows; row++) {
    T *out = tile.row<T>(0, row);
    const T *x = tile.row<T>(1, row);
    if (outStep == 1 && step == 1) {
      std::memcpy(out, x, size_t(count) * sizeof(T));
    } else if (outStep == 1 && step == 0) {
      const T value = *x;
      KINDLING_INDEPENDENT
      for (int64_t i = 0; i < count; i++) out[i] = value;
    } else {
      for (int64_t i = 0; i < count; i++) out[i * outStep] = x[i * step];
    }
  }
}

KINDLING_CLONES void copyBits(KernelType type, const Tile<2> &tile) {
  withType(type, [&](auto named) KINDLING_LAMBDA { copyTile<Bits<typename decltype(named)::Type>>(tile); });
}

// MARK: Two types

/// Cuts a floating-point number towards zero. What the integer cannot hold becomes the smallest one, as on x86.
template <typename To, typename From>
KINDLING_INLINE To convert(From x) {
  if constexpr (std::is_floating_point_v<From> && std::is_integral_v<To> && !std::is_same_v<To, bool>) {
    constexpr From lowest = From(std::numeric_limits<To>::min());  // -2^31 or -2^63
    return x >= lowest && x < -lowest ? To(x) : std::numeric_limits<To>::min();
  } else {
    return To(x);
  }
}

template <typename To, typename From>
KINDLING_INLINE void convertTile(const Tile<2> &tile) {
  int64_t outStep = tile.columnStrides[0], step = tile.columnStrides[1], count = tile.columns;
  for (int64_t row = 0; row < tile.rows; row++) {
    To *out = tile.row<To>(0, row);
    const From *x = tile.row<From>(1, row);
    if (outStep == 1 && step == 1) {
      KINDLING_INDEPENDENT
      for (int64_t i = 0; i < count; i++) out[i] = convert<To>(x[i]);
    } else {
      for (int64_t i = 0; i < count; i++) out[i * outStep] = convert<To>(x[i * step]);
    }
  }
}

KINDLING_CLONES void convertBetween(KernelType from, KernelType to, const Tile<2> &tile) {
  withType(from, [&](auto source) KINDLING_LAMBDA {
    withType(to, [&](auto target) KINDLING_LAMBDA {
      convertTile<typename decltype(target)::Type, typename decltype(source)::Type>(tile);
    });
  });
}

/// Makes the loop along which x lies side by side the second one from inside, so that tiles can be transposed.
void bringNextToInnermost(Walk<2> &walk) {
  for (int i = 0; i < walk.rank - 2; i++) {
    if (walk.strides[i][1] != 1) continue;
    for (int j = i; j < walk.rank - 2; j++) {
      std::swap(walk.sizes[j], walk.sizes[j + 1]);
      std::swap(walk.strides[j], walk.strides[j + 1]);
    }
    return;
  }
}

}  // namespace

void KindlingCopy(KernelType from, KernelType to, const KernelShape *shape, KernelOperand x, KernelOperand out) {
  Walk<2> walk(*shape, {out.strides, x.strides});
  walk.sortByMemoryOrder();
  walk.mergeLoops();
  if (walk.rank > 2 && walk.strides[walk.rank - 1][1] != 1) bringNextToInnermost(walk);
  int64_t outSize = KindlingTypeSize(to), size = KindlingTypeSize(from);
  parallelTiles(walk, {out.data, x.data}, {outSize, size}, 1,
                [&](const Tile<2> &tile) { from == to ? copyBits(from, tile) : convertBetween(from, to, tile); });
}
