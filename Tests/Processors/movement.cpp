// What moves elements and does not compute: copies, conversions, filling, choosing, indexing, sorting; and random
// numbers.
#include <algorithm>

#include "check.h"

using namespace kindling;

namespace {

constexpr int64_t rows = 19, columns = 70;
const KernelShape shape = {{rows, columns}, 2};

/// Towards zero; what an integer cannot hold becomes the smallest one.
template <typename To, typename From>
To converted(From x) {
  if constexpr (std::is_floating_point_v<From> && std::is_integral_v<To> && !std::is_same_v<To, bool>) {
    double lowest = double(std::numeric_limits<To>::min());
    return x >= lowest && x < -lowest ? To(x) : std::numeric_limits<To>::min();
  }
  return To(x);
}

template <typename From, typename To>
void copy() {
  Case results(Claim::everywhere, "copy " + nameOf<From>() + " to " + nameOf<To>());
  for (const Lie &lie : lies(rows, columns, true)) {
    for (const Lie &outLie : lies(rows, columns, false)) {
      Store<From> x(numbersWithEnds<From>(lie.length, 11));
      Store<To> out(outLie.length);
      KindlingCopy(typeOf<From>, typeOf<To>, &shape, x.operand(lie), out.operand(outLie));
      for (int64_t i = 0; i < rows; i++) {
        for (int64_t j = 0; j < columns; j++) {
          results.add(out.at(outLie, i, j), Exact<To>(converted<To>(x.at(lie, i, j))));
        }
      }
    }
  }
}

template <typename T>
void fillAndSelect() {
  Case results(Claim::everywhere, "fill and select " + nameOf<T>());
  auto all = lies(rows, columns, true);
  Store<bool> condition(numbers<bool>(rows * columns, 12));
  for (size_t k = 0; k < all.size(); k++) {
    const Lie &xLie = all[k], &yLie = all[(k + 1) % all.size()], &outLie = all[k % 3];
    Store<T> x(numbers<T>(xLie.length, 13)), y(numbers<T>(yLie.length, 14)), out(outLie.length);
    KindlingFill(typeOf<T>, &shape, out.operand(outLie), {3, 3});
    for (int64_t i = 0; i < rows * columns; i++) results.add(out.at(outLie, i / columns, i % columns), Exact<T>(3));
    KindlingSelect(typeOf<T>, &shape, condition.operand(all[0]), x.operand(xLie), y.operand(yLie), out.operand(outLie));
    for (int64_t i = 0; i < rows; i++) {
      for (int64_t j = 0; j < columns; j++) {
        T want = condition.at(all[0], i, j) ? x.at(xLie, i, j) : y.at(yLie, i, j);
        results.add(out.at(outLie, i, j), Exact<T>(want));
      }
    }
  }
}

/// Rows of a table, as in an embedding, single elements, and the gradient of both.
template <typename T>
void indexing() {
  Case results(Claim::everywhere, "gather and scatter " + nameOf<T>());
  Random random(15);
  auto all = lies(rows, columns, false);
  const Lie whole = all[0], ofRows = {"a number for each row", 1, 0, rows};
  for (const Lie &indexLie : {ofRows, whole}) {
    Store<int64_t> index(indexLie.length);
    for (int64_t &place : index.values) place = int64_t(random.bits() % rows);
    for (const Lie &lie : all) {
      Store<T> x(numbers<T>(lie.length, 16)), out(whole.length), sums(whole.length);
      if (KindlingGather(typeOf<T>, &shape, 0, rows, x.operand(lie), index.operand(indexLie), out.operand(whole)) !=
          -1) {
        results.add(false, true);
      }
      for (int64_t i = 0; i < rows; i++) {
        for (int64_t j = 0; j < columns; j++) {
          results.add(out.at(whole, i, j), Exact<T>(x.at(lie, index.at(indexLie, i, j), j)));
        }
      }
      KindlingScatter(typeOf<T>, true, &shape, 0, rows, x.operand(lie), index.operand(indexLie), sums.operand(whole));
      Store<Exact<T>> want(whole.length);
      for (int64_t i = 0; i < rows; i++) {
        for (int64_t j = 0; j < columns; j++) {
          auto &sum = want.values[size_t(index.at(indexLie, i, j) * columns + j)];
          if constexpr (std::is_same_v<T, bool>) {
            sum = sum || x.at(lie, i, j);
          } else {
            sum += x.at(lie, i, j);
          }
        }
      }
      // Up to `rows` numbers of up to 4 are added.
      for (int64_t i = 0; i < whole.length; i++) results.add(sums[i], want[i], rows * 4 * rows * rounding<T>);
    }
  }
}

template <typename T>
void sorting() {
  Case results(Claim::everywhere, "argsort " + nameOf<T>());
  for (bool descending : {false, true}) {
    Store<T> x(numbersWithEnds<T>(rows * columns, 17));
    Store<int64_t> places(rows * columns);
    KindlingArgsort(typeOf<T>, rows, columns, descending, x.data(), places.data());
    for (int64_t i = 0; i < rows; i++) {
      std::vector<bool> seen(columns, false);
      for (int64_t j = 0; j < columns; j++) {
        int64_t place = places[i * columns + j];
        bool isNew = place >= 0 && place < columns && !seen[size_t(place)];
        if (isNew) seen[size_t(place)] = true;
        bool isInOrder = true;
        if (isNew && j > 0) {
          T a = x[i * columns + places[i * columns + j - 1]], b = x[i * columns + place];
          if (descending) std::swap(a, b);
          isInOrder = a <= b || b != b;  // NaN counts as the largest
        }
        results.add(isNew && isInOrder, true);
        results.add(place, place);  // for its bits alone: which of several equal ones comes first
      }
    }
  }
}

/// The points of the plane whose distances and angles are given.
void normalNumbers() {
  Case results(Claim::everywhere, "normal blocks float32");
  Random random(18);
  std::vector<float> values(16 * 25), given;
  for (float &value : values) value = float(random.bits() >> 40) * 0x1p-24f;
  given = values;
  KindlingNormalBlocks(25, values.data(), 0.5f, 2);
  for (size_t i = 0; i < values.size(); i++) {
    size_t first = i / 16 * 16 + i % 8;
    double radius = std::sqrt(-2 * std::log(1 - double(given[first])));
    double angle = 2 * 3.14159265358979323846 * double(given[first + 8]);
    double want = radius * (i % 16 < 8 ? std::cos(angle) : std::sin(angle)) * 2 + 0.5;
    results.add(values[i], want, 16 * rounding<float> * (2 * radius + 0.5));
  }
}

}  // namespace

void checkMovement() {
#define INNER(name, T, From) copy<From, T>();
#define ROW(name, T, ...)                             \
  KINDLING_TYPES_WITHIN(INNER, T) fillAndSelect<T>(); \
  indexing<T>();                                      \
  sorting<T>();
  KINDLING_TYPES(ROW)
#undef ROW
#undef INNER
  normalNumbers();
}
