// Tiles of a result that stay in registers while a sum goes by, as in ../Matmul/products.cpp. What is different is that
// nothing is packed: a table of places says where the numbers of a picture lie, so that each is read where it is by all
// the taps of a filter that meet it.
//
// Each element is summed in one order, and each product is added without being rounded first where the processor can do
// that. So the bits do not depend on the width of vectors.
#include "tiles.h"

#include <utility>

#include "../Runtime/clones.h"

namespace kindling {
namespace {

template <typename T, int lanes>
struct Vectors {
  typedef T Vector __attribute__((vector_size(lanes * sizeof(T))));
  /// The same, in memory, at any address.
  typedef T Unaligned __attribute__((vector_size(lanes * sizeof(T)), aligned(sizeof(T)), may_alias));
};

template <typename T, int lanes, bool fused, int rows, int vectors>
struct Tile {
  using Vector = typename Vectors<T, lanes>::Vector;
  using Unaligned = typename Vectors<T, lanes>::Unaligned;
  Vector sums[rows][vectors];

  KINDLING_INLINE void add(int row, T x, const Vector *yVectors) {
    // One number in all places: x - 0 is x, whatever x is. (-0 + 0 is not -0, so that a sum would be computed.)
    Vector xVector = x - Vector{};
#pragma unroll
    for (int v = 0; v < vectors; v++) {
      if constexpr (fused) {
        sums[row][v] = __builtin_elementwise_fma(xVector, yVectors[v], sums[row][v]);
      } else {
        sums[row][v] += xVector * yVectors[v];
      }
    }
  }

  /// Adds the products of one number for each row, x(row), and the vectors at y.
  template <typename Numbers>
  KINDLING_INLINE void addProducts(const T *y, Numbers x) {
    Vector yVectors[vectors];
#pragma unroll
    for (int v = 0; v < vectors; v++) yVectors[v] = *reinterpret_cast<const Unaligned *>(y + v * lanes);
#pragma unroll
    for (int r = 0; r < rows; r++) add(r, x(r), yVectors);
  }

  KINDLING_INLINE void load(const T *out, int64_t outRow) {
#pragma unroll
    for (int r = 0; r < rows; r++) {
#pragma unroll
      for (int v = 0; v < vectors; v++) {
        sums[r][v] = *reinterpret_cast<const Unaligned *>(out + r * outRow + v * lanes);
      }
    }
  }

  KINDLING_INLINE void store(T *out, int64_t outRow) const {
#pragma unroll
    for (int r = 0; r < rows; r++) {
#pragma unroll
      for (int v = 0; v < vectors; v++) *reinterpret_cast<Unaligned *>(out + r * outRow + v * lanes) = sums[r][v];
    }
  }
};

template <typename T, int lanes, bool fused, int rows, int vectors>
KINDLING_INLINE void sumOfShifted(int64_t k, const T *x, const T *y, const int64_t *places, T *out, int64_t outRow) {
  Tile<T, lanes, fused, rows, vectors> tile = {};
  for (int64_t i = 0; i < k; i++, x += rows) {
    tile.addProducts(y + places[i], [&](int r) KINDLING_LAMBDA { return x[r]; });
  }
  tile.store(out, outRow);
}

template <typename T, int lanes, bool fused, int rows, int vectors>
KINDLING_INLINE void sumOverGrid(int64_t height, int64_t width, const T *x, const int64_t *places, int64_t xLine,
                                 const T *y, int64_t yLine, T *out, int64_t outRow) {
  Tile<T, lanes, fused, rows, vectors> tile;
  tile.load(out, outRow);
  const T *starts[rows];
#pragma unroll
  for (int r = 0; r < rows; r++) starts[r] = x + places[r];
  for (int64_t i = 0; i < height; i++) {
    for (int64_t j = 0; j < width; j++, y += yLine) {
      tile.addProducts(y, [&](int r) KINDLING_LAMBDA { return starts[r][i * xLine + j]; });
    }
  }
  tile.store(out, outRow);
}

#define KINDLING_TILES(...)                                                                                           \
  template <typename T, int rows, int vectors>                                                                        \
  __VA_ARGS__ static void shifted(int64_t k, const T *x, const T *y, const int64_t *places, T *out, int64_t outRow) { \
    sumOfShifted<T, bytes / sizeof(T), fused, rows, vectors>(k, x, y, places, out, outRow);                           \
  }                                                                                                                   \
  template <typename T, int rows, int vectors>                                                                        \
  __VA_ARGS__ static void overGrid(int64_t height, int64_t width, const T *x, const int64_t *places, int64_t xLine,   \
                                   const T *y, int64_t yLine, T *out, int64_t outRow) {                               \
    sumOverGrid<T, bytes / sizeof(T), fused, rows, vectors>(height, width, x, places, xLine, y, yLine, out, outRow);  \
  }

#if defined(__x86_64__)
struct AVX512 {  // 32 registers
  static constexpr int bytes = 64, mostVectors = 3, mostRows[] = {0, 8, 8, 8};
  static constexpr bool fused = true;
  KINDLING_TILES(__attribute__((target("arch=x86-64-v4"), min_vector_width(512))))
};
struct AVX2 {  // 16 registers
  static constexpr int bytes = 32, mostVectors = 2, mostRows[] = {0, 8, 6};
  static constexpr bool fused = true;
  KINDLING_TILES(__attribute__((target("arch=x86-64-v3"))))
};
#endif
#if defined(__aarch64__)
struct Baseline {  // 32 registers
  static constexpr int bytes = 16, mostVectors = 3, mostRows[] = {0, 8, 8, 8};
  static constexpr bool fused = true;
  KINDLING_TILES()
};
#else
struct Baseline {  // 16 registers
  static constexpr int bytes = 16, mostVectors = 2, mostRows[] = {0, 8, 6};
  static constexpr bool fused = false;
  KINDLING_TILES()
};
#endif

template <typename T, typename Kind, int vectors, int... r>
constexpr void fill(ConvolutionTiles<T> &tiles, std::integer_sequence<int, r...>) {
  tiles.mostRows[vectors] = Kind::mostRows[vectors];
  ((tiles.shifted[vectors][r + 1] = Kind::template shifted<T, r + 1, vectors>), ...);
  ((tiles.overGrid[vectors][r + 1] = Kind::template overGrid<T, r + 1, vectors>), ...);
}

template <typename T, typename Kind>
constexpr ConvolutionTiles<T> tilesOf() {
  ConvolutionTiles<T> tiles{Kind::bytes / sizeof(T), Kind::mostVectors, {}, {}, {}};
  [&]<int... v>(std::integer_sequence<int, v...>) {
    (fill<T, Kind, v + 1>(tiles, std::make_integer_sequence<int, Kind::mostRows[v + 1]>()), ...);
  }(std::make_integer_sequence<int, Kind::mostVectors>());
  return tiles;
}

}  // namespace

template <typename T>
const ConvolutionTiles<T> &convolutionTiles() {
  static constexpr auto baseline = tilesOf<T, Baseline>();
#if defined(__x86_64__)
  static constexpr auto avx512 = tilesOf<T, AVX512>(), avx2 = tilesOf<T, AVX2>();
  static const bool hasAVX512 = __builtin_cpu_supports("x86-64-v4"), hasAVX2 = __builtin_cpu_supports("x86-64-v3");
  if (hasAVX512) return avx512;
  if (hasAVX2) return avx2;
#endif
  return baseline;
}

template const ConvolutionTiles<float> &convolutionTiles();
template const ConvolutionTiles<double> &convolutionTiles();

}  // namespace kindling
