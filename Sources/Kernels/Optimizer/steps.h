// The arithmetic of the optimizers' steps: what one step does to one element. The CPU's loops (cpu.cpp) and the CUDA
// kernels (cuda.cu) call the same functions.
//
// The order of operations is that of torch.optim, so that the results are PyTorch's to the last bit or nearly. Scalars
// are computed in double and then rounded to the element type. A product that is a statement of its own is rounded
// before it is added to anything; one inside a sum is not, where the machine can multiply and add at once. PyTorch's
// kernels have it the one way here and the other there, and the same holds below. (On a GPU the compiler may fuse
// across statements too.)
//
// `m_sqrt` is that of cpu-math.h (CPU) or the device's own (CUDA), and ELEMENT what stands before a function there.
#ifndef KINDLING_STEPS_H
#define KINDLING_STEPS_H

#include "optimizers.h"

#ifdef KINDLING_CLONES_H
#define ELEMENT KINDLING_INLINE
#else
#define ELEMENT __device__ inline
#endif

/// What all steps begin with: the gradient, turned round to maximise, with the weight decay added to it.
template <typename T>
ELEMENT T directed(T gradient, T parameter, T sign, T decay) {
  T turned = sign * gradient;
  return turned + decay * parameter;
}

/// A running average moves towards b by `weight`; from the nearer end, so that it arrives exactly.
template <typename T>
ELEMENT T lerp(T a, T b, T weight) {
  T difference = b - a;
  return weight < T(0.5) ? a + weight * difference : b - (1 - weight) * difference;
}

/// average · keep + weight · g².
template <typename T>
ELEMENT T averageSquare(T average, T g, T keep, T weight) {
  T kept = average * keep;
  T weighted = weight * g;
  return kept + weighted * g;
}

/// base^exponent, for whole exponents.
ELEMENT double power(double base, int64_t exponent) {
  double result = 1;
  for (; exponent > 0; exponent >>= 1, base *= base) {
    if (exponent & 1) result *= base;
  }
  return result;
}

/// What is remembered of one element: up to three numbers, and which of them there are.
template <typename T>
struct Memory {
  T first, second, third;
  bool hasFirst, hasSecond, hasThird;
};

// Each step below is made of its options by the host (`of`). It is handed a parameter p, its gradient and what is
// remembered of it, which it changes, and returns the new p. `arrays` says how many numbers it may remember.
//
// A step that depends on its number `counts`: it can say, as two numbers, what changes when a graph has replayed it so
// many times (`counted`), and take them over (`take`).

template <typename T>
struct SGDStep {
  static constexpr int arrays = 1;
  static constexpr bool counts = true;
  T rate, decay, sign, keep, share;
  bool nesterov, firstStep;

  ELEMENT static SGDStep of(const KernelSGD &o) {
    return {T(-o.learningRate), T(o.weightDecay), T(o.maximize ? -1 : 1), T(o.momentum), T(1 - o.dampening),
            o.nesterov,         o.firstStep};
  }

  ELEMENT T operator()(T p, T gradient, Memory<T> &memory) const {
    T g = directed(gradient, p, sign, decay);
    // A statement of its own: a plain step has the very bits of `w -= learningRate * w.grad`.
    T step = rate * g;
    if (!memory.hasFirst) return p + step;
    T &momentum = memory.first;
    T kept = keep * momentum;
    T buffer = kept + share * g;
    buffer = firstStep ? g : buffer;
    momentum = buffer;
    return p + rate * (nesterov ? g + keep * buffer : buffer);
  }

  ELEMENT void counted(int64_t replays, T &first, T &) const { first = firstStep && replays == 0 ? T(1) : T(0); }
  ELEMENT void take(T first, T) { firstStep = first != 0; }
};

template <typename T>
struct AdagradStep {
  static constexpr int arrays = 1;
  static constexpr bool counts = false;
  T rate, decay, sign, epsilon;

  ELEMENT static AdagradStep of(const KernelAdagrad &o) {
    return {T(-o.learningRate), T(o.weightDecay), T(o.maximize ? -1 : 1), T(o.epsilon)};
  }

  ELEMENT T operator()(T p, T gradient, Memory<T> &memory) const {
    T &sum = memory.first;
    T g = directed(gradient, p, sign, decay);
    sum = sum + g * g;
    return p + rate * g / (m_sqrt(sum) + epsilon);
  }
};

template <typename T>
struct RMSpropStep {
  static constexpr int arrays = 3;
  static constexpr bool counts = false;
  T rate, decay, sign, epsilon, alpha, rest, keep;

  ELEMENT static RMSpropStep of(const KernelRMSprop &o) {
    return {T(-o.learningRate), T(o.weightDecay), T(o.maximize ? -1 : 1), T(o.epsilon),
            T(o.alpha),         T(1 - o.alpha),   T(o.momentum)};
  }

  /// The average of gradients is there if centered, the momentum if there is one.
  ELEMENT T operator()(T p, T gradient, Memory<T> &memory) const {
    T &squareAverage = memory.first, &gradientAverage = memory.second, &momentum = memory.third;
    T g = directed(gradient, p, sign, decay);
    T variance = averageSquare(squareAverage, g, alpha, rest);
    squareAverage = variance;
    if (memory.hasSecond) {
      T average = lerp(gradientAverage, g, rest);
      gradientAverage = average;
      variance -= average * average;
      variance = variance < 0 ? T(0) : variance;  // where all gradients are equal, rounding decides
    }
    T root = m_sqrt(variance) + epsilon;
    if (!memory.hasThird) return p + rate * g / root;
    T kept = momentum * keep;
    T buffer = kept + g / root;
    momentum = buffer;
    return p + rate * buffer;
  }
};

template <typename T>
struct AdamStep {
  static constexpr int arrays = 3;
  static constexpr bool counts = true;
  T rate, rootCorrection;  // -η / (1 - β₁ᵗ) and √(1 - β₂ᵗ)
  T shrink, decay, sign, epsilon, weight1, beta2, weight2;
  KernelAdam options;  // for a step that is replayed

  ELEMENT static AdamStep of(const KernelAdam &o) {
    return {T(-(o.learningRate / (1 - pow(o.beta1, double(o.step))))),
            T(sqrt(1 - pow(o.beta2, double(o.step)))),
            o.decoupled ? T(1 - o.learningRate * o.weightDecay) : T(1),
            o.decoupled ? T(0) : T(o.weightDecay),
            T(o.maximize ? -1 : 1),
            T(o.epsilon),
            T(1 - o.beta1),
            T(o.beta2),
            T(1 - o.beta2),
            o};
  }

  /// The largest average of squares is there for AMSGrad.
  ELEMENT T operator()(T parameter, T gradient, Memory<T> &memory) const {
    T &average = memory.first, &squareAverage = memory.second, &maximum = memory.third;
    T p = parameter * shrink;
    T g = directed(gradient, p, sign, decay);
    T m = lerp(average, g, weight1);
    T v = averageSquare(squareAverage, g, beta2, weight2);
    average = m;
    squareAverage = v;
    if (memory.hasThird) {
      v = maximum > v ? maximum : v;
      maximum = v;
    }
    return p + rate * m / (m_sqrt(v) / rootCorrection + epsilon);
  }

  /// In double: in float32, 1 - 0.999 would lose most of its digits.
  ELEMENT void counted(int64_t replays, T &newRate, T &newRootCorrection) const {
    newRate = T(-(options.learningRate / (1 - power(options.beta1, options.step + replays))));
    newRootCorrection = T(m_sqrt(1 - power(options.beta2, options.step + replays)));
  }
  ELEMENT void take(T newRate, T newRootCorrection) {
    rate = newRate;
    rootCorrection = newRootCorrection;
  }
};

#endif
