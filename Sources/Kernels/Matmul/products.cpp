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

#include "../Runtime/scratch.h"
#include "../Runtime/threads.h"
#include "tile.h"

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
  int64_t lengthOf(int64_t index) const { return begin(index + 1) - begin(index); }
};

thread_local int mostBytes = 64;  // how wide a vector may be

/// The tiles of this processor.
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

  /// Memory, in numbers, for a copy of so many rows of any block.
  static int64_t roomFor(int64_t rows) {
    return std::max(rows * apart(Blocks<T>::length), Blocks<T>::length * apart(rows));
  }

  /// How a copy lies in which they are close together.
  Rows copyAt(const T *copy, int64_t rows) const {
    return isTurned() ? Rows{copy, 1, apart(rows)} : Rows{copy, apart(Blocks<T>::length), 1};
  }

  /// Makes that copy.
  Rows copied(int64_t rows, int64_t length, T *copy) const {
    int64_t lines = isTurned() ? length : rows, numbers = isTurned() ? rows : length, line = isTurned() ? column : row;
    Rows result = copyAt(copy, rows);
    pack(lines, numbers, isTurned() ? result.column : result.row, data, line, isTurned() ? row : column,
         data + (lines - 1) * line + numbers, copy);
    return result;
  }

 private:
  bool isTurned() const { return row == 1 && column != 1; }

  /// How far apart lines of so many numbers are: a line of the cache more than a power of two, so that they do not all
  /// lie in the same places of it.
  static int64_t apart(int64_t numbers) { return (numbers + 15) / 16 * 16 + 16; }
};

/// out += x.
KINDLING_CLONES void addTo(float *out, int64_t count, const float *x) {
  KINDLING_INDEPENDENT
  for (int64_t i = 0; i < count; i++) out[i] += x[i];
}
KINDLING_CLONES void addTo(double *out, int64_t count, const double *x) {
  KINDLING_INDEPENDENT
  for (int64_t i = 0; i < count; i++) out[i] += x[i];
}

/// Products of one size, and the two steps that each is made of.
template <typename T>
struct Factors {
  int64_t m, n, k;
  KernelMatrix x, y;
  Blocks<T> blocks{k};
  const Tiles<T> &kind = tiles<T>();
  int64_t panels = (vectors(n) + kind.mostVectors - 1) / kind.mostVectors;

  /// How many vectors it takes to hold so many numbers.
  int64_t vectors(int64_t numbers) const { return (numbers + kind.lanes - 1) / kind.lanes; }

  /// How wide a panel is at most.
  int64_t widest() const { return std::min<int64_t>(vectors(n), kind.mostVectors) * kind.lanes; }

  Panel panel(int64_t index) const { return Panel(n, kind.lanes, index, panels); }

  /// What one product costs, in additions: where each thread packs what it needs, and about 100 ns besides.
  int64_t cost() const { return (m + 8) * n * k / 8 + 1024; }

  /// The same product from the other side: yᵀ · xᵀ, which is the transpose of x · y down to the bits.
  Factors turned() const {
    return {n,
            m,
            k,
            {y.data, y.columnStride, y.rowStride, y.batchStride},
            {x.data, x.columnStride, x.rowStride, x.batchStride}};
  }

  /// Whether y lies in memory as it would be packed: one panel, whose lines follow each other at whole vectors.
  bool liesPacked() const {
    int64_t width = vectors(n) * kind.lanes;
    auto isAligned = [&](int64_t place) { return place % (kind.lanes * int64_t(sizeof(T))) == 0; };
    return panels == 1 && n == width && y.columnStride == 1 && y.rowStride == width &&
           isAligned(reinterpret_cast<intptr_t>(y.data)) && isAligned(y.batchStride * int64_t(sizeof(T)));
  }

  /// Packs what a panel has of a block.
  void packPanel(int64_t b, const Panel &panel, int64_t block, T *packed) const {
    auto data = static_cast<const T *>(y.data) + b * y.batchStride;
    int64_t row = blocks.begin(block), rows = blocks.lengthOf(block);
    pack(rows, panel.columns, panel.width, data + row * y.rowStride + panel.column * y.columnStride, y.rowStride,
         y.columnStride, data + (k - 1) * y.rowStride + n, packed);
    if (panel.columns < panel.width) fillUp(rows, panel.columns, panel.width, packed);
  }

  /// Rows of x, those of a block.
  Rows<T> rows(int64_t b, int64_t top, int64_t block) const {
    auto data = static_cast<const T *>(x.data) + b * x.batchStride;
    return {data + top * x.rowStride + blocks.begin(block) * x.columnStride, x.rowStride, x.columnStride};
  }

  /// Whether rows of x are to be copied before they are multiplied.
  bool copies(const Rows<T> &rows) const { return n >= 64 && rows.areFarApart(); }

  /// Multiplies `height` rows, tile after tile, by what a panel has of a block: to `target`, where the first of them
  /// begins, or added to it; and to the last block's the bias, if there is one.
  void multiply(const Rows<T> &rows, int64_t height, const Panel &panel, const T *packed, int64_t block, T *target,
                int64_t targetRow, bool add, const T *bias) const {
    int64_t most = kind.mostRows[panel.vectors], count = (height + most - 1) / most;
    const T *added = bias && block == blocks.count - 1 ? bias + panel.column : nullptr;
    for (int64_t t = 0; t < count; t++) {
      int64_t row = height * t / count, tileRows = height * (t + 1) / count - row;
      kind.tile[panel.vectors][tileRows](blocks.lengthOf(block), rows.data + row * rows.row, rows.row, rows.column,
                                         packed, target + row * targetRow + panel.column, targetRow, panel.columns,
                                         added, add);
    }
  }
};

/// A product with many rows: y is packed once for all of them, and the rows are divided.
template <typename T>
class ProductOfManyRows {
 public:
  ProductOfManyRows(const Factors<T> &factors, const T *bias, const KernelMatrix &out)
      : factors(factors), bias(bias), out(out) {
    int64_t m = factors.m, panels = factors.panels, threads = threadsOfLoop();
    // Strips of rows, short enough to stay in a near cache while panel after panel goes by, the same number for each
    // thread. Each strip reads all of y: where that is too large for a near cache, there are fewer. Only where there
    // are fewer strips than threads is a strip divided again, by panels: threads that write side by side into the same
    // rows wait for each other's cache lines.
    int64_t most = factors.k * factors.n * int64_t(sizeof(T)) < 4 << 20 ? 96 : 256;
    strips = std::max((m + most - 1) / most, std::min(m / 32, threads));
    if (strips > threads) strips = (strips + threads - 1) / threads * threads;
    parts = strips < threads ? std::min(panels, (threads + strips - 1) / strips) : 1;
  }

  /// Products begin..<end of a batch, one after another, each divided among the threads.
  void run(int64_t begin, int64_t end) const {
    bool liesPacked = factors.liesPacked();
    Scratch scratch;
    T *packed = nullptr;
    if (!liesPacked) {
      int64_t width = factors.vectors(factors.n) * factors.kind.lanes;
      packed = static_cast<T *>(scratch.ofSize(size_t(factors.k * width) * sizeof(T)));
    }
    for (int64_t b = begin; b < end; b++) {
      if (liesPacked) {
        packed = static_cast<T *>(factors.y.data) + b * factors.y.batchStride;
      } else if (b == begin || factors.y.batchStride != 0) {
        packAll(b, packed);
      }
      parallelFor(strips * parts, factors.cost() / strips / parts, [&](int64_t first, int64_t last) {
        for (int64_t i = first; i < last; i++) multiplyStrip(b, i / parts, i % parts, packed);
      });
    }
  }

 private:
  const Factors<T> &factors;
  const T *bias;
  const KernelMatrix &out;
  int64_t strips, parts;

  /// Where the panel's part of a block lies.
  T *place(T *packed, const Panel &panel, int64_t block) const {
    return packed + panel.column * factors.k + factors.blocks.begin(block) * panel.width;
  }

  void packAll(int64_t b, T *packed) const {
    int64_t blocks = factors.blocks.count, pieces = factors.panels * blocks;
    parallelFor(pieces, factors.k * factors.n / pieces, [&](int64_t first, int64_t last) {
      for (int64_t i = first; i < last; i++) {
        Panel panel = factors.panel(i / blocks);
        factors.packPanel(b, panel, i % blocks, place(packed, panel, i % blocks));
      }
    });
  }

  /// One strip of rows, and one part of its panels.
  void multiplyStrip(int64_t b, int64_t strip, int64_t part, T *packed) const {
    int64_t top = factors.m * strip / strips, height = factors.m * (strip + 1) / strips - top;
    T *target = static_cast<T *>(out.data) + b * out.batchStride + top * out.rowStride;
    Scratch scratch;
    for (int64_t block = 0; block < factors.blocks.count; block++) {
      Rows<T> rows = factors.rows(b, top, block);
      if (factors.copies(rows)) {
        auto copy = static_cast<T *>(scratch.ofSize(size_t(Rows<T>::roomFor(height)) * sizeof(T)));
        rows = rows.copied(height, factors.blocks.lengthOf(block), copy);
      }
      for (int64_t p = factors.panels * part / parts; p < factors.panels * (part + 1) / parts; p++) {
        Panel panel = factors.panel(p);
        factors.multiply(rows, height, panel, place(packed, panel, block), block, target, out.rowStride, block > 0,
                         bias);
      }
    }
  }
};

/// A product with few rows, divided by its panels. Strips of so few rows would hardly pay for packing y, which each of
/// them would want as a whole. Here a block of a panel is packed by the thread that multiplies with it, into memory
/// that it uses again for its next. Where there are too few panels for the threads, the product is divided along k too:
/// what a block adds is a matrix of its own then, and at the end these are added up, block after block, as everywhere.
template <typename T>
class ProductOfFewRows {
 public:
  ProductOfFewRows(const Factors<T> &given, const T *bias, const KernelMatrix &out, int64_t threads)
      : isTurned(isBetterTurned(given)), factors(isTurned ? given.turned() : given), bias(bias), out(out) {
    bool isDivided = threads > 1 && factors.cost() >= 2 * leastShare;
    // Enough pieces to give each thread about the same.
    matrices = isDivided && factors.panels < 4 * threads ? factors.blocks.count : 1;
    // Each strip packs anew, unless there is nothing to pack.
    int64_t enough = isDivided ? (factors.liesPacked() ? 8 : 4) * threads : 1;
    strips = std::clamp<int64_t>(enough / (matrices * factors.panels), 1, std::max<int64_t>(factors.m / 32, 1));
  }

  /// So few rows that the matrices to be added up are hardly larger than y.
  bool isSuitable() const { return factors.m <= Blocks<T>::length; }

  /// Products begin..<end of a batch, one after another, each divided among the threads.
  void run(int64_t begin, int64_t end) const {
    for (int64_t b = begin; b < end; b++) run(b);
  }

 private:
  const bool isTurned;
  const Factors<T> factors;
  const T *bias;
  const KernelMatrix &out;
  int64_t matrices, strips;

  /// Whether turned it leaves so much less of the vectors empty that this pays for turning out back.
  static bool isBetterTurned(const Factors<T> &given) {
    int64_t saved = given.vectors(given.n) * given.m - given.vectors(given.m) * given.n;
    return given.x.rowStride == 1 && given.n <= Blocks<T>::length && saved * given.k > 2 * given.m * given.n;
  }

  void run(int64_t b) const {
    const int64_t m = factors.m, n = factors.n, others = matrices - 1;
    T *target = static_cast<T *>(out.data) + b * out.batchStride;
    if (!isTurned && others == 0) return multiplyAll(b, target, out.rowStride, nullptr, bias);
    // The first matrix is out itself, or its transpose.
    Scratch scratch;
    auto memory = static_cast<T *>(scratch.ofSize(size_t((others + isTurned) * m * n) * sizeof(T)));
    T *first = isTurned ? memory + others * m * n : target;
    int64_t firstRow = isTurned ? n : out.rowStride;
    multiplyAll(b, first, firstRow, memory, nullptr);
    if (others > 0) addUp(first, firstRow, memory);
    if (isTurned) pack(n, m, out.rowStride, first, 1, n, first + m * n, target);
    if (bias) {
      parallelFor(isTurned ? n : m, isTurned ? m : n, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; i++) addTo(target + i * out.rowStride, isTurned ? m : n, bias);
      });
    }
  }

  /// All blocks of all panels: each to a matrix of its own or, if there is only the first, one after another to that.
  void multiplyAll(int64_t b, T *first, int64_t firstRow, T *others, const T *bias) const {
    const int64_t m = factors.m, n = factors.n, panels = factors.panels, pieces = matrices * panels * strips;
    Scratch copyScratch;
    auto copy = copyRows(b, copyScratch);
    parallelFor(pieces, factors.cost() / pieces, [&](int64_t begin, int64_t end) {
      Scratch packedScratch;
      for (int64_t i = begin; i < end; i++) {
        const int64_t strip = i % strips, matrix = i / strips / panels;
        const int64_t lastBlock = matrices > 1 ? matrix : factors.blocks.count - 1;
        const int64_t top = m * strip / strips, height = m * (strip + 1) / strips - top;
        Panel panel = factors.panel(i / strips % panels);
        T *target = matrix == 0 ? first : others + (matrix - 1) * m * n;
        int64_t targetRow = matrix == 0 ? firstRow : n;
        for (int64_t block = matrix; block <= lastBlock; block++) {
          Rows<T> rows = factors.rows(b, 0, block);
          if (copy) rows = rows.copyAt(copy + block * Rows<T>::roomFor(m), m);
          rows.data += top * rows.row;
          factors.multiply(rows, height, panel, packed(b, panel, block, packedScratch), block, target + top * targetRow,
                           targetRow, block > matrix, bias);
        }
      }
    });
  }

  /// A block of a panel, where it lies or packed.
  const T *packed(int64_t b, const Panel &panel, int64_t block, Scratch &scratch) const {
    const KernelMatrix &y = factors.y;
    if (factors.liesPacked()) {
      return static_cast<const T *>(y.data) + b * y.batchStride + factors.blocks.begin(block) * y.rowStride;
    }
    auto memory = static_cast<T *>(scratch.ofSize(size_t(Blocks<T>::length * factors.widest()) * sizeof(T)));
    factors.packPanel(b, panel, block, memory);
    return memory;
  }

  /// A copy of x, block by block, if its rows are to be copied; each panel would else copy them once more.
  T *copyRows(int64_t b, Scratch &scratch) const {
    if (!factors.copies(factors.rows(b, 0, 0))) return nullptr;
    const int64_t blocks = factors.blocks.count, room = Rows<T>::roomFor(factors.m);
    auto copy = static_cast<T *>(scratch.ofSize(size_t(blocks * room) * sizeof(T)));
    parallelFor(blocks, factors.m * Blocks<T>::length, [&](int64_t begin, int64_t end) {
      for (int64_t block = begin; block < end; block++) {
        factors.rows(b, 0, block).copied(factors.m, factors.blocks.lengthOf(block), copy + block * room);
      }
    });
    return copy;
  }

  void addUp(T *first, int64_t firstRow, const T *others) const {
    const int64_t m = factors.m, n = factors.n;
    parallelFor(m, (matrices - 1) * n, [&](int64_t begin, int64_t end) {
      // Rows that follow each other are one long row.
      const int64_t rows = firstRow == n ? 1 : end - begin, length = firstRow == n ? (end - begin) * n : n;
      for (int64_t matrix = 0; matrix < matrices - 1; matrix++) {
        for (int64_t i = 0; i < rows; i++) {
          addTo(first + (begin + i) * firstRow, length, others + (matrix * m + begin + i) * n);
        }
      }
    });
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
  Factors<T> factors{m, n, k, x, y};
  // Where all products of a batch have one y, it is packed once. Else, where one is too small to be divided, the batch
  // is.
  bool sharesY = batch > 1 && y.batchStride == 0;
  bool dividesBatch = batch > 1 && !sharesY && factors.cost() < 2 * leastShare;
  auto run = [&](const auto &product) {
    if (!dividesBatch) return product.run(0, batch);
    parallelFor(batch, factors.cost(), [&](int64_t begin, int64_t end) { product.run(begin, end); });
  };
  ProductOfFewRows<T> product(factors, bias, out, dividesBatch ? 1 : threadsOfLoop());
  if (product.isSuitable() && !sharesY) return run(product);
  run(ProductOfManyRows<T>(factors, bias, out));
}

template void multiplyReal<float>(int64_t, int64_t, int64_t, int64_t, const KernelMatrix &, const KernelMatrix &,
                                  const float *, const KernelMatrix &);
template void multiplyReal<double>(int64_t, int64_t, int64_t, int64_t, const KernelMatrix &, const KernelMatrix &,
                                   const double *, const KernelMatrix &);

}  // namespace kindling

void KindlingLimitProductVectors(int32_t bytes) { kindling::mostBytes = bytes; }
