// Every row of operations.h, for every type that it is for, beside the same formula one element at a time in float64.
#include "../../Sources/Kernels/Elementwise/cpu-math.h"
#include "check.h"

using namespace kindling;

namespace {

constexpr int64_t lengths[] = {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 65, 10007};
constexpr int64_t rows = 13, columns = 37;

bool isOneOf(const std::string &name, const char *names) {
  return (std::string(" ") + names + " ").find(" " + name + " ") != std::string::npos;
}

/// Where an operation is to have the same bits.
template <typename T>
Claim claimOf(const std::string &name) {
  if (!std::is_floating_point_v<T>) return Claim::everywhere;
  // One rounding, or one after another, in an order that is written down.
  if (isOneOf(name,
              "negate square addScalar multiplyScalar subtractFrom absolute sign relu clamp sqrt rsqrt leakyRelu "
              "reciprocal floor ceil round trunc divideScalar scalarDivide add subtract multiply divide maximum "
              "minimum remainder floorDivide passWithin passAbove")) {
    return Claim::everywhere;
  }
  bool isLibrarys = std::is_same_v<T, double> ? name != "addScaled" : isOneOf(name, "expm1 exp2 log2");
  return isLibrarys ? Claim::own : Claim::fused;
}

/// The numbers p and q that operations are handed.
template <typename T>
constexpr T p = std::is_floating_point_v<T> ? T(0.75) : T(2);
template <typename T>
constexpr T q = std::is_floating_point_v<T> ? T(1.5) : T(3);
template <typename T>
constexpr KernelScalar scalar(T value) {
  return {double(value), int64_t(value)};
}

/// The functions of float32.h promise up to 2.3 ulp, and a few operations more are around them; what is lost where two
/// numbers cancel each other is measured by these.
template <typename T>
double allowed(double want, double cancelling) {
  return 8 * rounding<T> * (std::fabs(want) + std::fabs(cancelling)) + 2 * std::numeric_limits<T>::denorm_min();
}

template <typename T>
std::vector<T> inputs(const std::string &name, int64_t count, uint64_t seed) {
  auto values = numbersWithEnds<T>(count, seed);
  // Beyond this the C library computes them.
  if (name == "sin" || name == "cos") {
    for (T &value : values) value = std::fabs(double(value)) > largestAngle ? T(2) : value;
  }
  return values;
}

// The rows themselves are the formulas. Those of the first kind are computed on unsigned numbers where the elements are
// integers.
template <typename T>
using Formula = std::conditional_t<std::is_floating_point_v<T>, double, Wrapping<T>>;
template <typename T>
using UnaryValue = Exact<T> (*)(Exact<T> x, Exact<T> p, Exact<T> q);
template <typename T>
using BinaryValue = Exact<T> (*)(Exact<T> x, Exact<T> y, Exact<T> p, Exact<T> q);

template <typename T>
void unary(UnaryOperation operation, const char *name, UnaryValue<T> value) {
  Case results(claimOf<T>(name), std::string("unary ") + name + " " + nameOf<T>());
  auto add = [&](T got, T x) {
    if constexpr (std::is_floating_point_v<T>) {
      double want = value(double(x), double(p<T>), double(q<T>)), size = std::isfinite(x) ? std::fabs(double(x)) : 0;
      double off = allowed<T>(want, isOneOf(name, "gelu geluTanh") ? size : 0);
      // Where e^-x is out of range, x / (1 + e^-x) is 0.
      if (isOneOf(name, "sigmoid silu")) off += (1 + size) * std::numeric_limits<T>::min();
      results.add(got, want, off);
    } else {
      results.add(got, value(x, p<T>, q<T>));
    }
  };
  for (int64_t length : lengths) {
    Store<T> x(inputs<T>(name, length, 1)), out(length);
    KindlingUnaryContiguous(operation, typeOf<T>, length, x.data(), out.data(), scalar(p<T>), scalar(q<T>));
    for (int64_t i = 0; i < length; i++) add(out[i], x[i]);
  }
  KernelShape shape = {{rows, columns}, 2};
  for (const Lie &lie : lies(rows, columns, true)) {
    for (const Lie &outLie : lies(rows, columns, false)) {
      Store<T> x(inputs<T>(name, lie.length, 2)), out(outLie.length);
      KindlingUnary(operation, typeOf<T>, &shape, x.operand(lie), out.operand(outLie), scalar(p<T>), scalar(q<T>));
      for (int64_t i = 0; i < rows; i++) {
        for (int64_t j = 0; j < columns; j++) add(out.at(outLie, i, j), x.at(lie, i, j));
      }
    }
  }
}

template <typename T>
void binary(BinaryOperation operation, const char *name, BinaryValue<T> value) {
  Case results(claimOf<T>(name), std::string("binary ") + name + " " + nameOf<T>());
  auto add = [&](T got, T x, T y) {
    if constexpr (std::is_floating_point_v<T>) {
      double want = value(double(x), double(y), double(p<T>), double(q<T>));
      bool cancels = isOneOf(name, "addScaled remainder passGelu") && std::isfinite(x) && std::isfinite(y);
      double off = allowed<T>(want, !cancels ? 0 : isOneOf(name, "passGelu") ? double(x) : double(y));
      // What p · y loses where it is subnormal is multiplied by x.
      if (isOneOf(name, "multiplyScaled") && std::isfinite(x)) {
        off += std::fabs(double(x)) * std::numeric_limits<T>::denorm_min();
      }
      results.add(got, want, off);
    } else {
      results.add(got, value(x, y, p<T>, q<T>));
    }
  };
  for (int64_t length : lengths) {
    Store<T> x(numbersWithEnds<T>(length, 3)), y(numbers<T>(length, 4)), out(length);
    KindlingBinaryContiguous(operation, typeOf<T>, length, x.data(), y.data(), out.data(), scalar(p<T>), scalar(q<T>));
    for (int64_t i = 0; i < length; i++) add(out[i], x[i], y[i]);
  }
  KernelShape shape = {{rows, columns}, 2};
  auto all = lies(rows, columns, true);
  for (const Lie &xLie : all) {
    for (const Lie &yLie : all) {
      Store<T> x(numbers<T>(xLie.length, 5)), y(numbersWithEnds<T>(yLie.length, 6)), out(all[0].length);
      KindlingBinary(operation, typeOf<T>, &shape, x.operand(xLie), y.operand(yLie), out.operand(all[0]), scalar(p<T>),
                     scalar(q<T>));
      for (int64_t i = 0; i < rows; i++) {
        for (int64_t j = 0; j < columns; j++) add(out.at(all[0], i, j), x.at(xLie, i, j), y.at(yLie, i, j));
      }
    }
  }
}

template <typename T>
void compare(CompareOperation operation, const char *name, bool (*value)(T x, T y)) {
  Case results(Claim::everywhere, std::string("compare ") + name + " " + nameOf<T>());
  KernelShape shape = {{rows, columns}, 2};
  auto all = lies(rows, columns, true);
  for (const Lie &xLie : all) {
    for (const Lie &yLie : all) {
      // A few of the ends in both, so that some are equal.
      Store<T> x(numbersWithEnds<T>(xLie.length, 7)), y(numbersWithEnds<T>(yLie.length, 8));
      Store<bool> out(all[0].length);
      KindlingCompare(operation, typeOf<T>, &shape, x.operand(xLie), y.operand(yLie), out.operand(all[0]));
      for (int64_t i = 0; i < rows; i++) {
        for (int64_t j = 0; j < columns; j++) {
          results.add(out.at(all[0], i, j), value(x.at(xLie, i, j), y.at(yLie, i, j)));
        }
      }
    }
  }
}

#define UNARY(name, value)                                                            \
  unary<T>(UnaryOperation_##name, #name, [](Exact<T> given, Exact<T> p, Exact<T> q) { \
    Number x = Number(given);                                                         \
    return Exact<T>(value);                                                           \
  });
#define BINARY(name, value)                                                                              \
  binary<T>(BinaryOperation_##name, #name, [](Exact<T> first, Exact<T> second, Exact<T> p, Exact<T> q) { \
    Number x = Number(first), y = Number(second);                                                        \
    return Exact<T>(value);                                                                              \
  });

template <typename T>
void wrappingRows() {
  using Number = Formula<T>;
  KINDLING_UNARY_WRAPPING(UNARY)
  KINDLING_BINARY_WRAPPING(BINARY)
}

template <typename T>
void orderedRows() {
  using Number = Exact<T>;
  KINDLING_UNARY_ORDERED(UNARY)
  KINDLING_BINARY_ORDERED(BINARY)
}

template <typename T>
void floatRows() {
  using Number = double;
  KINDLING_UNARY_FLOAT(UNARY)
  KINDLING_BINARY_FLOAT(BINARY)
}

template <typename T>
void compareRows() {
#define ROW(name, value) compare<T>(CompareOperation_##name, #name, [](T x, T y) -> bool { return value; });
  KINDLING_COMPARE(ROW)
#undef ROW
}

}  // namespace

void checkElementwise() {
#define ROW(name, T, ...) \
  wrappingRows<T>();      \
  orderedRows<T>();
  KINDLING_NUMBER_TYPES(ROW)
#undef ROW
#define ROW(name, T, ...) floatRows<T>();
  KINDLING_FLOAT_TYPES(ROW)
#undef ROW
#define ROW(name, T, ...) compareRows<T>();
  KINDLING_TYPES(ROW)
#undef ROW
}
