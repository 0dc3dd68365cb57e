// Groups that are channels: batch norm. Included by cpu.cpp.
//
// A channel's numbers lie in runs of `places`, one in each sample of the batch. The loops go over columns, numbers that
// lie side by side in a sample: of one channel with many places, or of several where places are few. So they are long
// for vectors of 128 channels as for pictures.
#ifndef KINDLING_NORMALIZATION_CHANNELS_H
#define KINDLING_NORMALIZATION_CHANNELS_H

#include "rows.h"

namespace kindling {

constexpr int64_t fewColumns = 128;    // channels are taken together as long as their columns are no more
constexpr int64_t mostColumns = 1024;  // the sums of so many stay in the nearest cache

inline int64_t channelsTogether(const KernelNormalization &n) { return std::max<int64_t>(1, fewColumns / n.places); }

/// A few channels that are taken together.
template <typename T>
struct Channels {
  const KernelNormalization &n;
  const KernelNormalizationArrays &arrays;
  int64_t first, count, columns;  // the first channel, how many there are, and how many columns they have

  KINDLING_INLINE static Channels of(const KernelNormalization &n, const KernelNormalizationArrays &arrays,
                                     int64_t piece) {
    int64_t first = piece * channelsTogether(n), count = std::min(channelsTogether(n), n.channels - first);
    return {n, arrays, first, count, count * n.places};
  }

  KINDLING_INLINE int64_t sample() const { return n.channels * n.places; }
  KINDLING_INLINE double groupSize() const { return double(n.batch) * double(n.places); }
  KINDLING_INLINE const T *ofChannels(const void *numbers) const {
    return numbers ? static_cast<const T *>(numbers) + first : nullptr;
  }

  /// A number for each column, or where there is one channel the one for all.
  struct Numbers {
    T of[fewColumns];
  };
  /// number(channel) for each column.
  template <typename Number>
  KINDLING_INLINE Numbers spread(Number &&number) const {
    Numbers numbers;
    for (int64_t c = 0; c < count; c++) std::fill_n(numbers.of + c * n.places, count == 1 ? 1 : n.places, number(c));
    return numbers;
  }

  /// Calls body(whether there is one channel), so that its loops are compiled for either.
  template <typename Body>
  KINDLING_INLINE void withKind(Body &&body) const {
    count == 1 ? body(std::true_type()) : body(std::false_type());
  }

  /// out[place] = number(place, column) for all elements; of one channel the column is 0, as in Numbers.
  template <typename Number>
  KINDLING_INLINE void put(void *out, Number &&number) const {
    withKind([&](auto isOne) KINDLING_LAMBDA {
      for (int64_t i = 0; i < n.batch; i++) {
        int64_t begin = i * sample() + first * n.places;
        KINDLING_INDEPENDENT
        for (int64_t column = 0; column < columns; column++) {
          static_cast<T *>(out)[begin + column] = number(begin + column, isOne ? 0 : column);
        }
      }
    });
  }

  // MARK: Sums

  /// For each channel the sums of the two terms that term(place, column) makes of an element.
  template <typename Term>
  KINDLING_INLINE void addUp(TwoSums *sums, Term &&term) const {
    double firsts[mostColumns], seconds[mostColumns];
    for (int64_t c = 0; c < count; c++) sums[c] = {0, 0};
    for (int64_t column = 0; column < columns; column += mostColumns) {
      int64_t width = std::min(mostColumns, columns - column), places = std::min(width, n.places);
      withKind([&](auto isOne) KINDLING_LAMBDA { addUpColumns<isOne>(column, width, firsts, seconds, term); });
      for (int64_t c = 0; c * places < width; c++) {
        sums[c].first += foldStretch<Sum<double>>(firsts + c * places, places);
        sums[c].second += foldStretch<Sum<double>>(seconds + c * places, places);
      }
    }
  }

  template <bool isOne, typename Term>
  KINDLING_INLINE void addUpColumns(int64_t column, int64_t width, double *firsts, double *seconds, Term &&term) const {
    int64_t row = first * n.places + column, step = sample(), left = n.batch;
    std::fill_n(firsts, width, 0.0);
    std::fill_n(seconds, width, 0.0);
    // Four samples at a time, because to read and to write the sums costs as much as one.
    for (; left >= 4; left -= 4, row += 4 * step) {
      KINDLING_INDEPENDENT
      for (int64_t i = 0; i < width; i++) {
        int64_t at = isOne ? 0 : i;
        TwoSums a = term(row + i, at), b = term(row + step + i, at);
        TwoSums c = term(row + 2 * step + i, at), d = term(row + 3 * step + i, at);
        firsts[i] += (a.first + b.first) + (c.first + d.first);
        seconds[i] += (a.second + b.second) + (c.second + d.second);
      }
    }
    for (; left > 0; left--, row += step) {
      KINDLING_INDEPENDENT
      for (int64_t i = 0; i < width; i++) {
        TwoSums a = term(row + i, isOne ? 0 : i);
        firsts[i] += a.first;
        seconds[i] += a.second;
      }
    }
  }

  // MARK: Forward

  KINDLING_INLINE void normalize() const {
    const T *x = static_cast<const T *>(arrays.x), *weight = ofChannels(arrays.weight), *bias = ofChannels(arrays.bias);
    T *scales = static_cast<T *>(arrays.scale) + first;
    if (!n.isGiven) findMoments(x);
    const T *means = ofChannels(arrays.mean), *variances = ofChannels(arrays.variance);
    for (int64_t c = 0; c < count; c++) scales[c] = T(1 / std::sqrt(double(variances[c]) + n.eps));
    Numbers mean = spread([=](int64_t c) { return means[c]; });
    Numbers factor = spread([=](int64_t c) { return weight ? scales[c] * weight[c] : scales[c]; });
    Numbers summand = spread([=](int64_t c) { return bias ? bias[c] : T(0); });
    put(arrays.y, [&, x](int64_t place, int64_t column) KINDLING_LAMBDA {
      return (x[place] - mean.of[column]) * factor.of[column] + summand.of[column];
    });
  }

  /// Mean and variance of each channel, with its first number as shift (see Moments).
  KINDLING_INLINE void findMoments(const T *x) const {
    T *means = static_cast<T *>(arrays.mean) + first, *variances = static_cast<T *>(arrays.variance) + first;
    Numbers shift = spread([&](int64_t c) { return x[(first + c) * n.places]; });
    TwoSums sums[fewColumns];
    addUp(sums, [&, x](int64_t place, int64_t column) KINDLING_LAMBDA {
      double difference = double(x[place]) - double(shift.of[column]);
      return TwoSums{difference, difference * difference};
    });
    for (int64_t c = 0; c < count; c++) {
      Moments moments = Moments::of(double(x[(first + c) * n.places]), sums[c].first, sums[c].second, groupSize());
      means[c] = T(moments.mean);
      variances[c] = T(moments.variance);
    }
  }

  // MARK: Gradient

  KINDLING_INLINE void differentiate() const {
    const T *x = static_cast<const T *>(arrays.x), *dy = static_cast<const T *>(arrays.dy);
    const T *means = ofChannels(arrays.mean), *scales = ofChannels(arrays.scale), *weight = ofChannels(arrays.weight);
    Numbers mean = spread([=](int64_t c) { return means[c]; });
    Numbers factor = spread([=](int64_t c) { return weight ? scales[c] * weight[c] : scales[c]; });
    TwoSums sums[fewColumns];
    if (!n.isGiven || arrays.dWeight || arrays.dBias) {
      addUp(sums, [&, x, dy](int64_t place, int64_t column) KINDLING_LAMBDA {
        double gradient = double(dy[place]);
        return TwoSums{gradient, gradient * double(x[place] - mean.of[column])};
      });
      for (int64_t c = 0; c < count; c++) {
        sums[c].second *= double(scales[c]);
        if (arrays.dWeight) static_cast<T *>(arrays.dWeight)[first + c] = T(sums[c].second);
        if (arrays.dBias) static_cast<T *>(arrays.dBias)[first + c] = T(sums[c].first);
      }
    }
    if (!arrays.dx) return;
    if (n.isGiven) {
      put(arrays.dx, [&, dy](int64_t place, int64_t column) KINDLING_LAMBDA { return dy[place] * factor.of[column]; });
      return;
    }
    Numbers share = spread([&](int64_t c) { return T(sums[c].first / groupSize()); });
    Numbers slope = spread([&](int64_t c) { return T(sums[c].second / groupSize() * double(scales[c])); });
    put(arrays.dx, [&, x, dy](int64_t place, int64_t column) KINDLING_LAMBDA {
      T others = share.of[column] + (x[place] - mean.of[column]) * slope.of[column];
      return (dy[place] - others) * factor.of[column];
    });
  }
};

}  // namespace kindling

#endif
