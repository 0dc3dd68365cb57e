// The loops under every elementwise operation. All of it is inlined into the functions that are cloned for each
// instruction set, and the same lambda serves every loop: an element's result depends neither on where it lies nor on
// which loop met it.
#ifndef KINDLING_LOOPS_H
#define KINDLING_LOOPS_H

#include "../Runtime/clones.h"
#include "../Runtime/walk.h"

namespace kindling {

/// out = f(x) over a tile; operand 0 is out.
template <typename Out, typename In, typename F>
KINDLING_INLINE void mapTile(const Tile<2> &tile, F f) {
  int64_t outStep = tile.columnStrides[0], step = tile.columnStrides[1], count = tile.columns;
  for (int64_t row = 0; row < tile.rows; row++) {
    Out *out = tile.row<Out>(0, row);
    const In *x = tile.row<In>(1, row);
    if (outStep == 1 && step == 1) {
      KINDLING_INDEPENDENT
      for (int64_t i = 0; i < count; i++) out[i] = f(x[i]);
    } else {
      for (int64_t i = 0; i < count; i++) out[i * outStep] = f(x[i * step]);
    }
  }
}

/// out = f(x, y) over a tile. A step of 0 is an operand that was broadcast.
template <typename Out, typename In, typename F>
KINDLING_INLINE void zipTile(const Tile<3> &tile, F f) {
  int64_t outStep = tile.columnStrides[0], xStep = tile.columnStrides[1], yStep = tile.columnStrides[2];
  int64_t count = tile.columns;
  for (int64_t row = 0; row < tile.rows; row++) {
    Out *out = tile.row<Out>(0, row);
    const In *x = tile.row<In>(1, row), *y = tile.row<In>(2, row);
    if (outStep == 1 && xStep == 1 && yStep == 1) {
      KINDLING_INDEPENDENT
      for (int64_t i = 0; i < count; i++) out[i] = f(x[i], y[i]);
    } else if (outStep == 1 && xStep == 1 && yStep == 0) {
      const In yValue = *y;
      KINDLING_INDEPENDENT
      for (int64_t i = 0; i < count; i++) out[i] = f(x[i], yValue);
    } else if (outStep == 1 && xStep == 0 && yStep == 1) {
      const In xValue = *x;
      KINDLING_INDEPENDENT
      for (int64_t i = 0; i < count; i++) out[i] = f(xValue, y[i]);
    } else {
      for (int64_t i = 0; i < count; i++) out[i * outStep] = f(x[i * xStep], y[i * yStep]);
    }
  }
}

}  // namespace kindling

#endif
