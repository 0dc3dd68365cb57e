// Pools on the CPU: plane by plane, which are divided over threads.
#include <algorithm>
#include <limits>

#include "../Runtime/scratch.h"
#include "../Runtime/threads.h"
#include "../Runtime/with-type.h"

using namespace kindling;

namespace {

#include "windows.h"

/// Windows that all have as many rows and columns, as they do where none hangs over the border: element (i, j) of each
/// is as far from its first, so the windows of a plane are gone through side by side. For a few that is not worth it.
class EqualWindows {
 public:
  const int64_t count;
  int64_t *begins = nullptr;  // the first element of each; null where the windows are not equal

  /// `areWanted`: for gradients nobody asks.
  EqualWindows(const KernelPool &p, bool areWanted) : count(p.out[0] * p.out[1]), in(p.in[1]) {
    if (!areWanted || count < 16) return;
    rows = windowOf(p, 0, 0);
    columns = windowOf(p, 1, 0);
    if (!areEqual(p, 0, rows) || !areEqual(p, 1, columns)) return;
    begins = static_cast<int64_t *>(memory.ofSize(size_t(count) * sizeof(int64_t)));
    for (int64_t q = 0; q < p.out[1]; q++) begins[q] = windowOf(p, 1, q).begin;
    for (int64_t o = p.out[0] - 1; o >= 0; o--) {
      int64_t row = windowOf(p, 0, o).begin * in;
      for (int64_t q = 0; q < p.out[1]; q++) begins[o * p.out[1] + q] = row + begins[q];
    }
  }

  int64_t divisor(const KernelPool &p) const { return divisorOf(p, rows, columns); }

  /// begin(first, count) for some windows at a time, as many as stay in the nearest cache, and then, for each of their
  /// elements, row by row, element(first, count, how far it is from the first).
  template <typename Begin, typename Element>
  void forEach(Begin &&begin, Element &&element) const {
    for (int64_t first = 0; first < count; first += 1024) {
      const int64_t some = std::min<int64_t>(1024, count - first);
      begin(first, some);
      for (int64_t i = 0; i < rows.end - rows.begin; i += rows.step) {
        for (int64_t j = 0; j < columns.end - columns.begin; j += columns.step) element(first, some, i * in + j);
      }
    }
  }

 private:
  Scratch memory;
  const int64_t in;
  Window rows, columns;

  static bool areEqual(const KernelPool &p, int d, const Window &first) {
    int64_t length = first.end - first.begin;
    for (int64_t o = 0; o < p.out[d]; o++) {
      Window window = windowOf(p, d, o);
      if (window.end - window.begin != length || window.whole != first.whole) return false;
    }
    return length > 0;
  }
};

/// Of several largest elements the first counts; NaN, where there is one, the last.
template <typename T>
KINDLING_INLINE bool isLarger(T value, T largest) {
  return (value > largest) | (value != value);
}

#define SIDE_BY_SIDE(T)                                                                                         \
  KINDLING_CLONES void takeLarger(int64_t count, const int64_t *begins, int64_t offset, const T *x, T *largest, \
                                  int64_t *places) {                                                            \
    KINDLING_INDEPENDENT                                                                                        \
    for (int64_t i = 0; i < count; i++) {                                                                       \
      T value = x[begins[i] + offset];                                                                          \
      bool takes = isLarger(value, largest[i]);                                                                 \
      largest[i] = takes ? value : largest[i];                                                                  \
      places[i] = takes ? begins[i] + offset : places[i];                                                       \
    }                                                                                                           \
  }                                                                                                             \
  KINDLING_CLONES void addElements(int64_t count, const int64_t *begins, int64_t offset, const T *x, T *sums) { \
    KINDLING_INDEPENDENT                                                                                        \
    for (int64_t i = 0; i < count; i++) sums[i] += x[begins[i] + offset];                                       \
  }
SIDE_BY_SIDE(float)
SIDE_BY_SIDE(double)
#undef SIDE_BY_SIDE

/// The largest element of each window and its place.
template <typename T>
void maximumPlane(const KernelPool &p, const EqualWindows &windows, const T *x, T *y, int64_t *places) {
  if (const int64_t *begins = windows.begins) {
    auto begin = [=](int64_t first, int64_t count) {
      std::fill_n(y + first, count, -std::numeric_limits<T>::infinity());
      std::copy_n(begins + first, count, places + first);
    };
    windows.forEach(begin, [=](int64_t first, int64_t count, int64_t offset) {
      takeLarger(count, begins + first, offset, x, y + first, places + first);
    });
    return;
  }
  for (int64_t o = 0; o < p.out[0]; o++) {
    Window rows = windowOf(p, 0, o);
    for (int64_t q = 0; q < p.out[1]; q++) {
      Window columns = windowOf(p, 1, q);
      T largest = -std::numeric_limits<T>::infinity();
      int64_t place = firstPlace(p, rows, columns);
      for (int64_t i = rows.begin; i < rows.end; i += rows.step) {
        for (int64_t j = columns.begin; j < columns.end; j += columns.step) {
          T value = x[i * p.in[1] + j];
          bool takes = isLarger(value, largest);
          largest = takes ? value : largest;
          place = takes ? i * p.in[1] + j : place;
        }
      }
      *y++ = largest;
      *places++ = place;
    }
  }
}

template <typename T>
void averagePlane(const KernelPool &p, const EqualWindows &windows, const T *x, T *y) {
  if (const int64_t *begins = windows.begins) {
    auto begin = [=](int64_t first, int64_t count) { std::fill_n(y + first, count, T(0)); };
    windows.forEach(begin, [=](int64_t first, int64_t count, int64_t offset) {
      addElements(count, begins + first, offset, x, y + first);
    });
    T divisor = T(windows.divisor(p));
    for (int64_t i = 0; i < windows.count; i++) y[i] = T(0) + y[i] / divisor;  // not -0, as in PyTorch
    return;
  }
  for (int64_t o = 0; o < p.out[0]; o++) {
    Window rows = windowOf(p, 0, o);
    for (int64_t q = 0; q < p.out[1]; q++) {
      Window columns = windowOf(p, 1, q);
      T sum = 0;
      for (int64_t i = rows.begin; i < rows.end; i++) {
        for (int64_t j = columns.begin; j < columns.end; j++) sum += x[i * p.in[1] + j];
      }
      bool isEmpty = rows.begin >= rows.end || columns.begin >= columns.end;
      *y++ = isEmpty ? T(0) : T(0) + sum / T(divisorOf(p, rows, columns));
    }
  }
}

template <typename T>
KINDLING_INLINE void averageGradientPlane(const KernelPool &p, const T *dy, T *dx) {
  std::fill_n(dx, p.in[0] * p.in[1], T(0));
  for (int64_t o = 0; o < p.out[0]; o++) {
    Window rows = windowOf(p, 0, o);
    for (int64_t q = 0; q < p.out[1]; q++) {
      Window columns = windowOf(p, 1, q);
      T share = *dy++;
      if (rows.begin >= rows.end || columns.begin >= columns.end) continue;
      share /= T(divisorOf(p, rows, columns));
      for (int64_t i = rows.begin; i < rows.end; i++) {
        for (int64_t j = columns.begin; j < columns.end; j++) dx[i * p.in[1] + j] += share;
      }
    }
  }
}

template <typename T>
KINDLING_INLINE void maximumGradientPlane(const KernelPool &p, const T *dy, const int64_t *places, T *dx) {
  std::fill_n(dx, p.in[0] * p.in[1], T(0));
  for (int64_t i = 0; i < p.out[0] * p.out[1]; i++) {
    if (places[i] >= 0) dx[places[i]] += dy[i];
  }
}

}  // namespace

void KindlingPool(PoolOperation operation, KernelType type, const KernelPool *pool, const void *x, int64_t *places,
                  void *out) {
  const KernelPool &p = *pool;
  int64_t in = p.in[0] * p.in[1], result = p.out[0] * p.out[1];
  int64_t window = p.adaptive ? in / std::max<int64_t>(result, 1) + 1 : p.kernel[0] * p.kernel[1];
  bool isGradient = operation == PoolOperation_maximumGradient || operation == PoolOperation_averageGradient;
  EqualWindows windows(p, !isGradient);
  withFloatType("pool", type, [&](auto named) {
    using T = typename decltype(named)::Type;
    auto from = static_cast<const T *>(x);
    auto to = static_cast<T *>(out);
    // An element of a window takes as long as about 4 additions, and as 16 where windows are gone through one by one.
    int64_t cost = in + result * window * (isGradient || windows.begins ? 4 : 16);
    parallelFor(p.planes, cost, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; i++) {
        switch (operation) {
          case PoolOperation_maximum:
            maximumPlane(p, windows, from + i * in, to + i * result, places + i * result);
            break;
          case PoolOperation_maximumGradient:
            maximumGradientPlane(p, from + i * result, places + i * result, to + i * in);
            break;
          case PoolOperation_average:
            averagePlane(p, windows, from + i * in, to + i * result);
            break;
          case PoolOperation_averageGradient:
            averageGradientPlane(p, from + i * result, to + i * in);
            break;
        }
      }
    });
  });
}
