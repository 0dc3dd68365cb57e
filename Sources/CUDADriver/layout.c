// From what a caller hands over to what a kernel takes: scalars, and layouts out of shapes and strides.
#include "layout.h"

#include <string.h>

#include "errors.h"

Scalar KindlingCUDAScalar(KernelType type, KernelScalar scalar) {
  Scalar result = {0};
#define REAL(name, T, ...)             \
  case KernelType_##name:              \
    result.as_##name = (T)scalar.real; \
    break;
#define INTEGER(name, T, ...)             \
  case KernelType_##name:                 \
    result.as_##name = (T)scalar.integer; \
    break;
  switch (type) { KINDLING_FLOAT_TYPES(REAL) KINDLING_INTEGER_TYPES(INTEGER) KINDLING_BOOL_TYPES(INTEGER) }
#undef REAL
#undef INTEGER
  return result;
}

Scalar KindlingCUDAReal(KernelType type, double value) { return KindlingCUDAScalar(type, (KernelScalar){value, 0}); }

KindlingCUDAStatus KindlingCUDAMakeLayout(const KernelShape *shape, uint32_t dimensions, int32_t operands,
                                          const int64_t *const *strides, CUDALayout *layout, int64_t *count) {
  memset(layout, 0, sizeof *layout);
  *count = 0;
  for (int32_t d = 0; d < shape->rank; ++d) {
    // No element: the other sizes may be any numbers.
    if ((dimensions >> d & 1) && shape->sizes[d] == 0) return KindlingCUDAStatus_success;
  }
  *count = 1;
  for (int32_t d = shape->rank - 1; d >= 0; --d) {  // fastest first
    if (!(dimensions >> d & 1)) continue;
    int64_t size = shape->sizes[d];
    *count *= size;
    if (size == 1) continue;
    if (*count > UINT32_MAX) {
      return KindlingCUDAFail(KindlingCUDAStatus_unsupported,
                              "a CUDA kernel takes at most 2^32 - 1 elements, and there are %lld or more",
                              (long long)*count);
    }
    int32_t last = layout->rank - 1;
    bool merges = layout->rank > 0;
    for (int32_t n = 0; n < operands && merges; ++n) {
      merges = strides[n][d] == layout->strides[n][last] * layout->sizes[last];
    }
    if (merges) {
      layout->sizes[last] *= (uint32_t)size;
    } else {
      layout->sizes[layout->rank] = (uint32_t)size;
      for (int32_t n = 0; n < operands; ++n) layout->strides[n][layout->rank] = strides[n][d];
      ++layout->rank;
    }
  }
  return KindlingCUDAStatus_success;
}

bool KindlingCUDAIsContiguous(const CUDALayout *layout, int32_t operands) {
  if (layout->rank > 1) return false;
  for (int32_t n = 0; n < operands && layout->rank == 1; ++n) {
    if (layout->strides[n][0] != 1) return false;
  }
  return true;
}

void KindlingCUDADecideFours(CUDALayout *layout, int32_t operands, const void *const *pointers,
                             const KernelType *types) {
  layout->fours = layout->rank == 1 || (layout->rank > 1 && layout->sizes[0] % 4 == 0);
  for (int32_t n = 0; n < operands && layout->fours; ++n) {
    const int64_t *strides = layout->strides[n];
    size_t bytes = 4 * (size_t)KindlingTypeSize(types[n]);
    if (strides[0] == 0) continue;
    layout->fours = strides[0] == 1 && (uintptr_t)pointers[n] % (bytes < 16 ? bytes : 16) == 0;
    for (int32_t d = 1; d < layout->rank && layout->fours; ++d) layout->fours = strides[d] % 4 == 0;
  }
}
