// The arithmetic of the optimizers' steps: everything that one step does to an element, in one pass over memory.
//
// The order of operations is that of torch.optim, so that the results are PyTorch's to the last bit or nearly. Scalars
// are computed in double and then rounded to the element type. A product that is a statement of its own is rounded
// before it is added to anything; one inside a sum is not, where the machine can multiply and add at once. PyTorch's
// kernels have it the one way here and the other there, and the same holds below.
#ifndef KINDLING_STEPS_H
#define KINDLING_STEPS_H

#include <cmath>

#include "../Runtime/types.h"

namespace kindling {

/// What all steps begin with: the gradient, turned round to maximise, with the weight decay added to it.
template <typename T>
KINDLING_INLINE T directed(T gradient, T parameter, T sign, T decay) {
  T turned = sign * gradient;
  return turned + decay * parameter;
}

/// A running average moves towards b by `weight`; from the nearer end, so that it arrives exactly.
template <typename T>
KINDLING_INLINE T lerp(T a, T b, T weight) {
  T difference = b - a;
  return weight < T(0.5) ? a + weight * difference : b - (1 - weight) * difference;
}

/// average · keep + weight · g².
template <typename T>
KINDLING_INLINE T averageSquare(T average, T g, T keep, T weight) {
  T kept = average * keep;
  T weighted = weight * g;
  return kept + weighted * g;
}

template <typename T>
KINDLING_INLINE void sgd(int64_t count, T *parameter, const T *gradient, const KernelSGD &o) {
  const T rate = T(-o.learningRate), decay = T(o.weightDecay), sign = o.maximize ? -1 : 1;
  KINDLING_INDEPENDENT
  for (int64_t i = 0; i < count; i++) {
    // A statement of its own: a plain step has the very bits of `w -= learningRate * w.grad`.
    T step = rate * directed(gradient[i], parameter[i], sign, decay);
    parameter[i] += step;
  }
}

template <typename T>
KINDLING_INLINE void sgd(int64_t count, T *parameter, const T *gradient, T *momentum, const KernelSGD &o) {
  if (!momentum) return sgd(count, parameter, gradient, o);
  const T rate = T(-o.learningRate), decay = T(o.weightDecay), sign = o.maximize ? -1 : 1;
  const T keep = T(o.momentum), take = T(1 - o.dampening);
  const bool nesterov = o.nesterov, firstStep = o.firstStep;
  KINDLING_INDEPENDENT
  for (int64_t i = 0; i < count; i++) {
    T g = directed(gradient[i], parameter[i], sign, decay);
    T kept = keep * momentum[i];
    T buffer = kept + take * g;
    buffer = firstStep ? g : buffer;
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
    T variance = averageSquare(squareAverage[i], g, alpha, rest);
    squareAverage[i] = variance;
    if constexpr (isCentered) {
      T average = lerp(gradientAverage[i], g, rest);
      gradientAverage[i] = average;
      variance -= average * average;
      variance = variance < 0 ? T(0) : variance;  // where all gradients are equal, rounding decides
    }
    T root = __builtin_elementwise_sqrt(variance) + epsilon;
    if constexpr (hasMomentum) {
      T kept = momentum[i] * keep;
      T buffer = kept + g / root;
      momentum[i] = buffer;
      parameter[i] += rate * buffer;
    } else {
      parameter[i] += rate * g / root;
    }
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
    T v = averageSquare(squareAverage[i], g, beta2, weight2);
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
KINDLING_INLINE void adam(int64_t count, T *parameter, const T *gradient, T *average, T *squareAverage,
                          T *maximumSquareAverage, const KernelAdam &o) {
  if (maximumSquareAverage) {
    adam<T, true>(count, parameter, gradient, average, squareAverage, maximumSquareAverage, o);
  } else {
    adam<T, false>(count, parameter, gradient, average, squareAverage, nullptr, o);
  }
}

}  // namespace kindling

#endif
