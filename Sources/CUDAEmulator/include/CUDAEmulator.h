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

/// How much shared memory a block of the last launch has declared, in bytes; -1 before the first.
int32_t KindlingEmulatorSharedBytes(void);

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

// MARK: Counters

/// What the accesses from one line of a kernel to one array cost, in one launch. A GPU carries out an access for the 32
/// lanes of a warp at once: that is a request. Here the lanes run one after another, and a request is put together from
/// their n-th accesses from that line since the last barrier or warp operation.
typedef struct KindlingEmulatorCounters {
  int32_t launch;  // counted from 0 since CountBegin
  const char *_Nonnull kernel;
  const char *_Nonnull file;  // the whole path; empty where the program carries no lines
  int32_t line;
  const char *_Nonnull array;      // "x", as the kernel calls it
  KindlingEmulatorEventKind kind;  // read, write or atomic
  bool shared;                     // an array in shared memory, not in global memory
  int32_t bytes;                   // that a lane moves at once
  int64_t requests;
  int64_t lanes;           // that took part, of 32 for each request
  int64_t sectors;         // of 32 bytes that global memory moves; 4 for a request of 32 neighbouring floats
  int64_t fewestSectors;   // that would hold the bytes asked for, if they lay side by side
  int64_t conflicts;       // extra turns of shared memory, since lanes wanted different words of one of its 32 banks
  int64_t busiestAddress;  // of atomics: how many went to the address that most of them went to
} KindlingEmulatorCounters;

/// From here on launches are checked and counted, on one thread of the CPU.
///
///     KindlingEmulatorCountBegin();
///     … launch, and wait for it …
///     KindlingEmulatorCountEnd();
///     KindlingEmulatorCounters all = KindlingEmulatorCountersOf(NULL, KindlingEmulatorEventKind_read, false);
///     if (all.sectors > all.fewestSectors) … neighbouring threads do not read neighbouring elements …
///     if (KindlingEmulatorCountersOf("tile", KindlingEmulatorEventKind_read, true).conflicts > 0) …
///     if (KindlingEmulatorCountersOf("out", KindlingEmulatorEventKind_atomic, false).busiestAddress > blocks) …
void KindlingEmulatorCountBegin(void);
/// Ends it. What was counted is valid until the next CountBegin.
void KindlingEmulatorCountEnd(void);
/// Launch by launch, file by file and line by line.
const KindlingEmulatorCounters *_Nullable KindlingEmulatorCounterRows(int64_t *_Nonnull count);
/// The sum of the rows of one kind in one memory, of all launches: of the array of this name, or of all where it is
/// NULL. `busiestAddress` is the largest; `file` is empty, and `line` and `bytes` are 0.
KindlingEmulatorCounters KindlingEmulatorCountersOf(const char *_Nullable array, KindlingEmulatorEventKind kind,
                                                    bool shared);

/// A launch that was counted.
typedef struct KindlingEmulatorCountedLaunch {
  const char *_Nonnull kernel;
  int64_t blocks;
  int32_t threads;      // of a block
  int32_t sharedBytes;  // of a block
} KindlingEmulatorCountedLaunch;
const KindlingEmulatorCountedLaunch *_Nullable KindlingEmulatorCountedLaunches(int64_t *_Nonnull count);

/// How many blocks of a kernel a multiprocessor of a card can hold at once. While the warps of one wait for memory,
/// those of the others compute.
typedef struct KindlingEmulatorOccupancy {
  const char *_Nullable card;  // NULL where there is no card of this number
  int32_t registers;           // of a thread, as NVIDIA's assembler says of the PTX; 0 where the PTX has no such kernel
  int32_t blocks;
  int32_t warps, maximumWarps;
  const char *_Nullable limit;  // what there is no more of: "registers", "shared memory", "threads" or "blocks"
} KindlingEmulatorOccupancy;
/// On card number `index`. Where the registers are not known, the other limits count.
KindlingEmulatorOccupancy KindlingEmulatorOccupancyOn(int32_t index, const char *_Nonnull kernel, int32_t threads,
                                                      int32_t sharedBytes);

// MARK: Lines of the program

/// A line that a part of the program was compiled from.
typedef struct KindlingSourceLine {
  const char *_Nullable path;  // NULL where it is not known; valid to the end of the program
  int32_t line;
} KindlingSourceLine;
/// The lines of `count` calls, which are known by the addresses they return to, out of the program's line table: for
/// all of them in one pass. Of what was inlined there it is the innermost line. The emulator names the lines of kernels
/// by it, and pages those of a program.
void KindlingSourceLines(const void *_Nullable const *_Nonnull returnAddresses, int64_t count,
                         KindlingSourceLine *_Nonnull lines);

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
