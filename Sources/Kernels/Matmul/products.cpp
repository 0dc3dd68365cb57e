// The product of two matrices of float32 or float64.
//
// Three ideas carry it. A tile of out stays in registers while k goes by: for one vector of y and one number of x
// loaded there are many multiplications. y is packed first, unless it lies so already: the columns that belong to a
// tile lie side by side, in the order in which they will be read. And k goes by in blocks, so that what was packed is
// still in a near cache for the next tile. (x is read where it is, but for rows or columns so far apart that they drive
// each other out of it.)
//
// Each element of out is summed in one order, which depends on k alone: block by block, and within a block one number
// after the other, each product added without being rounded first. So its bits are the same whatever the other sizes
// are, whether x and y are transposed, on any number of threads, and with vectors of any width. Only a processor that
// cannot add a product without rounding it has bits of its own.
#include "products.h"

#include <algorithm>
#include <utility>

#include "../Runtime/clones.h"
#include "../Runtime/scratch.h"
#include "../Runtime/threads.h"
#include "packing.h"

namespace kindling {
namespace {

/// The blocks in which k goes by: 256 long, and what is left. With float64 a rest of less than two blocks is halved, as
/// OpenBLAS does it: so NumPy's bits come out where NumPy has OpenBLAS's kernels for AVX2.
template <typename T>
struct Blocks {
  static constexpr int64_t length = 256;
  int64_t k, whole, count, half;

  explicit Blocks(int64_t k) : k(k), whole((k - 1) / length), count(whole + 1), half(0) {
    if (std::is_same_v<T, float>) return;
    whole = std::max<int64_t>(k / length - 1, 0);
    int64_t rest = k - whole * length;
    count = whole + (rest > length ? 2 : 1);
    half = (rest / 2 + 3) / 4 * 4;
  }

  int64_t begin(int64_t index) const {
    return index == count ? k : std::min(index, whole) * length + (index > whole ? half : 0);
  }
};

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

thread_local int mostBytes = 64;

/// Those of this processor.
template <typename T>
const Tiles<T> &tiles() {
  static constexpr auto baseline = Tiles<T>::template of<Baseline>();
#if defined(__x86_64__)
  static constexpr auto avx512 = Tiles<T>::template of<AVX512>(), avx2 = Tiles<T>::template of<AVX2>();
  static const bool hasAVX512 = __builtin_cpu_supports("x86-64-v4"), hasAVX2 = __builtin_cpu_supports("x86-64-v3");
  if (hasAVX512 && mostBytes >= 64) return avx512;
  if (hasAVX2 && mostBytes >= 32) return avx2;
#endif
  return baseline;
}

/// Columns of out that are made together: as wide as a tile.
struct Panel {
  int64_t column, columns, vectors, width;

  /// Panel `index` of `count`. They differ by a vector at most, and the wider ones come first, so that threads that
  /// take one after another are done together.
  Panel(int64_t n, int64_t lanes, int64_t index, int64_t count) {
    int64_t all = (n + lanes - 1) / lanes, first = (all * index + count - 1) / count;
    vectors = (all * (index + 1) + count - 1) / count - first;
    column = first * lanes;
    width = vectors * lanes;
    columns = std::min(width, n - column);
  }
};

/// Rows of x, from `data` on.
template <typename T>
struct Rows {
  const T *data;
  int64_t row, column;

  /// Whether the numbers that a tile reads fall on the same few places of the nearest cache, or on a page each.
  bool areFarApart() const {
    int64_t step = std::max(row, column) * int64_t(sizeof(T));
    return step >= 4096 || step == 2048;
  }

  /// A copy in which they lie close together. The memory has room for any block: the second may be longer than the
  /// first.
  Rows copied(int64_t rows, int64_t length, Scratch &scratch) const {
    bool turned = row == 1 && column != 1;
    int64_t lines = turned ? length : rows, numbers = turned ? rows : length;
    // A line of the cache more than a power of two, so that they do not all lie in the same places of it.
    int64_t width = (numbers + 15) / 16 * 16 + 16;
    constexpr int64_t longest = Blocks<T>::length;  // a multiple of 16
    int64_t room = turned ? longest * width : rows * (longest + 16);
    auto copy = static_cast<T *>(scratch.ofSize(size_t(room) * sizeof(T)));
    const T *end = data + (lines - 1) * (turned ? column : row) + numbers;
    pack(lines, numbers, width, data, turned ? column : row, turned ? row : column, end, copy);
    return {copy, turned ? 1 : width, turned ? width : 1};
  }
};

/// Products of one size, and how each is divided.
template <typename T>
class Products {
 public:
  Products(int64_t m, int64_t n, int64_t k, const KernelMatrix &x, const KernelMatrix &y, const T *bias,
           const KernelMatrix &out)
      : m(m), n(n), k(k), x(x), y(y), bias(bias), out(out), blocks(k) {
    int64_t threads = KindlingThreads();
    vectors = (n + kind.lanes - 1) / kind.lanes;
    panels = (vectors + kind.mostVectors - 1) / kind.mostVectors;
    // Strips of rows, short enough to stay in a near cache while panel after panel goes by, the same number for each
    // thread. Only where there are fewer strips than threads is a strip divided again, by panels: threads that write
    // side by side into the same rows wait for each other's cache lines.
    strips = (m + 95) / 96;
    if (strips > 1 || panels < 3 * threads) strips = std::max(strips, std::min(m / 32, threads));
    if (strips > threads) strips = (strips + threads - 1) / threads * threads;
    parts = strips < threads ? std::min(panels, (threads + strips - 1) / strips) : 1;
  }

  /// What one product costs, in additions. Strips pack what they need alone, and of themselves cost about 100 ns.
  int64_t cost() const { return (m + 8) * n * k / 8 + 1024; }

  /// Products begin..<end of a batch, one after another, each divided among the threads.
  void run(int64_t begin, int64_t end) const {
    if (liesPacked()) {
      for (int64_t b = begin; b < end; b++) {
        T *matrix = static_cast<T *>(y.data) + b * y.batchStride;
        multiplyStrips(b, matrix, false);
      }
      return;
    }
    Scratch scratch;
    auto packed = static_cast<T *>(scratch.ofSize(size_t(k * vectors * kind.lanes) * sizeof(T)));
    // What is needed by one strip only is packed where it is needed, and is still in the nearest cache then.
    bool isShared = strips > 1 || (y.batchStride == 0 && end - begin > 1);
    for (int64_t b = begin; b < end; b++) {
      if (isShared && (b == begin || y.batchStride != 0)) {
        parallelFor(panels * blocks.count, k * n / panels / blocks.count, [&](int64_t first, int64_t last) {
          for (int64_t i = first; i < last; i++) packPanel(b, i / blocks.count, i % blocks.count, packed);
        });
      }
      multiplyStrips(b, packed, !isShared);
    }
  }

 private:
  const Tiles<T> &kind = tiles<T>();
  int64_t m, n, k;
  const KernelMatrix &x, &y;
  const T *bias;
  const KernelMatrix &out;
  Blocks<T> blocks;
  int64_t vectors, panels, strips, parts;

  /// Whether y lies in memory as it would be packed: one panel, whose lines follow each other at whole vectors.
  bool liesPacked() const {
    int64_t width = vectors * kind.lanes;
    auto isAligned = [&](int64_t place) { return place % (kind.lanes * int64_t(sizeof(T))) == 0; };
    return panels == 1 && n == width && y.columnStride == 1 && y.rowStride == width &&
           isAligned(reinterpret_cast<intptr_t>(y.data)) && isAligned(y.batchStride * int64_t(sizeof(T)));
  }

  void multiplyStrips(int64_t b, T *packed, bool packs) const {
    parallelFor(strips * parts, cost() / strips / parts, [&](int64_t first, int64_t last) {
      for (int64_t i = first; i < last; i++) multiplyStrip(b, i / parts, i % parts, packed, packs);
    });
  }

  /// Where the panel's part of a block lies.
  T *place(T *packed, const Panel &panel, int64_t block) const {
    return packed + panel.column * k + blocks.begin(block) * panel.width;
  }

  void packPanel(int64_t b, int64_t index, int64_t block, T *packed) const {
    Panel panel(n, kind.lanes, index, panels);
    auto data = static_cast<const T *>(y.data) + b * y.batchStride;
    int64_t row = blocks.begin(block), rows = blocks.begin(block + 1) - row;
    T *target = place(packed, panel, block);
    pack(rows, panel.columns, panel.width, data + row * y.rowStride + panel.column * y.columnStride, y.rowStride,
         y.columnStride, data + (k - 1) * y.rowStride + n, target);
    if (panel.columns < panel.width) fillUp(rows, panel.columns, panel.width, target);
  }

  /// One strip of rows, and one part of its panels.
  void multiplyStrip(int64_t b, int64_t strip, int64_t part, T *packed, bool packs) const {
    int64_t top = m * strip / strips, rows = m * (strip + 1) / strips - top;
    auto xData = static_cast<const T *>(x.data) + b * x.batchStride + top * x.rowStride;
    auto outData = static_cast<T *>(out.data) + b * out.batchStride + top * out.rowStride;
    Scratch scratch;
    for (int64_t block = 0; block < blocks.count; block++) {
      int64_t first = blocks.begin(block), length = blocks.begin(block + 1) - first;
      Rows<T> xRows{xData + first * x.columnStride, x.rowStride, x.columnStride};
      if (n >= 64 && xRows.areFarApart()) xRows = xRows.copied(rows, length, scratch);
      for (int64_t p = panels * part / parts; p < panels * (part + 1) / parts; p++) {
        if (packs) packPanel(b, p, block, packed);
        Panel panel(n, kind.lanes, p, panels);
        int64_t most = kind.mostRows[panel.vectors], count = (rows + most - 1) / most;
        const T *added = bias && block == blocks.count - 1 ? bias + panel.column : nullptr;
        for (int64_t t = 0; t < count; t++) {
          int64_t row = rows * t / count, height = rows * (t + 1) / count - row;
          kind.tile[panel.vectors][height](length, xRows.data + row * xRows.row, xRows.row, xRows.column,
                                           place(packed, panel, block), outData + row * out.rowStride + panel.column,
                                           out.rowStride, panel.columns, added, block > 0);
        }
      }
    }
  }
};

/// Products of one panel, one block and few rows, such as those of attention's heads: for so little there is nothing to
/// divide, and what dividing asks first would take as long as the product. Returns false where they are larger.
template <typename T>
bool multiplySmall(int64_t batch, int64_t m, int64_t n, int64_t k, const KernelMatrix &x, const KernelMatrix &y,
                   const T *bias, const KernelMatrix &out) {
  constexpr int64_t room = 2048;  // numbers of y, packed
  const Tiles<T> &kind = tiles<T>();
  int64_t vectors = (n + kind.lanes - 1) / kind.lanes, width = vectors * kind.lanes;
  if (vectors > kind.mostVectors || m > 32 || k > Blocks<T>::length || k * width > room) return false;
  int64_t most = kind.mostRows[vectors];
  parallelFor(batch, (m + 8) * n * k / 8 + 256, [&](int64_t begin, int64_t end) {
    alignas(64) T packed[room];
    for (int64_t b = begin; b < end; b++) {
      auto yData = static_cast<const T *>(y.data) + b * y.batchStride;
      if (b == begin || y.batchStride != 0) {
        pack(k, n, width, yData, y.rowStride, y.columnStride, yData + (k - 1) * y.rowStride + n, packed);
        if (n < width) fillUp(k, n, width, packed);
      }
      auto xData = static_cast<const T *>(x.data) + b * x.batchStride;
      auto outData = static_cast<T *>(out.data) + b * out.batchStride;
      for (int64_t row = 0; row < m; row += most) {
        kind.tile[vectors][std::min(most, m - row)](k, xData + row * x.rowStride, x.rowStride, x.columnStride, packed,
                                                    outData + row * out.rowStride, out.rowStride, n, bias, false);
      }
    }
  });
  return true;
}

}  // namespace

template <typename T>
void multiplyReal(int64_t batch, int64_t m, int64_t n, int64_t k, const KernelMatrix &x, const KernelMatrix &y,
                  const T *bias, const KernelMatrix &out) {
  if (multiplySmall<T>(batch, m, n, k, x, y, bias, out)) return;
  Products<T> products(m, n, k, x, y, bias, out);
  // Where one product is too small to be divided, the batch is; but not where all have one y, which is packed once.
  if (y.batchStride == 0 || products.cost() >= 2 * leastShare) return products.run(0, batch);
  parallelFor(batch, products.cost(), [&](int64_t begin, int64_t end) { products.run(begin, end); });
}

template void multiplyReal<float>(int64_t, int64_t, int64_t, int64_t, const KernelMatrix &, const KernelMatrix &,
                                  const float *, const KernelMatrix &);
template void multiplyReal<double>(int64_t, int64_t, int64_t, int64_t, const KernelMatrix &, const KernelMatrix &,
                                   const double *, const KernelMatrix &);

}  // namespace kindling

void KindlingLimitProductVectors(int32_t bytes) { kindling::mostBytes = bytes; }
