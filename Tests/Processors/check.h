// What the checks share: inputs that are the same everywhere, operands that lie in memory in several ways, and cases,
// whose results are compared with plain loops and written down as one number.
#ifndef KINDLING_PROCESSORS_CHECK_H
#define KINDLING_PROCESSORS_CHECK_H

#include <cmath>
#include <cstdio>
#include <cstring>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

#include "../../Sources/Kernels/Runtime/with-type.h"

/// Where a case claims to have the same bits.
enum class Claim {
  everywhere,  // on every processor: integers, moves, and what is rounded once
  fused,       // on every processor that can multiply and add with one rounding
  own,         // a processor may have bits of its own: the C library computes some of it, or OpenBLAS
};

/// What a plain loop computes with: float64 for both kinds of floating-point numbers.
template <typename T>
using Exact = std::conditional_t<std::is_floating_point_v<T>, double, T>;

template <typename T>
constexpr KernelType typeOf = KernelType();
#define ROW(name, T, ...) \
  template <>             \
  inline constexpr KernelType typeOf<T> = KernelType_##name;
KINDLING_TYPES(ROW)
#undef ROW
template <typename T>
std::string nameOf() {
  return KindlingTypeName(typeOf<T>);
}

/// Half an ulp of 1, the rounding error of one operation on a number of size 1.
template <typename T>
constexpr double rounding = std::is_same_v<T, float> ? 0x1p-24 : 0x1p-53;

inline int failures = 0, cases = 0;

/// A case: every result is compared, and their bits go into one number, which is printed at the end.
class Case {
 public:
  Case(Claim claim, std::string name) : claim(claim), name(std::move(name)) { cases++; }
  ~Case() {
    static const char *const words[] = {"everywhere", "fused", "own"};
    std::printf("%s\t%s\t%016llx\n", words[int(claim)], name.c_str(), static_cast<unsigned long long>(hash));
    if (wrong > 0) {
      std::fprintf(stderr, "%s: %lld of %lld results are wrong\n", name.c_str(), wrong, count);
      failures++;
    }
  }

  /// `got` may be `allowed` away from `want`, and by half an ulp more, for want is rounded too.
  template <typename T>
  void add(T got, Exact<T> want, double allowed = 0) {
    if (!isClose(got, want, allowed) && ++wrong <= 3) {
      std::fprintf(stderr, "%s, result %lld: %.17g instead of %.17g, allowed %.3g\n", name.c_str(), count, double(got),
                   double(want), allowed);
    }
    count++;
    uint64_t word = 0;
    // Which of its many bit patterns a NaN has is the processor's own affair.
    if (got == got) std::memcpy(&word, &got, sizeof got);
    hash = (hash ^ word) * 0x100000001b3;
    hash ^= hash >> 29;
  }

 private:
  template <typename T>
  static bool isClose(T got, Exact<T> want, double allowed) {
    if constexpr (std::is_floating_point_v<T>) {
      if (want != want) return got != got;
      T nearest = T(want);
      return got == nearest || std::fabs(double(got) - want) <= allowed + rounding<T> * std::fabs(want);
    }
    return got == want;
  }

  Claim claim;
  std::string name;
  uint64_t hash = 0xcbf29ce484222325;
  long long wrong = 0, count = 0;
};

/// Random numbers of integer arithmetic alone, so that they are the same everywhere.
class Random {
 public:
  explicit Random(uint64_t seed) : state(seed * 0x9e3779b97f4a7c15 + 1) {}
  uint64_t bits() {
    uint64_t z = state += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  /// Floating-point numbers from -4 to 4 that float32 has, integers from -9 to 9.
  template <typename T>
  T number() {
    if constexpr (std::is_same_v<T, bool>) return bits() % 2 == 1;
    if constexpr (std::is_floating_point_v<T>) return T(double(bits() >> 40) * 0x1p-21 - 4);
    return T(int64_t(bits() % 19) - 9);
  }

 private:
  uint64_t state;
};

template <typename T>
std::vector<T> numbers(int64_t count, uint64_t seed) {
  Random random(seed);
  std::vector<T> values(count);
  for (int64_t i = 0; i < count; i++) values[i] = random.number<T>();
  return values;
}

/// The same, and among them the numbers at which functions have a seam or an end.
template <typename T>
std::vector<T> numbersWithEnds(int64_t count, uint64_t seed) {
  auto values = numbers<T>(count, seed);
  std::vector<T> ends;
  if constexpr (std::is_floating_point_v<T>) {
    constexpr T infinity = std::numeric_limits<T>::infinity();
    ends = {T(0),      -T(0),    T(1),    T(-1),   T(0.5),   T(-2.5),  T(3.5),    infinity, -infinity,
            T(1e-30),  T(-1e-4), T(30),   T(-30),  T(88.5),  T(-88.5), T(-103.5), T(200),   T(-200),
            T(1.2e-7), T(1e9),   T(-1e9), T(1e30), T(-1e30), T(710),   T(1e-40),  T(7),     T(NAN)};
  } else if constexpr (!std::is_same_v<T, bool>) {
    ends = {0, 1, -1, std::numeric_limits<T>::max(), std::numeric_limits<T>::min(), T(46341), T(1) << 30};
  }
  // In every fifth place, so that vectors have them among others.
  for (int64_t i = 3; i < count; i += 5) {
    if (!ends.empty()) values[i] = ends[i / 5 % ends.size()];
  }
  return values;
}

/// How a matrix of `rows` and `columns` may lie in memory.
struct Lie {
  const char *name;
  int64_t rowStride, columnStride, length;
};
inline std::vector<Lie> lies(int64_t rows, int64_t columns, bool broadcasts) {
  std::vector<Lie> all = {{"contiguous", columns, 1, rows * columns},
                          {"transposed", 1, rows, rows * columns},
                          {"every second", 2 * columns, 2, 2 * rows * columns}};
  if (broadcasts) {
    all.push_back({"a row for all", 0, 1, columns});
    all.push_back({"a column for all", 1, 0, rows});
  }
  return all;
}

/// Elements in memory. (std::vector<bool> has none, so that bools are bytes here.)
template <typename T>
struct Store {
  using Element = std::conditional_t<std::is_same_v<T, bool>, uint8_t, T>;
  std::vector<Element> values;

  explicit Store(const std::vector<T> &numbers) : values(numbers.begin(), numbers.end()) {}
  explicit Store(int64_t count) : values(size_t(count)) {}

  T operator[](int64_t place) const { return T(values[size_t(place)]); }
  T at(const Lie &lie, int64_t row, int64_t column) const {
    return (*this)[row * lie.rowStride + column * lie.columnStride];
  }
  void *data() { return values.data(); }
  KernelOperand operand(const Lie &lie) { return {data(), {lie.rowStride, lie.columnStride}}; }
};

// Those that are not linked are left out.
[[gnu::weak]] void checkElementwise();
[[gnu::weak]] void checkMovement();
[[gnu::weak]] void checkReductions();
[[gnu::weak]] void checkProducts();
[[gnu::weak]] void checkLayers();

#endif
