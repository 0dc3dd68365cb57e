// What makes a .cu file C++: the words of CUDA that the kernels use, and the words of Kernels/Runtime/cuda.h, said with
// the machine's. It is included before the kernels. KINDLING_CHECKED chooses between plain elements and watched ones.
#ifndef KINDLING_WORDS_H
#define KINDLING_WORDS_H

// It is included inside a namespace, since plain and watched kernels have the same names: whoever does it includes the
// standard library and machine.h before.

#define __device__
#define __grid_constant__
#define threadIdx (emulator::view.thread->index)
#define blockIdx (emulator::view.blockIndex)
#define blockDim (emulator::view.blockSize)
#define gridDim (emulator::view.gridSize)

#ifdef KINDLING_CHECKED
#define KINDLING_KERNELS emulator::checkedKernels
#else
#define KINDLING_KERNELS emulator::plainKernels
#endif

#define ENTRY(entry, parameters) ENTRY_OF(1024, 1, entry, parameters)
#define ENTRY_OF(threads, blocks, entry, parameters)                                                            \
  void entry parameters;                                                                                        \
  emulator::Registration entry##Registration(                                                                   \
      KINDLING_KERNELS, {#entry, #parameters, emulator::Caller<&entry>::count, emulator::Caller<&entry>::sizes, \
                         emulator::Caller<&entry>::pointers, emulator::Caller<&entry>::members,                 \
                         emulator::Caller<&entry>::call, threads, nullptr});                                    \
  void entry parameters

#define SHARED(T, variable, dimensions)                                                    \
  static_assert(sizeof(__func__) > 1, "SHARED stands inside of a kernel");                 \
  using variable##Array = Cell<T> dimensions;                                              \
  constexpr static emulator::SharedVariable variable##Place = {                            \
      #variable, sizeof(variable##Array), sizeof(T),                                       \
      std::rank_v<variable##Array> == 2 ? int64_t(std::extent_v<variable##Array, 1>) : 0}; \
  variable##Array &variable = *static_cast<variable##Array *>(emulator::shared(variable##Place))

#define __syncthreads() emulator::barrier(__LINE__)

// MARK: Elements

#ifdef KINDLING_CHECKED

/// A value as the trace shows it. An int64 may be computed as an unsigned number; it has a sign all the same.
template <typename T>
double shown(const T &value) {
  if constexpr (std::is_same_v<T, uint64_t>)
    return double(int64_t(value));
  else if constexpr (std::is_arithmetic_v<T>)
    return double(value);
  else
    return double(value.value);  // Placed<T>
}

/// A T that tells when it is read and written.
template <typename T>
class Cell {
  T stored;

 public:
  /// A float becomes nothing else by itself: the compiler would make an int of `exists ? x[i] : 0`, a float on a GPU.
  template <typename U>
    requires(std::is_floating_point_v<T> && std::is_same_v<U, T>)
  KINDLING_OF_THE_CALLER operator U() const {
    return read();
  }
  template <typename U>
    requires(std::is_floating_point_v<T> && !std::is_same_v<U, T>)
  KINDLING_OF_THE_CALLER explicit operator U() const {
    return U(read());
  }
  KINDLING_OF_THE_CALLER operator T() const
    requires(!std::is_floating_point_v<T>)
  {
    return read();
  }
  KINDLING_OF_THE_CALLER T read() const {
    emulator::watch(this, sizeof(T), emulator::Access::read, 0);
    emulator::note(shown(stored));
    return stored;
  }
  Cell(const Cell &) = delete;  // `auto a = x[i]` would be a Cell that is no device memory
  KINDLING_OF_THE_CALLER Cell &operator=(T value) {
    emulator::watch(this, sizeof(T), emulator::Access::write, shown(value));
    stored = value;
    return *this;
  }
  KINDLING_OF_THE_CALLER Cell &operator=(const Cell &other) { return *this = T(other); }
  KINDLING_OF_THE_CALLER Cell &operator+=(T value) { return *this = T(*this) + value; }
  KINDLING_OF_THE_CALLER Cell &operator-=(T value) { return *this = T(*this) - value; }
  KINDLING_OF_THE_CALLER Cell &operator*=(T value) { return *this = T(*this) * value; }
  KINDLING_OF_THE_CALLER Cell &operator/=(T value) { return *this = T(*this) / value; }

  KINDLING_OF_THE_CALLER void setFreely(T value) {
    emulator::watch(this, sizeof(T), emulator::Access::freeWrite, shown(value));
    stored = value;
  }
  /// For atomics, which say afterwards what they left.
  KINDLING_OF_THE_CALLER T *place() {
    emulator::watch(this, sizeof(T), emulator::Access::atomic, 0);
    return &stored;
  }
};

#else

template <typename T>
using Cell = T;

#endif

template <typename T>
KINDLING_OF_THE_CALLER void setFreely(Cell<T> *cell, std::type_identity_t<T> value) {
#ifdef KINDLING_CHECKED
  cell->setFreely(value);
#else
  std::atomic_ref<T>(*cell).store(value, std::memory_order_relaxed);
#endif
}

// MARK: Four elements at once

template <typename T>
struct Four;  // of cuda.h

template <typename T>
KINDLING_OF_THE_CALLER void expectAligned(const void *first) {
  if (reinterpret_cast<uintptr_t>(first) % alignof(Four<T>) != 0) {
    emulator::fail("moves %d bytes at a misaligned address", int(sizeof(Four<T>)));
  }
}
template <typename T>
KINDLING_OF_THE_CALLER Four<T> loadFour(const Cell<T> *first) {
  expectAligned<T>(first);
#ifdef KINDLING_CHECKED
  emulator::OneInstruction load(sizeof(Four<T>));
#endif
  return {{first[0], first[1], first[2], first[3]}};
}
template <typename T>
KINDLING_OF_THE_CALLER void storeFour(Cell<T> *first, Four<T> four) {
  expectAligned<T>(first);
#ifdef KINDLING_CHECKED
  emulator::OneInstruction store(sizeof(Four<T>));
#endif
  for (int i = 0; i < 4; ++i) first[i] = four.lanes[i];
}

// MARK: Atomics

template <typename T>
KINDLING_OF_THE_CALLER T *placeOf(Cell<T> *cell) {
#ifdef KINDLING_CHECKED
  return cell->place();
#else
  return cell;
#endif
}

template <typename T>
KINDLING_OF_THE_CALLER void noteAtomic([[maybe_unused]] T value) {
#ifdef KINDLING_CHECKED
  emulator::note(double(value));
#endif
}

#define ATOMIC_ADD(T)                                                                             \
  KINDLING_OF_THE_CALLER inline T atomicAdd(Cell<T> *cell, T value) {                             \
    T before = std::atomic_ref<T>(*placeOf<T>(cell)).fetch_add(value, std::memory_order_relaxed); \
    noteAtomic<T>(before + value);                                                                \
    return before;                                                                                \
  }
ATOMIC_ADD(float)
ATOMIC_ADD(double)
ATOMIC_ADD(uint32_t)
ATOMIC_ADD(uint64_t)
#undef ATOMIC_ADD

inline int atomicCAS(int *place, int expected, int desired) {
  std::atomic_ref<int>(*place).compare_exchange_strong(expected, desired, std::memory_order_relaxed);
  return expected;
}

// MARK: Warps

template <typename T>
uint64_t packed(T value) {
  uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof(T));
  return bits;
}
template <typename T>
T unpacked(uint64_t bits) {
  T value;
  std::memcpy(&value, &bits, sizeof(T));
  return value;
}

inline int ownLane() { return emulator::view.thread->rank % 32; }

template <typename T>
T shuffle(const char *operation, uint32_t mask, T value, int source, int line) {
  return unpacked<T>(emulator::exchange(operation, mask, packed(value), source, line));
}

// A lane outside the warp means: keep your own.
#define __shfl_sync(mask, value, lane) shuffle("__shfl_sync", mask, value, int(lane) % 32, __LINE__)
#define __shfl_xor_sync(mask, value, bits) shuffle("__shfl_xor_sync", mask, value, ownLane() ^ int(bits), __LINE__)
#define __shfl_up_sync(mask, value, by) \
  shuffle("__shfl_up_sync", mask, value, ownLane() >= int(by) ? ownLane() - int(by) : -1, __LINE__)
#define __shfl_down_sync(mask, value, by) \
  shuffle("__shfl_down_sync", mask, value, ownLane() + int(by) < 32 ? ownLane() + int(by) : -1, __LINE__)
#define __ballot_sync(mask, predicate) emulator::ballot("__ballot_sync", mask, predicate, __LINE__)
#define __any_sync(mask, predicate) (emulator::ballot("__any_sync", mask, predicate, __LINE__) != 0)
#define __all_sync(mask, predicate) (emulator::ballot("__all_sync", mask, !(predicate), __LINE__) == 0)
#define __syncwarp() emulator::ballot("__syncwarp", 0xffffffff, true, __LINE__)

// MARK: Numbers

inline float __int_as_float(int32_t bits) { return std::bit_cast<float>(bits); }
inline double __longlong_as_double(int64_t bits) { return std::bit_cast<double>(bits); }
inline void sincospi(double x, double *sine, double *cosine) {
  *sine = std::sin(M_PI * x);
  *cosine = std::cos(M_PI * x);
}
inline void sincospif(float x, float *sine, float *cosine) {
  double exactSine, exactCosine;
  sincospi(double(x), &exactSine, &exactCosine);
  *sine = float(exactSine);
  *cosine = float(exactCosine);
}

#endif
