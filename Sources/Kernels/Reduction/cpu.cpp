// Reductions: which loops to run, and over which threads.
//
// Every reduction is brought into one of two forms. Rows: what is folded lies side by side. Columns: what is kept lies
// side by side, and what is folded is a fixed step apart. Where an operand fits neither, it is copied into rows first.
#include <numeric>

#include "../Runtime/scratch.h"
#include "../Runtime/walk.h"
#include "cpu-fold.h"
#include "positions.h"

using namespace kindling;

namespace {

// MARK: Cloned for each instruction set

/// Folds `count` elements at each element of the tile, into out or, where that is a piece of a longer row, into
/// partial; operand 0 is out, operand 1 is x.
KINDLING_CLONES void foldRows(ReduceOperation operation, KernelType type, const Tile<2> &tile, int64_t count,
                              void *partial) {
  withFold(operation, type, [&](auto fold) KINDLING_LAMBDA {
    using Fold = decltype(fold);
    using T = typename Fold::Element;
    for (int64_t row = 0; row < tile.rows; row++) {
      T *out = tile.row<T>(0, row);
      const T *x = tile.row<T>(1, row);
      for (int64_t i = 0; i < tile.columns; i++) {
        auto folded = foldPiece<Fold>(x + i * tile.columnStrides[1], count);
        if (partial) {
          static_cast<typename Fold::Accumulator *>(partial)[i] = folded;
        } else {
          out[i * tile.columnStrides[0]] = T(Fold::leave(folded));
        }
      }
    }
  });
}

/// Joins `count` partial results, each of `columns` values and `stride` apart, and writes them to out.
KINDLING_CLONES void joinPartials(ReduceOperation operation, KernelType type, void *partial, int64_t count,
                                  int64_t stride, int64_t columns, void *out, int64_t outStride) {
  withFold(operation, type, [&](auto fold) KINDLING_LAMBDA {
    using Fold = decltype(fold);
    using T = typename Fold::Element;
    auto *sums = static_cast<typename Fold::Accumulator *>(partial);
    joinRowsPairwise<Fold>(sums, count, stride, columns);
    for (int64_t c = 0; c < columns; c++) static_cast<T *>(out)[c * outStride] = T(Fold::leave(sums[c]));
  });
}

/// Folds up to 2048 rows of up to 256 columns, into out or, where there are more rows to come, into partial.
KINDLING_CLONES void foldColumns(ReduceOperation operation, KernelType type, const void *x, int64_t rows,
                                 int64_t rowStride, int64_t columns, void *out, int64_t outStride, void *partial) {
  withFold(operation, type, [&](auto fold) KINDLING_LAMBDA {
    using Fold = decltype(fold);
    using T = typename Fold::Element;
    typename Fold::Accumulator sums[rowPiece / rowStretch][columnBlock];
    foldRowPiece<Fold>(static_cast<const T *>(x), rows, rowStride, columns, sums);
    if (partial) {
      std::memcpy(partial, sums[0], size_t(columns) * sizeof sums[0][0]);
    } else {
      for (int64_t c = 0; c < columns; c++) static_cast<T *>(out)[c * outStride] = T(Fold::leave(sums[0][c]));
    }
  });
}

// MARK: Which loops to run

/// A reduction taken apart: one walk over what is kept (out and x), one over what is folded (x).
struct Reduction {
  ReduceOperation operation;
  KernelType type;
  Walk<2> kept;
  Walk<1> folded;
  char *x, *out;

  bool isPosition() const { return operation == ReduceOperation_argmax || operation == ReduceOperation_argmin; }
  int64_t outSize() const { return isPosition() ? 8 : KindlingTypeSize(type); }
  /// Bytes of a Fold::Accumulator: sums, products and norms are wider than what they fold.
  int64_t accumulatorSize() const {
    bool isWide =
        operation == ReduceOperation_sum || operation == ReduceOperation_product || operation == ReduceOperation_norm;
    return isWide ? sizeof(Wide<float>) : KindlingTypeSize(type);
  }
  bool isRows() const {
    return folded.rank == 0 || folded.count == 0 || (folded.rank == 1 && folded.strides[0][0] == 1);
  }
  bool isColumns() const { return folded.rank == 1 && kept.rank > 0 && kept.strides[kept.rank - 1][1] == 1; }
};

void runRows(const Reduction &r) {
  int64_t count = r.folded.count, pieces = (count + piece - 1) / piece;
  if (r.isPosition() || pieces <= 1) {
    parallelTiles(r.kept, {r.out, r.x}, {r.outSize(), KindlingTypeSize(r.type)}, std::max<int64_t>(1, count),
                  [&](const Tile<2> &tile) {
                    r.isPosition() ? findInRows(r.operation, r.type, tile, count)
                                   : foldRows(r.operation, r.type, tile, count, nullptr);
                  });
    return;
  }
  Scratch scratch;
  char *partial = static_cast<char *>(scratch.ofSize(size_t(pieces * r.accumulatorSize())));
  auto foldOne = [&](const Tile<2> &tile) {
    parallelFor(pieces, piece, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; i++) {
        Tile<2> one = tile;
        one.data[1] += i * piece * KindlingTypeSize(r.type);
        foldRows(r.operation, r.type, one, std::min(piece, count - i * piece), partial + i * r.accumulatorSize());
      }
    });
    joinPartials(r.operation, r.type, partial, pieces, 1, 1, tile.data[0], 1);
  };
  for (int64_t i = 0; i < r.kept.count; i++) {
    forEachTile(r.kept, {r.out, r.x}, {r.outSize(), KindlingTypeSize(r.type)}, i, i + 1, foldOne);
  }
}

/// A reduction in columns, cut into tasks: up to 2048 rows of up to 256 columns each, at each element of what else is
/// kept.
struct ColumnTasks {
  const Reduction &r;
  Walk<2> outer;
  int64_t columns, rows, rowStride, outStride, blocks, pieces;
  Scratch scratch;
  char *partial = nullptr;  // room for the results of pieces, where there is more than one to a column

  explicit ColumnTasks(const Reduction &r) : r(r), outer(r.kept) {
    columns = outer.sizes[--outer.rank];
    outer.count /= columns;
    outStride = outer.strides[outer.rank][0];
    rows = r.folded.count;
    rowStride = r.folded.strides[0][0];
    blocks = (columns + columnBlock - 1) / columnBlock;
    pieces = r.isPosition() ? 1 : (rows + rowPiece - 1) / rowPiece;
    if (pieces == 1) return;
    partial = static_cast<char *>(scratch.ofSize(size_t(outer.count * pieces * columns * r.accumulatorSize())));
  }

  /// The results of piece p of block b at outer index o begin here.
  void *partialAt(int64_t o, int64_t p, int64_t b) const {
    return partial ? partial + ((o * pieces + p) * columns + b * columnBlock) * r.accumulatorSize() : nullptr;
  }

  /// Calls body(out, x, width) for block b at outer index o.
  template <typename Body>
  void atBlock(int64_t o, int64_t b, Body body) const {
    int64_t size = KindlingTypeSize(r.type), outSize = r.outSize(), first = b * columnBlock;
    forEachTile(outer, {r.out, r.x}, {outSize, size}, o, o + 1, [&](const Tile<2> &tile) {
      body(tile.data[0] + first * outStride * outSize, tile.data[1] + first * size,
           std::min(columnBlock, columns - first));
    });
  }

  void run(int64_t task) const {
    int64_t p = task % pieces, b = task / pieces % blocks, o = task / pieces / blocks;
    atBlock(o, b, [&](char *out, char *x, int64_t width) {
      if (r.isPosition()) return findInColumns(r.operation, r.type, x, rows, rowStride, width, out, outStride);
      int64_t firstRow = p * rowPiece;
      foldColumns(r.operation, r.type, x + firstRow * rowStride * KindlingTypeSize(r.type),
                  std::min(rowPiece, rows - firstRow), rowStride, width, out, outStride, partialAt(o, p, b));
    });
  }

  void join(int64_t o, int64_t b) const {
    atBlock(o, b, [&](char *out, char *, int64_t width) {
      joinPartials(r.operation, r.type, partialAt(o, 0, b), pieces, columns, width, out, outStride);
    });
  }
};

void runColumns(const Reduction &r) {
  ColumnTasks tasks(r);
  int64_t elementsPerTask = std::min(tasks.columns, columnBlock) * std::min(tasks.rows, rowPiece);
  parallelFor(tasks.outer.count * tasks.blocks * tasks.pieces, elementsPerTask, [&](int64_t begin, int64_t end) {
    for (int64_t task = begin; task < end; task++) tasks.run(task);
  });
  if (!tasks.partial) return;
  for (int64_t o = 0; o < tasks.outer.count; o++) {
    for (int64_t b = 0; b < tasks.blocks; b++) tasks.join(o, b);
  }
}

/// The dimensions of `shape` for which `chosen` has a bit, and their strides.
struct Part {
  KernelShape shape = {};
  int64_t x[KINDLING_MAXIMUM_RANK] = {}, out[KINDLING_MAXIMUM_RANK] = {};

  Part(const KernelShape &whole, const KernelOperand &xOperand, const KernelOperand &outOperand, uint32_t chosen) {
    for (int i = 0; i < whole.rank; i++) {
      if (!(chosen >> i & 1)) continue;
      shape.sizes[shape.rank] = whole.sizes[i];
      x[shape.rank] = xOperand.strides[i];
      out[shape.rank++] = outOperand.strides[i];
    }
  }
};

/// There is one element for each result.
void keepOnly(const Reduction &r, const Part &kept) {
  KernelOperand x = {r.x, {}}, out = {r.out, {}};
  std::copy_n(kept.x, kept.shape.rank, x.strides);
  std::copy_n(kept.out, kept.shape.rank, out.strides);
  if (r.isPosition()) {
    KindlingFill(KernelType_int64, &kept.shape, out, {0, 0});
  } else if (r.operation == ReduceOperation_norm) {
    KindlingUnary(UnaryOperation_absolute, r.type, &kept.shape, x, out, {0, 0}, {0, 0});
  } else {
    KindlingCopy(r.type, r.type, &kept.shape, x, out);
  }
}

/// Copies x so that what is folded lies side by side, and reduces that.
void runOnCopy(const Reduction &r, const Part &kept, const Part &folded) {
  KernelShape shape = kept.shape;
  KernelOperand from = {r.x, {}}, to = {nullptr, {}};
  std::copy_n(kept.x, kept.shape.rank, from.strides);
  std::copy_n(folded.x, folded.shape.rank, from.strides + kept.shape.rank);
  std::copy_n(folded.shape.sizes, folded.shape.rank, shape.sizes + shape.rank);
  shape.rank += folded.shape.rank;
  contiguousStrides(shape, to.strides);
  Scratch scratch;
  to.data = scratch.ofSize(size_t(elementCount(shape) * KindlingTypeSize(r.type)));
  KindlingCopy(r.type, r.type, &shape, from, to);

  KernelOperand out = {r.out, {}};
  std::copy_n(kept.out, kept.shape.rank, out.strides);
  uint32_t bits = ((1u << folded.shape.rank) - 1) << kept.shape.rank;
  KindlingReduce(r.operation, r.type, &shape, bits, to, out);
}

}  // namespace

void KindlingReduce(ReduceOperation operation, KernelType type, const KernelShape *shape, uint32_t reduced,
                    KernelOperand x, KernelOperand out) {
  Part keptPart(*shape, x, out, ~reduced), foldedPart(*shape, x, out, reduced);
  if (isEmpty(keptPart.shape)) return;
  Reduction r = {operation,
                 type,
                 Walk<2>(keptPart.shape, {keptPart.out, keptPart.x}),
                 Walk<1>(foldedPart.shape, {foldedPart.x}),
                 static_cast<char *>(x.data),
                 static_cast<char *>(out.data)};
  if (r.folded.count == 1) return keepOnly(r, keptPart);
  r.kept.sortByMemoryOrder();
  r.kept.mergeLoops();
  if (!r.isPosition()) r.folded.sortByMemoryOrder();  // a position counts in row-major order
  r.folded.mergeLoops();
  if (r.isRows()) return runRows(r);
  if (r.isColumns()) return runColumns(r);
  runOnCopy(r, keptPart, foldedPart);
}
