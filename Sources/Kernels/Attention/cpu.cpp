// Attention on the CPU, head by head. With Q, K and V of one head, a row for each query or key,
//
//     P = softmax(Q Kᵀ · scale),  out = P V
//     dV = Pᵀ dOut,  dS = P ∘ (dP - Σ dP ∘ P) · scale with dP = dOut Vᵀ,  dQ = dS K,  dK = dSᵀ Q
//
// where ∘ is element by element and Σ along a row: a score moves its own weight up, and all of its row down. These are
// the products of Matmul/ and loops over rows, and what a head of usual size needs stays in a near cache from one to
// the next, where the formula has a tensor of all heads for each of them.
#include "../Reduction/softmax.h"
#include "../Runtime/scratch.h"
#include "../Runtime/threads.h"

using namespace kindling;

namespace {

/// Rows of a head's scores become its weights, in place.
template <typename T>
KINDLING_INLINE void weigh(const KernelAttention &a, int64_t begin, int64_t end, T *scores) {
  for (int64_t row = begin; row < end; row++) {
    int64_t seen = a.isCausal ? std::min(row + 1, a.keys) : a.keys;
    T *place = scores + row * a.keys;
    softmaxRow(SoftmaxRow<T>{a.keys, seen, T(a.scale)}, place, place, SoftmaxKind_sharesOrZeros);
  }
}

/// Σ x · y: whole vectors first, then what is left.
template <typename T>
KINDLING_INLINE double dotProduct(int64_t count, const T *x, const T *y) {
  constexpr int lanes = 16;
  double sums[lanes] = {};
  int64_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    for (int lane = 0; lane < lanes; lane++) sums[lane] += double(x[i + lane]) * double(y[i + lane]);
  }
  for (int lane = 0; i + lane < count; lane++) sums[lane] += double(x[i + lane]) * double(y[i + lane]);
  for (int half = lanes / 2; half > 0; half /= 2) {
    for (int lane = 0; lane < half; lane++) sums[lane] += sums[lane + half];
  }
  return sums[0];
}

/// Rows of a head's dP become its dS, in place.
template <typename T>
KINDLING_INLINE void weighGradient(const KernelAttention &a, int64_t begin, int64_t end, const T *weights,
                                   T *gradient) {
  T scale = T(a.scale);
  for (int64_t i = begin * a.keys; i < end * a.keys; i += a.keys) {
    T mean = T(dotProduct(a.keys, gradient + i, weights + i));
    KINDLING_INDEPENDENT
    for (int64_t j = i; j < i + a.keys; j++) gradient[j] = weights[j] * (gradient[j] - mean) * scale;
  }
}

KINDLING_CLONES void weighRows(KernelType type, const KernelAttention &a, int64_t begin, int64_t end, void *scores) {
  withFloatType("attention", type, [&](auto named) KINDLING_LAMBDA {
    weigh(a, begin, end, static_cast<typename decltype(named)::Type *>(scores));
  });
}

KINDLING_CLONES void weighGradientRows(KernelType type, const KernelAttention &a, int64_t begin, int64_t end,
                                       const void *weights, void *gradient) {
  withFloatType("attention", type, [&](auto named) KINDLING_LAMBDA {
    using T = typename decltype(named)::Type;
    weighGradient(a, begin, end, static_cast<const T *>(weights), static_cast<T *>(gradient));
  });
}

KernelMatrix turned(const KernelMatrix &x) { return {x.data, x.columnStride, x.rowStride, 0}; }

/// The matrices of one head.
struct Head {
  KernelType type;
  const KernelAttention &a;
  int64_t index;

  KernelMatrix of(const KernelOperand &x) const {
    int64_t place = index / a.heads * x.strides[0] + index % a.heads * x.strides[1];
    return {static_cast<char *>(x.data) + place * KindlingTypeSize(type), x.strides[2], x.strides[3], 0};
  }

  /// The head's part of a contiguous array [batch, rows, heads, width].
  KernelMatrix gradient(void *all, int64_t rows, int64_t width) const {
    int64_t place = (index / a.heads * rows * a.heads + index % a.heads) * width;
    return {static_cast<char *>(all) + place * KindlingTypeSize(type), a.heads * width, 1, 0};
  }

  /// The head's part of an array [batch, heads, queries, keys].
  KernelMatrix weights(void *all) const {
    return {static_cast<char *>(all) + index * a.queries * a.keys * KindlingTypeSize(type), a.keys, 1, 0};
  }

  /// out [m, n] = x [m, k] · y [k, n].
  void multiply(int64_t m, int64_t n, int64_t k, const KernelMatrix &x, const KernelMatrix &y,
                const KernelMatrix &out) const {
    KindlingMatmul(type, 1, m, n, k, x, y, nullptr, out);
  }
};

/// body(begin, end) for the rows of a head, which are divided only where the heads are not.
template <typename Body>
void forRows(const KernelAttention &a, Body &&body) {
  parallelFor(a.queries, 8 * a.keys, body);
}

/// body(head) for all heads, divided among the threads; `products` is how many of [queries, keys] one takes.
template <typename Body>
void forEachHead(KernelType type, const KernelAttention &a, int64_t products, Body &&body) {
  int64_t cost = a.queries * a.keys * (products * (a.width + a.valueWidth) / 16 + 8);
  parallelFor(a.batch * a.heads, cost, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) body(Head{type, a, i});
  });
}

}  // namespace

void KindlingAttention(KernelType type, const KernelAttention *attention, const KernelAttentionArrays *arrays) {
  const KernelAttention &a = *attention;
  forEachHead(type, a, 2, [&](const Head &head) {
    KernelMatrix weights = head.weights(arrays->weights);
    head.multiply(a.queries, a.keys, a.width, head.of(arrays->query), turned(head.of(arrays->key)), weights);
    forRows(a, [&](int64_t begin, int64_t end) { weighRows(type, a, begin, end, weights.data); });
    head.multiply(a.queries, a.valueWidth, a.keys, weights, head.of(arrays->value), head.of(arrays->out));
  });
}

void KindlingAttentionGradient(KernelType type, const KernelAttention *attention, const KernelAttentionArrays *arrays,
                               const KernelAttentionGradients *gradients) {
  const KernelAttention &a = *attention;
  forEachHead(type, a, 5, [&](const Head &head) {
    KernelMatrix weights = head.weights(arrays->weights), dOut = head.of(arrays->out);
    if (gradients->value) {
      KernelMatrix dValue = head.gradient(gradients->value, a.keys, a.valueWidth);
      head.multiply(a.keys, a.valueWidth, a.queries, turned(weights), dOut, dValue);
    }
    if (!gradients->query && !gradients->key) return;
    Scratch scratch;
    KernelMatrix dScores = {scratch.ofSize(size_t(a.queries * a.keys * KindlingTypeSize(type))), a.keys, 1, 0};
    head.multiply(a.queries, a.keys, a.valueWidth, dOut, turned(head.of(arrays->value)), dScores);
    forRows(a, [&](int64_t begin, int64_t end) { weighGradientRows(type, a, begin, end, weights.data, dScores.data); });
    if (gradients->query) {
      KernelMatrix dQuery = head.gradient(gradients->query, a.queries, a.width);
      head.multiply(a.queries, a.width, a.keys, dScores, head.of(arrays->key), dQuery);
    }
    if (gradients->key) {
      KernelMatrix dKey = head.gradient(gradients->key, a.keys, a.width);
      head.multiply(a.keys, a.width, a.queries, turned(dScores), head.of(arrays->query), dKey);
    }
  });
}
