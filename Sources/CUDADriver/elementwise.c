// Launching elementwise kernels, copies, gathers and scatters: one thread an element, or a vector of them.
#include <stdio.h>
#include <string.h>

#include "device.h"

#define ROW(name, value) #name,
static const char *const unaryNames[] = {KINDLING_UNARY_ARITHMETIC(ROW) KINDLING_UNARY_FLOAT(ROW)};
static const char *const binaryNames[] = {KINDLING_BINARY_ARITHMETIC(ROW) KINDLING_BINARY_FLOAT(ROW)};
static const char *const compareNames[] = {KINDLING_COMPARE(ROW)};
#undef ROW

static const uint32_t blockSize = 256;

static Grid gridOf(const KindlingCUDADevice *device, int64_t threads) {
  return (Grid){{KindlingCUDAGridFor(device, threads, blockSize), 1, 1}, {blockSize, 1, 1}};
}

/// A grid for kernels whose threads take four elements each.
static Grid gridOfFours(const KindlingCUDADevice *device, int64_t count) { return gridOf(device, (count + 3) / 4); }

/// Whether a thread may take four neighbours of the layout: where they are neighbours in memory, or one element for all
/// four, in each operand; where no four of them are torn apart by a line's end; and where those that are moved at once
/// lie at a multiple of their size, or of 16 bytes.
static void decideFours(CUDALayout *layout, int32_t operands, const void *const *pointers, const KernelType *types) {
  layout->fours = layout->rank == 1 || (layout->rank > 1 && layout->sizes[0] % 4 == 0);
  for (int32_t n = 0; n < operands && layout->fours; ++n) {
    const int64_t *strides = layout->strides[n];
    size_t bytes = 4 * KindlingCUDATypeSize(types[n]);
    if (strides[0] == 0) continue;
    layout->fours = strides[0] == 1 && (uintptr_t)pointers[n] % (bytes < 16 ? bytes : 16) == 0;
    for (int32_t d = 1; d < layout->rank && layout->fours; ++d) layout->fours = strides[d] % 4 == 0;
  }
}

typedef char Entry[96];

#define LAYOUT(operands, ...)                                                                                  \
  CUDALayout layout;                                                                                           \
  int64_t count;                                                                                               \
  CALL(KindlingCUDAMakeLayout(shape, everyDimension, operands, (const int64_t *const[]){__VA_ARGS__}, &layout, \
                              &count));                                                                        \
  uint32_t elements = (uint32_t)count;                                                                         \
  (void)elements;                                                                                              \
  if (count == 0) return KindlingCUDAStatus_success

#define FOURS(operands, pointers, ...) \
  decideFours(&layout, operands, (const void *const[])pointers, (const KernelType[]){__VA_ARGS__})
#define POINTERS(...) {__VA_ARGS__}

// MARK: Elementwise

KindlingCUDAStatus KindlingCUDAFill(KindlingCUDADevice *device, KernelType type, const KernelShape *shape,
                                    KernelOperand out, KernelScalar value) {
  ENTER(device);
  LAYOUT(1, out.strides);
  FOURS(1, POINTERS(out.data), type);
  Scalar number = KindlingCUDAScalar(type, value);
  Entry entry;
  snprintf(entry, sizeof entry, "fill_%s", KindlingCUDATypeName(type));
  return LAUNCH(device, entry, gridOfFours(device, count), A(out.data), A(layout), A(elements), TYPED(type, number));
}

KindlingCUDAStatus KindlingCUDAUnary(KindlingCUDADevice *device, UnaryOperation operation, KernelType type,
                                     const KernelShape *shape, KernelOperand x, KernelOperand out, KernelScalar p,
                                     KernelScalar q) {
  ENTER(device);
  LAYOUT(2, x.strides, out.strides);
  FOURS(2, POINTERS(x.data, out.data), type, type);
  Scalar first = KindlingCUDAScalar(type, p), second = KindlingCUDAScalar(type, q);
  Entry entry;
  snprintf(entry, sizeof entry, "unary_%s_%s", unaryNames[operation], KindlingCUDATypeName(type));
  return LAUNCH(device, entry, gridOfFours(device, count), A(x.data), A(out.data), A(layout), A(elements),
                TYPED(type, first), TYPED(type, second));
}

KindlingCUDAStatus KindlingCUDABinary(KindlingCUDADevice *device, BinaryOperation operation, KernelType type,
                                      const KernelShape *shape, KernelOperand x, KernelOperand y, KernelOperand out,
                                      KernelScalar p, KernelScalar q) {
  ENTER(device);
  LAYOUT(3, x.strides, y.strides, out.strides);
  FOURS(3, POINTERS(x.data, y.data, out.data), type, type, type);
  Scalar first = KindlingCUDAScalar(type, p), second = KindlingCUDAScalar(type, q);
  Entry entry;
  snprintf(entry, sizeof entry, "binary_%s_%s", binaryNames[operation], KindlingCUDATypeName(type));
  return LAUNCH(device, entry, gridOfFours(device, count), A(x.data), A(y.data), A(out.data), A(layout), A(elements),
                TYPED(type, first), TYPED(type, second));
}

/// Compares with y, or with the number where y has no data.
static KindlingCUDAStatus compare(KindlingCUDADevice *device, CompareOperation operation, KernelType type,
                                  const KernelShape *shape, KernelOperand x, KernelOperand y, KernelScalar value,
                                  KernelOperand out) {
  LAYOUT(3, x.strides, y.strides, out.strides);
  FOURS(3, POINTERS(x.data, y.data, out.data), type, type, KernelType_bool);
  Scalar number = KindlingCUDAScalar(type, value);
  Entry entry;
  snprintf(entry, sizeof entry, "compare_%s_%s", compareNames[operation], KindlingCUDATypeName(type));
  return LAUNCH(device, entry, gridOfFours(device, count), A(x.data), A(y.data), TYPED(type, number), A(out.data),
                A(layout), A(elements));
}

KindlingCUDAStatus KindlingCUDACompare(KindlingCUDADevice *device, CompareOperation operation, KernelType type,
                                       const KernelShape *shape, KernelOperand x, KernelOperand y, KernelOperand out) {
  ENTER(device);
  return compare(device, operation, type, shape, x, y, (KernelScalar){0, 0}, out);
}

KindlingCUDAStatus KindlingCUDACompareScalar(KindlingCUDADevice *device, CompareOperation operation, KernelType type,
                                             const KernelShape *shape, KernelOperand x, KernelScalar value,
                                             KernelOperand out) {
  ENTER(device);
  return compare(device, operation, type, shape, x, (KernelOperand){NULL, {0}}, value, out);
}

KindlingCUDAStatus KindlingCUDASelect(KindlingCUDADevice *device, KernelType type, const KernelShape *shape,
                                      KernelOperand condition, KernelOperand x, KernelOperand y, KernelOperand out) {
  ENTER(device);
  LAYOUT(4, condition.strides, x.strides, y.strides, out.strides);
  FOURS(4, POINTERS(condition.data, x.data, y.data, out.data), KernelType_bool, type, type, type);
  Entry entry;
  snprintf(entry, sizeof entry, "select_%s", KindlingCUDATypeName(type));
  return LAUNCH(device, entry, gridOfFours(device, count), A(condition.data), A(x.data), A(y.data), A(out.data),
                A(layout), A(elements));
}

// MARK: Copies

/// A transposed copy, through tiles: neighbours in out are far apart in x, and the other way round.
static KindlingCUDAStatus transpose(KindlingCUDADevice *device, KernelType type, const CUDALayout *layout, void *x,
                                    void *out) {
  int64_t rows = layout->sizes[0], columns = layout->sizes[1], batch = layout->rank == 3 ? layout->sizes[2] : 1;
  int64_t xStride = layout->strides[0][0], outStride = layout->strides[1][1];
  int64_t xBatch = layout->strides[0][2], outBatch = layout->strides[1][2];
  Grid grid = {{(uint32_t)((rows + 31) / 32), (uint32_t)((columns + 31) / 32), (uint32_t)batch}, {32, 8, 1}};
  Entry entry;
  snprintf(entry, sizeof entry, "transpose_%s", KindlingCUDATypeName(type));
  return LAUNCH(device, entry, grid, A(x), A(out), A(rows), A(columns), A(xStride), A(outStride), A(xBatch),
                A(outBatch));
}

static bool isTranspose(const CUDALayout *layout) {
  if (layout->rank < 2 || layout->rank > 3 || layout->sizes[0] < 8 || layout->sizes[1] < 8) return false;
  if (layout->strides[1][0] != 1 || layout->strides[0][1] != 1) return false;
  return (layout->sizes[1] + 31) / 32 <= 65535 && (layout->rank == 2 || layout->sizes[2] <= 65535);
}

KindlingCUDAStatus KindlingCUDACopy(KindlingCUDADevice *device, KernelType from, KernelType to,
                                    const KernelShape *shape, KernelOperand x, KernelOperand out) {
  ENTER(device);
  LAYOUT(2, x.strides, out.strides);
  if (from == to && KindlingCUDAIsContiguous(&layout, 2)) {
    return KindlingCUDACopyOnDevice(device, out.data, x.data, (size_t)count * KindlingCUDATypeSize(from));
  }
  if (from == to && isTranspose(&layout)) return transpose(device, from, &layout, x.data, out.data);
  FOURS(2, POINTERS(x.data, out.data), from, to);
  Entry entry;
  snprintf(entry, sizeof entry, "copy_%s_%s", KindlingCUDATypeName(from), KindlingCUDATypeName(to));
  return LAUNCH(device, entry, gridOfFours(device, count), A(x.data), A(out.data), A(layout), A(elements));
}

// MARK: Gather and scatter

/// `indexed` is the operand in which the index steps along `dimension`, by its stride there.
static KindlingCUDAStatus indexedLaunch(KindlingCUDADevice *device, const char *name, KernelType type,
                                        const KernelShape *shape, int32_t dimension, int64_t size, KernelOperand first,
                                        KernelOperand index, KernelOperand out, KernelOperand other,
                                        KernelOperand indexed) {
  int64_t strides[KERNELS_MAXIMUM_RANK];
  memcpy(strides, indexed.strides, sizeof strides);
  int64_t stride = strides[dimension];
  strides[dimension] = 0;
  LAYOUT(3, index.strides, other.strides, strides);
  Entry entry;
  snprintf(entry, sizeof entry, "%s_%s", name, KindlingCUDATypeName(type));
  return LAUNCH(device, entry, gridOf(device, count), A(first.data), A(index.data), A(out.data), A(layout), A(elements),
                A(size), A(stride), A(device->trapOnDevice));
}

KindlingCUDAStatus KindlingCUDAGather(KindlingCUDADevice *device, KernelType type, const KernelShape *shape,
                                      int32_t dimension, int64_t size, KernelOperand x, KernelOperand index,
                                      KernelOperand out) {
  ENTER(device);
  return indexedLaunch(device, "gather", type, shape, dimension, size, x, index, out, out, x);
}

KindlingCUDAStatus KindlingCUDAScatter(KindlingCUDADevice *device, KernelType type, bool add, const KernelShape *shape,
                                       int32_t dimension, int64_t size, KernelOperand source, KernelOperand index,
                                       KernelOperand out) {
  ENTER(device);
  return indexedLaunch(device, add ? "scatterAdd" : "scatter", type, shape, dimension, size, source, index, out, source,
                       out);
}
