// The kernels once more, with elements that tell who reads and writes them: for checked launches and traces.
#include <atomic>
#include <bit>
#include <cmath>

#include "../Kernels/Convolution/convolution.h"
#include "../Kernels/Elementwise/operations.h"
#include "../Kernels/Normalization/normalization.h"
#include "../Kernels/Pooling/pooling.h"
#include "../Kernels/Runtime/parameters.h"
#include "machine.h"

#define KINDLING_CHECKED

namespace checked {
#include "all-kernels.inc"
}
