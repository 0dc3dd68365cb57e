// Launching reductions: which of the three kernels, and into how many shares.
#include <stdio.h>

#include "device.h"

typedef char Entry[96];

static const char *const names[] = {"sum", "product", "maximum", "minimum", "any", "all", "argmax", "argmin"};

static int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }

/// The block for rows of that length: a warp a row, eight rows a block; or a whole block for a long row.
static Grid gridForRows(int64_t rows, int64_t columns) {
  if (columns <= 512) return (Grid){{(uint32_t)((rows + 7) / 8), 1, 1}, {32, 8, 1}};
  return (Grid){{(uint32_t)rows, 1, 1}, {256, 1, 1}};
}

/// Where there are fewer results than the GPU has multiprocessors, long sums are cut into shares.
static int64_t sharesFor(const KindlingCUDADevice *device, int64_t blocks, int64_t length, int64_t least) {
  int64_t wanted = (int64_t)device->properties.multiprocessors * 4 / (blocks < 1 ? 1 : blocks);
  int64_t shares = smaller(smaller(wanted, length / least), 1024);
  return shares < 1 ? 1 : shares;
}

static KindlingCUDAStatus rowsOnce(KindlingCUDADevice *device, const char *entry, const void *x, void *out,
                                   int64_t rows, int64_t columns, int64_t rowStride, int64_t shares) {
  Grid grid = gridForRows(rows, columns);
  grid.grid[1] = (uint32_t)shares;
  int64_t share = (columns + shares - 1) / shares;
  return LAUNCH(device, entry, grid, A(x), A(out), A(rows), A(columns), A(rowStride), A(share));
}

static KindlingCUDAStatus reduceRows(KindlingCUDADevice *device, const char *entry, KernelType type, bool mayShare,
                                     const void *x, void *out, int64_t rows, int64_t columns, int64_t rowStride) {
  int64_t shares = mayShare && columns > 512 ? sharesFor(device, rows, columns, 4096) : 1;
  if (shares == 1) return rowsOnce(device, entry, x, out, rows, columns, rowStride, 1);
  void *partial = NULL;
  CALL(KindlingCUDAAllocate(device, (size_t)(rows * shares) * KindlingCUDATypeSize(type), &partial));
  KindlingCUDAStatus status = rowsOnce(device, entry, x, partial, rows, columns, rowStride, shares);
  if (status == KindlingCUDAStatus_success) status = rowsOnce(device, entry, partial, out, rows, shares, shares, 1);
  if (status != KindlingCUDAStatus_success) {
    KindlingCUDAFree(device, partial);
    return status;
  }
  return KindlingCUDAFree(device, partial);
}

static KindlingCUDAStatus columnsOnce(KindlingCUDADevice *device, const char *entry, const void *x, void *out,
                                      int64_t batch, int64_t rows, int64_t columns, int64_t rowStride,
                                      int64_t batchStride, int64_t shares) {
  Grid grid = {{(uint32_t)((columns + 31) / 32), (uint32_t)shares, (uint32_t)batch}, {32, 8, 1}};
  int64_t share = (rows + shares - 1) / shares;
  return LAUNCH(device, entry, grid, A(x), A(out), A(rows), A(columns), A(rowStride), A(batchStride), A(share));
}

static KindlingCUDAStatus reduceColumns(KindlingCUDADevice *device, const char *entry, KernelType type, bool mayShare,
                                        const void *x, void *out, int64_t batch, int64_t rows, int64_t columns,
                                        int64_t rowStride, int64_t batchStride) {
  int64_t shares = mayShare ? sharesFor(device, batch * ((columns + 31) / 32), rows, 256) : 1;
  if (shares == 1) return columnsOnce(device, entry, x, out, batch, rows, columns, rowStride, batchStride, 1);
  void *partial = NULL;
  CALL(KindlingCUDAAllocate(device, (size_t)(batch * shares * columns) * KindlingCUDATypeSize(type), &partial));
  KindlingCUDAStatus status =
      columnsOnce(device, entry, x, partial, batch, rows, columns, rowStride, batchStride, shares);
  if (status == KindlingCUDAStatus_success) {
    status = columnsOnce(device, entry, partial, out, batch, shares, columns, columns, shares * columns, 1);
  }
  if (status != KindlingCUDAStatus_success) {
    KindlingCUDAFree(device, partial);
    return status;
  }
  return KindlingCUDAFree(device, partial);
}

KindlingCUDAStatus KindlingCUDAReduce(KindlingCUDADevice *device, ReduceOperation operation, KernelType type,
                                      const KernelShape *shape, uint32_t reduced, KernelOperand x, KernelOperand out) {
  ENTER(device);
  CUDALayout kept, folded;
  int64_t keptCount, foldedCount;
  const int64_t *const strides[] = {x.strides, out.strides};
  CALL(KindlingCUDAMakeLayout(shape, ~reduced & everyDimension, 2, strides, &kept, &keptCount));
  CALL(KindlingCUDAMakeLayout(shape, reduced, 1, strides, &folded, &foldedCount));
  if (keptCount == 0) return KindlingCUDAStatus_success;
  // A position cannot be told from a share's result.
  bool mayShare = operation != ReduceOperation_argmax && operation != ReduceOperation_argmin;
  char base[64];
  Entry entry;
  snprintf(base, sizeof base, "reduce_%s_%s", names[operation], KindlingCUDATypeName(type));

  bool foldsOneDimension = folded.rank <= 1, outIsContiguous = kept.rank == 0 || kept.strides[1][0] == 1;
  if (foldsOneDimension && (folded.rank == 0 || folded.strides[0][0] == 1) && kept.rank <= 1 && outIsContiguous) {
    snprintf(entry, sizeof entry, "%s_rows", base);
    return reduceRows(device, entry, type, mayShare, x.data, out.data, keptCount, foldedCount, kept.strides[0][0]);
  }
  bool batched = kept.rank == 2 && kept.strides[1][1] == kept.sizes[0] && kept.sizes[1] <= 65535;
  if (foldsOneDimension && folded.rank == 1 && (kept.rank == 1 || batched) && kept.strides[0][0] == 1 &&
      outIsContiguous) {
    snprintf(entry, sizeof entry, "%s_columns", base);
    return reduceColumns(device, entry, type, mayShare, x.data, out.data, batched ? kept.sizes[1] : 1, foldedCount,
                         kept.sizes[0], folded.strides[0][0], kept.strides[0][1]);
  }
  snprintf(entry, sizeof entry, "%s_strided", base);
  uint32_t keptElements = (uint32_t)keptCount, foldedElements = (uint32_t)foldedCount;
  return LAUNCH(device, entry, gridForRows(keptCount, foldedCount), A(x.data), A(out.data), A(kept), A(folded),
                A(keptElements), A(foldedElements));
}

KindlingCUDAStatus KindlingCUDACumulativeSum(KindlingCUDADevice *device, KernelType type, const KernelShape *shape,
                                             int32_t dimension, KernelOperand x, KernelOperand out) {
  ENTER(device);
  CUDALayout lines;
  int64_t count;
  const int64_t *const strides[] = {x.strides, out.strides};
  CALL(KindlingCUDAMakeLayout(shape, everyDimension & ~(1u << dimension), 2, strides, &lines, &count));
  int64_t size = shape->rank > 0 ? shape->sizes[dimension] : 1;
  int64_t xStride = x.strides[dimension], outStride = out.strides[dimension];
  if (count == 0 || size == 0) return KindlingCUDAStatus_success;
  Entry entry;
  bool scans = size >= 64 && count < 65536;
  snprintf(entry, sizeof entry, "cumulativeSum_%s_%s", KindlingCUDATypeName(type), scans ? "scan" : "naive");
  if (scans) {
    Grid grid = {{(uint32_t)count, 1, 1}, {256, 1, 1}};
    return LAUNCH(device, entry, grid, A(x.data), A(out.data), A(lines), A(size), A(xStride), A(outStride));
  }
  Grid grid = {{KindlingCUDAGridFor(device, count, 128), 1, 1}, {128, 1, 1}};
  uint32_t lineCount = (uint32_t)count;
  return LAUNCH(device, entry, grid, A(x.data), A(out.data), A(lines), A(lineCount), A(size), A(xStride), A(outStride));
}

KindlingCUDAStatus KindlingCUDASoftmax(KindlingCUDADevice *device, KernelType type, int64_t rows, int64_t columns,
                                       const void *x, void *out, bool logarithm) {
  ENTER(device);
  if (rows == 0 || columns == 0) return KindlingCUDAStatus_success;
  Entry entry;
  snprintf(entry, sizeof entry, "softmax_%s", KindlingCUDATypeName(type));
  int32_t takesLogarithm = logarithm;
  return LAUNCH(device, entry, gridForRows(rows, columns), A(x), A(out), A(rows), A(columns), A(takesLogarithm));
}
