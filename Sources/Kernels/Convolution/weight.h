// The part of a convolution that is the gradient of the weight; see weight.cpp.
#ifndef KINDLING_CONVOLUTION_WEIGHT_H
#define KINDLING_CONVOLUTION_WEIGHT_H

#include "convolution.h"

namespace kindling {

/// out[o][i][tap] = Σ over samples and places of dy[o] · x[i] as the tap meets it; T is float or double.
template <typename T>
void convolutionWeight(const KernelConvolution &geometry, const T *x, const T *dy, T *out);

}  // namespace kindling

#endif
