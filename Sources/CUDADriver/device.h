// Inside CUDADriver: what a device consists of, and what every call on one begins with.
#ifndef KINDLING_CUDA_DEVICE_H
#define KINDLING_CUDA_DEVICE_H

#include <pthread.h>

#include "../Kernels/Runtime/parameters.h"
#include "errors.h"

/// A piece of device memory, in use or in the cache.
typedef struct Block {
  CUdeviceptr pointer;
  size_t bytes;              // as allocated
  KindlingCUDAGraph *graph;  // the graph it belongs to, if it was allocated while capturing
  struct Block *next;        // in a bucket of `used`, or in a list of free or kept blocks
} Block;

struct KindlingCUDAGraph {
  CUgraph graph;
  CUgraphExec instance;
  CUdeviceptr replays;  // how often it was replayed, on the device
  Block *freeBlocks;    // its own, free now: nobody else may have them, or a replay would write over theirs
  Block *keptBlocks;    // others', given up while it was recorded: each replay may read what they held then
  int64_t blocksInUse;
  bool destroyed;                  // destroyed while some of its memory was still in use
  struct KindlingCUDAGraph *next;  // in the list of those to be destroyed
};

struct KindlingCUDAEvent {
  CUevent event;
};

/// A pinned buffer that copies to the device go through. The device may still be reading it until `read` has happened.
typedef struct Staging {
  void *memory;
  CUevent read;
  bool busy;
} Staging;

enum { usedBuckets = 4096, stagingCount = 4, functionBuckets = 1024 };
static const size_t stagingBytes = 1 << 20;

/// A kernel that has been launched before, and the module that has it alone.
typedef struct CachedFunction {
  char *entry;
  CUmodule module;
  CUfunction function;
  struct CachedFunction *next;
} CachedFunction;

typedef struct BLAS BLAS;
typedef struct Times Times;
typedef struct WaitingSteps WaitingSteps;

struct KindlingCUDADevice {
  const KindlingCUDADriver *driver;
  KindlingCUDAProperties properties;
  CUdevice device;
  CUcontext context;
  CUstream stream;
  uint64_t number;        // no other device has or had it
  pthread_mutex_t mutex;  // recursive: held by every function from its start to its end

  Block *used[usedBuckets];
  Block *freeBlocks;
  int64_t bytesInUse;

  Staging staging[stagingCount];
  int32_t nextStaging;
  CUdeviceptr zero;     // a word that is 0: "replayed 0 times", for launches outside of graphs
  CUDAIndexTrap *trap;  // pinned, so that the host can look without copying
  CUdeviceptr trapOnDevice;

  CachedFunction *functions[functionBuckets];
  KindlingCUDAGraph *capturing;
  KindlingCUDAGraph *discarded;  // destroyed while another was being captured
  KindlingCUDAMatmul matmul;
  BLAS *blas;  // cuBLAS, once somebody has asked for it
  bool blasTried;
  void (*observer)(const KindlingCUDALaunch *launch, void *context);
  void *observerContext;
  Times *times;  // once somebody has asked for them
  bool takesTimes;
  WaitingSteps *waiting;  // an optimizer's steps that wait for others, once there have been any
  int32_t waitingCount;
  KindlingCUDAStatus (*launchWaiting)(KindlingCUDADevice *device);  // how they are launched: by optimizer.c
};

/// What every function starts with: the device is its own until it returns, and the context current on this thread,
/// since Swift's runtime may have moved the caller to another one. What has waited is handed to the device first.
#define ENTER(device)    \
  ENTER_WAITING(device); \
  CALL(KindlingCUDALaunchWaiting(device))
/// The same, but what waits goes on waiting.
#define ENTER_WAITING(device)                                                                     \
  __attribute__((cleanup(KindlingCUDALeave))) pthread_mutex_t *held_ = KindlingCUDAEnter(device); \
  (void)held_;                                                                                    \
  CALL(KindlingCUDAMakeCurrent(device))
/// Asks the driver only where this thread was last at another device: an operation makes several calls.
KindlingCUDAStatus KindlingCUDAMakeCurrent(KindlingCUDADevice *device);
pthread_mutex_t *KindlingCUDAEnter(KindlingCUDADevice *device);
void KindlingCUDALeave(pthread_mutex_t **mutex);

/// Launches an optimizer's steps that have waited for others, if there are any.
KindlingCUDAStatus KindlingCUDALaunchWaiting(KindlingCUDADevice *device);

/// Where a kernel reads how often it has been replayed.
CUdeviceptr KindlingCUDAReplays(const KindlingCUDADevice *device);
KindlingCUDAStatus KindlingCUDARefuseWhileCapturing(KindlingCUDADevice *device, const char *what);
/// What gather and scatter could not say when they were launched.
KindlingCUDAStatus KindlingCUDACheckTrap(KindlingCUDADevice *device);

/// Before the device is handed a piece of work and after, where its times are taken; -1 is a piece that is not timed.
int32_t KindlingCUDATimeBegins(KindlingCUDADevice *device, const char *name);
void KindlingCUDATimeEnds(KindlingCUDADevice *device, int32_t piece);

/// Hands the freed blocks back to the driver.
KindlingCUDAStatus KindlingCUDATrimCache(KindlingCUDADevice *device);
/// The memory of a graph that has no replays left is everybody's. What is still in use follows when it is freed.
void KindlingCUDAReleaseMemory(KindlingCUDADevice *device, KindlingCUDAGraph *graph);

// MARK: At the end each file gives back what it has taken

void KindlingCUDACloseCopies(KindlingCUDADevice *device);
void KindlingCUDACloseMemory(KindlingCUDADevice *device);
void KindlingCUDACloseModules(KindlingCUDADevice *device);
void KindlingCUDACloseTimes(KindlingCUDADevice *device);

#endif
