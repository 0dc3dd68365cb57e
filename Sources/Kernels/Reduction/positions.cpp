// argmax and argmin: the first position of the extreme, or of the first NaN.
#include "positions.h"

#include "cpu-fold.h"

using namespace kindling;

namespace {

/// First the extreme, which vectorises well, then where it is.
template <typename Fold>
KINDLING_INLINE int64_t findInRow(const typename Fold::Element *x, int64_t count) {
  using T = typename Fold::Element;
  T best = x[0];
  for (int64_t i = 0; i < count; i += piece) {
    best = Fold::join(best, foldPiece<Fold>(x + i, std::min(piece, count - i)));
  }
  for (int64_t i = 0; i < count; i++) {
    if (x[i] == best || x[i] != x[i]) return i;
  }
  return 0;
}

template <typename Fold>
KINDLING_INLINE void findColumns(const typename Fold::Element *x, int64_t rows, int64_t rowStride, int64_t columns,
                                 int64_t *out, int64_t outStride) {
  using T = typename Fold::Element;
  T best[columnBlock];
  int64_t where[columnBlock];
  for (int64_t c = 0; c < columns; c++) {
    best[c] = x[c];
    where[c] = 0;
  }
  for (int64_t row = 1; row < rows; row++) {
    const T *r = x + row * rowStride;
    KINDLING_INDEPENDENT
    for (int64_t c = 0; c < columns; c++) {
      // The later one wins where it is better, or the first NaN; once NaN has won, nothing does.
      T joined = Fold::join(best[c], r[c]);
      bool wins = (joined != best[c]) & (best[c] == best[c]);
      best[c] = wins ? joined : best[c];
      where[c] = wins ? row : where[c];
    }
  }
  for (int64_t c = 0; c < columns; c++) out[c * outStride] = where[c];
}

}  // namespace

KINDLING_CLONES void kindling::findInRows(ReduceOperation operation, KernelType type, const Tile<2> &tile,
                                          int64_t count) {
  withExtreme(operation, type, [&](auto fold) KINDLING_LAMBDA {
    using Fold = decltype(fold);
    using T = typename Fold::Element;
    for (int64_t row = 0; row < tile.rows; row++) {
      int64_t *out = tile.row<int64_t>(0, row);
      const T *x = tile.row<T>(1, row);
      for (int64_t i = 0; i < tile.columns; i++) {
        out[i * tile.columnStrides[0]] = findInRow<Fold>(x + i * tile.columnStrides[1], count);
      }
    }
  });
}

KINDLING_CLONES void kindling::findInColumns(ReduceOperation operation, KernelType type, const void *x, int64_t rows,
                                             int64_t rowStride, int64_t columns, void *out, int64_t outStride) {
  withExtreme(operation, type, [&](auto fold) KINDLING_LAMBDA {
    using Fold = decltype(fold);
    using T = typename Fold::Element;
    findColumns<Fold>(static_cast<const T *>(x), rows, rowStride, columns, static_cast<int64_t *>(out), outStride);
  });
}
