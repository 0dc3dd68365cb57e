// Groups that are rows: layer norm and RMS norm. Included by cpu.cpp.
#ifndef KINDLING_NORMALIZATION_ROWS_H
#define KINDLING_NORMALIZATION_ROWS_H

#include <cmath>

#include "../Reduction/cpu-fold.h"
#include "../Runtime/with-type.h"

namespace kindling {

/// Two sums over a row: 16 of each side by side, which are then added up as a balanced tree. body(load, first, second)
/// adds the terms, where load(x) reads 16 elements of an array, or at the end of a row one; wide(…) makes them double.
struct TwoSums {
  double first, second;

  static constexpr int64_t width = 16;
  using Wide = Vector<double, width>;

  template <typename T>
  KINDLING_INLINE static Wide wide(Vector<T, width> x) {
    return __builtin_convertvector(x, Wide);
  }
  KINDLING_INLINE static double wide(double x) { return x; }

  template <typename Body>
  KINDLING_INLINE static TwoSums of(int64_t count, Body &&body) {
    Wide first = 0.0, second = 0.0;
    int64_t i = 0;
    for (; i + width <= count; i += width) {
      body(
          [i](const auto *x) KINDLING_LAMBDA {
            Vector<std::remove_cvref_t<decltype(*x)>, width> loaded;
            std::memcpy(&loaded, x + i, sizeof loaded);
            return loaded;
          },
          first, second);
    }
    double sums[2][width];
    std::memcpy(sums[0], &first, sizeof first);
    std::memcpy(sums[1], &second, sizeof second);
    for (int64_t lane = 0; i < count; i++, lane++) {
      body([i](const auto *x) KINDLING_LAMBDA { return x[i]; }, sums[0][lane], sums[1][lane]);
    }
    for (int64_t half = width / 2; half > 0; half /= 2) {
      for (int64_t lane = 0; lane < half; lane++) sums[0][lane] += sums[0][lane + half];
      for (int64_t lane = 0; lane < half; lane++) sums[1][lane] += sums[1][lane + half];
    }
    return {sums[0][0], sums[1][0]};
  }
};

/// Mean and variance of n numbers, of which the sums of their differences from `shift`, and of the squares of these,
/// are known. With one of the numbers as shift the variance loses no digits to a mean that is far from 0.
struct Moments {
  double mean, variance;

  KINDLING_INLINE static Moments of(double shift, double sum, double squares, double n) {
    double variance = (squares - sum / n * sum) / n;
    return {shift + sum / n, variance < 0 ? 0 : variance};
  }
};

/// How many numbers each part of the rows is given for its sums.
inline int64_t lengthOfSums(const KernelNormalization &n) { return 4 * n.channels; }

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
      auto difference = TwoSums::wide(load(x)) - shift;
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

  /// How many rows' terms of the gradients of weight and bias are added up in T, before they are added to sums in
  /// double.
  static constexpr int64_t fewRows = 16;

  /// dx of rows begin..<end, and what they add to `sums`: those of weight, channel by channel, and then those of bias.
  /// Behind them is room for as many numbers.
  KINDLING_INLINE void differentiate(int64_t begin, int64_t end, double *sums) const {
    T *few = sums ? reinterpret_cast<T *>(sums + 2 * n.channels) : nullptr;
    for (int64_t first = begin; first < end; first += fewRows) {
      int64_t last = std::min(first + fewRows, end);
      if (sums) std::fill_n(few, 2 * n.channels, T(0));
      for (int64_t row = first; row < last; row++) {
        if (sums) addToSums(row, few);
        if (arrays.dx) arrays.weight ? putGradient<true>(row) : putGradient<false>(row);
      }
      if (!sums) continue;
      KINDLING_INDEPENDENT
      for (int64_t i = 0; i < 2 * n.channels; i++) sums[i] += double(few[i]);
    }
  }

  KINDLING_INLINE const T *x(int64_t row) const { return static_cast<const T *>(arrays.x) + row * n.channels; }
  KINDLING_INLINE const T *dy(int64_t row) const { return static_cast<const T *>(arrays.dy) + row * n.channels; }
  KINDLING_INLINE T mean(int64_t row) const { return static_cast<const T *>(arrays.mean)[row]; }
  KINDLING_INLINE T scale(int64_t row) const { return static_cast<const T *>(arrays.scale)[row]; }

  template <bool hasWeight>
  KINDLING_INLINE void putGradient(int64_t row) const {
    const T *x = this->x(row), *dy = this->dy(row);
    T mean = this->mean(row), scale = this->scale(row), *dx = static_cast<T *>(arrays.dx) + row * n.channels;
    auto weight = static_cast<const T *>(arrays.weight);
    TwoSums sums = TwoSums::of(n.channels, [=](auto load, auto &sum, auto &product) KINDLING_LAMBDA {
      auto g = load(dy);
      if constexpr (hasWeight) g *= load(weight);
      sum += TwoSums::wide(g);
      product += TwoSums::wide(g * (load(x) - mean));
    });
    double count = double(n.channels);
    T share = n.keepsMean ? T(0) : T(sums.first / count),
      slope = T(sums.second / count * double(scale) * double(scale));
    KINDLING_INDEPENDENT
    for (int64_t i = 0; i < n.channels; i++) {
      T g = dy[i];
      if constexpr (hasWeight) g *= weight[i];
      dx[i] = scale * (g - share - (x[i] - mean) * slope);
    }
  }

  KINDLING_INLINE void addToSums(int64_t row, T *sums) const {
    const T *x = this->x(row), *dy = this->dy(row);
    T mean = this->mean(row), scale = this->scale(row), *ofBias = sums + n.channels;
    KINDLING_INDEPENDENT
    for (int64_t i = 0; i < n.channels; i++) {
      sums[i] += dy[i] * ((x[i] - mean) * scale);
      ofBias[i] += dy[i];
    }
  }

  /// The gradients of weight and bias, of the sums that each part of the rows has left.
  KINDLING_INLINE void putSums(const double *sums, int64_t parts) const {
    auto dWeight = static_cast<T *>(arrays.dWeight), dBias = static_cast<T *>(arrays.dBias);
    int64_t columns = n.channels;
    for (int64_t i = 0; i < columns; i++) {
      double weight = 0, bias = 0;
      for (int64_t part = 0; part < parts; part++) {
        weight += sums[part * lengthOfSums(n) + i];
        bias += sums[part * lengthOfSums(n) + columns + i];
      }
      if (dWeight) dWeight[i] = T(weight);
      if (dBias) dBias[i] = T(bias);
    }
  }
};

}  // namespace kindling

#endif
