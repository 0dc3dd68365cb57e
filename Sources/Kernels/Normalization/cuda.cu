// Normalizations for CUDA: a block for each group, which goes through it once for each sum and once to write; and for
// the gradients of weight and bias a block for each channel. No sum is made of atomic additions, so that the bits are
// the same each time.
#include "../Reduction/cuda-fold.h"
#include "normalization.h"

/// Some elements that belong together: those of a group, or those of a channel.
struct Members {
  int64_t first, count, run, step;  // the first element, how many, and how many of them lie side by side every `step`

  static __device__ Members ofChannel(const KernelNormalization &n, int64_t channel) {
    return {channel * n.places, n.batch * n.places, n.places, n.channels * n.places};
  }
  static __device__ Members ofGroup(const KernelNormalization &n, int64_t group) {
    if (n.byRows) return {group * n.channels, n.channels, n.channels, 0};
    return ofChannel(n, group);
  }
  __device__ int64_t operator[](int64_t i) const { return first + i / run * step + i % run; }

  /// The sum of term(i) over all members; each thread of the block gets it.
  template <typename T, typename Term>
  __device__ T sum(Term term) const {
    T sum = 0;
    GRID_LOOP
    for (int64_t i = threadIdx.x; i < count; i += blockDim.x) sum += term(i);
    return foldRow<Sum<T>>(sum);
  }
};

template <typename T>
__device__ void normalize(const Cell<T> *x, const Cell<T> *weight, const Cell<T> *bias, Cell<T> *means,
                          Cell<T> *variances, Cell<T> *scales, Cell<T> *y, const KernelNormalization &n) {
  int64_t group = blockIdx.x;
  Members members = Members::ofGroup(n, group);
  T mean = 0, variance = 0, count = T(members.count);
  if (n.isGiven) {
    mean = means[group];
    variance = variances[group];
  } else {
    if (!n.keepsMean) mean = members.sum<T>([&](int64_t i) { return T(x[members[i]]); }) / count;
    variance = members.sum<T>([&](int64_t i) {
      T difference = x[members[i]] - mean;
      return difference * difference;
    }) / count;
  }
  T scale = 1 / m_sqrt(variance + T(n.eps));
  if (threadIdx.x == 0) {
    if (!n.isGiven) means[group] = mean;
    if (!n.isGiven) variances[group] = variance;
    scales[group] = scale;
  }
  GRID_LOOP
  for (int64_t i = threadIdx.x; i < members.count; i += blockDim.x) {
    int64_t place = members[i], channel = n.byRows ? i : group;
    T z = (x[place] - mean) * scale;
    if (weight) z = z * weight[channel];
    y[place] = bias ? T(z + bias[channel]) : z;
  }
}

template <typename T>
__device__ void normalizeGradient(const Cell<T> *dy, const Cell<T> *x, const Cell<T> *weight, const Cell<T> *means,
                                  const Cell<T> *scales, Cell<T> *dx, const KernelNormalization &n) {
  int64_t group = blockIdx.x;
  Members members = Members::ofGroup(n, group);
  T mean = means[group], scale = scales[group], count = T(members.count);
  // The weight of a channel is the same for all of it, and is taken out of the sums: one that is infinite would make
  // them NaN.
  T factor = weight && !n.byRows ? T(scale * weight[group]) : scale;
  auto g = [&](int64_t i) {
    T gradient = dy[members[i]];
    return weight && n.byRows ? T(gradient * weight[i]) : gradient;
  };
  auto z = [&](int64_t i) { return T((x[members[i]] - mean) * scale); };
  T first = 0, second = 0;
  if (!n.isGiven) {
    if (!n.keepsMean) first = members.sum<T>(g) / count;
    second = members.sum<T>([&](int64_t i) { return g(i) * z(i); }) / count;
  }
  GRID_LOOP
  for (int64_t i = threadIdx.x; i < members.count; i += blockDim.x) {
    dx[members[i]] = factor * (n.isGiven ? g(i) : g(i) - first - z(i) * second);
  }
}

template <typename T>
__device__ void normalizeParameters(const Cell<T> *dy, const Cell<T> *x, const Cell<T> *means, const Cell<T> *scales,
                                    Cell<T> *dWeight, Cell<T> *dBias, const KernelNormalization &n) {
  int64_t channel = blockIdx.x;
  Members members = Members::ofChannel(n, channel);
  T bias = members.sum<T>([&](int64_t i) { return T(dy[members[i]]); });
  T weight = members.sum<T>([&](int64_t i) {
    int64_t place = members[i], group = n.byRows ? i : channel;
    return T(dy[place] * ((x[place] - means[group]) * scales[group]));
  });
  if (threadIdx.x != 0) return;
  if (dWeight) dWeight[channel] = weight;
  if (dBias) dBias[channel] = bias;
}

#define NORMALIZATION(suffix, T, ...)                                                                             \
  ENTRY(normalize_forward_##suffix,                                                                               \
        (const Cell<T> *x, const Cell<T> *weight, const Cell<T> *bias, Cell<T> *means, Cell<T> *variances,        \
         Cell<T> *scales, Cell<T> *y, const __grid_constant__ KernelNormalization n)) {                           \
    normalize<T>(x, weight, bias, means, variances, scales, y, n);                                                \
  }                                                                                                               \
  ENTRY(normalize_gradient_##suffix,                                                                              \
        (const Cell<T> *dy, const Cell<T> *x, const Cell<T> *weight, const Cell<T> *means, const Cell<T> *scales, \
         Cell<T> *dx, const __grid_constant__ KernelNormalization n)) {                                           \
    normalizeGradient<T>(dy, x, weight, means, scales, dx, n);                                                    \
  }                                                                                                               \
  ENTRY(normalize_parameters_##suffix,                                                                            \
        (const Cell<T> *dy, const Cell<T> *x, const Cell<T> *means, const Cell<T> *scales, Cell<T> *dWeight,      \
         Cell<T> *dBias, const __grid_constant__ KernelNormalization n)) {                                        \
    normalizeParameters<T>(dy, x, means, scales, dWeight, dBias, n);                                              \
  }
KINDLING_FLOAT_TYPES(NORMALIZATION)
