// A tile of a product: what stays in registers while k goes by; see products.cpp.
#ifndef KINDLING_TILE_H
#define KINDLING_TILE_H

#include <utility>

#include "../Runtime/clones.h"
#include "packing.h"

namespace kindling {
namespace {

/// A tile of out, `rows` high and `vectors` wide, that begins at `out`: out = x · y or, if `add`, out += x · y; then,
/// if there is a `bias`, a number more for each column. `y` is packed; `columns` of its columns belong to out, the
/// others fill up the last vector.
template <typename T, int lanes, bool fused, int rows, int vectors>
KINDLING_INLINE void multiplyTile(int64_t k, const T *x, int64_t xRow, int64_t xColumn, const T *y, T *out,
                                  int64_t outRow, int64_t columns, const T *bias, bool add) {
  using Vector = typename Vectors<T, lanes>::Vector;
  using Unaligned = typename Vectors<T, lanes>::Unaligned;
  Vector sums[rows][vectors] = {};
  // A place for every three rows: its neighbours are one and two steps further, which an instruction adds by itself.
  const T *places[(rows + 2) / 3];
#pragma unroll
  for (int r = 0; r < rows; r += 3) places[r / 3] = x + r * xRow;
  for (int64_t i = 0; i < k; i++, y += vectors * lanes) {
    Vector yVectors[vectors];
#pragma unroll
    for (int v = 0; v < vectors; v++) yVectors[v] = *reinterpret_cast<const Vector *>(y + v * lanes);
#pragma unroll
    for (int r = 0; r < rows; r++) {
      // One number in all places. (x + 0 would be an addition, for the sake of -0.)
      Vector xVector = places[r / 3][r % 3 * xRow] - Vector{};
#pragma unroll
      for (int v = 0; v < vectors; v++) {
        if constexpr (fused) {
          sums[r][v] = __builtin_elementwise_fma(xVector, yVectors[v], sums[r][v]);
        } else {
          sums[r][v] += xVector * yVectors[v];
        }
      }
    }
#pragma unroll
    for (int r = 0; r < rows; r += 3) {
      places[r / 3] += xColumn;
      // Each from its own last: left to itself the compiler makes one chain of all, and waits for it.
      __asm__("" : "+r"(places[r / 3]));
    }
  }
#pragma unroll
  for (int r = 0; r < rows; r++) {
#pragma unroll
    for (int v = 0; v < vectors; v++) {
      T *target = out + r * outRow + v * lanes;
      if ((v + 1) * lanes <= columns) {
        Vector sum = sums[r][v];
        auto place = reinterpret_cast<Unaligned *>(target);
        if (add) sum = *place + sum;
        if (bias) sum += *reinterpret_cast<const Unaligned *>(bias + v * lanes);
        *place = sum;
      } else {
        for (int64_t i = 0; i < columns - v * lanes; i++) {
          T sum = sums[r][v][i];
          if (add) sum = target[i] + sum;
          if (bias) sum += bias[v * lanes + i];
          target[i] = sum;
        }
      }
    }
  }
}

template <typename T>
using TileFunction = void (*)(int64_t k, const T *x, int64_t xRow, int64_t xColumn, const T *y, T *out, int64_t outRow,
                              int64_t columns, const T *bias, bool add);

// The tiles that a kind of processor has registers for: how many bytes a vector has, how many vectors a tile is wide at
// most, and for each number of vectors how many rows it is high at most; and whether it can multiply and add in one.

#define KINDLING_TILE(...)                                                                                             \
  template <typename T, int rows, int vectors>                                                                         \
  __VA_ARGS__ static void tile(int64_t k, const T *x, int64_t xRow, int64_t xColumn, const T *y, T *out,               \
                               int64_t outRow, int64_t columns, const T *bias, bool add) {                             \
    multiplyTile<T, bytes / sizeof(T), fused, rows, vectors>(k, x, xRow, xColumn, y, out, outRow, columns, bias, add); \
  }

#if defined(__x86_64__)
struct AVX512 {  // 32 registers
  static constexpr int bytes = 64, mostVectors = 4, mostRows[] = {0, 16, 12, 8, 6};
  static constexpr bool fused = true;
  KINDLING_TILE(__attribute__((target("arch=x86-64-v4"), min_vector_width(512))))
};
struct AVX2 {  // 16 registers
  static constexpr int bytes = 32, mostVectors = 2, mostRows[] = {0, 8, 6};
  static constexpr bool fused = true;
  KINDLING_TILE(__attribute__((target("arch=x86-64-v3"))))
};
#endif
#if defined(__aarch64__)
struct Baseline {  // 32 registers
  static constexpr int bytes = 16, mostVectors = 4, mostRows[] = {0, 16, 12, 8, 6};
  static constexpr bool fused = true;
  KINDLING_TILE()
};
#else
struct Baseline {  // 16 registers
  static constexpr int bytes = 16, mostVectors = 2, mostRows[] = {0, 8, 6};
  static constexpr bool fused = false;
  KINDLING_TILE()
};
#endif

/// The same, to be looked up while the program runs.
template <typename T>
struct Tiles {
  int lanes, mostVectors, mostRows[5];
  TileFunction<T> tile[5][17];  // by the numbers of vectors and rows

  template <typename Kind>
  static constexpr Tiles of() {
    Tiles tiles{Kind::bytes / sizeof(T), Kind::mostVectors, {}, {}};
    [&]<int... v>(std::integer_sequence<int, v...>) {
      (tiles.template fill<Kind, v + 1>(std::make_integer_sequence<int, Kind::mostRows[v + 1]>()), ...);
    }(std::make_integer_sequence<int, Kind::mostVectors>());
    return tiles;
  }

 private:
  template <typename Kind, int vectors, int... r>
  constexpr void fill(std::integer_sequence<int, r...>) {
    mostRows[vectors] = Kind::mostRows[vectors];
    ((tile[vectors][r + 1] = Kind::template tile<T, r + 1, vectors>), ...);
  }
};

}  // namespace
}  // namespace kindling

#endif
