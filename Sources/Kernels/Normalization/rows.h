// Groups that are rows: layer norm and RMS norm. Included by cpu.cpp.
#ifndef KINDLING_NORMALIZATION_ROWS_H
#define KINDLING_NORMALIZATION_ROWS_H

#include <cmath>

#include "../Reduction/cpu-fold.h"
#include "../Runtime/with-type.h"

namespace kindling {

/// Σ first(i) and Σ second(i) of a row, whose terms body(load) makes of a function that reads an array from some element
/// on: 16 sums side by side, which are then added up as a balanced tree.
struct TwoSums {
  double first, second;

  static constexpr int64_t width = 16;
  using Wide = Vector<double, width>;

  template <typename Body>
  KINDLING_INLINE static TwoSums of(int64_t count, Body &&body) {
    Wide first = 0.0, second = 0.0;
    int64_t i = 0;
    for (; i + width <= count; i += width) {
      body(
          [i](const auto *x) KINDLING_LAMBDA {
            Vector<std::remove_cvref_t<decltype(*x)>, width> loaded;
            std::memcpy(&loaded, x + i, sizeof loaded);
            return __builtin_convertvector(loaded, Wide);
          },
          first, second);
    }
    double sums[2][width];
    std::memcpy(sums[0], &first, sizeof first);
    std::memcpy(sums[1], &second, sizeof second);
    for (int64_t lane = 0; i < count; i++, lane++) {
      body([i](const auto *x) KINDLING_LAMBDA { return double(x[i]); }, sums[0][lane], sums[1][lane]);
    }
    for (int64_t half = width / 2; half > 0; half /= 2) {
      for (int64_t lane = 0; lane < half; lane++) sums[0][lane] += sums[0][lane + half];
      for (int64_t lane = 0; lane < half; lane++) sums[1][lane] += sums[1][lane + half];
    }
    return {sums[0][0], sums[1][0]};
  }
};

/// Mean and variance of n numbers, of which the sums of their differences from `shift`, and of the squares of these, are
/// known. With one of the numbers as shift the variance loses no digits to a mean that is far from 0.
struct Moments {
  double mean, variance;

  KINDLING_INLINE static Moments of(double shift, double sum, double squares, double n) {
    double variance = (squares - sum / n * sum) / n;
    return {shift + sum / n, variance < 0 ? 0 : variance};
  }
};

/// The rows of a normalization.
template <typename T>
struct Rows {
  const KernelNormalization &n;
  const KernelNormalizationArrays &arrays;

  KINDLING_INLINE void normalize(int64_t row) const {
    int64_t columns = n.channels;
    const T *x = static_cast<const T *>(arrays.x) + row * columns;
    double shift = n.keepsMean ? 0 : double(x[0]);
    TwoSums sums = TwoSums::of(columns, [=](auto load, auto &sum, auto &squares) KINDLING_LAMBDA {
      auto difference = load(x) - shift;
      sum += difference;
      squares += difference * difference;
    });
    Moments moments = n.keepsMean ? Moments{0, sums.second / double(columns)}
                                  : Moments::of(shift, sums.first, sums.second, double(columns));
    T mean = T(moments.mean), scale = T(1 / std::sqrt(moments.variance + n.eps));
    static_cast<T *>(arrays.mean)[row] = mean;
    static_cast<T *>(arrays.variance)[row] = T(moments.variance);
    static_cast<T *>(arrays.scale)[row] = scale;
    T *y = static_cast<T *>(arrays.y) + row * columns;
    if (arrays.weight) {
      arrays.bias ? put<true, true>(x, mean, scale, y) : put<true, false>(x, mean, scale, y);
    } else {
      arrays.bias ? put<false, true>(x, mean, scale, y) : put<false, false>(x, mean, scale, y);
    }
  }

  template <bool hasWeight, bool hasBias>
  KINDLING_INLINE void put(const T *x, T mean, T scale, T *y) const {
    auto weight = static_cast<const T *>(arrays.weight), bias = static_cast<const T *>(arrays.bias);
    KINDLING_INDEPENDENT
    for (int64_t i = 0; i < n.channels; i++) {
      T z = (x[i] - mean) * scale;
      if constexpr (hasWeight) z *= weight[i];
      if constexpr (hasBias) z += bias[i];
      y[i] = z;
    }
  }

  /// dx of a row, and what the row adds to `sums`: those of weight, channel by channel, and after them those of bias.
  KINDLING_INLINE void differentiate(int64_t row, double *sums) const {
    const T *x = static_cast<const T *>(arrays.x) + row * n.channels;
    const T *dy = static_cast<const T *>(arrays.dy) + row * n.channels;
    T mean = static_cast<const T *>(arrays.mean)[row], scale = static_cast<const T *>(arrays.scale)[row];
    if (sums) addToSums(x, dy, mean, scale, sums);
    if (!arrays.dx) return;
    T *dx = static_cast<T *>(arrays.dx) + row * n.channels;
    arrays.weight ? putGradient<true>(x, dy, mean, scale, dx) : putGradient<false>(x, dy, mean, scale, dx);
  }

  template <bool hasWeight>
  KINDLING_INLINE void putGradient(const T *x, const T *dy, T mean, T scale, T *dx) const {
    auto weight = static_cast<const T *>(arrays.weight);
    TwoSums sums = TwoSums::of(n.channels, [=](auto load, auto &sum, auto &product) KINDLING_LAMBDA {
      auto g = load(dy);
      if constexpr (hasWeight) g *= load(weight);
      sum += g;
      product += g * (load(x) - double(mean));
    });
    double count = double(n.channels);
    T share = n.keepsMean ? T(0) : T(sums.first / count), slope = T(sums.second / count * double(scale) * double(scale));
    KINDLING_INDEPENDENT
    for (int64_t i = 0; i < n.channels; i++) {
      T g = dy[i];
      if constexpr (hasWeight) g *= weight[i];
      dx[i] = scale * (g - share - (x[i] - mean) * slope);
    }
  }

  KINDLING_INLINE void addToSums(const T *x, const T *dy, T mean, T scale, double *sums) const {
    double *ofBias = sums + n.channels;
    KINDLING_INDEPENDENT
    for (int64_t i = 0; i < n.channels; i++) {
      sums[i] += double(dy[i] * ((x[i] - mean) * scale));
      ofBias[i] += double(dy[i]);
    }
  }

  /// The gradients of weight and bias, of the sums that each part of the rows has left.
  KINDLING_INLINE void putSums(const double *sums, int64_t parts) const {
    auto dWeight = static_cast<T *>(arrays.dWeight), dBias = static_cast<T *>(arrays.dBias);
    int64_t columns = n.channels;
    for (int64_t i = 0; i < columns; i++) {
      double weight = 0, bias = 0;
      for (int64_t part = 0; part < parts; part++) {
        weight += sums[part * 2 * columns + i];
        bias += sums[(part * 2 + 1) * columns + i];
      }
      if (dWeight) dWeight[i] = T(weight);
      if (dBias) dBias[i] = T(bias);
    }
  }
};

}  // namespace kindling

#endif
