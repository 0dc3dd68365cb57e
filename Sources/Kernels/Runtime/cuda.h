// What every .cu file starts with. NVIDIA's NVRTC compiles the files into PTX (see build-ptx); the emulator, which
// knows this file and is not known here, compiles them as C++ and runs them on the CPU. Some words are ours, so that it
// can look on; who compiles the kernels in another way says them before this file:
//
//   ENTRY(name, (parameters)) { … }   extern "C" __global__ void name(parameters) { … }
//   ENTRY_OF(256, 2, name, …) { … }   the same with __launch_bounds__(256, 2): blocks of 256 threads, and registers
//                                     for two of them on a multiprocessor
//   SHARED(T, name, [4][8]);          __shared__ T name[4][8];
//   Cell<T>                           T in global memory, where somebody may be watching who reads and writes it
//   setFreely, loadFour, storeFour    see below
#ifndef KINDLING_CUDA_H
#define KINDLING_CUDA_H

#ifdef __CUDACC_RTC__
typedef int int32_t;
typedef unsigned int uint32_t;
typedef long long int64_t;
typedef unsigned long long uint64_t;
#endif

#include "element-types.h"
#include "parameters.h"

/// Four neighbouring elements. The hardware moves 16 bytes with one instruction: four float32 or int32 at once, four
/// float64 or int64 in two. The first must lie at a multiple of the alignment.
template <typename T>
struct alignas(4 * sizeof(T) < 16 ? 4 * sizeof(T) : 16) Four {
  T lanes[4];
};

#ifdef __CUDACC_RTC__

#define ENTRY(name, parameters) extern "C" __global__ void name parameters
#define ENTRY_OF(threads, blocks, name, parameters) \
  extern "C" __global__ void __launch_bounds__(threads, blocks) name parameters
#define SHARED(T, name, dimensions) __shared__ __align__(16) T name dimensions

template <typename T>
using Cell = T;

/// An assignment that other threads may be making to the same element as well; it does not matter who comes last.
template <typename T>
__device__ void setFreely(Cell<T> *cell, T value) {
  *cell = value;
}

template <typename T>
__device__ Four<T> loadFour(const T *first) {
  return *reinterpret_cast<const Four<T> *>(first);
}
template <typename T>
__device__ void storeFour(T *first, Four<T> four) {
  *reinterpret_cast<Four<T> *>(first) = four;
}

#elif !defined(ENTRY)
#error "whoever compiles the kernels says ENTRY, SHARED, Cell and so on before this file"
#endif

constexpr uint32_t everyLane = 0xffffffff;

// MARK: Numbers

template <typename T>
struct Wrap {
  using Type = T;
};
#define ROW(name, T, ...) \
  template <>             \
  struct Wrap<T> {        \
    using Type = u##T;    \
  };
KINDLING_INTEGER_TYPES(ROW)
#undef ROW
/// What sums and products of T are computed with. Integers wrap around, which C++ allows to unsigned ones only.
template <typename T>
using Wrapping = typename Wrap<T>::Type;

/// T, but not deduced: m_max(x, 0) takes its type from x alone.
template <typename T>
struct SameType {
  using Type = T;
};
template <typename T>
using Same = typename SameType<T>::Type;

template <typename T>
struct Limits;
template <>
struct Limits<float> {
  static __device__ float infinity() { return __int_as_float(0x7f800000); }
  static __device__ float lowest() { return -infinity(); }
  static __device__ float highest() { return infinity(); }
};
template <>
struct Limits<double> {
  static __device__ double infinity() { return __longlong_as_double(0x7ff0000000000000); }
  static __device__ double lowest() { return -infinity(); }
  static __device__ double highest() { return infinity(); }
};
#define ROW(name, T, ...)                                                                       \
  template <>                                                                                   \
  struct Limits<T> {                                                                            \
    static constexpr __device__ T lowest() { return T(Wrapping<T>(1) << (8 * sizeof(T) - 1)); } \
    static constexpr __device__ T highest() { return T(~lowest()); }                            \
  };
KINDLING_INTEGER_TYPES(ROW)
#undef ROW

// MARK: Atomics

__device__ inline void addAtomically(Cell<float> *sum, float value) { atomicAdd(sum, value); }
__device__ inline void addAtomically(Cell<double> *sum, double value) { atomicAdd(sum, value); }
#define ROW(name, T, ...)                                                                   \
  __device__ inline void addAtomically(Cell<T> *sum, T value) {                             \
    /* Two's complement: adding unsigned numbers adds signed ones as well. */               \
    atomicAdd(reinterpret_cast<Cell<Wrapping<T>> *>(sum), static_cast<Wrapping<T>>(value)); \
  }
KINDLING_INTEGER_TYPES(ROW)
#undef ROW
/// True wins; writing true twice does no harm, so no atomic is needed.
__device__ inline void addAtomically(Cell<bool> *sum, bool value) {
  if (value) setFreely(sum, true);
}

// MARK: Finding elements

/// This thread's number among all threads of the launch, and how many there are: a kernel walks
/// `for (i = globalThread(); i < count; i += globalThreads())`, so that any grid covers any count and neighbouring
/// threads touch neighbouring elements (their 32 loads become one wide one).
/// GRID_LOOP before such a loop keeps the compiler from unrolling it: to find out how often, it would have to divide,
/// which takes longer than most kernels' arithmetic.
#define GRID_LOOP _Pragma("unroll 1")
__device__ inline int64_t globalThread() { return static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x; }
__device__ inline int64_t globalThreads() { return static_cast<int64_t>(gridDim.x) * blockDim.x; }

/// Takes the coordinate along dimension d off the number of an element, and leaves the number of its line. What is left
/// for the last dimension is its coordinate. 32 bits: a 64-bit division costs a hundred instructions.
__device__ inline uint32_t takeCoordinate(const CUDALayout &layout, int d, uint32_t &index) {
  uint32_t line = d + 1 < layout.rank ? index / layout.sizes[d] : 0;
  uint32_t coordinate = index - line * layout.sizes[d];
  index = line;
  return coordinate;
}
#define FOR_EACH_DIMENSION(layout, d) _Pragma("unroll 1") for (int d = 0; d < layout.rank; ++d)

/// Where element number `index` of the shape lies in each operand: the number is taken apart into coordinates, fastest
/// first, as a time in seconds is taken apart into seconds, minutes and hours.
template <int operands>
struct Offsets {
  int64_t of[operands];
  __device__ Offsets(const CUDALayout &layout, uint32_t index) {
    for (int n = 0; n < operands; ++n) of[n] = 0;
    FOR_EACH_DIMENSION(layout, d) {
      uint32_t coordinate = takeCoordinate(layout, d, index);
#pragma unroll
      for (int n = 0; n < operands; ++n) of[n] += coordinate * layout.strides[n][d];
    }
  }
};

// MARK: Four elements a thread

/// Four elements that a thread takes together, so that it waits for memory once and not four times. Where the layout
/// allows it (`fours`, which the host decides), they are neighbours:
///
///     thread 0      thread 1      thread 2
///     [x x x x]     [x x x x]     [x x x x]     …
///
/// and where they are neighbours in memory too, they are moved with one instruction. Else they lie as far apart as
/// there are threads, so that at least neighbouring threads touch neighbours.
template <int operands>
struct Elements {
  const CUDALayout &layout;
  int64_t count, first, step;  // the elements first, first + step, …, as far as they are below count
  int64_t of[operands][4];     // where they lie in each operand; of neighbours, only where the first does

  __device__ Elements(const CUDALayout &layout, int64_t count, int64_t first, int64_t step)
      : layout(layout), count(count), first(first), step(step) {
    if (layout.fours && layout.rank <= 1) {  // most layouts: nothing to take apart
#pragma unroll
      for (int n = 0; n < operands; ++n) of[n][0] = layout.strides[n][0] == 0 ? 0 : first;
      return;
    }
    int lanes = layout.fours ? 1 : 4;
    uint32_t index[4];
#pragma unroll
    for (int lane = 0; lane < 4; ++lane) {
      index[lane] = exists(lane) ? static_cast<uint32_t>(first + lane * step) : 0;
      for (int n = 0; n < operands; ++n) of[n][lane] = 0;
    }
    FOR_EACH_DIMENSION(layout, d) {
#pragma unroll
      for (int lane = 0; lane < 4; ++lane) {
        if (lane >= lanes) break;
        uint32_t coordinate = takeCoordinate(layout, d, index[lane]);
#pragma unroll
        for (int n = 0; n < operands; ++n) of[n][lane] += coordinate * layout.strides[n][d];
      }
    }
  }

  __device__ bool exists(int lane) const { return first + lane * step < count; }
  __device__ int64_t offset(int n, int lane) const {
    return layout.fours ? of[n][0] + lane * layout.strides[n][0] : of[n][lane];
  }
  /// Whether all four lie side by side in operand n.
  __device__ bool areNeighbours(int n) const { return layout.fours && layout.strides[n][0] == 1 && exists(3); }

  template <typename T>
  __device__ Four<T> load(int n, const Cell<T> *x) const {
    if (areNeighbours(n)) return loadFour<T>(x + of[n][0]);
    Four<T> four = {};
#pragma unroll
    for (int lane = 0; lane < 4; ++lane) {
      if (exists(lane)) four.lanes[lane] = x[offset(n, lane)];
    }
    return four;
  }
  template <typename T>
  __device__ void store(int n, Cell<T> *out, Four<T> four) const {
    if (areNeighbours(n)) return storeFour<T>(out + of[n][0], four);
#pragma unroll
    for (int lane = 0; lane < 4; ++lane) {
      if (exists(lane)) out[offset(n, lane)] = four.lanes[lane];
    }
  }
};

/// Hands all elements to `body`, in Elements of four.
template <int operands, typename Body>
__device__ void walk(const CUDALayout &layout, uint32_t count, Body body) {
  int64_t step = layout.fours ? 1 : globalThreads();
  GRID_LOOP
  for (int64_t i = globalThread() * (layout.fours ? 4 : 1); i < count; i += 4 * globalThreads()) {
    body(Elements<operands>(layout, count, i, step));
  }
}

/// function(x, y, …) of the first elements of each, of the second, …
template <typename Result, typename Function, typename... T>
__device__ Four<Result> eachOf(Function function, const Four<T> &...operands) {
  Four<Result> results;
#pragma unroll
  for (int lane = 0; lane < 4; ++lane) results.lanes[lane] = function(operands.lanes[lane]...);
  return results;
}

#endif
