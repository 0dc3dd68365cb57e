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

/// Each step below is handed a parameter p and its gradient, changes what is remembered of it, and returns the new p.
template <typename T>
struct SGDStep {
  T rate, decay, sign, keep, take;
  bool nesterov, firstStep;

  ELEMENT T operator()(T p, T gradient) const {
    // A statement of its own: a plain step has the very bits of `w -= learningRate * w.grad`.
    T step = rate * directed(gradient, p, sign, decay);
    return p + step;
  }

  ELEMENT T operator()(T p, T gradient, T &momentum) const {
    T g = directed(gradient, p, sign, decay);
    T kept = keep * momentum;
    T buffer = kept + take * g;
    buffer = firstStep ? g : buffer;
    momentum = buffer;
    return p + rate * (nesterov ? g + keep * buffer : buffer);
  }
};

template <typename T>
struct AdagradStep {
  T rate, decay, sign, epsilon;

  ELEMENT T operator()(T p, T gradient, T &sum) const {
    T g = directed(gradient, p, sign, decay);
    sum = sum + g * g;
    return p + rate * g / (m_sqrt(sum) + epsilon);
  }
};

template <typename T>
struct RMSpropStep {
  T rate, decay, sign, epsilon, alpha, rest, keep;
  bool centered, hasMomentum;

  /// `gradientAverage` counts only if centered, `momentum` only if there is one.
  ELEMENT T operator()(T p, T gradient, T &squareAverage, T &gradientAverage, T &momentum) const {
    T g = directed(gradient, p, sign, decay);
    T variance = averageSquare(squareAverage, g, alpha, rest);
    squareAverage = variance;
    if (centered) {
      T average = lerp(gradientAverage, g, rest);
      gradientAverage = average;
      variance -= average * average;
      variance = variance < 0 ? T(0) : variance;  // where all gradients are equal, rounding decides
    }
    T root = m_sqrt(variance) + epsilon;
    if (!hasMomentum) return p + rate * g / root;
    T kept = momentum * keep;
    T buffer = kept + g / root;
    momentum = buffer;
    return p + rate * buffer;
  }
};

template <typename T>
struct AdamStep {
  T rate, rootCorrection;  // -η / (1 - β₁ᵗ) and √(1 - β₂ᵗ)
  T shrink, decay, sign, epsilon, weight1, beta2, weight2;
  bool amsgrad;

  /// `maximum` counts only for AMSGrad.
  ELEMENT T operator()(T parameter, T gradient, T &average, T &squareAverage, T &maximum) const {
    T p = parameter * shrink;
    T g = directed(gradient, p, sign, decay);
    T m = lerp(average, g, weight1);
    T v = averageSquare(squareAverage, g, beta2, weight2);
    average = m;
    squareAverage = v;
    if (amsgrad) {
      v = maximum > v ? maximum : v;
      maximum = v;
    }
    return p + rate * m / (m_sqrt(v) / rootCorrection + epsilon);
  }
};

#endif
