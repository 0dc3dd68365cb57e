// The optimizers' steps: everything that one step does to an element, in one pass over memory. The order of operations
// is that of torch.optim, so that the results are PyTorch's to the last bit or two. Scalars are computed in double and
// then rounded to the element type.
#include <cmath>

#include "../Runtime/threads.h"
#include "../Runtime/types.h"

using namespace kindling;

namespace {

/// What all steps begin with: the gradient, turned round to maximise, with the weight decay added to it.
template <typename T>
KINDLING_INLINE T directed(T gradient, T parameter, T sign, T decay) {
  return sign * gradient + decay * parameter;
}

/// a + weight · (b - a).
template <typename T>
KINDLING_INLINE T lerp(T a, T b, T weight) {
  return a + weight * (b - a);
}

template <typename T>
KINDLING_INLINE void sgd(int64_t count, T *parameter, const T *gradient, T *momentum, const KernelSGD &o) {
  const T rate = T(-o.learningRate), decay = T(o.weightDecay), sign = o.maximize ? -1 : 1;
  const T keep = T(o.momentum), take = T(1 - o.dampening);
  const bool nesterov = o.nesterov, firstStep = o.firstStep;
  if (!momentum) {
    KINDLING_INDEPENDENT
    for (int64_t i = 0; i < count; i++) {
      parameter[i] += rate * directed(gradient[i], parameter[i], sign, decay);
    }
    return;
  }
  KINDLING_INDEPENDENT
  for (int64_t i = 0; i < count; i++) {
    T g = directed(gradient[i], parameter[i], sign, decay);
    T old = momentum[i];
    T buffer = firstStep ? g : keep * old + take * g;
    momentum[i] = buffer;
    parameter[i] += rate * (nesterov ? g + keep * buffer : buffer);
  }
}

template <typename T>
KINDLING_INLINE void adagrad(int64_t count, T *parameter, const T *gradient, T *sum, const KernelAdagrad &o) {
  const T rate = T(-o.learningRate), decay = T(o.weightDecay), sign = o.maximize ? -1 : 1, epsilon = T(o.epsilon);
  KINDLING_INDEPENDENT
  for (int64_t i = 0; i < count; i++) {
    T g = directed(gradient[i], parameter[i], sign, decay);
    T total = sum[i] + g * g;
    sum[i] = total;
    parameter[i] += rate * g / (__builtin_elementwise_sqrt(total) + epsilon);
  }
}

template <typename T, bool isCentered, bool hasMomentum>
KINDLING_INLINE void rmsprop(int64_t count, T *parameter, const T *gradient, T *squareAverage, T *gradientAverage,
                             T *momentum, const KernelRMSprop &o) {
  const T rate = T(-o.learningRate), decay = T(o.weightDecay), sign = o.maximize ? -1 : 1, epsilon = T(o.epsilon);
  const T alpha = T(o.alpha), rest = T(1 - o.alpha), keep = T(o.momentum);
  KINDLING_INDEPENDENT
  for (int64_t i = 0; i < count; i++) {
    T g = directed(gradient[i], parameter[i], sign, decay);
    T square = squareAverage[i] * alpha + rest * g * g;
    squareAverage[i] = square;
    if constexpr (isCentered) {
      T average = lerp(gradientAverage[i], g, rest);
      gradientAverage[i] = average;
      square -= average * average;
    }
    T root = __builtin_elementwise_sqrt(square) + epsilon;
    if constexpr (hasMomentum) {
      T buffer = momentum[i] * keep + g / root;
      momentum[i] = buffer;
      parameter[i] += rate * buffer;
    } else {
      parameter[i] += rate * g / root;
    }
  }
}

template <typename T>
KINDLING_INLINE void rmsprop(int64_t n, T *p, const T *g, T *square, T *average, T *momentum, const KernelRMSprop &o) {
  if (average) {
    momentum ? rmsprop<T, true, true>(n, p, g, square, average, momentum, o)
             : rmsprop<T, true, false>(n, p, g, square, average, momentum, o);
  } else {
    momentum ? rmsprop<T, false, true>(n, p, g, square, average, momentum, o)
             : rmsprop<T, false, false>(n, p, g, square, average, momentum, o);
  }
}

template <typename T, bool isAMSGrad>
KINDLING_INLINE void adam(int64_t count, T *parameter, const T *gradient, T *average, T *squareAverage,
                          T *maximumSquareAverage, const KernelAdam &o) {
  const T sign = o.maximize ? -1 : 1, decay = o.decoupled ? T(0) : T(o.weightDecay);
  const T shrink = o.decoupled ? T(1 - o.learningRate * o.weightDecay) : T(1);
  const T weight1 = T(1 - o.beta1), beta2 = T(o.beta2), weight2 = T(1 - o.beta2), epsilon = T(o.epsilon);
  const T rate = T(-(o.learningRate / (1 - std::pow(o.beta1, double(o.step)))));
  const T rootCorrection = T(std::sqrt(1 - std::pow(o.beta2, double(o.step))));
  KINDLING_INDEPENDENT
  for (int64_t i = 0; i < count; i++) {
    T p = parameter[i] * shrink;
    T g = directed(gradient[i], p, sign, decay);
    T m = lerp(average[i], g, weight1);
    T v = squareAverage[i] * beta2 + weight2 * g * g;
    average[i] = m;
    squareAverage[i] = v;
    if constexpr (isAMSGrad) {
      T old = maximumSquareAverage[i];
      v = old > v ? old : v;
      maximumSquareAverage[i] = v;
    }
    parameter[i] = p + rate * m / (__builtin_elementwise_sqrt(v) / rootCorrection + epsilon);
  }
}

template <typename T>
KINDLING_INLINE void adam(int64_t n, T *p, const T *g, T *average, T *square, T *maximum, const KernelAdam &o) {
  maximum ? adam<T, true>(n, p, g, average, square, maximum, o) : adam<T, false>(n, p, g, average, square, maximum, o);
}

// MARK: The same for both types, cloned for each instruction set

KINDLING_CLONES void sgdFloat32(int64_t n, float *p, const float *g, float *m, const KernelSGD &o) {
  sgd(n, p, g, m, o);
}
KINDLING_CLONES void sgdFloat64(int64_t n, double *p, const double *g, double *m, const KernelSGD &o) {
  sgd(n, p, g, m, o);
}
KINDLING_CLONES void adagradFloat32(int64_t n, float *p, const float *g, float *s, const KernelAdagrad &o) {
  adagrad(n, p, g, s, o);
}
KINDLING_CLONES void adagradFloat64(int64_t n, double *p, const double *g, double *s, const KernelAdagrad &o) {
  adagrad(n, p, g, s, o);
}
KINDLING_CLONES void rmspropFloat32(int64_t n, float *p, const float *g, float *s, float *a, float *m,
                                    const KernelRMSprop &o) {
  rmsprop(n, p, g, s, a, m, o);
}
KINDLING_CLONES void rmspropFloat64(int64_t n, double *p, const double *g, double *s, double *a, double *m,
                                    const KernelRMSprop &o) {
  rmsprop(n, p, g, s, a, m, o);
}
KINDLING_CLONES void adamFloat32(int64_t n, float *p, const float *g, float *a, float *s, float *x,
                                 const KernelAdam &o) {
  adam(n, p, g, a, s, x, o);
}
KINDLING_CLONES void adamFloat64(int64_t n, double *p, const double *g, double *a, double *s, double *x,
                                 const KernelAdam &o) {
  adam(n, p, g, a, s, x, o);
}

template <typename T>
T *at(void *data, int64_t index) {
  return data ? static_cast<T *>(data) + index : nullptr;
}
template <typename T>
const T *at(const void *data, int64_t index) {
  return static_cast<const T *>(data) + index;
}

/// Elements from which on a second thread pays.
constexpr int64_t grain = 8192;

void checkType(KernelType type) {
  if (type != KernelType_float32 && type != KernelType_float64) unsupported("an optimizer's step", type);
}

}  // namespace

void kernels_sgd_step(KernelType type, int64_t count, void *p, const void *g, void *m, KernelSGD o) {
  checkType(type);
  parallelFor(count, grain, [&](int64_t b, int64_t e) {
    type == KernelType_float32 ? sgdFloat32(e - b, at<float>(p, b), at<float>(g, b), at<float>(m, b), o)
                               : sgdFloat64(e - b, at<double>(p, b), at<double>(g, b), at<double>(m, b), o);
  });
}
void kernels_adagrad_step(KernelType type, int64_t count, void *p, const void *g, void *s, KernelAdagrad o) {
  checkType(type);
  parallelFor(count, grain, [&](int64_t b, int64_t e) {
    type == KernelType_float32 ? adagradFloat32(e - b, at<float>(p, b), at<float>(g, b), at<float>(s, b), o)
                               : adagradFloat64(e - b, at<double>(p, b), at<double>(g, b), at<double>(s, b), o);
  });
}
void kernels_rmsprop_step(KernelType type, int64_t count, void *p, const void *g, void *s, void *a, void *m,
                          KernelRMSprop o) {
  checkType(type);
  parallelFor(count, grain, [&](int64_t b, int64_t e) {
    type == KernelType_float32
        ? rmspropFloat32(e - b, at<float>(p, b), at<float>(g, b), at<float>(s, b), at<float>(a, b), at<float>(m, b), o)
        : rmspropFloat64(e - b, at<double>(p, b), at<double>(g, b), at<double>(s, b), at<double>(a, b),
                         at<double>(m, b), o);
  });
}
void kernels_adam_step(KernelType type, int64_t count, void *p, const void *g, void *a, void *s, void *x,
                       KernelAdam o) {
  checkType(type);
  parallelFor(count, grain, [&](int64_t b, int64_t e) {
    type == KernelType_float32
        ? adamFloat32(e - b, at<float>(p, b), at<float>(g, b), at<float>(a, b), at<float>(s, b), at<float>(x, b), o)
        : adamFloat64(e - b, at<double>(p, b), at<double>(g, b), at<double>(a, b), at<double>(s, b), at<double>(x, b),
                      o);
  });
}
