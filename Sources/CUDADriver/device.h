// Inside CUDADriver: what a device consists of, and the helpers that its files share.
#ifndef KINDLING_DEVICE_INTERNAL_H
#define KINDLING_DEVICE_INTERNAL_H

#include <pthread.h>

#include "../Kernels/Runtime/parameters.h"
#include "include/CUDADriver.h"

/// A piece of device memory, in use or in the cache.
typedef struct Block {
  CUdeviceptr pointer;
  size_t bytes;              // as allocated
  KindlingCUDAGraph *graph;  // the graph it belongs to, if it was allocated while capturing
  struct Block *next;        // in a bucket of `used`, or in a list of free blocks
} Block;

struct KindlingCUDAGraph {
  CUgraph graph;
  CUgraphExec instance;
  CUdeviceptr replays;  // how often it was replayed, on the device
  Block *freeBlocks;    // its own, free now: nobody else may have them, or a replay would write over theirs
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

enum { usedBuckets = 4096, stagingCount = 4, functionBuckets = 1024, maximumModules = 32 };
static const size_t stagingBytes = 1 << 20;

typedef struct CachedFunction {
  char *entry;
  CUfunction function;
  struct CachedFunction *next;
} CachedFunction;

typedef struct BLAS BLAS;

struct KindlingCUDADevice {
  const KindlingCUDADriver *driver;
  KindlingCUDAProperties properties;
  CUdevice device;
  CUcontext context;
  CUstream stream;
  CUmodule modules[maximumModules];  // numbered as in KindlingCUDAPTX; NULL until one of its kernels is launched
  pthread_mutex_t mutex;             // recursive: held by every function from its start to its end

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
};

// MARK: Errors

/// Sets the thread's message and returns `status`.
KindlingCUDAStatus KindlingCUDAFail(KindlingCUDAStatus status, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/// The same for a result of the driver; `call` is the function's name, `entry` the kernel's or NULL.
KindlingCUDAStatus KindlingCUDACheck(const KindlingCUDADriver *driver, CUresult result, const char *call,
                                     const char *entry);

/// Adds to the thread's message.
void KindlingCUDAAdd(const char *text);

/// Calls a function of the driver and leaves the function it stands in where that fails.
#define DRIVER(table, function, ...)                                                          \
  do {                                                                                        \
    CUresult result_ = (table)->function(__VA_ARGS__);                                        \
    if (result_ != CUDA_SUCCESS) return KindlingCUDACheck((table), result_, #function, NULL); \
  } while (0)
#define CALL(...)                                              \
  do {                                                         \
    KindlingCUDAStatus status_ = (__VA_ARGS__);                \
    if (status_ != KindlingCUDAStatus_success) return status_; \
  } while (0)

/// What every function starts with: the device is its own until it returns, and the context current on this thread,
/// since Swift's runtime may have moved the caller to another one.
#define ENTER(device)                                                                             \
  __attribute__((cleanup(KindlingCUDALeave))) pthread_mutex_t *held_ = KindlingCUDAEnter(device); \
  (void)held_;                                                                                    \
  DRIVER((device)->driver, cuCtxSetCurrent, (device)->context)
pthread_mutex_t *KindlingCUDAEnter(KindlingCUDADevice *device);
void KindlingCUDALeave(pthread_mutex_t **mutex);

// MARK: Launches

/// The kernel of that name. Loads the module that has it, where no kernel of it was asked for before.
KindlingCUDAStatus KindlingCUDAFindFunction(KindlingCUDADevice *device, const char *entry, CUfunction *function);

/// How many blocks for that many threads: no more than keep the whole GPU busy, since kernels walk in steps of the
/// grid.
uint32_t KindlingCUDAGridFor(const KindlingCUDADevice *device, int64_t threads, uint32_t blockSize);

/// An argument and its size, for LAUNCH.
typedef struct Argument {
  const void *value;
  size_t size;
} Argument;
#define A(variable) \
  (Argument) { &(variable), sizeof(variable) }

typedef struct Grid {
  uint32_t grid[3], block[3];
} Grid;
KindlingCUDAStatus KindlingCUDALaunchArguments(KindlingCUDADevice *device, const char *entry, Grid grid,
                                               const Argument *arguments, int32_t count);
#define LAUNCH(device, entry, grid, ...)                                            \
  KindlingCUDALaunchArguments(device, entry, grid, (const Argument[]){__VA_ARGS__}, \
                              (int32_t)(sizeof((const Argument[]){__VA_ARGS__}) / sizeof(Argument)))

const char *KindlingCUDATypeName(KernelType type);
size_t KindlingCUDATypeSize(KernelType type);

/// A number in the form in which a kernel of that type takes it.
typedef union Scalar {
  float float32;
  double float64;
  int64_t int64;
  bool boolean;
} Scalar;
Scalar KindlingCUDAScalar(KernelType type, KernelScalar scalar);
Scalar KindlingCUDAReal(KernelType type, double value);
#define TYPED(type, scalar) \
  (Argument) { &(scalar), KindlingCUDATypeSize(type) }

/// `operands` operands of one shape, without dimensions of size 1, and with dimensions merged that lie side by side in
/// all. `count` is the number of elements. Only dimensions with a bit in `dimensions` are taken. `unsupported` beyond
/// 2^32 elements.
KindlingCUDAStatus KindlingCUDAMakeLayout(const KernelShape *shape, uint32_t dimensions, int32_t operands,
                                          const int64_t *const *strides, CUDALayout *layout, int64_t *count);
bool KindlingCUDAIsContiguous(const CUDALayout *layout, int32_t operands);
enum { everyDimension = 0xff };

// MARK: cuBLAS, where it is installed

bool KindlingCUDABLASIsThere(KindlingCUDADevice *device);
KindlingCUDAStatus KindlingCUDABLASProduct(KindlingCUDADevice *device, KernelType type, const void *x, const void *y,
                                           void *out, const CUDAMatmul *sizes, bool *done);
void KindlingCUDABLASClose(KindlingCUDADevice *device);

#endif
