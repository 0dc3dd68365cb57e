// The kernels, as they are.
#include <atomic>
#include <bit>
#include <cmath>

#include "../Kernels/Convolution/convolution.h"
#include "../Kernels/Elementwise/operations.h"
#include "../Kernels/Normalization/normalization.h"
#include "../Kernels/Pooling/pooling.h"
#include "../Kernels/Runtime/parameters.h"
#include "machine.h"

namespace plain {
#include "all-kernels.inc"
}
