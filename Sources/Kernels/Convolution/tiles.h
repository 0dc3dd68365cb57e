// The innermost loops of a convolution; see tiles.cpp.
#ifndef KINDLING_CONVOLUTION_TILES_H
#define KINDLING_CONVOLUTION_TILES_H

#include <cstdint>

namespace kindling {

/// out[r][v] = Σ over k of x[k · rows + r] · y[places[k] + v]: the places say where each y begins.
template <typename T>
using SumOfShifted = void (*)(int64_t k, const T *x, const T *y, const int64_t *places, T *out, int64_t outRow);

/// out[r][v] += Σ over i < height, j < width of x[places[r] + i · xLine + j] · y[(i · width + j) · yLine + v].
template <typename T>
using SumOverGrid = void (*)(int64_t height, int64_t width, const T *x, const int64_t *places, int64_t xLine,
                             const T *y, int64_t yLine, T *out, int64_t outRow);

/// The tiles of one kind of processor: a vector has `lanes` numbers, and a tile of v vectors up to mostRows[v] rows.
/// Whole vectors are read and written.
template <typename T>
struct ConvolutionTiles {
  int lanes, mostVectors, mostRows[4];
  SumOfShifted<T> shifted[4][9];  // by the numbers of vectors and rows
  SumOverGrid<T> overGrid[4][9];
};

/// Those of this processor; T is float or double.
template <typename T>
const ConvolutionTiles<T> &convolutionTiles();

}  // namespace kindling

#endif
