// The optimizers' steps on the CPU: loops over steps.h, for both element types, cloned for each instruction set, and
// divided over threads.
#include <cmath>

#include "../Elementwise/cpu-math.h"
#include "../Runtime/threads.h"
#include "../Runtime/with-type.h"

using namespace kindling;

namespace {

#include "steps.h"

constexpr int64_t cost = 4;  // of an element, in additions

template <typename T>
KINDLING_INLINE void sgd(int64_t count, T *parameter, const T *gradient, T *momentum, const KernelSGD &o) {
  const SGDStep<T> step = {T(-o.learningRate), T(o.weightDecay), T(o.maximize ? -1 : 1), T(o.momentum),
                           T(1 - o.dampening), bool(o.nesterov), bool(o.firstStep)};
  if (!momentum) {
    KINDLING_INDEPENDENT
    for (int64_t i = 0; i < count; i++) parameter[i] = step(parameter[i], gradient[i]);
    return;
  }
  KINDLING_INDEPENDENT
  for (int64_t i = 0; i < count; i++) parameter[i] = step(parameter[i], gradient[i], momentum[i]);
}

template <typename T>
KINDLING_INLINE void adagrad(int64_t count, T *parameter, const T *gradient, T *sum, const KernelAdagrad &o) {
  const AdagradStep<T> step = {T(-o.learningRate), T(o.weightDecay), T(o.maximize ? -1 : 1), T(o.epsilon)};
  KINDLING_INDEPENDENT
  for (int64_t i = 0; i < count; i++) parameter[i] = step(parameter[i], gradient[i], sum[i]);
}

// Which of the arrays there are is known to the compiler: a question asked for each element would keep it from
// vectorising.
template <typename T, bool isCentered, bool hasMomentum>
KINDLING_INLINE void rmsprop(int64_t count, T *parameter, const T *gradient, T *squareAverage, T *gradientAverage,
                             T *momentum, const KernelRMSprop &o) {
  const RMSpropStep<T> step = {T(-o.learningRate), T(o.weightDecay), T(o.maximize ? -1 : 1),
                               T(o.epsilon),       T(o.alpha),       T(1 - o.alpha),
                               T(o.momentum),      isCentered,       hasMomentum};
  KINDLING_INDEPENDENT
  for (int64_t i = 0; i < count; i++) {
    T none = 0;
    parameter[i] = step(parameter[i], gradient[i], squareAverage[i], isCentered ? gradientAverage[i] : none,
                        hasMomentum ? momentum[i] : none);
  }
}

template <typename T>
KINDLING_INLINE void rmsprop(int64_t count, T *parameter, const T *gradient, T *squareAverage, T *gradientAverage,
                             T *momentum, const KernelRMSprop &o) {
  if (gradientAverage && momentum) {
    rmsprop<T, true, true>(count, parameter, gradient, squareAverage, gradientAverage, momentum, o);
  } else if (gradientAverage) {
    rmsprop<T, true, false>(count, parameter, gradient, squareAverage, gradientAverage, momentum, o);
  } else if (momentum) {
    rmsprop<T, false, true>(count, parameter, gradient, squareAverage, gradientAverage, momentum, o);
  } else {
    rmsprop<T, false, false>(count, parameter, gradient, squareAverage, gradientAverage, momentum, o);
  }
}

template <typename T, bool isAMSGrad>
KINDLING_INLINE void adam(int64_t count, T *parameter, const T *gradient, T *average, T *squareAverage, T *maximum,
                          const KernelAdam &o) {
  const AdamStep<T> step = {T(-(o.learningRate / (1 - std::pow(o.beta1, double(o.step))))),
                            T(std::sqrt(1 - std::pow(o.beta2, double(o.step)))),
                            o.decoupled ? T(1 - o.learningRate * o.weightDecay) : T(1),
                            o.decoupled ? T(0) : T(o.weightDecay),
                            T(o.maximize ? -1 : 1),
                            T(o.epsilon),
                            T(1 - o.beta1),
                            T(o.beta2),
                            T(1 - o.beta2),
                            isAMSGrad};
  KINDLING_INDEPENDENT
  for (int64_t i = 0; i < count; i++) {
    T none = 0;
    parameter[i] = step(parameter[i], gradient[i], average[i], squareAverage[i], isAMSGrad ? maximum[i] : none);
  }
}

template <typename T>
KINDLING_INLINE void adam(int64_t count, T *parameter, const T *gradient, T *average, T *squareAverage, T *maximum,
                          const KernelAdam &o) {
  if (maximum) {
    adam<T, true>(count, parameter, gradient, average, squareAverage, maximum, o);
  } else {
    adam<T, false>(count, parameter, gradient, average, squareAverage, nullptr, o);
  }
}

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
  withFloatType(kernel, type, [&](auto named) {
    parallelFor(count, cost, [&](int64_t begin, int64_t end) { body(typename decltype(named)::Type(), begin, end); });
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

void KindlingSGDStep(KernelType type, int64_t count, void *parameter, const void *gradient, void *momentum,
                     KernelSGD options) {
  forEachRange("SGD", type, count, [&](auto zero, int64_t begin, int64_t end) {
    using T = decltype(zero);
    step(end - begin, from<T>(parameter, begin), from<T>(gradient, begin), from<T>(momentum, begin), options);
  });
}

void KindlingAdagradStep(KernelType type, int64_t count, void *parameter, const void *gradient, void *sum,
                         KernelAdagrad options) {
  forEachRange("Adagrad", type, count, [&](auto zero, int64_t begin, int64_t end) {
    using T = decltype(zero);
    step(end - begin, from<T>(parameter, begin), from<T>(gradient, begin), from<T>(sum, begin), options);
  });
}

void KindlingRMSpropStep(KernelType type, int64_t count, void *parameter, const void *gradient, void *squareAverage,
                         void *gradientAverage, void *momentum, KernelRMSprop options) {
  forEachRange("RMSprop", type, count, [&](auto zero, int64_t begin, int64_t end) {
    using T = decltype(zero);
    step(end - begin, from<T>(parameter, begin), from<T>(gradient, begin), from<T>(squareAverage, begin),
         from<T>(gradientAverage, begin), from<T>(momentum, begin), options);
  });
}

void KindlingAdamStep(KernelType type, int64_t count, void *parameter, const void *gradient, void *average,
                      void *squareAverage, void *maximumSquareAverage, KernelAdam options) {
  forEachRange("Adam", type, count, [&](auto zero, int64_t begin, int64_t end) {
    using T = decltype(zero);
    step(end - begin, from<T>(parameter, begin), from<T>(gradient, begin), from<T>(average, begin),
         from<T>(squareAverage, begin), from<T>(maximumSquareAverage, begin), options);
  });
}
