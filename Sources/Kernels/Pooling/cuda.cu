// Pools for CUDA: a thread makes one element of the result. For a gradient it asks the windows that hold its element,
// so that no two threads add to one sum, and the bits are the same each time.
#include "../Runtime/cuda.h"
#include "windows.h"

/// The plane, row and column of an element.
struct PlanePlace {
  int64_t plane, row, column;
  __device__ PlanePlace(int64_t index, const int64_t *size)
      : plane(index / size[1] / size[0]), row(index / size[1] % size[0]), column(index % size[1]) {}
};

template <typename T>
__device__ void maximumPool(const Cell<T> *x, Cell<int64_t> *places, Cell<T> *y, const KernelPool &p, int64_t count) {
  GRID_LOOP
  for (int64_t index = globalThread(); index < count; index += globalThreads()) {
    PlanePlace at(index, p.out);
    Window rows = windowOf(p, 0, at.row), columns = windowOf(p, 1, at.column);
    const Cell<T> *plane = x + at.plane * p.in[0] * p.in[1];
    T largest = Limits<T>::lowest();
    int64_t place = firstPlace(p, rows, columns);
    for (int64_t i = rows.begin; i < rows.end; i += rows.step) {
      for (int64_t j = columns.begin; j < columns.end; j += columns.step) {
        T value = plane[i * p.in[1] + j];
        if (value > largest || value != value) {
          largest = value;
          place = i * p.in[1] + j;
        }
      }
    }
    y[index] = largest;
    places[index] = place;
  }
}

template <typename T>
__device__ void maximumPoolGradient(const Cell<T> *dy, const Cell<int64_t> *places, Cell<T> *dx, const KernelPool &p,
                                    int64_t count) {
  GRID_LOOP
  for (int64_t index = globalThread(); index < count; index += globalThreads()) {
    PlanePlace at(index, p.in);
    Holders rows = holdersOf(p, 0, at.row), columns = holdersOf(p, 1, at.column);
    int64_t place = at.row * p.in[1] + at.column;
    T sum = 0;
    for (int64_t o = rows.begin; o < rows.end; ++o) {
      for (int64_t q = columns.begin; q < columns.end; ++q) {
        int64_t held = (at.plane * p.out[0] + o) * p.out[1] + q;
        if (places[held] == place) sum += dy[held];
      }
    }
    dx[index] = sum;
  }
}

template <typename T>
__device__ void averagePool(const Cell<T> *x, Cell<T> *y, const KernelPool &p, int64_t count) {
  GRID_LOOP
  for (int64_t index = globalThread(); index < count; index += globalThreads()) {
    PlanePlace at(index, p.out);
    Window rows = windowOf(p, 0, at.row), columns = windowOf(p, 1, at.column);
    const Cell<T> *plane = x + at.plane * p.in[0] * p.in[1];
    T sum = 0;
    for (int64_t i = rows.begin; i < rows.end; ++i) {
      for (int64_t j = columns.begin; j < columns.end; ++j) sum += plane[i * p.in[1] + j];
    }
    bool isEmpty = rows.begin >= rows.end || columns.begin >= columns.end;
    y[index] = isEmpty ? T(0) : T(T(0) + sum / T(divisorOf(p, rows, columns)));
  }
}

template <typename T>
__device__ void averagePoolGradient(const Cell<T> *dy, Cell<T> *dx, const KernelPool &p, int64_t count) {
  GRID_LOOP
  for (int64_t index = globalThread(); index < count; index += globalThreads()) {
    PlanePlace at(index, p.in);
    Holders rows = holdersOf(p, 0, at.row), columns = holdersOf(p, 1, at.column);
    T sum = 0;
    for (int64_t o = rows.begin; o < rows.end; ++o) {
      for (int64_t q = columns.begin; q < columns.end; ++q) {
        T gradient = dy[(at.plane * p.out[0] + o) * p.out[1] + q];
        sum += gradient / T(divisorOf(p, windowOf(p, 0, o), windowOf(p, 1, q)));
      }
    }
    dx[index] = sum;
  }
}

#define POOL(suffix, T, ...)                                                                                          \
  ENTRY(pool_maximum_##suffix,                                                                                        \
        (const Cell<T> *x, Cell<int64_t> *places, Cell<T> *y, const __grid_constant__ KernelPool p, int64_t count)) { \
    maximumPool<T>(x, places, y, p, count);                                                                           \
  }                                                                                                                   \
  ENTRY(pool_maximumGradient_##suffix, (const Cell<T> *dy, const Cell<int64_t> *places, Cell<T> *dx,                  \
                                        const __grid_constant__ KernelPool p, int64_t count)) {                       \
    maximumPoolGradient<T>(dy, places, dx, p, count);                                                                 \
  }                                                                                                                   \
  ENTRY(pool_average_##suffix, (const Cell<T> *x, Cell<T> *y, const __grid_constant__ KernelPool p, int64_t count)) { \
    averagePool<T>(x, y, p, count);                                                                                   \
  }                                                                                                                   \
  ENTRY(pool_averageGradient_##suffix,                                                                                \
        (const Cell<T> *dy, Cell<T> *dx, const __grid_constant__ KernelPool p, int64_t count)) {                      \
    averagePoolGradient<T>(dy, dx, p, count);                                                                         \
  }
KINDLING_FLOAT_TYPES(POOL)
