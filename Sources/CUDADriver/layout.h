// Inside CUDADriver: what kernels take besides pointers.
#ifndef KINDLING_CUDA_LAYOUT_H
#define KINDLING_CUDA_LAYOUT_H

#include "../Kernels/Runtime/parameters.h"
#include "include/CUDADriver.h"

/// A number in the form in which a kernel of that type takes it.
#define ROW(name, T, ...) T as_##name;
typedef union Scalar {
  KINDLING_TYPES(ROW)
} Scalar;
#undef ROW
Scalar KindlingCUDAScalar(KernelType type, KernelScalar scalar);
Scalar KindlingCUDAReal(KernelType type, double value);

/// `operands` operands of one shape, without dimensions of size 1, and with dimensions merged that lie side by side in
/// all. `count` is the number of elements. Only dimensions with a bit in `dimensions` are taken. `unsupported` beyond
/// 2^32 elements.
KindlingCUDAStatus KindlingCUDAMakeLayout(const KernelShape *shape, uint32_t dimensions, int32_t operands,
                                          const int64_t *const *strides, CUDALayout *layout, int64_t *count);
bool KindlingCUDAIsContiguous(const CUDALayout *layout, int32_t operands);
enum { everyDimension = 0xff };

/// Whether a thread may take four neighbours of the layout: where they are neighbours in memory, or one element for all
/// four, in each operand; where no four of them are torn apart by a line's end; and where those that are moved at once
/// lie at a multiple of their size, or of 16 bytes.
void KindlingCUDADecideFours(CUDALayout *layout, int32_t operands, const void *const *pointers,
                             const KernelType *types);

#endif
