// A CUDA device made of software: the driver's functions, carried out on the CPU with the very same .cu files.
//
// It is for two kinds of people. Who has no GPU can run every lesson on it. Who learns CUDA can run a kernel's threads
// in any order, have races and stray accesses named, and read what each thread of a small launch did.
#ifndef KINDLING_CUDAEMULATOR_H
#define KINDLING_CUDAEMULATOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct KindlingCUDADriver KindlingCUDADriver;  // CUDADriver's; see DriverTable.h

/// The table to hand to KindlingCUDAOpen. It has one device, with index 0.
const KindlingCUDADriver *_Nonnull KindlingEmulatorDriver(void);

typedef enum __attribute__((enum_extensibility(closed))) KindlingEmulatorOrder : int32_t {
  KindlingEmulatorOrder_forward,
  KindlingEmulatorOrder_reverse,
  KindlingEmulatorOrder_shuffled,
} KindlingEmulatorOrder;
/// The order in which the threads of a block run between two barriers, and the blocks of a launch. A kernel whose
/// result depends on it has a race. `seed` matters to `shuffled` only.
void KindlingEmulatorSetOrder(KindlingEmulatorOrder order, uint64_t seed);

/// How many of the CPU's threads run blocks side by side. At first, all there are.
void KindlingEmulatorSetThreads(int32_t count);

/// How much memory the device pretends to have. At first, half of the machine's.
void KindlingEmulatorSetMemory(int64_t byteCount);

/// Whether launches are checked: each access to global and shared memory for its bounds, for memory that nobody has
/// written, and for races (two threads, one element, at least one of them writes, and no barrier or warp operation in
/// between). About a hundred times slower. What is found is the launch's error.
void KindlingEmulatorSetChecking(bool checking);

// MARK: The trace of a launch

typedef enum __attribute__((enum_extensibility(closed))) KindlingEmulatorEventKind : int32_t {
  KindlingEmulatorEventKind_launch,  // `name` is the kernel
  KindlingEmulatorEventKind_read,    // `thread` read `value` from `name`[`element`]
  KindlingEmulatorEventKind_write,
  KindlingEmulatorEventKind_atomic,    // an atomic operation left `value` there
  KindlingEmulatorEventKind_exchange,  // `thread` got `value` from lane `element` of its warp, by the operation `name`
  KindlingEmulatorEventKind_barrier,   // `thread` arrived at the barrier in line `line`
} KindlingEmulatorEventKind;

typedef struct KindlingEmulatorEvent {
  KindlingEmulatorEventKind kind;
  int32_t launch;    // counted from 0 since TraceBegin
  int32_t block;     // blockIdx, counted row by row
  int32_t thread;    // threadIdx, counted row by row
  int32_t interval;  // how many barriers the thread has passed
  int32_t line;      // of a barrier or exchange, in the .cu file
  bool shared;       // shared memory, not global
  int64_t element;
  double value;
  const char *_Nonnull name;
  int32_t columns;  // of a two-dimensional shared array, else 0: element = row · columns + column
} KindlingEmulatorEvent;

/// From here on launches are checked and recorded, on one thread of the CPU. Meant for small ones: recording ends after
/// `limit` events.
void KindlingEmulatorTraceBegin(int64_t limit);
/// Ends it. The events and the text are valid until the next TraceBegin.
void KindlingEmulatorTraceEnd(void);
const KindlingEmulatorEvent *_Nullable KindlingEmulatorTraceEvents(int64_t *_Nonnull count);
/// The same to read: launch by launch, block by block, barrier by barrier, thread by thread.
const char *_Nonnull KindlingEmulatorTraceText(void);

// MARK: What it has

/// The kernels it knows and the size of each of their parameters, for comparing with the PTX. NULL after the last.
/// Kernels whose name starts with `broken_` are wrong on purpose: they show what the emulator catches.
typedef struct KindlingEmulatorKernel {
  const char *_Nonnull name;
  const char *_Nonnull parameters;  // as written in the source
  int32_t parameterCount;
  const size_t *_Nonnull sizes;
} KindlingEmulatorKernel;
const KindlingEmulatorKernel *_Nullable KindlingEmulatorKernelAt(int32_t index);

#ifdef __cplusplus
}
#endif

#endif
