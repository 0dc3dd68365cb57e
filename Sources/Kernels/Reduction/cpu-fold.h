// What a reduction does with two values, and the loops that fold many.
//
// Rounding: a sum of float32 is carried in double. A sum of float64 is added up pairwise: stretches of 512 elements in
// 32 lanes of 16, and these sums as a balanced tree, so that the error grows with the logarithm of the count. The shape
// of the tree depends on the count alone, never on the number of threads, so neither does the result.
#ifndef KINDLING_FOLDS_H
#define KINDLING_FOLDS_H

#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>

#include "../Runtime/with-type.h"

namespace kindling {

/// N values that the compiler keeps in vector registers.
template <typename T, int N>
using Vector = T __attribute__((ext_vector_type(N)));

/// float32 adds up in double; int64 wraps around, which C++ allows to unsigned numbers only.
template <typename T>
using Wide = std::conditional_t<std::is_floating_point_v<T>, double, uint64_t>;

/// How elements enter a fold, and what comes out of it: as they are, unless it says otherwise.
template <typename T, typename A>
struct Fold {
  using Element = T;
  using Accumulator = A;
  template <typename V>
  KINDLING_INLINE static V enter(V x) {
    return x;
  }
  KINDLING_INLINE static A leave(A folded) { return folded; }
};

template <typename T>
struct Sum : Fold<T, Wide<T>> {
  static constexpr Wide<T> identity = 0;
  template <typename A>
  KINDLING_INLINE static A join(A a, A b) {
    return a + b;
  }
};

template <typename T>
struct Product : Fold<T, Wide<T>> {
  static constexpr Wide<T> identity = 1;
  template <typename A>
  KINDLING_INLINE static A join(A a, A b) {
    return a * b;
  }
};

/// The square of a float32 may be out of its range, but not out of double's.
template <typename T>
struct Norm : Sum<T> {
  template <typename V>
  KINDLING_INLINE static V enter(V x) {
    return x * x;
  }
  KINDLING_INLINE static Wide<T> leave(Wide<T> sum) { return std::sqrt(sum); }
};

/// NaN wins: it is not equal to itself, and nothing is greater than it.
template <typename T>
struct Maximum : Fold<T, T> {
  static constexpr T identity =
      std::is_floating_point_v<T> ? -std::numeric_limits<T>::infinity() : std::numeric_limits<T>::min();
  template <typename A>
  KINDLING_INLINE static A join(A a, A b) {
    return ((b > a) | (b != b)) ? b : a;
  }
};

template <typename T>
struct Minimum : Fold<T, T> {
  static constexpr T identity = std::is_floating_point_v<T>  ? std::numeric_limits<T>::infinity()
                                : std::is_same_v<T, uint8_t> ? 1  // true
                                                             : std::numeric_limits<T>::max();
  template <typename A>
  KINDLING_INLINE static A join(A a, A b) {
    return ((b < a) | (b != b)) ? b : a;
  }
};

// True is 1, so any is the maximum and all is the minimum.
using Any = Maximum<uint8_t>;
using All = Minimum<uint8_t>;

#define ROW(name, Fold, ...)   \
  case ReduceOperation_##name: \
    return body(Fold());

/// Calls body(fold) with the Sum<float>, Maximum<int64_t>, … that is asked for.
template <typename Body>
KINDLING_INLINE void withFold(ReduceOperation operation, KernelType type, Body &&body) {
  if (type == KernelType_bool) {
    using T = uint8_t;
    switch (operation) {
      KINDLING_REDUCE_BOOLS(ROW)
      KINDLING_REDUCE_EXTREMES(ROW)
      default:
        unsupported("this reduction", type);
    }
  }
  withNumberType("this reduction", type, [&](auto named) KINDLING_LAMBDA {
    using T = typename decltype(named)::Type;
    if constexpr (std::is_floating_point_v<T>) {
      switch (operation) {
        KINDLING_REDUCE_NORMS(ROW)
        default:
          break;
      }
    }
    switch (operation) {
      KINDLING_REDUCE_NUMBERS(ROW)
      default:
        unsupported("this reduction", type);
    }
  });
}

/// The same for argmax and argmin: with the fold whose result's place is asked for.
template <typename Body>
KINDLING_INLINE void withExtreme(ReduceOperation operation, KernelType type, Body &&body) {
  withType(type, [&](auto named) KINDLING_LAMBDA {
    using Element = typename decltype(named)::Type;
    using T = std::conditional_t<std::is_same_v<Element, bool>, uint8_t, Element>;
    switch (operation) {
      KINDLING_REDUCE_POSITIONS(ROW)
      default:
        unsupported("this reduction", type);
    }
  });
}

#undef ROW

/// Accumulators that run side by side: two AVX-512 registers full.
template <typename Fold>
constexpr int64_t lanes = 128 / sizeof(typename Fold::Accumulator);

/// Elements of a row that are folded in lanes. Only a sum of float64 rounds, so only there does a longer row need a
/// tree.
template <typename Fold>
constexpr int64_t stretch = std::is_same_v<typename Fold::Element, double> ? 512 : 4096;

constexpr int64_t piece = 65536;  // elements of a row that make one piece of work

/// Folds values[0], values[step], … into values[0], as a balanced tree.
template <typename Fold>
KINDLING_INLINE void joinPairwise(typename Fold::Accumulator *values, int64_t count) {
  for (int64_t step = 1; step < count; step *= 2) {
    for (int64_t i = 0; i + step < count; i += 2 * step) values[i] = Fold::join(values[i], values[i + step]);
  }
}

/// An element, as it enters.
template <typename Fold>
KINDLING_INLINE typename Fold::Accumulator enter(typename Fold::Element x) {
  return Fold::enter(typename Fold::Accumulator(x));
}

/// A few elements: what the lanes below cost to set up and to join would be more than the folding.
template <typename Fold>
KINDLING_INLINE typename Fold::Accumulator foldShort(const typename Fold::Element *x, int64_t count) {
  using A = typename Fold::Accumulator;
  A a = Fold::identity, b = Fold::identity, c = Fold::identity, d = Fold::identity;
  int64_t i = 0;
  for (; i + 4 <= count; i += 4) {
    a = Fold::join(a, enter<Fold>(x[i]));
    b = Fold::join(b, enter<Fold>(x[i + 1]));
    c = Fold::join(c, enter<Fold>(x[i + 2]));
    d = Fold::join(d, enter<Fold>(x[i + 3]));
  }
  if (i < count) a = Fold::join(a, enter<Fold>(x[i]));
  if (i + 1 < count) b = Fold::join(b, enter<Fold>(x[i + 1]));
  if (i + 2 < count) c = Fold::join(c, enter<Fold>(x[i + 2]));
  return Fold::join(Fold::join(a, b), Fold::join(c, d));
}

/// Elements that lie side by side, as many as a stretch has.
template <typename Fold>
KINDLING_INLINE typename Fold::Accumulator foldStretch(const typename Fold::Element *x, int64_t count) {
  using A = typename Fold::Accumulator;
  constexpr int64_t width = lanes<Fold>;
  using Wide = Vector<A, width>;
  if (count < 24) return foldShort<Fold>(x, count);
  auto load = [&](int64_t i) KINDLING_LAMBDA {
    Vector<typename Fold::Element, width> loaded;
    std::memcpy(&loaded, x + i, sizeof loaded);
    return Fold::enter(__builtin_convertvector(loaded, Wide));
  };
  Wide sums = Fold::identity;
  int64_t i = 0;
  // Four at a time: a chain of dependent additions would wait for each of them.
  for (; i + 4 * width <= count; i += 4 * width) {
    Wide pair = Fold::join(load(i), load(i + width)), next = Fold::join(load(i + 2 * width), load(i + 3 * width));
    sums = Fold::join(sums, Fold::join(pair, next));
  }
  for (; i + width <= count; i += width) sums = Fold::join(sums, load(i));
  A values[width];
  std::memcpy(values, &sums, sizeof values);
  for (int64_t lane = 0; i < count; i++, lane++) values[lane] = Fold::join(values[lane], enter<Fold>(x[i]));
  for (int64_t half = width / 2; half > 0; half /= 2) {
    for (int64_t lane = 0; lane < half; lane++) values[lane] = Fold::join(values[lane], values[lane + half]);
  }
  return values[0];
}

/// Up to 65,536 elements that lie side by side.
template <typename Fold>
KINDLING_INLINE typename Fold::Accumulator foldPiece(const typename Fold::Element *x, int64_t count) {
  constexpr int64_t length = stretch<Fold>;
  if (count <= length) return foldStretch<Fold>(x, count);
  typename Fold::Accumulator values[piece / length];
  int64_t stretches = (count + length - 1) / length;
  for (int64_t i = 0; i < stretches; i++) {
    values[i] = foldStretch<Fold>(x + i * length, std::min(length, count - i * length));
  }
  joinPairwise<Fold>(values, stretches);
  return values[0];
}

constexpr int64_t columnBlock = 256;  // columns that are folded together: their sums fit the fastest cache
constexpr int64_t rowStretch = 128;   // rows that are folded one after another
constexpr int64_t rowPiece = 16 * rowStretch;

/// sums[c] = the fold of up to 128 rows of column c. Eight rows at a time, because reading and writing `sums` costs as
/// much as a row.
template <typename Fold>
KINDLING_INLINE void foldRowStretch(const typename Fold::Element *x, int64_t rows, int64_t rowStride, int64_t columns,
                                    typename Fold::Accumulator *sums) {
  using A = typename Fold::Accumulator;
  for (int64_t c = 0; c < columns; c++) sums[c] = Fold::identity;
  int64_t row = 0;
  for (; row + 8 <= rows; row += 8) {
    const typename Fold::Element *r = x + row * rowStride;
    KINDLING_INDEPENDENT
    for (int64_t c = 0; c < columns; c++) {
      A ab = Fold::join(enter<Fold>(r[c]), enter<Fold>(r[rowStride + c]));
      A cd = Fold::join(enter<Fold>(r[2 * rowStride + c]), enter<Fold>(r[3 * rowStride + c]));
      A ef = Fold::join(enter<Fold>(r[4 * rowStride + c]), enter<Fold>(r[5 * rowStride + c]));
      A gh = Fold::join(enter<Fold>(r[6 * rowStride + c]), enter<Fold>(r[7 * rowStride + c]));
      sums[c] = Fold::join(sums[c], Fold::join(Fold::join(ab, cd), Fold::join(ef, gh)));
    }
  }
  for (; row < rows; row++) {
    const typename Fold::Element *r = x + row * rowStride;
    KINDLING_INDEPENDENT
    for (int64_t c = 0; c < columns; c++) sums[c] = Fold::join(sums[c], enter<Fold>(r[c]));
  }
}

/// Joins `count` rows of sums, `stride` apart, into the first, as a balanced tree.
template <typename Fold>
KINDLING_INLINE void joinRowsPairwise(typename Fold::Accumulator *sums, int64_t count, int64_t stride,
                                      int64_t columns) {
  for (int64_t step = 1; step < count; step *= 2) {
    for (int64_t i = 0; i + step < count; i += 2 * step) {
      auto *a = sums + i * stride, *b = sums + (i + step) * stride;
      KINDLING_INDEPENDENT
      for (int64_t c = 0; c < columns; c++) a[c] = Fold::join(a[c], b[c]);
    }
  }
}

/// The folds of up to 2048 rows of up to 256 columns.
template <typename Fold>
KINDLING_INLINE void foldRowPiece(const typename Fold::Element *x, int64_t rows, int64_t rowStride, int64_t columns,
                                  typename Fold::Accumulator (&sums)[rowPiece / rowStretch][columnBlock]) {
  int64_t stretches = std::max<int64_t>(1, (rows + rowStretch - 1) / rowStretch);
  for (int64_t i = 0; i < stretches; i++) {
    foldRowStretch<Fold>(x + i * rowStretch * rowStride, std::min(rowStretch, rows - i * rowStretch), rowStride,
                         columns, sums[i]);
  }
  joinRowsPairwise<Fold>(sums[0], stretches, columnBlock, columns);
}

}  // namespace kindling

#endif
