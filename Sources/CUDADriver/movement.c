// Launching copies, gathers and scatters.
#include <stdio.h>
#include <string.h>

#include "launch.h"

// MARK: Copies

/// A transposed copy, through tiles: neighbours in out are far apart in x, and the other way round.
static KindlingCUDAStatus transpose(KindlingCUDADevice *device, KernelType type, const CUDALayout *layout, void *x,
                                    void *out) {
  int64_t rows = layout->sizes[0], columns = layout->sizes[1], batch = layout->rank == 3 ? layout->sizes[2] : 1;
  int64_t xStride = layout->strides[0][0], outStride = layout->strides[1][1];
  int64_t xBatch = layout->strides[0][2], outBatch = layout->strides[1][2];
  Grid grid = {{(uint32_t)((rows + 31) / 32), (uint32_t)((columns + 31) / 32), (uint32_t)batch}, {32, 8, 1}};
  Entry entry;
  snprintf(entry, sizeof entry, "transpose_%s", KindlingTypeName(type));
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
    return KindlingCUDACopyOnDevice(device, out.data, x.data, (size_t)count * (size_t)KindlingTypeSize(from));
  }
  if (from == to && isTranspose(&layout)) return transpose(device, from, &layout, x.data, out.data);
  FOURS(2, POINTERS(x.data, out.data), from, to);
  Entry entry;
  snprintf(entry, sizeof entry, "copy_%s_%s", KindlingTypeName(from), KindlingTypeName(to));
  return LAUNCH(device, entry, KindlingCUDAGridOfFours(device, count), A(x.data), A(out.data), A(layout), A(elements));
}

// MARK: Gather and scatter

/// `indexed` is the operand in which the index steps along `dimension`, by its stride there.
static KindlingCUDAStatus indexedLaunch(KindlingCUDADevice *device, const char *name, KernelType type,
                                        const KernelShape *shape, int32_t dimension, int64_t size, KernelOperand first,
                                        KernelOperand index, KernelOperand out, KernelOperand other,
                                        KernelOperand indexed) {
  int64_t strides[KINDLING_MAXIMUM_RANK];
  memcpy(strides, indexed.strides, sizeof strides);
  int64_t stride = strides[dimension];
  strides[dimension] = 0;
  LAYOUT(3, index.strides, other.strides, strides);
  Entry entry;
  snprintf(entry, sizeof entry, "%s_%s", name, KindlingTypeName(type));
  return LAUNCH(device, entry, KindlingCUDAGridFor(device, count, 256), A(first.data), A(index.data), A(out.data),
                A(layout), A(elements), A(size), A(stride), A(device->trapOnDevice));
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
