// Reductions over any dimensions, running sums, and softmax, beside loops over all elements.
#include <algorithm>

#include "check.h"

using namespace kindling;

namespace {

struct Sizes {
  int64_t of[3];
  int64_t count() const { return of[0] * of[1] * of[2]; }
};
/// Some with remainders of everything, a long row, a long column, and more columns than are folded together.
constexpr Sizes sizes[] = {{{5, 66, 35}}, {{1, 1, 10007}}, {{1, 5003, 3}}, {{2, 3, 300}}};

template <typename T>
std::vector<T> inputs(ReduceOperation operation, int64_t count) {
  if (operation == ReduceOperation_sum) return numbers<T>(count, 21);
  if (operation == ReduceOperation_norm) return numbers<T>(count, 24);
  if (operation != ReduceOperation_product) return numbersWithEnds<T>(count, 23);
  auto values = numbers<T>(count, 22);
  // So that the product of thousands is in range.
  if constexpr (std::is_floating_point_v<T>) {
    for (T &value : values) value = 1 + value / 64;
  }
  return values;
}

/// What a plain loop makes of some elements, and by how much a sum of them may be off.
template <typename T>
struct Folded {
  Exact<T> value = 0;
  int64_t place = 0;
  double allowed = 0;

  Folded(ReduceOperation operation, const std::vector<T> &elements) {
    bool isSum = operation == ReduceOperation_sum, isProduct = operation == ReduceOperation_product;
    if (isSum || isProduct) {
      add(isProduct, elements);
    } else if (operation == ReduceOperation_norm) {
      double squares = 0;
      for (T x : elements) squares += double(x) * double(x);
      value = Exact<T>(std::sqrt(squares));
      allowed = double(elements.size()) * 0x1p-53 * std::sqrt(squares);
    } else if (operation == ReduceOperation_any || operation == ReduceOperation_all) {
      bool all = operation == ReduceOperation_all;
      value = Exact<T>(all ? std::all_of(elements.begin(), elements.end(), [](T x) { return x != 0; })
                           : std::any_of(elements.begin(), elements.end(), [](T x) { return x != 0; }));
    } else {
      bool isLargest = operation == ReduceOperation_maximum || operation == ReduceOperation_argmax;
      for (size_t i = 1; i < elements.size(); i++) {
        T best = elements[size_t(place)], x = elements[i];
        // NaN wins, and the first of several.
        if (best == best && (x != x || (isLargest ? x > best : x < best))) place = int64_t(i);
      }
      value = Exact<T>(elements[size_t(place)]);
    }
  }

 private:
  void add(bool isProduct, const std::vector<T> &elements) {
    double count = double(elements.size());
    if constexpr (std::is_floating_point_v<T>) {
      double result = isProduct, absolute = 0;
      for (T x : elements) {
        result = isProduct ? result * double(x) : result + double(x);
        absolute += std::fabs(double(x));
      }
      value = result;
      // Both are computed in float64; only the order is different.
      allowed = count * 0x1p-53 * (isProduct ? std::fabs(result) : absolute);
    } else {
      uint64_t result = isProduct;
      for (T x : elements) result = isProduct ? result * uint64_t(x) : result + uint64_t(x);
      value = T(result);
    }
  }
};

template <typename T>
void reduce(ReduceOperation operation, const char *name) {
  Case results(Claim::everywhere, std::string("reduce ") + name + " " + nameOf<T>());
  bool isPlace = operation == ReduceOperation_argmax || operation == ReduceOperation_argmin;
  for (const Sizes &size : sizes) {
    Store<T> x(inputs<T>(operation, size.count()));
    KernelShape shape = {{size.of[0], size.of[1], size.of[2]}, 3};
    for (bool isTurned : {false, true}) {
      int64_t step[] = {size.of[1] * size.of[2], size.of[2], 1};
      if (isTurned) step[0] = 1, step[1] = size.of[0], step[2] = size.of[0] * size.of[1];
      for (uint32_t reduced = 1; reduced < 8; reduced++) {
        int64_t outStep[3], kept = 1;
        for (int d = 2; d >= 0; d--) {
          outStep[d] = reduced >> d & 1 ? 0 : kept;
          kept *= reduced >> d & 1 ? 1 : size.of[d];
        }
        std::vector<std::vector<T>> folded(static_cast<size_t>(kept));
        for (int64_t i = 0; i < size.of[0]; i++) {
          for (int64_t j = 0; j < size.of[1]; j++) {
            for (int64_t k = 0; k < size.of[2]; k++) {
              folded[size_t(i * outStep[0] + j * outStep[1] + k * outStep[2])].push_back(
                  x[i * step[0] + j * step[1] + k * step[2]]);
            }
          }
        }
        Store<T> out(kept);
        Store<int64_t> places(kept);
        KernelOperand from = {x.data(), {step[0], step[1], step[2]}};
        KernelOperand to = {isPlace ? places.data() : out.data(), {outStep[0], outStep[1], outStep[2]}};
        KindlingReduce(operation, typeOf<T>, &shape, reduced, from, to);
        for (int64_t i = 0; i < kept; i++) {
          Folded<T> want(operation, folded[size_t(i)]);
          isPlace ? results.add(places[i], want.place) : results.add(out[i], want.value, want.allowed);
        }
      }
    }
  }
}

template <typename T>
void cumulate(ReduceOperation operation, const char *name) {
  Case results(Claim::everywhere, std::string("cumulate ") + name + " " + nameOf<T>());
  constexpr int64_t rows = 40, columns = 33;
  KernelShape shape = {{rows, columns}, 2};
  for (const Lie &lie : lies(rows, columns, false)) {
    for (int32_t dimension : {0, 1}) {
      const Lie outLie = lies(rows, columns, false)[0];
      Store<T> x(inputs<T>(operation, lie.length)), out(outLie.length);
      KindlingCumulate(operation, typeOf<T>, &shape, dimension, x.operand(lie), out.operand(outLie));
      for (int64_t i = 0; i < rows; i++) {
        for (int64_t j = 0; j < columns; j++) {
          std::vector<T> before;
          for (int64_t l = 0; l <= (dimension == 0 ? i : j); l++) {
            before.push_back(dimension == 0 ? x.at(lie, l, j) : x.at(lie, i, l));
          }
          Folded<T> want(operation, before);
          results.add(out.at(outLie, i, j), want.value, want.allowed);
        }
      }
    }
  }
}

template <typename T>
void softmax(SoftmaxKind kind, const char *name) {
  // In float32 only the logarithm of the sum is the C library's.
  bool isOurs = std::is_same_v<T, float> && kind != SoftmaxKind_logarithms;
  Case results(isOurs ? Claim::fused : Claim::own, std::string("softmax, ") + name + " " + nameOf<T>());
  constexpr int64_t rows = 7;
  for (int64_t columns : {1, 2, 7, 16, 33, 515, 1030}) {
    Store<T> x(numbers<T>(rows * columns, 24)), out(rows * columns);
    if (kind == SoftmaxKind_sharesOrZeros) {
      std::fill_n(x.values.begin(), columns, -std::numeric_limits<T>::infinity());
    }
    KindlingSoftmax(typeOf<T>, rows, columns, x.data(), out.data(), kind);
    for (int64_t i = 0; i < rows; i++) {
      double sum = 0;
      for (int64_t j = 0; j < columns; j++) sum += std::exp(double(x[i * columns + j]));
      for (int64_t j = 0; j < columns; j++) {
        double value = double(x[i * columns + j]);
        double want = kind == SoftmaxKind_logarithms ? value - std::log(sum) : sum == 0 ? 0 : std::exp(value) / sum;
        // Differences of up to 8 are rounded before they are raised.
        double size = kind == SoftmaxKind_logarithms ? 16 : std::fabs(want);
        // The plain sum rounds as well, in float64.
        results.add(out[i * columns + j], want, (16 * rounding<T> + double(columns) * 0x1p-53) * size);
      }
    }
  }
}

}  // namespace

void checkReductions() {
#define INNER(name, Fold, Type) reduce<Type>(ReduceOperation_##name, #name);
#define ROW(name, T, ...)                  \
  KINDLING_REDUCE_NUMBERS(INNER, T)        \
  KINDLING_REDUCE_POSITIONS(INNER, T)      \
  cumulate<T>(ReduceOperation_sum, "sum"); \
  cumulate<T>(ReduceOperation_product, "product");
  KINDLING_NUMBER_TYPES(ROW)
#undef ROW
#define ROW(name, T, ...) KINDLING_REDUCE_NORMS(INNER, T)
  KINDLING_FLOAT_TYPES(ROW)
#undef ROW
  KINDLING_REDUCE_BOOLS(INNER, bool)
  KINDLING_REDUCE_EXTREMES(INNER, bool)
  KINDLING_REDUCE_POSITIONS(INNER, bool)
#undef INNER
#define ROW(name, T, ...)                           \
  softmax<T>(SoftmaxKind_shares, "shares");         \
  softmax<T>(SoftmaxKind_logarithms, "logarithms"); \
  softmax<T>(SoftmaxKind_sharesOrZeros, "shares or zeros");
  KINDLING_FLOAT_TYPES(ROW)
#undef ROW
}
