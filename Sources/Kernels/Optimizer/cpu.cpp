// The optimizers' steps on the CPU: for both element types, cloned for each instruction set, and divided over threads.
#include "../Runtime/threads.h"
#include "steps.h"

using namespace kindling;

namespace {

constexpr int64_t cost = 4;  // of an element, in additions

/// An operand from element `begin` on.
template <typename T>
T *from(void *data, int64_t begin) {
  return data ? static_cast<T *>(data) + begin : nullptr;
}
template <typename T>
const T *from(const void *data, int64_t begin) {
  return static_cast<const T *>(data) + begin;
}

/// Calls body(T(), begin, end) for ranges of elements, with the type's T.
template <typename Body>
void forEachRange(const char *kernel, KernelType type, int64_t count, Body body) {
  if (type != KernelType_float32 && type != KernelType_float64) unsupported(kernel, type);
  parallelFor(count, cost, [&](int64_t begin, int64_t end) {
    type == KernelType_float32 ? body(float(), begin, end) : body(double(), begin, end);
  });
}

KINDLING_CLONES void step(int64_t n, float *p, const float *g, float *momentum, const KernelSGD &o) {
  sgd(n, p, g, momentum, o);
}
KINDLING_CLONES void step(int64_t n, double *p, const double *g, double *momentum, const KernelSGD &o) {
  sgd(n, p, g, momentum, o);
}

KINDLING_CLONES void step(int64_t n, float *p, const float *g, float *sum, const KernelAdagrad &o) {
  adagrad(n, p, g, sum, o);
}
KINDLING_CLONES void step(int64_t n, double *p, const double *g, double *sum, const KernelAdagrad &o) {
  adagrad(n, p, g, sum, o);
}

KINDLING_CLONES void step(int64_t n, float *p, const float *g, float *square, float *average, float *momentum,
                          const KernelRMSprop &o) {
  rmsprop(n, p, g, square, average, momentum, o);
}
KINDLING_CLONES void step(int64_t n, double *p, const double *g, double *square, double *average, double *momentum,
                          const KernelRMSprop &o) {
  rmsprop(n, p, g, square, average, momentum, o);
}

KINDLING_CLONES void step(int64_t n, float *p, const float *g, float *average, float *square, float *maximum,
                          const KernelAdam &o) {
  adam(n, p, g, average, square, maximum, o);
}
KINDLING_CLONES void step(int64_t n, double *p, const double *g, double *average, double *square, double *maximum,
                          const KernelAdam &o) {
  adam(n, p, g, average, square, maximum, o);
}

}  // namespace

void kernels_sgd_step(KernelType type, int64_t count, void *parameter, const void *gradient, void *momentum,
                      KernelSGD options) {
  forEachRange("SGD", type, count, [&](auto zero, int64_t begin, int64_t end) {
    using T = decltype(zero);
    step(end - begin, from<T>(parameter, begin), from<T>(gradient, begin), from<T>(momentum, begin), options);
  });
}

void kernels_adagrad_step(KernelType type, int64_t count, void *parameter, const void *gradient, void *sum,
                          KernelAdagrad options) {
  forEachRange("Adagrad", type, count, [&](auto zero, int64_t begin, int64_t end) {
    using T = decltype(zero);
    step(end - begin, from<T>(parameter, begin), from<T>(gradient, begin), from<T>(sum, begin), options);
  });
}

void kernels_rmsprop_step(KernelType type, int64_t count, void *parameter, const void *gradient, void *squareAverage,
                          void *gradientAverage, void *momentum, KernelRMSprop options) {
  forEachRange("RMSprop", type, count, [&](auto zero, int64_t begin, int64_t end) {
    using T = decltype(zero);
    step(end - begin, from<T>(parameter, begin), from<T>(gradient, begin), from<T>(squareAverage, begin),
         from<T>(gradientAverage, begin), from<T>(momentum, begin), options);
  });
}

void kernels_adam_step(KernelType type, int64_t count, void *parameter, const void *gradient, void *average,
                       void *squareAverage, void *maximumSquareAverage, KernelAdam options) {
  forEachRange("Adam", type, count, [&](auto zero, int64_t begin, int64_t end) {
    using T = decltype(zero);
    step(end - begin, from<T>(parameter, begin), from<T>(gradient, begin), from<T>(average, begin),
         from<T>(squareAverage, begin), from<T>(maximumSquareAverage, begin), options);
  });
}
