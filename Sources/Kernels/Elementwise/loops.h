// The loops under every elementwise operation: one serves all layouts, since it reads side by side what does not lie
// so. (Operations that often meet a column have two more.) All of it is inlined into the functions that are cloned for
// each instruction set, and an element's result depends neither on where it lies nor on how many there are.
#ifndef KINDLING_LOOPS_H
#define KINDLING_LOOPS_H

#include "../Runtime/clones.h"
#include "../Runtime/walk.h"

namespace kindling {

/// How many elements that do not lie side by side are brought together at a time.
constexpr int64_t portion = 256;

/// copies[i] = x[i · step], elements of `size` bytes.
void gatherElements(int64_t size, const void *x, int64_t step, int64_t count, void *copies);
/// x[i · step] = results[i].
void scatterElements(int64_t size, const void *results, int64_t count, void *x, int64_t step);

/// `count` elements of a row side by side: where they lie, or copied together. A number that was broadcast (step 0) is
/// copied once, for the portion that begins the row.
template <typename T>
__attribute__((noinline)) const T *gather(const T *x, int64_t step, int64_t begin, int64_t count, T *copies) {
  if (step == 1) return x;
  if (step != 0 || begin == 0) gatherElements(sizeof(T), x, step, count, copies);
  return copies;
}

template <typename T>
KINDLING_INLINE void scatter(const T *results, int64_t count, T *x, int64_t step) {
  scatterElements(sizeof(T), results, count, x, step);
}

/// Goes through a tile, operand 0 of which is written, and calls loop(x, count, out) for elements side by side.
template <typename Out, typename In, typename Loop>
KINDLING_INLINE void mapStretches(const Tile<2> &tile, Loop loop) {
  int64_t outStep = tile.columnStrides[0], xStep = tile.columnStrides[1];
  bool isTogether = outStep == 1 && xStep == 1;
  int64_t length = isTogether ? tile.columns : std::min(portion, tile.columns), count = length;
  In xs[portion];
  Out outs[portion];
  for (int64_t row = 0; row < tile.rows; row++) {
    for (int64_t begin = 0; begin < tile.columns; begin += length) {
      const In *x = tile.row<In>(1, row) + begin * xStep;
      Out *out = tile.row<Out>(0, row) + begin * outStep, *target = out;
      if (!isTogether) {
        count = std::min(length, tile.columns - begin);
        x = gather(x, xStep, begin, count, xs);
        if (outStep != 1) out = outs;
      }
      loop(x, count, out);
      if (outStep != 1) scatter(outs, count, target, outStep);
    }
  }
}

/// out = f(x) over a tile.
template <typename Out, typename In, typename F>
KINDLING_INLINE void mapTile(const Tile<2> &tile, F f) {
  mapStretches<Out, In>(tile, [=](const In *x, int64_t count, Out *out) KINDLING_LAMBDA {
    KINDLING_INDEPENDENT_PAIRS
    for (int64_t i = 0; i < count; i++) out[i] = f(x[i]);
  });
}

/// The same for a function that has a shortcut where |x| <= limit: it is taken for each portion that lies within.
template <typename F, typename Shortcut>
KINDLING_INLINE void mapTileWithin(float limit, const Tile<2> &tile, Shortcut shortcut, F f) {
  constexpr int64_t checked = 4 * portion;
  mapStretches<float, float>(tile, [=](const float *row, int64_t columns, float *outs) KINDLING_LAMBDA {
    for (int64_t begin = 0; begin < columns; begin += checked) {
      int64_t count = std::min(checked, columns - begin);
      const float *x = row + begin;
      float *out = outs + begin;
      bool isBeyond = false;
      for (int64_t i = 0; i < count; i++) isBeyond |= !(__builtin_fabsf(x[i]) <= limit);  // NaN is beyond
      if (isBeyond) {
        KINDLING_INDEPENDENT_PAIRS
        for (int64_t i = 0; i < count; i++) out[i] = f(x[i]);
      } else {
        KINDLING_INDEPENDENT_PAIRS
        for (int64_t i = 0; i < count; i++) out[i] = shortcut(x[i]);
      }
    }
  });
}

/// out = f(x, y) over a tile.
template <typename Out, typename In, typename F>
KINDLING_INLINE void zipTile(const Tile<3> &tile, F f) {
  int64_t outStep = tile.columnStrides[0], xStep = tile.columnStrides[1], yStep = tile.columnStrides[2];
  bool isTogether = outStep == 1 && xStep == 1 && yStep == 1;
  int64_t length = isTogether ? tile.columns : std::min(portion, tile.columns), count = length;
  In xs[portion], ys[portion];
  Out outs[portion];
  for (int64_t row = 0; row < tile.rows; row++) {
    for (int64_t begin = 0; begin < tile.columns; begin += length) {
      const In *x = tile.row<In>(1, row) + begin * xStep, *y = tile.row<In>(2, row) + begin * yStep;
      Out *out = tile.row<Out>(0, row) + begin * outStep, *target = out;
      if (!isTogether) {
        count = std::min(length, tile.columns - begin);
        x = gather(x, xStep, begin, count, xs);
        y = gather(y, yStep, begin, count, ys);
        if (outStep != 1) out = outs;
      }
      KINDLING_INDEPENDENT
      for (int64_t i = 0; i < count; i++) out[i] = f(x[i], y[i]);
      if (outStep != 1) scatter(outs, count, target, outStep);
    }
  }
}

/// out = f(x, y) over a tile one of whose operands is a number for each row.
template <typename T, typename F>
KINDLING_INLINE void zipNumbers(const Tile<3> &tile, F f) {
  int64_t count = tile.columns;
  for (int64_t row = 0; row < tile.rows; row++) {
    T *out = tile.row<T>(0, row);
    const T *x = tile.row<T>(1, row), *y = tile.row<T>(2, row);
    if (tile.columnStrides[2] == 0) {
      const T number = *y;
      KINDLING_INDEPENDENT
      for (int64_t i = 0; i < count; i++) out[i] = f(x[i], number);
    } else {
      const T number = *x;
      KINDLING_INDEPENDENT
      for (int64_t i = 0; i < count; i++) out[i] = f(number, y[i]);
    }
  }
}

/// The same as zipTile, for operations whose operand is often a column or a single number that broadcasts: in float32,
/// which networks compute with, nothing is copied for that.
template <typename T, typename F>
KINDLING_INLINE void zipTileOrNumbers(const Tile<3> &tile, F f) {
  int64_t outStep = tile.columnStrides[0], xStep = tile.columnStrides[1], yStep = tile.columnStrides[2];
  if constexpr (std::is_same_v<T, float>) {
    if (outStep == 1 && ((xStep == 1 && yStep == 0) || (xStep == 0 && yStep == 1))) return zipNumbers<T>(tile, f);
  }
  zipTile<T, T>(tile, f);
}

}  // namespace kindling

#endif
