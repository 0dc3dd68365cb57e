// Packing: the copy of a matrix in the order in which a product reads it.
#ifndef KINDLING_PACKING_H
#define KINDLING_PACKING_H

#include <cstdint>
#include <cstring>

#include "../Movement/transpose.h"
#include "../Runtime/clones.h"

namespace kindling {

template <typename T, int lanes>
struct Vectors {
  typedef T Vector __attribute__((vector_size(lanes * sizeof(T))));
  /// The same, in memory, at any address.
  typedef T Unaligned __attribute__((vector_size(lanes * sizeof(T)), aligned(sizeof(T)), may_alias));
};

namespace {

/// Packs `rows` rows of y, from `y` on: `columns` numbers of each, in lines of `width`. A line is copied in whole
/// vectors as long as that does not read past `end`; what then fills it up belongs to nothing (see `fillUp`).
template <typename T, int bytes>
KINDLING_INLINE void packLines(int64_t rows, int64_t columns, int64_t width, const T *y, int64_t yRow, const T *end,
                               T *packed) {
  constexpr int lanes = bytes / sizeof(T);
  using Unaligned = typename Vectors<T, lanes>::Unaligned;
  for (int64_t i = 0; i < rows; i++, y += yRow, packed += width) {
    if (end - y >= width) {
      for (int64_t j = 0; j < width; j += lanes) {
        *reinterpret_cast<Unaligned *>(packed + j) = *reinterpret_cast<const Unaligned *>(y + j);
      }
    } else {
      std::memcpy(packed, y, size_t(columns) * sizeof(T));
    }
  }
}

template <typename T>
KINDLING_INLINE void packRows(int64_t rows, int64_t columns, int64_t width, const T *y, int64_t yRow, const T *end,
                              T *packed) {
  if (width * sizeof(T) % 64 == 0) return packLines<T, 64>(rows, columns, width, y, yRow, end, packed);
  packLines<T, 16>(rows, columns, width, y, yRow, end, packed);
}

/// The same where not the rows but the columns of y lie side by side.
template <typename T>
KINDLING_INLINE void packColumns(int64_t rows, int64_t columns, int64_t width, const T *y, int64_t yColumn, T *packed) {
  for (int64_t j = 0; j + 4 <= columns; j += 4) {
    const T *column = y + j * yColumn;
    T *target = packed + j;
    int64_t i = 0;
    for (; i + 4 <= rows; i += 4) transposeFour(column + i, yColumn, target + i * width, width);
    for (; i < rows; i++) {
      for (int64_t l = 0; l < 4; l++) target[i * width + l] = column[l * yColumn + i];
    }
  }
  for (int64_t j = columns / 4 * 4; j < columns; j++) {
    for (int64_t i = 0; i < rows; i++) packed[i * width + j] = y[j * yColumn + i];
  }
}

/// The same for any strides.
template <typename T>
KINDLING_INLINE void packNumbers(int64_t rows, int64_t columns, int64_t width, const T *y, int64_t yRow,
                                 int64_t yColumn, T *packed) {
  for (int64_t i = 0; i < rows; i++) {
    for (int64_t j = 0; j < columns; j++) packed[i * width + j] = y[i * yRow + j * yColumn];
  }
}

template <typename T>
KINDLING_INLINE void packAny(int64_t rows, int64_t columns, int64_t width, const T *y, int64_t yRow, int64_t yColumn,
                             const T *end, T *packed) {
  if (yColumn == 1) {
    packRows(rows, columns, width, y, yRow, end, packed);
  } else if (yRow == 1) {
    packColumns(rows, columns, width, y, yColumn, packed);
  } else {
    packNumbers(rows, columns, width, y, yRow, yColumn, packed);
  }
}

KINDLING_CLONES void pack(int64_t rows, int64_t columns, int64_t width, const float *y, int64_t yRow, int64_t yColumn,
                          const float *end, float *packed) {
  packAny(rows, columns, width, y, yRow, yColumn, end, packed);
}
KINDLING_CLONES void pack(int64_t rows, int64_t columns, int64_t width, const double *y, int64_t yRow, int64_t yColumn,
                          const double *end, double *packed) {
  packAny(rows, columns, width, y, yRow, yColumn, end, packed);
}

/// Fills up lines with zeros. Nobody looks at what is computed with them, but whatever the memory held would be
/// computed with, and where that is subnormal some processors take many times as long.
template <typename T>
void fillUp(int64_t rows, int64_t columns, int64_t width, T *packed) {
  for (int64_t i = 0; i < rows; i++) {
    for (int64_t j = columns; j < width; j++) packed[i * width + j] = 0;
  }
}

}  // namespace
}  // namespace kindling

#endif
