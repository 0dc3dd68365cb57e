// The optimizers' steps for CUDA: everything that one step does to an element, in one pass over memory. The formulas
// are those of steps.h, where the CPU has them. Written as single tensor operations, Adam would read and write its
// arrays a dozen times over.
//
// `replays` points to how often the graph has been replayed that the launch was recorded into (or to a 0): a step that
// is replayed knows that way which step it is.
#include "../Elementwise/cuda-math.h"
#include "../Runtime/cuda.h"

/// What all steps begin with: the gradient, turned round to maximise, with the weight decay added to it.
template <typename T>
__device__ T directed(T gradient, T parameter, T sign, T decay) {
  return sign * gradient + decay * parameter;
}

/// A running average moves towards b by `weight`; from the nearer end, so that it arrives exactly.
template <typename T>
__device__ T lerp(T a, T b, T weight) {
  return weight < T(0.5) ? a + weight * (b - a) : b - (1 - weight) * (b - a);
}

template <typename T>
__device__ void sgdStep(int64_t count, Cell<T> *parameter, const Cell<T> *gradient, Cell<T> *momentum, T rate, T decay,
                        T sign, T keep, T take, int32_t nesterov, int32_t firstStep, const int64_t *replays) {
  bool start = firstStep && *replays == 0;
  GRID_LOOP
  for (int64_t i = globalThread(); i < count; i += globalThreads()) {
    T p = parameter[i];
    T g = directed<T>(gradient[i], p, sign, decay);
    if (momentum) {
      T buffer = start ? g : keep * momentum[i] + take * g;
      momentum[i] = buffer;
      g = nesterov ? g + keep * buffer : buffer;
    }
    parameter[i] = p + rate * g;
  }
}

template <typename T>
__device__ void adagradStep(int64_t count, Cell<T> *parameter, const Cell<T> *gradient, Cell<T> *sum, T rate, T decay,
                            T sign, T epsilon) {
  GRID_LOOP
  for (int64_t i = globalThread(); i < count; i += globalThreads()) {
    T p = parameter[i];
    T g = directed<T>(gradient[i], p, sign, decay);
    T total = sum[i] + g * g;
    sum[i] = total;
    parameter[i] = p + rate * g / (m_sqrt(total) + epsilon);
  }
}

template <typename T>
__device__ void rmspropStep(int64_t count, Cell<T> *parameter, const Cell<T> *gradient, Cell<T> *squareAverage,
                            Cell<T> *gradientAverage, Cell<T> *momentum, T rate, T decay, T sign, T epsilon, T alpha,
                            T rest, T keep) {
  GRID_LOOP
  for (int64_t i = globalThread(); i < count; i += globalThreads()) {
    T p = parameter[i];
    T g = directed<T>(gradient[i], p, sign, decay);
    T square = squareAverage[i] * alpha + (rest * g) * g;
    squareAverage[i] = square;
    if (gradientAverage) {
      T average = lerp<T>(gradientAverage[i], g, rest);
      gradientAverage[i] = average;
      square -= average * average;
      square = square < 0 ? T(0) : square;  // where all gradients are equal, rounding decides
    }
    g /= m_sqrt(square) + epsilon;
    if (momentum) {
      g = momentum[i] * keep + g;
      momentum[i] = g;
    }
    parameter[i] = p + rate * g;
  }
}

/// base^exponent, for whole exponents.
__device__ inline double power(double base, int64_t exponent) {
  double result = 1;
  for (; exponent > 0; exponent >>= 1, base *= base) {
    if (exponent & 1) result *= base;
  }
  return result;
}

/// The two averages start at 0 and are too small at first; dividing by 1 - beta^step corrects that. The host has
/// computed both corrections, unless the launch was recorded into a graph: then one thread of each block does, since
/// only the device knows which step it is. In float32, 1 - 0.999 would lose most of its digits.
template <typename T>
__device__ void adamStep(int64_t count, Cell<T> *parameter, const Cell<T> *gradient, Cell<T> *average,
                         Cell<T> *squareAverage, Cell<T> *maximumSquareAverage, double learningRate, double beta1,
                         double beta2, T rate, T rootCorrection, T shrink, T decay, T sign, T epsilon, int64_t step,
                         const int64_t *replays) {
  SHARED(T, corrected, [2]);
  if (replays) {
    if (threadIdx.x == 0) {
      corrected[0] = T(-(learningRate / (1 - power(beta1, step + *replays))));
      corrected[1] = T(m_sqrt(1 - power(beta2, step + *replays)));
    }
    __syncthreads();
    rate = corrected[0];
    rootCorrection = corrected[1];
  }
  T weight1 = T(1 - beta1), weight2 = T(1 - beta2), keep2 = T(beta2);

  GRID_LOOP
  for (int64_t i = globalThread(); i < count; i += globalThreads()) {
    T p = parameter[i] * shrink;
    T g = directed<T>(gradient[i], p, sign, decay);
    T m = lerp<T>(average[i], g, weight1);
    T v = squareAverage[i] * keep2 + weight2 * g * g;
    average[i] = m;
    squareAverage[i] = v;
    if (maximumSquareAverage) {
      T largest = maximumSquareAverage[i];
      v = largest > v ? largest : v;
      maximumSquareAverage[i] = v;
    }
    parameter[i] = p + rate * m / (m_sqrt(v) / rootCorrection + epsilon);
  }
}

#define STEPS(T, suffix)                                                                                               \
  ENTRY(sgd_##suffix, (int64_t count, Cell<T> *parameter, const Cell<T> *gradient, Cell<T> *momentum, T rate, T decay, \
                       T sign, T keep, T take, int32_t nesterov, int32_t firstStep, const int64_t *replays)) {         \
    sgdStep<T>(count, parameter, gradient, momentum, rate, decay, sign, keep, take, nesterov, firstStep, replays);     \
  }                                                                                                                    \
  ENTRY(adagrad_##suffix, (int64_t count, Cell<T> *parameter, const Cell<T> *gradient, Cell<T> *sum, T rate, T decay,  \
                           T sign, T epsilon)) {                                                                       \
    adagradStep<T>(count, parameter, gradient, sum, rate, decay, sign, epsilon);                                       \
  }                                                                                                                    \
  ENTRY(rmsprop_##suffix,                                                                                              \
        (int64_t count, Cell<T> *parameter, const Cell<T> *gradient, Cell<T> *squareAverage, Cell<T> *gradientAverage, \
         Cell<T> *momentum, T rate, T decay, T sign, T epsilon, T alpha, T rest, T keep)) {                            \
    rmspropStep<T>(count, parameter, gradient, squareAverage, gradientAverage, momentum, rate, decay, sign, epsilon,   \
                   alpha, rest, keep);                                                                                 \
  }                                                                                                                    \
  ENTRY(adam_##suffix,                                                                                                 \
        (int64_t count, Cell<T> *parameter, const Cell<T> *gradient, Cell<T> *average, Cell<T> *squareAverage,         \
         Cell<T> *maximumSquareAverage, double learningRate, double beta1, double beta2, T rate, T rootCorrection,     \
         T shrink, T decay, T sign, T epsilon, int64_t step, const int64_t *replays)) {                                \
    adamStep<T>(count, parameter, gradient, average, squareAverage, maximumSquareAverage, learningRate, beta1, beta2,  \
                rate, rootCorrection, shrink, decay, sign, epsilon, step, replays);                                    \
  }
STEPS(float, float32)
STEPS(double, float64)

/// The last launch of every recorded graph.
ENTRY(countReplay, (int64_t *replays)) { *replays += 1; }
