// Elementwise kernels for CUDA. The rows are those of operations.h; what differs from the CPU is who visits which
// element.
#include "../Runtime/cuda.h"
#include "cuda-math.h"
#include "operations.h"

// MARK: Walks

/// The fast walk, for operands that lie side by side: each thread takes 16 bytes, then the 16 bytes one grid further
/// on.
///
///     thread 0      thread 1      thread 2            thread 0 again
///     [x x x x]     [x x x x]     [x x x x]     …     [x x x x]     …
///
/// An elementwise kernel does so little arithmetic that only the width of its loads and stores counts.
template <typename T, typename Function>
__device__ void mapContiguous(const Cell<T> *x, Cell<T> *out, int64_t count, Function function) {
  constexpr int width = Vector<T>::count;
  GRID_LOOP
  for (int64_t i = globalThread(); i < count / width; i += globalThreads()) {
    Vector<T> values = loadVector<T>(x + i * width);
#pragma unroll
    for (int lane = 0; lane < width; ++lane) values.lanes[lane] = function(values.lanes[lane]);
    storeVector<T>(out + i * width, values);
  }
  int64_t rest = count / width * width + globalThread();  // fewer than `width` elements are left: a thread each
  if (rest < count) out[rest] = function(x[rest]);
}

template <typename T, typename Function>
__device__ void mapContiguous(const Cell<T> *x, const Cell<T> *y, Cell<T> *out, int64_t count, Function function) {
  constexpr int width = Vector<T>::count;
  GRID_LOOP
  for (int64_t i = globalThread(); i < count / width; i += globalThreads()) {
    Vector<T> xs = loadVector<T>(x + i * width), ys = loadVector<T>(y + i * width);
#pragma unroll
    for (int lane = 0; lane < width; ++lane) xs.lanes[lane] = function(xs.lanes[lane], ys.lanes[lane]);
    storeVector<T>(out + i * width, xs);
  }
  int64_t rest = count / width * width + globalThread();
  if (rest < count) out[rest] = function(x[rest], y[rest]);
}

/// The walk for everything else (transposed, sliced, broadcast): one element at a time, each looked up in the layout.
template <int operands, typename Function>
__device__ void mapStrided(const CUDALayout &layout, uint32_t count, Function function) {
  GRID_LOOP
  for (int64_t i = globalThread(); i < count; i += globalThreads()) {
    function(Offsets<operands>(layout, static_cast<uint32_t>(i)));
  }
}

// MARK: Unary and binary

// `Number` is what the row computes with: T, or for int64 where it may overflow, its unsigned twin.
#define UNARY(name, value, T, Number, suffix)                                                                    \
  ENTRY(unary_##name##_##suffix, (const Cell<T> *x, Cell<T> *out, int64_t count, T p, T q)) {                    \
    mapContiguous<T>(x, out, count, [=](Number x) -> T { return value; });                                       \
  }                                                                                                              \
  ENTRY(unary_##name##_##suffix##_strided,                                                                       \
        (const Cell<T> *x, Cell<T> *out, const __grid_constant__ CUDALayout layout, uint32_t count, T p, T q)) { \
    auto function = [=](Number x) -> T { return value; };                                                        \
    mapStrided<2>(layout, count, [=](Offsets<2> at) { out[at.of[1]] = function(x[at.of[0]]); });                 \
  }

#define ROW(name, value) UNARY(name, value, float, float, float32) UNARY(name, value, double, double, float64)
KINDLING_UNARY_ARITHMETIC(ROW)
KINDLING_UNARY_FLOAT(ROW)
#undef ROW
#define ROW(name, value) UNARY(name, value, int64_t, uint64_t, int64)
KINDLING_UNARY_WRAPPING(ROW)
#undef ROW
#define ROW(name, value) UNARY(name, value, int64_t, int64_t, int64)
KINDLING_UNARY_ORDERED(ROW)
#undef ROW

#define BINARY(name, value, T, Number, suffix)                                                                       \
  ENTRY(binary_##name##_##suffix, (const Cell<T> *x, const Cell<T> *y, Cell<T> *out, int64_t count, T p, T q)) {     \
    mapContiguous<T>(x, y, out, count, [=](Number x, Number y) -> T { return value; });                              \
  }                                                                                                                  \
  ENTRY(binary_##name##_##suffix##_strided, (const Cell<T> *x, const Cell<T> *y, Cell<T> *out,                       \
                                             const __grid_constant__ CUDALayout layout, uint32_t count, T p, T q)) { \
    auto function = [=](Number x, Number y) -> T { return value; };                                                  \
    mapStrided<3>(layout, count, [=](Offsets<3> at) { out[at.of[2]] = function(x[at.of[0]], y[at.of[1]]); });        \
  }

#define ROW(name, value) BINARY(name, value, float, float, float32) BINARY(name, value, double, double, float64)
KINDLING_BINARY_ARITHMETIC(ROW)
KINDLING_BINARY_FLOAT(ROW)
#undef ROW
#define ROW(name, value) BINARY(name, value, int64_t, uint64_t, int64)
KINDLING_BINARY_WRAPPING(ROW)
#undef ROW
#define ROW(name, value) BINARY(name, value, int64_t, int64_t, int64)
KINDLING_BINARY_ORDERED(ROW)
#undef ROW

// MARK: Compare, select, fill

#define COMPARE(name, value, T, suffix)                                                                        \
  ENTRY(compare_##name##_##suffix, (const Cell<T> *x, const Cell<T> *y, Cell<bool> *out,                       \
                                    const __grid_constant__ CUDALayout layout, uint32_t count)) {              \
    auto function = [](T x, T y) -> bool { return value; };                                                    \
    mapStrided<3>(layout, count, [=](Offsets<3> at) { out[at.of[2]] = function(x[at.of[0]], y[at.of[1]]); });  \
  }                                                                                                            \
  ENTRY(compareScalar_##name##_##suffix,                                                                       \
        (const Cell<T> *x, T y, Cell<bool> *out, const __grid_constant__ CUDALayout layout, uint32_t count)) { \
    auto function = [](T x, T y) -> bool { return value; };                                                    \
    mapStrided<2>(layout, count, [=](Offsets<2> at) { out[at.of[1]] = function(x[at.of[0]], y); });            \
  }

#define ROW(name, value)               \
  COMPARE(name, value, float, float32) \
  COMPARE(name, value, double, float64) COMPARE(name, value, int64_t, int64) COMPARE(name, value, bool, bool)
KINDLING_COMPARE(ROW)
#undef ROW

#define SELECT_AND_FILL(T, suffix)                                                                                \
  ENTRY(select_##suffix, (const Cell<bool> *condition, const Cell<T> *x, const Cell<T> *y, Cell<T> *out,          \
                          const __grid_constant__ CUDALayout layout, uint32_t count)) {                           \
    mapStrided<4>(layout, count,                                                                                  \
                  [=](Offsets<4> at) { out[at.of[3]] = condition[at.of[0]] ? T(x[at.of[1]]) : T(y[at.of[2]]); }); \
  }                                                                                                               \
  ENTRY(fill_##suffix, (Cell<T> * out, const __grid_constant__ CUDALayout layout, uint32_t count, T value)) {     \
    mapStrided<1>(layout, count, [=](Offsets<1> at) { out[at.of[0]] = value; });                                  \
  }
SELECT_AND_FILL(float, float32)
SELECT_AND_FILL(double, float64)
SELECT_AND_FILL(int64_t, int64)
SELECT_AND_FILL(bool, bool)
