// Inside CUDADriver: cuBLAS, where it is installed.
#ifndef KINDLING_CUDA_CUBLAS_H
#define KINDLING_CUDA_CUBLAS_H

#include "device.h"

bool KindlingCUDABLASIsThere(KindlingCUDADevice *device);
/// Leaves `done` at false where cuBLAS does not take such matrices.
KindlingCUDAStatus KindlingCUDABLASProduct(KindlingCUDADevice *device, KernelType type, const void *x, const void *y,
                                           void *out, const CUDAMatmul *sizes, bool *done);
void KindlingCUDABLASClose(KindlingCUDADevice *device);

#endif
