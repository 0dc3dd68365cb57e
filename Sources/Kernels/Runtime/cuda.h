// What every .cu file starts with. The files are compiled twice: by NVIDIA's NVRTC into kernels.ptx (see build-ptx),
// and by the C++ compiler into CUDAEmulator, which runs them on the CPU. Three words are ours, so that the emulator can
// look on:
//
//   ENTRY(name, (parameters)) { … }   extern "C" __global__ void name(parameters) { … }
//   SHARED(T, name, [4][8]);          __shared__ T name[4][8];
//   Cell<T>                           T in global memory, where somebody may be watching who reads and writes it
#ifndef KINDLING_CUDA_H
#define KINDLING_CUDA_H

#ifdef __CUDACC_RTC__
typedef int int32_t;
typedef unsigned int uint32_t;
typedef long long int64_t;
typedef unsigned long long uint64_t;
#endif

#include "parameters.h"

/// Neighbouring elements that the hardware moves with one instruction: four float32, or two float64 or int64. The first
/// must lie at a multiple of 16 bytes.
template <typename T>
struct alignas(16) Vector {
  static constexpr int count = 16 / sizeof(T);
  T lanes[16 / sizeof(T)];
};

#ifdef __CUDACC_RTC__

#define ENTRY(name, parameters) extern "C" __global__ void name parameters
#define SHARED(T, name, dimensions) __shared__ T name dimensions

template <typename T>
using Cell = T;

/// An assignment that other threads may be making to the same element as well; it does not matter who comes last.
template <typename T>
__device__ void setFreely(Cell<T> *cell, T value) {
  *cell = value;
}

template <typename T>
__device__ Vector<T> loadVector(const T *first) {
  return *reinterpret_cast<const Vector<T> *>(first);
}
template <typename T>
__device__ void storeVector(T *first, Vector<T> vector) {
  *reinterpret_cast<Vector<T> *>(first) = vector;
}

#else
#include "../../CUDAEmulator/device.h"
#endif

constexpr uint32_t everyLane = 0xffffffff;

// MARK: Numbers

/// What sums and products of T are computed with. int64 wraps around, which C++ allows to unsigned numbers only.
template <typename T>
struct Wrap {
  using Type = T;
};
template <>
struct Wrap<int64_t> {
  using Type = uint64_t;
};
template <typename T>
using Wrapping = typename Wrap<T>::Type;

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
template <>
struct Limits<int64_t> {
  static __device__ int64_t lowest() { return -0x7fffffffffffffff - 1; }
  static __device__ int64_t highest() { return 0x7fffffffffffffff; }
};

// MARK: Atomics

__device__ inline void addAtomically(Cell<float> *sum, float value) { atomicAdd(sum, value); }
__device__ inline void addAtomically(Cell<double> *sum, double value) { atomicAdd(sum, value); }
__device__ inline void addAtomically(Cell<int64_t> *sum, int64_t value) {
  // Two's complement: adding unsigned numbers adds signed ones as well.
  atomicAdd(reinterpret_cast<Cell<uint64_t> *>(sum), static_cast<uint64_t>(value));
}
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

/// Where element number `index` of the shape lies in each operand: the number is taken apart into coordinates, fastest
/// first, as a time in seconds is taken apart into seconds, minutes and hours.
template <int operands>
struct Offsets {
  int64_t of[operands];
  __device__ Offsets(const CUDALayout &layout, uint32_t index) {
    for (int n = 0; n < operands; ++n) of[n] = 0;
#pragma unroll
    for (int d = 0; d < 8; ++d) {  // unrolled up to the maximum, so that the layout is never indexed by a variable
      if (d >= layout.rank) break;
      uint32_t rest = index / layout.sizes[d];  // 32 bits: a 64-bit division costs a hundred instructions
      uint32_t coordinate = index - rest * layout.sizes[d];
#pragma unroll
      for (int n = 0; n < operands; ++n) of[n] += coordinate * layout.strides[n][d];
      index = rest;
    }
  }
};

#endif
