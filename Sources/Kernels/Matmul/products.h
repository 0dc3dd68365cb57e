// The product of float32 and float64 matrices by kernels of our own; see products.cpp.
#ifndef KINDLING_PRODUCTS_H
#define KINDLING_PRODUCTS_H

#include "../include/kernels.h"

namespace kindling {

/// out[m, n] = x[m, k] · y[k, n] + bias[n] with m, n and k of at least 2, 2 and 1, for matrices of any strides (of
/// `out` the columns lie side by side). `bias` may be null; T is float or double.
template <typename T>
void multiplyReal(int64_t batch, int64_t m, int64_t n, int64_t k, const KernelMatrix &x, const KernelMatrix &y,
                  const T *bias, const KernelMatrix &out);

}  // namespace kindling

#endif
