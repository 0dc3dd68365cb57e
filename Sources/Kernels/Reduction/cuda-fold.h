// Folding the values of many threads into one: what reductions and softmax have in common.
#ifndef KINDLING_FOLD_H
#define KINDLING_FOLD_H

#include "../Elementwise/cuda-math.h"
#include "../Runtime/cuda.h"

// MARK: What can be folded. Each says where it starts, how an element enters, how two values become one, what comes
// out.

template <typename T>
struct Fold {
  using Element = T;
  using Value = T;
  using Result = T;
  static __device__ T enter(T x, int64_t) { return x; }
  static __device__ T leave(T value) { return value; }
};
template <typename T>
struct Sum : Fold<T> {
  static __device__ T start() { return 0; }
  static __device__ T join(T a, T b) { return Wrapping<T>(a) + Wrapping<T>(b); }
};
template <typename T>
struct Product : Fold<T> {
  static __device__ T start() { return 1; }
  static __device__ T join(T a, T b) { return Wrapping<T>(a) * Wrapping<T>(b); }
};
/// In double: the square of a float32 may be out of its range. What shares come to are norms again.
template <typename T>
struct Norm {
  using Element = T;
  using Value = double;
  using Result = T;
  static __device__ double start() { return 0; }
  static __device__ double enter(T x, int64_t) { return static_cast<double>(x) * static_cast<double>(x); }
  static __device__ double join(double a, double b) { return a + b; }
  static __device__ T leave(double sum) { return static_cast<T>(sqrt(sum)); }
};
template <typename T>
struct Maximum : Fold<T> {
  static constexpr bool largest = true;
  static __device__ T start() { return Limits<T>::lowest(); }
  static __device__ T join(T a, T b) { return m_max(a, b); }
};
template <typename T>
struct Minimum : Fold<T> {
  static constexpr bool largest = false;
  static __device__ T start() { return Limits<T>::highest(); }
  static __device__ T join(T a, T b) { return m_min(a, b); }
};
struct Any : Fold<bool> {
  static __device__ bool start() { return false; }
  static __device__ bool join(bool a, bool b) { return a || b; }
};
struct All : Fold<bool> {
  static __device__ bool start() { return true; }
  static __device__ bool join(bool a, bool b) { return a && b; }
};

/// A value that remembers where it came from.
template <typename T>
struct Placed {
  T value;
  int64_t position;
};
/// Where the Maximum or the Minimum is.
template <typename Extreme>
struct Position {
  using Element = typename Extreme::Element;
  using T = Element;
  using Value = Placed<T>;
  using Result = int64_t;
  static constexpr int64_t nowhere = Limits<int64_t>::highest();  // beyond all positions
  static __device__ Value start() { return {Extreme::start(), nowhere}; }
  static __device__ Value enter(T x, int64_t position) { return {x, position}; }
  static __device__ int64_t leave(Value value) { return value.position; }
  /// NaN, which differs from itself, is better than anything.
  static __device__ bool isBetter(T a, T b) { return b == b && (a != a || (Extreme::largest ? a > b : a < b)); }
  /// The better of two, and the first of equals.
  static __device__ Value join(Value a, Value b) {
    bool takesB = isBetter(b.value, a.value) || (!isBetter(a.value, b.value) && b.position < a.position);
    return takesB ? b : a;
  }
};

// MARK: Across a warp, then across a block

template <typename T>
__device__ T fromLane(T value, int distance) {
  return __shfl_xor_sync(everyLane, value, distance);
}
template <typename T>
__device__ Placed<T> fromLane(Placed<T> value, int distance) {
  return {__shfl_xor_sync(everyLane, value.value, distance), __shfl_xor_sync(everyLane, value.position, distance)};
}

/// Folds the values of a warp's 32 lanes, or of each row of fewer (a power of two); each lane gets the result. A
/// shuffle hands a register from lane to lane without going through memory, and the lanes of a warp need no barrier.
///
///     distance 16   lane 0 ↔ 16, 1 ↔ 17, …    each pair has the same value now
///     distance  8   lane 0 ↔ 8,  1 ↔ 9,  …    each four
///     …         1                             all 32
template <typename F>
__device__ typename F::Value foldWarp(typename F::Value value, int lanes = 32) {
  for (int distance = lanes / 2; distance > 0; distance /= 2) value = F::join(value, fromLane(value, distance));
  return value;
}

/// Folds the values of a whole row of blockDim.x threads (a multiple of 32); each of them gets the result. Each warp
/// folds its own, leaves the result in shared memory, and then every warp folds those few.
template <typename F>
__device__ typename F::Value foldBlock(typename F::Value value) {
  SHARED(typename F::Value, partial, [32]);
  uint32_t lane = threadIdx.x % 32, warp = threadIdx.x / 32, warps = blockDim.x / 32;
  value = foldWarp<F>(value);
  if (lane == 0) partial[warp] = value;
  __syncthreads();
  value = lane < warps ? typename F::Value(partial[lane]) : F::start();
  __syncthreads();  // nobody may write the next fold's partials before everybody has read these
  return foldWarp<F>(value);
}

/// For blocks of (32, rows): a warp a row; of (fewer, rows): a part of a warp a row. For blocks of (more, 1): the whole
/// block on one row.
template <typename F>
__device__ typename F::Value foldRow(typename F::Value value) {
  return blockDim.x <= 32 ? foldWarp<F>(value, blockDim.x) : foldBlock<F>(value);
}

#endif
