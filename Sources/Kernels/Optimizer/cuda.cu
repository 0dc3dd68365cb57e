// The optimizers' steps for CUDA: everything that one step does to an element (steps.h), in one pass over memory.
// Written as single tensor operations, Adam would read and write its arrays a dozen times over.
//
// `replays` points to how often the graph has been replayed that the launch was recorded into (or to a 0): a step that
// is replayed knows that way which step it is.
#include "../Elementwise/cuda-math.h"
#include "../Runtime/cuda.h"
#include "steps.h"

template <typename T>
__device__ void sgdStep(int64_t count, Cell<T> *parameter, const Cell<T> *gradient, Cell<T> *momentum, T rate, T decay,
                        T sign, T keep, T take, int32_t nesterov, int32_t firstStep, const int64_t *replays) {
  SGDStep<T> step = {rate, decay, sign, keep, take, nesterov != 0, firstStep && *replays == 0};
  GRID_LOOP
  for (int64_t i = globalThread(); i < count; i += globalThreads()) {
    if (momentum) {
      T buffer = momentum[i];
      parameter[i] = step(parameter[i], gradient[i], buffer);
      momentum[i] = buffer;
    } else {
      parameter[i] = step(parameter[i], gradient[i]);
    }
  }
}

template <typename T>
__device__ void adagradStep(int64_t count, Cell<T> *parameter, const Cell<T> *gradient, Cell<T> *sum, T rate, T decay,
                            T sign, T epsilon) {
  AdagradStep<T> step = {rate, decay, sign, epsilon};
  GRID_LOOP
  for (int64_t i = globalThread(); i < count; i += globalThreads()) {
    T total = sum[i];
    parameter[i] = step(parameter[i], gradient[i], total);
    sum[i] = total;
  }
}

template <typename T>
__device__ void rmspropStep(int64_t count, Cell<T> *parameter, const Cell<T> *gradient, Cell<T> *squareAverage,
                            Cell<T> *gradientAverage, Cell<T> *momentum, T rate, T decay, T sign, T epsilon, T alpha,
                            T rest, T keep) {
  RMSpropStep<T> step = {
      rate, decay, sign, epsilon, alpha, rest, keep, gradientAverage != nullptr, momentum != nullptr};
  GRID_LOOP
  for (int64_t i = globalThread(); i < count; i += globalThreads()) {
    T square = squareAverage[i];
    T average = gradientAverage ? T(gradientAverage[i]) : T(0), buffer = momentum ? T(momentum[i]) : T(0);
    parameter[i] = step(parameter[i], gradient[i], square, average, buffer);
    squareAverage[i] = square;
    if (gradientAverage) gradientAverage[i] = average;
    if (momentum) momentum[i] = buffer;
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
                         double beta2, T rate, T rootCorrection, T shrink, T decay, T sign, T epsilon, int64_t number,
                         const int64_t *replays) {
  SHARED(T, corrected, [2]);
  if (replays) {
    if (threadIdx.x == 0) {
      corrected[0] = T(-(learningRate / (1 - power(beta1, number + *replays))));
      corrected[1] = T(m_sqrt(1 - power(beta2, number + *replays)));
    }
    __syncthreads();
    rate = corrected[0];
    rootCorrection = corrected[1];
  }
  AdamStep<T> step = {rate,    rootCorrection, shrink,   decay,        sign,
                      epsilon, T(1 - beta1),   T(beta2), T(1 - beta2), maximumSquareAverage != nullptr};

  GRID_LOOP
  for (int64_t i = globalThread(); i < count; i += globalThreads()) {
    T m = average[i], v = squareAverage[i], maximum = maximumSquareAverage ? T(maximumSquareAverage[i]) : T(0);
    parameter[i] = step(parameter[i], gradient[i], m, v, maximum);
    average[i] = m;
    squareAverage[i] = v;
    if (maximumSquareAverage) maximumSquareAverage[i] = maximum;
  }
}

#define STEPS(suffix, T, ...)                                                                                          \
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
KINDLING_FLOAT_TYPES(STEPS)

/// The last launch of every recorded graph.
ENTRY(countReplay, (int64_t *replays)) { *replays += 1; }
