// Pools on the CPU: plane by plane, which are divided over threads.
#include <limits>

#include "../Runtime/scratch.h"
#include "../Runtime/threads.h"
#include "../Runtime/with-type.h"

using namespace kindling;

namespace {

#include "windows.h"

/// The largest element of each window and its place. Of several the first; NaN, where there is one, the last.
template <typename T>
KINDLING_INLINE void maximumPlane(const KernelPool &p, const T *x, T *y, int64_t *places) {
  for (int64_t o = 0; o < p.out[0]; o++) {
    Window rows = windowOf(p, 0, o);
    for (int64_t q = 0; q < p.out[1]; q++) {
      Window columns = windowOf(p, 1, q);
      T largest = -std::numeric_limits<T>::infinity();
      int64_t place = rows.begin * p.in[1] + columns.begin;
      for (int64_t i = rows.begin; i < rows.end; i += rows.step) {
        for (int64_t j = columns.begin; j < columns.end; j += columns.step) {
          T value = x[i * p.in[1] + j];
          bool isLarger = value > largest || value != value;
          largest = isLarger ? value : largest;
          place = isLarger ? i * p.in[1] + j : place;
        }
      }
      *y++ = largest;
      *places++ = place;
    }
  }
}

template <typename T>
KINDLING_INLINE void averagePlane(const KernelPool &p, const T *x, T *y) {
  for (int64_t o = 0; o < p.out[0]; o++) {
    Window rows = windowOf(p, 0, o);
    for (int64_t q = 0; q < p.out[1]; q++) {
      Window columns = windowOf(p, 1, q);
      T sum = 0;
      for (int64_t i = rows.begin; i < rows.end; i++) {
        for (int64_t j = columns.begin; j < columns.end; j++) sum += x[i * p.in[1] + j];
      }
      bool isEmpty = rows.begin >= rows.end || columns.begin >= columns.end;
      *y++ = isEmpty ? T(0) : T(0) + sum / T(divisorOf(p, rows, columns));  // not -0, as in PyTorch
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
  for (int64_t i = 0; i < p.out[0] * p.out[1]; i++) dx[places[i]] += dy[i];
}

}  // namespace

void KindlingPool(PoolOperation operation, KernelType type, const KernelPool *pool, const void *x, int64_t *places,
                  void *out) {
  const KernelPool &p = *pool;
  int64_t in = p.in[0] * p.in[1], result = p.out[0] * p.out[1];
  int64_t window = p.adaptive ? in / std::max<int64_t>(result, 1) + 1 : p.kernel[0] * p.kernel[1];
  withFloatType("pool", type, [&](auto named) {
    using T = typename decltype(named)::Type;
    auto from = static_cast<const T *>(x);
    auto to = static_cast<T *>(out);
    parallelFor(p.planes, in + result * window, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; i++) {
        switch (operation) {
          case PoolOperation_maximum:
            maximumPlane(p, from + i * in, to + i * result, places + i * result);
            break;
          case PoolOperation_maximumGradient:
            maximumGradientPlane(p, from + i * result, places + i * result, to + i * in);
            break;
          case PoolOperation_average:
            averagePlane(p, from + i * in, to + i * result);
            break;
          case PoolOperation_averageGradient:
            averageGradientPlane(p, from + i * result, to + i * in);
            break;
        }
      }
    });
  });
}
