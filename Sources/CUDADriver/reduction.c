// Launching reductions: which of the three kernels, and into how many shares.
#include <stdio.h>

#include "launch.h"

#define ROW(name, Fold, ...) #name,
static const char *const names[] = {KINDLING_REDUCE(ROW)};
#undef ROW

static int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }

static int64_t ceilOf(int64_t size, int64_t shares) { return (size + shares - 1) / shares; }

/// A warp a row, or the power of two that is enough where `threads` are fewer: 256 threads a block.
static Grid gridOfWarps(int64_t rows, int64_t threads) {
  uint32_t width = 4;
  while (width < threads && width < 32) width *= 2;
  uint32_t height = 256 / width;
  return (Grid){{(uint32_t)ceilOf(rows, height), 1, 1}, {width, height, 1}};
}

/// The block for rows of that length: a warp or less for a short row, a whole block for a long one.
static Grid gridForRows(int64_t rows, int64_t columns) {
  if (columns <= 512) return gridOfWarps(rows, columns);
  return (Grid){{(uint32_t)rows, 1, 1}, {256, 1, 1}};
}

/// Where there are fewer results than the GPU has multiprocessors, long sums are cut into shares.
static int64_t sharesFor(const KindlingCUDADevice *device, int64_t blocks, int64_t length, int64_t least) {
  int64_t wanted = (int64_t)device->properties.multiprocessors * 8 / (blocks < 1 ? 1 : blocks);
  int64_t shares = smaller(smaller(wanted, length / least), 1024);
  return shares < 1 ? 1 : shares;
}

/// A reduction, once it is known what is kept and what is folded.
typedef struct Reduction {
  char base[64];  // of the kernels' names
  KernelType type;
  const void *x;
  void *out;
  CUDALayout kept, folded;
  int64_t keptCount, foldedCount;
  bool isPosition;  // argmax or argmin
} Reduction;

static KindlingCUDAStatus foldRows(KindlingCUDADevice *device, const Reduction *r, const void *x, void *out,
                                   int64_t columns, int64_t rowStride, int64_t shares) {
  Entry entry;
  snprintf(entry, sizeof entry, "%s_rows", r->base);
  Grid grid = gridForRows(r->keptCount, columns);
  grid.grid[1] = (uint32_t)shares;
  int64_t share = ceilOf(columns, shares);
  return LAUNCH(device, entry, grid, A(x), A(out), A(r->keptCount), A(columns), A(rowStride), A(share));
}

static KindlingCUDAStatus foldStrided(KindlingCUDADevice *device, const Reduction *r, void *out, int64_t shares) {
  Entry entry;
  snprintf(entry, sizeof entry, "%s_strided", r->base);
  Grid grid = gridForRows(r->keptCount, r->foldedCount);
  grid.grid[1] = (uint32_t)shares;
  uint32_t keptCount = (uint32_t)r->keptCount, foldedCount = (uint32_t)r->foldedCount;
  int64_t share = ceilOf(r->foldedCount, shares);
  return LAUNCH(device, entry, grid, A(r->x), A(out), A(r->kept), A(r->folded), A(keptCount), A(foldedCount), A(share));
}

/// The elements of x are [batch, rows, columns], and those of out [batch, columns].
static KindlingCUDAStatus foldColumns(KindlingCUDADevice *device, const Reduction *r, const void *x, void *out,
                                      int64_t rows, int64_t rowStride, int64_t batchStride, int64_t shares) {
  Entry entry;
  snprintf(entry, sizeof entry, "%s_columns", r->base);
  int64_t columns = r->kept.sizes[0], batch = r->keptCount / columns, share = ceilOf(rows, shares);
  Grid grid = {{(uint32_t)ceilOf(columns, 32), (uint32_t)shares, (uint32_t)batch}, {32, 8, 1}};
  return LAUNCH(device, entry, grid, A(x), A(out), A(rows), A(columns), A(rowStride), A(batchStride), A(share));
}

/// The best of each result's candidates, of which each share has left one.
static KindlingCUDAStatus foldCandidates(KindlingCUDADevice *device, const Reduction *r, const void *candidates,
                                         uint32_t inner, int64_t shares) {
  Entry entry;
  snprintf(entry, sizeof entry, "%s_candidates", r->base);
  uint32_t keptCount = (uint32_t)r->keptCount;
  return LAUNCH(device, entry, gridForRows(r->keptCount, shares), A(r->x), A(candidates), A(r->out), A(r->kept),
                A(r->folded), A(keptCount), A(inner), A(shares));
}

typedef enum Path { rows, columns, strided } Path;

/// Folds in one launch, into r->out; or with more than one share, into `partial`.
static KindlingCUDAStatus foldOnce(KindlingCUDADevice *device, const Reduction *r, Path path, void *out,
                                   int64_t shares) {
  switch (path) {
    case rows:
      return foldRows(device, r, r->x, out, r->foldedCount, r->kept.strides[0][0], shares);
    case columns:
      return foldColumns(device, r, r->x, out, r->foldedCount, r->folded.strides[0][0], r->kept.strides[0][1], shares);
    case strided:
      return foldStrided(device, r, out, shares);
  }
}

/// The second launch: from the shares' results to the results.
static KindlingCUDAStatus foldShares(KindlingCUDADevice *device, const Reduction *r, Path path, const void *partial,
                                     int64_t shares) {
  int64_t width = r->kept.sizes[0];
  if (r->isPosition) return foldCandidates(device, r, partial, path == columns ? (uint32_t)width : 1, shares);
  if (path == columns) return foldColumns(device, r, partial, r->out, shares, width, shares * width, 1);
  return foldRows(device, r, partial, r->out, shares, shares, 1);
}

static KindlingCUDAStatus fold(KindlingCUDADevice *device, const Reduction *r, Path path, bool mayShare) {
  int64_t blocks = gridForRows(r->keptCount, r->foldedCount).grid[0], least = 4096;
  if (path == columns) {
    int64_t width = r->kept.sizes[0];
    blocks = r->keptCount / width * ceilOf(width, 32);
    least = 256;
  }
  int64_t shares = mayShare ? sharesFor(device, blocks, r->foldedCount, least) : 1;
  if (shares == 1) return foldOnce(device, r, path, r->out, 1);
  size_t bytes = (size_t)KindlingTypeSize(r->isPosition ? KernelType_int64 : r->type);
  void *partial = NULL;
  CALL(KindlingCUDAAllocate(device, (size_t)(r->keptCount * shares) * bytes, &partial));
  KindlingCUDAStatus status = foldOnce(device, r, path, partial, shares);
  if (status == KindlingCUDAStatus_success) status = foldShares(device, r, path, partial, shares);
  KindlingCUDAStatus freed = KindlingCUDAFree(device, partial);
  return status == KindlingCUDAStatus_success ? freed : status;
}

/// The dimensions that are folded, the one with the largest steps in x first: where the order does not matter, one that
/// goes through memory from its start to its end is best.
static void sortFolded(const KernelShape *shape, uint32_t reduced, const int64_t *strides, KernelShape *sorted,
                       int64_t *sortedStrides) {
  sorted->rank = 0;
  for (int32_t d = 0; d < shape->rank; ++d) {
    if (!(reduced >> d & 1)) continue;
    int32_t place = sorted->rank++;
    for (; place > 0 && sortedStrides[place - 1] < strides[d]; --place) {
      sorted->sizes[place] = sorted->sizes[place - 1];
      sortedStrides[place] = sortedStrides[place - 1];
    }
    sorted->sizes[place] = shape->sizes[d];
    sortedStrides[place] = strides[d];
  }
}

/// Whether the results lie one behind the other.
static bool outIsContiguous(const CUDALayout *kept) {
  int64_t step = 1;
  for (int32_t d = 0; d < kept->rank; ++d) {
    if (kept->strides[1][d] != step) return false;
    step *= kept->sizes[d];
  }
  return true;
}

KindlingCUDAStatus KindlingCUDAReduce(KindlingCUDADevice *device, ReduceOperation operation, KernelType type,
                                      const KernelShape *shape, uint32_t reduced, KernelOperand x, KernelOperand out) {
  ENTER(device);
  Reduction r = {.type = type, .x = x.data, .out = out.data};
  r.isPosition = operation == ReduceOperation_argmax || operation == ReduceOperation_argmin;
  snprintf(r.base, sizeof r.base, "reduce_%s_%s", names[operation], KindlingTypeName(type));
  const int64_t *const strides[] = {x.strides, out.strides};
  CALL(KindlingCUDAMakeLayout(shape, ~reduced & everyDimension, 2, strides, &r.kept, &r.keptCount));
  if (r.keptCount == 0) return KindlingCUDAStatus_success;
  if (r.isPosition) {  // it counts in the order of the dimensions
    CALL(KindlingCUDAMakeLayout(shape, reduced, 1, strides, &r.folded, &r.foldedCount));
  } else {
    KernelShape sorted;
    int64_t sortedStrides[KINDLING_MAXIMUM_RANK];
    sortFolded(shape, reduced, x.strides, &sorted, sortedStrides);
    CALL(KindlingCUDAMakeLayout(&sorted, everyDimension, 1, (const int64_t *const[]){sortedStrides}, &r.folded,
                                &r.foldedCount));
  }

  const CUDALayout *kept = &r.kept, *folded = &r.folded;
  bool inOrder = outIsContiguous(kept), oneDimension = folded->rank <= 1;
  bool batched = kept->rank == 2 && kept->sizes[1] <= 65535;
  Path path = strided;
  if (inOrder && oneDimension && (folded->rank == 0 || folded->strides[0][0] == 1) && kept->rank <= 1) {
    path = rows;
  } else if (inOrder && folded->rank == 1 && (kept->rank == 1 || batched) && kept->strides[0][0] == 1) {
    path = columns;
  }
  return fold(device, &r, path, inOrder || r.isPosition);
}

// MARK: Running sums and products

/// Lines along one dimension, and how they are cut.
typedef struct Lines {
  ReduceOperation operation;
  KernelType type;
  const void *x;
  void *out;
  CUDALayout layout;  // of where they begin, in x and in out
  int64_t count, size, xStride, outStride, shares;
} Lines;

static KindlingCUDAStatus scan(KindlingCUDADevice *device, const Lines *l, const void *before) {
  Entry entry;
  snprintf(entry, sizeof entry, "cumulate_%s_%s_scan", names[l->operation], KindlingTypeName(l->type));
  Grid grid = {{(uint32_t)l->count, (uint32_t)l->shares, 1}, {256, 1, 1}};
  int64_t share = ceilOf(l->size, l->shares);
  return LAUNCH(device, entry, grid, A(l->x), A(l->out), A(l->layout), A(l->size), A(l->xStride), A(l->outStride),
                A(share), A(before));
}

/// Three launches: what each share comes to, what those up to each do, and the shares themselves, each on from there.
static KindlingCUDAStatus scanShares(KindlingCUDADevice *device, const Lines *l) {
  void *sums = NULL;
  CALL(KindlingCUDAAllocate(device, (size_t)(l->count * l->shares) * (size_t)KindlingTypeSize(l->type), &sums));
  Reduction r = {.type = l->type, .x = l->x, .kept = l->layout, .keptCount = l->count, .foldedCount = l->size};
  r.folded = (CUDALayout){.sizes = {(uint32_t)l->size}, .strides = {{l->xStride}}, .rank = 1};
  snprintf(r.base, sizeof r.base, "reduce_%s_%s", names[l->operation], KindlingTypeName(l->type));
  KindlingCUDAStatus status = foldStrided(device, &r, sums, l->shares);
  Lines ofSums = {.operation = l->operation, .type = l->type, .x = sums, .out = sums, .count = l->count};
  ofSums.size = l->shares, ofSums.shares = 1;
  ofSums.layout = (CUDALayout){.sizes = {(uint32_t)l->count}, .strides = {{l->shares}, {l->shares}}, .rank = 1};
  ofSums.xStride = ofSums.outStride = 1;
  if (status == KindlingCUDAStatus_success) status = scan(device, &ofSums, NULL);
  if (status == KindlingCUDAStatus_success) status = scan(device, l, sums);
  KindlingCUDAStatus freed = KindlingCUDAFree(device, sums);
  return status == KindlingCUDAStatus_success ? freed : status;
}

KindlingCUDAStatus KindlingCUDACumulate(KindlingCUDADevice *device, ReduceOperation operation, KernelType type,
                                        const KernelShape *shape, int32_t dimension, KernelOperand x,
                                        KernelOperand out) {
  ENTER(device);
  Lines l = {.operation = operation, .type = type, .x = x.data, .out = out.data, .shares = 1};
  const int64_t *const strides[] = {x.strides, out.strides};
  CALL(KindlingCUDAMakeLayout(shape, everyDimension & ~(1u << dimension), 2, strides, &l.layout, &l.count));
  l.size = shape->rank > 0 ? shape->sizes[dimension] : 1;
  l.xStride = x.strides[dimension], l.outStride = out.strides[dimension];
  if (l.count == 0 || l.size == 0) return KindlingCUDAStatus_success;
  if (l.size >= 64 && l.count < 65536) {
    // In the emulator a block costs more than it would save.
    if (!device->properties.emulated) l.shares = sharesFor(device, l.count, l.size, 4096);
    return l.shares > 1 ? scanShares(device, &l) : scan(device, &l, NULL);
  }
  Entry entry;
  snprintf(entry, sizeof entry, "cumulate_%s_%s_naive", names[operation], KindlingTypeName(type));
  Grid grid = KindlingCUDAGridFor(device, l.count, 128);
  uint32_t lineCount = (uint32_t)l.count;
  return LAUNCH(device, entry, grid, A(l.x), A(l.out), A(l.layout), A(lineCount), A(l.size), A(l.xStride),
                A(l.outStride));
}

// MARK: Softmax

/// Two launches, with a block for each share of a row: what the shares come to, and the result.
static KindlingCUDAStatus softmaxInShares(KindlingCUDADevice *device, KernelType type, int64_t rows, int64_t columns,
                                          const void *x, void *out, SoftmaxKind kind, int64_t shares) {
  Entry entry;
  Grid grid = {{(uint32_t)rows, (uint32_t)shares, 1}, {256, 1, 1}};
  int64_t share = ceilOf(columns, shares);
  size_t bytes = (size_t)(rows * shares) * (size_t)KindlingTypeSize(type);
  void *maxima = NULL;
  CALL(KindlingCUDAAllocate(device, 2 * bytes, &maxima));
  void *sums = (char *)maxima + bytes;
  snprintf(entry, sizeof entry, "softmax_%s_shares", KindlingTypeName(type));
  KindlingCUDAStatus status = LAUNCH(device, entry, grid, A(x), A(maxima), A(sums), A(columns), A(share));
  snprintf(entry, sizeof entry, "softmax_%s_fromShares", KindlingTypeName(type));
  if (status == KindlingCUDAStatus_success) {
    status = LAUNCH(device, entry, grid, A(x), A(maxima), A(sums), A(out), A(columns), A(share), A(kind));
  }
  KindlingCUDAStatus freed = KindlingCUDAFree(device, maxima);
  return status == KindlingCUDAStatus_success ? freed : status;
}

KindlingCUDAStatus KindlingCUDASoftmax(KindlingCUDADevice *device, KernelType type, int64_t rows, int64_t columns,
                                       const void *x, void *out, SoftmaxKind kind) {
  ENTER(device);
  if (rows == 0 || columns == 0) return KindlingCUDAStatus_success;
  Entry entry;
  int32_t most = columns <= 64 ? 2 : 8;  // elements that a thread keeps in registers
  Grid grid = {{(uint32_t)rows, 1, 1}, {256, 1, 1}};
  if (columns > most * 1024) {
    // In the emulator a block costs more than it would save.
    int64_t shares = device->properties.emulated ? 1 : sharesFor(device, rows, columns, 4096);
    if (shares > 1) return softmaxInShares(device, type, rows, columns, x, out, kind, shares);
    snprintf(entry, sizeof entry, "softmax_%s_passes", KindlingTypeName(type));
    return LAUNCH(device, entry, grid, A(x), A(out), A(columns), A(kind));
  }
  if (columns <= 256) grid = gridOfWarps(rows, ceilOf(columns, most));
  if (columns > most * 256) grid.block[0] = 1024;
  snprintf(entry, sizeof entry, "softmax_%s_%d", KindlingTypeName(type), most);
  return LAUNCH(device, entry, grid, A(x), A(out), A(rows), A(columns), A(kind));
}
