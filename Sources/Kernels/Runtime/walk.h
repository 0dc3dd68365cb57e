// How a kernel goes through operands of any shape and strides.
#ifndef KINDLING_WALK_H
#define KINDLING_WALK_H

#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "../include/kernels.h"
#include "threads.h"

namespace kindling {

/// Whether there is no element; the other sizes may then be any numbers, whose product is out of range.
inline bool isEmpty(const KernelShape &shape) {
  return std::any_of(shape.sizes, shape.sizes + shape.rank, [](int64_t size) { return size == 0; });
}

inline int64_t elementCount(const KernelShape &shape) {
  if (isEmpty(shape)) return 0;
  int64_t count = 1;
  for (int i = 0; i < shape.rank; i++) count *= shape.sizes[i];
  return count;
}

/// N operands as a nest of loops, outermost first, with as few loops as will do. Operand 0 is the one written.
template <int N>
struct Walk {
  int rank = 0;
  int64_t count;
  int64_t sizes[KINDLING_MAXIMUM_RANK];
  int64_t strides[KINDLING_MAXIMUM_RANK][N];

  /// Drops dimensions of size 1; where there is no element, all of them.
  Walk(const KernelShape &shape, const int64_t *const (&operandStrides)[N]) : count(elementCount(shape)) {
    if (count == 0) return;
    for (int i = 0; i < shape.rank; i++) {
      if (shape.sizes[i] == 1) continue;
      sizes[rank] = shape.sizes[i];
      for (int operand = 0; operand < N; operand++) strides[rank][operand] = operandStrides[operand][i];
      rank++;
    }
  }

  /// Puts the loops into the order in which the written operand lies in memory; where it does not say, the next one
  /// does.
  void sortByMemoryOrder() {
    for (int i = 1; i < rank; i++) {
      for (int j = i; j > 0 && belongsInside(j - 1, j); j--) {
        std::swap(sizes[j - 1], sizes[j]);
        std::swap(strides[j - 1], strides[j]);
      }
    }
  }

  /// Makes one loop of two wherever every operand allows it.
  void mergeLoops() {
    int kept = 0;
    for (int i = 1; i < rank; i++) {
      if (continues(kept, i)) {
        sizes[kept] *= sizes[i];
      } else {
        sizes[++kept] = sizes[i];
      }
      std::copy_n(strides[i], N, strides[kept]);
    }
    rank = std::min(rank, kept + 1);
  }

 private:
  /// Whether loop `outer`, now outside loop `inner`, takes shorter steps.
  bool belongsInside(int outer, int inner) const {
    for (int operand = 0; operand < N; operand++) {
      int64_t a = std::abs(strides[outer][operand]), b = std::abs(strides[inner][operand]);
      if (a != b) return a < b;
    }
    return false;
  }

  bool continues(int outer, int inner) const {
    for (int operand = 0; operand < N; operand++) {
      if (strides[outer][operand] != strides[inner][operand] * sizes[inner]) return false;
    }
    return true;
  }
};

/// Two loops over N operands, which is what an inner kernel is given: `rows` times `columns` elements.
template <int N>
struct Tile {
  int64_t rows, columns;
  char *data[N];  // the first elements
  int64_t rowStrides[N], columnStrides[N];

  template <typename T>
  T *row(int operand, int64_t index) const {
    return reinterpret_cast<T *>(data[operand]) + index * rowStrides[operand];
  }
};

/// Goes through elements begin..<end of the walk and calls body(tile) for the pieces. `sizes` are the operands' element
/// sizes in bytes.
template <int N, typename Body>
void forEachTile(const Walk<N> &walk, void *const (&data)[N], const int64_t (&sizes)[N], int64_t begin, int64_t end,
                 Body &&body) {
  int inner = walk.rank - 1, outer = walk.rank - 2;
  int64_t columns = inner >= 0 ? walk.sizes[inner] : 1;
  int64_t rows = outer >= 0 ? walk.sizes[outer] : 1;
  while (begin < end) {
    // Where does element `begin` lie, and how far does a rectangle reach from there?
    Tile<N> tile;
    int64_t column = begin % columns, row = begin / columns % rows, rest = begin / columns / rows;
    tile.columns = std::min(columns - column, end - begin);
    tile.rows = column == 0 ? std::max<int64_t>(1, std::min(rows - row, (end - begin) / columns)) : 1;
    for (int operand = 0; operand < N; operand++) {
      tile.columnStrides[operand] = inner >= 0 ? walk.strides[inner][operand] : 1;
      tile.rowStrides[operand] = outer >= 0 ? walk.strides[outer][operand] : 0;
      int64_t offset = column * tile.columnStrides[operand] + row * tile.rowStrides[operand], left = rest;
      for (int i = outer - 1; i >= 0; left /= walk.sizes[i--]) {
        offset += left % walk.sizes[i] * walk.strides[i][operand];
      }
      tile.data[operand] = static_cast<char *>(data[operand]) + offset * sizes[operand];
    }
    body(tile);
    begin += tile.rows * tile.columns;
  }
}

/// The same over the whole walk, on several threads where it is long; `cost` is what one element costs, in additions.
template <int N, typename Body>
void parallelTiles(const Walk<N> &walk, void *const (&data)[N], const int64_t (&sizes)[N], int64_t cost, Body &&body) {
  parallelFor(walk.count, cost, [&](int64_t begin, int64_t end) { forEachTile(walk, data, sizes, begin, end, body); });
}

/// Strides of a shape whose elements lie side by side.
inline void contiguousStrides(const KernelShape &shape, int64_t *strides) {
  int64_t step = isEmpty(shape) ? 0 : 1;
  for (int i = shape.rank - 1; i >= 0; i--) {
    strides[i] = step;
    step *= shape.sizes[i];
  }
}

}  // namespace kindling

#endif
