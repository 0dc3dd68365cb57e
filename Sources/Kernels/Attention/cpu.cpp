// Attention on the CPU, head by head. With Q, K and V of one head, a row for each query or key,
//
//     P = softmax(Q Kᵀ · scale),  out = P V
//     dV = Pᵀ dOut,  dS = P ∘ (dP - Σ dP ∘ P) · scale with dP = dOut Vᵀ,  dQ = dS K,  dK = dSᵀ Q
//
// where ∘ is element by element and Σ along a row: a score moves its own weight up, and all of its row down. These are
// the products of Matmul/ and loops over rows, and what a head needs stays in a near cache from one to the next, where
// the formula has a tensor of all heads for each of them.
#include "../Reduction/softmax.h"
#include "../Runtime/scratch.h"
#include "../Runtime/threads.h"

using namespace kindling;

namespace {

/// A head's scores become its weights, in place.
template <typename T>
KINDLING_INLINE void weigh(const KernelAttention &a, T *scores) {
  for (int64_t row = 0; row < a.queries; row++, scores += a.keys) {
    int64_t seen = a.isCausal ? std::min(row + 1, a.keys) : a.keys;
    softmaxRow(SoftmaxRow<T>{a.keys, seen, T(a.scale)}, scores, scores, SoftmaxKind_sharesOrZeros);
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

/// A head's dP becomes its dS, in place.
template <typename T>
KINDLING_INLINE void weighGradient(const KernelAttention &a, const T *weights, T *gradient) {
  T scale = T(a.scale);
  for (int64_t row = 0; row < a.queries; row++, weights += a.keys, gradient += a.keys) {
    T mean = T(dotProduct(a.keys, gradient, weights));
    KINDLING_INDEPENDENT
    for (int64_t i = 0; i < a.keys; i++) gradient[i] = weights[i] * (gradient[i] - mean) * scale;
  }
}

KINDLING_CLONES void weigh(KernelType type, const KernelAttention &a, void *scores) {
  withFloatType("attention", type,
                [&](auto named) KINDLING_LAMBDA { weigh(a, static_cast<typename decltype(named)::Type *>(scores)); });
}

KINDLING_CLONES void weighGradient(KernelType type, const KernelAttention &a, const void *weights, void *gradient) {
  withFloatType("attention", type, [&](auto named) KINDLING_LAMBDA {
    using T = typename decltype(named)::Type;
    weighGradient(a, static_cast<const T *>(weights), static_cast<T *>(gradient));
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

  /// The head's part of an array [batch, heads, queries, keys].
  KernelMatrix weights(void *all) const {
    return {static_cast<char *>(all) + index * a.queries * a.keys * KindlingTypeSize(type), a.keys, 1, 0};
  }

  /// out [m, n] = x [m, k] · y [k, n].
  void multiply(int64_t m, int64_t n, int64_t k, const KernelMatrix &x, const KernelMatrix &y,
                const KernelMatrix &out) const {
    KindlingMatmul(type, 1, m, n, k, x, y, out);
  }
};

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
    weigh(type, a, weights.data);
    head.multiply(a.queries, a.valueWidth, a.keys, weights, head.of(arrays->value), head.of(arrays->out));
  });
}

void KindlingAttentionGradient(KernelType type, const KernelAttention *attention, const KernelAttentionArrays *arrays,
                               const KernelAttentionGradients *gradients) {
  const KernelAttention &a = *attention;
  forEachHead(type, a, 5, [&](const Head &head) {
    KernelMatrix weights = head.weights(arrays->weights), dOut = head.of(arrays->out);
    Scratch scratch;
    KernelMatrix dScores = {scratch.ofSize(size_t(a.queries * a.keys * KindlingTypeSize(type))), a.keys, 1, 0};
    head.multiply(a.keys, a.valueWidth, a.queries, turned(weights), dOut, head.of(gradients->value));
    head.multiply(a.queries, a.keys, a.valueWidth, dOut, turned(head.of(arrays->value)), dScores);
    weighGradient(type, a, weights.data, dScores.data);
    head.multiply(a.queries, a.width, a.keys, dScores, head.of(arrays->key), head.of(gradients->query));
    head.multiply(a.keys, a.width, a.queries, turned(dScores), head.of(arrays->query), head.of(gradients->key));
  });
}
