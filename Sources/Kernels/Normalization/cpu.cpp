// Normalizations on the CPU, and their gradients. With mean m and scale s = 1 / √(variance + eps) of a group of n
// numbers,
//
//     y = z · weight + bias,  z = (x - m) · s
//     dx = s · (g - Σ g / n - z · Σ (g · z) / n),  g = dy · weight
//
// so that both are a pass that adds up and a pass that writes, over numbers that are then still in the cache. rows.h
// has the loops for groups that are rows, channels.h those for channels. Sums are carried in double, and cut at places
// that the sizes alone decide, so that the bits are the same on any number of threads.
#include "../Runtime/scratch.h"
#include "../Runtime/threads.h"
#include "channels.h"
#include "rows.h"

using namespace kindling;

namespace {

/// What an element costs, in additions.
constexpr int64_t elementCost = 4;

KINDLING_CLONES void normalizeRows(KernelType type, const KernelNormalization &n, const KernelNormalizationArrays &a,
                                   int64_t begin, int64_t end) {
  withFloatType("normalization", type, [&](auto named) KINDLING_LAMBDA {
    using T = typename decltype(named)::Type;
    for (int64_t row = begin; row < end; row++) Rows<T>{n, a}.normalize(row);
  });
}

KINDLING_CLONES void differentiateRows(KernelType type, const KernelNormalization &n,
                                       const KernelNormalizationArrays &a, int64_t begin, int64_t end, double *sums) {
  withFloatType("normalization", type, [&](auto named) KINDLING_LAMBDA {
    using T = typename decltype(named)::Type;
    Rows<T>{n, a}.differentiate(begin, end, sums);
  });
}

KINDLING_CLONES void putSums(KernelType type, const KernelNormalization &n, const KernelNormalizationArrays &a,
                             const double *sums, int64_t parts) {
  withFloatType("normalization", type, [&](auto named) KINDLING_LAMBDA {
    using T = typename decltype(named)::Type;
    Rows<T>{n, a}.putSums(sums, parts);
  });
}

/// How many rows add to the same sums for the gradients of weight and bias.
int64_t rowsTogether(const KernelNormalization &n) { return std::max<int64_t>(32, (n.batch + 63) / 64); }

void rowGradients(KernelType type, const KernelNormalization &n, const KernelNormalizationArrays &a) {
  int64_t together = rowsTogether(n), parts = (n.batch + together - 1) / together;
  bool hasSums = a.dWeight || a.dBias;
  Scratch scratch;
  auto sums =
      hasSums ? static_cast<double *>(scratch.ofSize(size_t(parts * lengthOfSums(n)) * sizeof(double))) : nullptr;
  parallelFor(parts, together * n.channels * 2 * elementCost, [&](int64_t begin, int64_t end) {
    for (int64_t part = begin; part < end; part++) {
      double *ours = sums ? sums + part * lengthOfSums(n) : nullptr;
      if (ours) std::fill_n(ours, 2 * n.channels, 0.0);
      differentiateRows(type, n, a, part * together, std::min(n.batch, (part + 1) * together), ours);
    }
  });
  if (hasSums) putSums(type, n, a, sums, parts);
}

KINDLING_CLONES void normalizeChannels(KernelType type, const KernelNormalization &n,
                                       const KernelNormalizationArrays &a, int64_t begin, int64_t end) {
  withFloatType("normalization", type, [&](auto named) KINDLING_LAMBDA {
    using T = typename decltype(named)::Type;
    for (int64_t i = begin; i < end; i++) Channels<T>::of(n, a, i).normalize();
  });
}

KINDLING_CLONES void differentiateChannels(KernelType type, const KernelNormalization &n,
                                           const KernelNormalizationArrays &a, int64_t begin, int64_t end) {
  withFloatType("normalization", type, [&](auto named) KINDLING_LAMBDA {
    using T = typename decltype(named)::Type;
    for (int64_t i = begin; i < end; i++) Channels<T>::of(n, a, i).differentiate();
  });
}

/// body(begin, end) for ranges of the pieces that the channels are cut into.
template <typename Body>
void inPieces(const KernelNormalization &n, Body &&body) {
  int64_t together = channelsTogether(n);
  parallelFor((n.channels + together - 1) / together, n.batch * together * n.places * elementCost, body);
}

}  // namespace

void KindlingNormalize(KernelType type, const KernelNormalization *normalization,
                       const KernelNormalizationArrays *arrays) {
  const KernelNormalization &n = *normalization;
  if (n.byRows) {
    parallelFor(n.batch, n.channels * elementCost,
                [&](int64_t begin, int64_t end) { normalizeRows(type, n, *arrays, begin, end); });
  } else {
    inPieces(n, [&](int64_t begin, int64_t end) { normalizeChannels(type, n, *arrays, begin, end); });
  }
}

void KindlingNormalizeGradient(KernelType type, const KernelNormalization *normalization,
                               const KernelNormalizationArrays *arrays) {
  const KernelNormalization &n = *normalization;
  if (n.byRows) return rowGradients(type, n, *arrays);
  inPieces(n, [&](int64_t begin, int64_t end) { differentiateChannels(type, n, *arrays, begin, end); });
}
