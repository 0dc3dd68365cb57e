// Kindling on an NVIDIA GPU: the C interface that `CUDABackend` calls.
//
// Everything here works on a table of driver functions. KindlingCUDALoadDriver fills one from libcuda.so.1;
// CUDAEmulator fills another that runs the same kernels on the CPU. Above the table there is one code for both.
//
// Each function returns a status. Where it is not KindlingCUDAStatus_success, KindlingCUDAMessage() has the sentence to
// show. Work is queued on the device's one stream and runs in the order of the calls; nothing waits for it but CopyOut,
// Synchronize, ElapsedMilliseconds, BeginTimes and EndTimes. One of them therefore reports what a kernel did wrong.
#ifndef KINDLING_CUDADRIVER_H
#define KINDLING_CUDADRIVER_H

#include "DriverTable.h"
#include "kernels.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum KINDLING_ENUM KindlingCUDAStatus : int32_t {
  KindlingCUDAStatus_success,
  KindlingCUDAStatus_noDriver,         // libcuda.so.1 is missing or cannot be loaded
  KindlingCUDAStatus_driverTooOld,     // it is there, but lacks what the kernels need
  KindlingCUDAStatus_noDevice,         // no such device, or one older than Turing
  KindlingCUDAStatus_outOfMemory,      // the message says how much was asked for and how much is free
  KindlingCUDAStatus_launchFailed,     // a kernel failed; in the emulator the message names threads and lines
  KindlingCUDAStatus_indexOutOfRange,  // gather or scatter met an index outside its dimension
  KindlingCUDAStatus_unsupported,      // no such kernel, or not possible here (the message says why)
  KindlingCUDAStatus_failed,           // any other error of the driver
} KindlingCUDAStatus;

/// What went wrong in this thread's last call that failed: the call, the driver's name for the error, and a hint.
/// Valid until the next failure on this thread.
const char *_Nonnull KindlingCUDAMessage(void);

// MARK: Devices

/// libcuda.so.1, looked up on the first call.
KindlingCUDAStatus KindlingCUDALoadDriver(const KindlingCUDADriver *_Nullable *_Nonnull driver);

KindlingCUDAStatus KindlingCUDADeviceCount(const KindlingCUDADriver *_Nonnull driver, int32_t *_Nonnull count);

typedef struct KindlingCUDAProperties {
  char name[256];
  int64_t memoryBytes;
  int32_t computeMajor, computeMinor;  // compute capability, such as 9.0
  int32_t multiprocessors;
  int32_t driverVersion;  // of CUDA, as 1000 · major + 10 · minor
  bool emulated;
} KindlingCUDAProperties;
KindlingCUDAStatus KindlingCUDADescribe(const KindlingCUDADriver *_Nonnull driver, int32_t index,
                                        KindlingCUDAProperties *_Nonnull properties);

/// A device that is ready for use: its context, its stream and its memory. Its kernels are loaded when they are first
/// launched. Every function below may be called from any thread, on which the device's context then stays current; who
/// makes another one current there must put this one back.
typedef struct KindlingCUDADevice KindlingCUDADevice;
KindlingCUDAStatus KindlingCUDAOpen(const KindlingCUDADriver *_Nonnull driver, int32_t index,
                                    KindlingCUDADevice *_Nullable *_Nonnull device);
/// Everything allocated on it is gone afterwards.
KindlingCUDAStatus KindlingCUDAClose(KindlingCUDADevice *_Nonnull device);

// MARK: Memory. Pointers are device pointers: only kernels and the copies below may follow them.

/// Memory for `byteCount` bytes. 0 bytes give a valid pointer. Contents are undefined. On a GPU freed blocks are kept,
/// and handed out again where one fits; in the emulator not, so that each allocation has its exact bounds and a use
/// after free is seen.
KindlingCUDAStatus KindlingCUDAAllocate(KindlingCUDADevice *_Nonnull device, size_t byteCount,
                                        void *_Nullable *_Nonnull pointer);
/// May be called while kernels that use the memory are still queued: whoever gets the block next queues behind them.
KindlingCUDAStatus KindlingCUDAFree(KindlingCUDADevice *_Nonnull device, void *_Nonnull pointer);

/// Host to device, through pinned memory: `source` may be changed as soon as the call returns. Not while capturing.
KindlingCUDAStatus KindlingCUDACopyIn(KindlingCUDADevice *_Nonnull device, void *_Nonnull out,
                                      const void *_Nonnull source, size_t byteCount);
/// Device to host. Waits for everything queued before it. Not while capturing.
KindlingCUDAStatus KindlingCUDACopyOut(KindlingCUDADevice *_Nonnull device, void *_Nonnull out,
                                       const void *_Nonnull source, size_t byteCount);
KindlingCUDAStatus KindlingCUDACopyOnDevice(KindlingCUDADevice *_Nonnull device, void *_Nonnull out,
                                            const void *_Nonnull source, size_t byteCount);

/// Waits until everything queued is done, and reports what went wrong in it.
KindlingCUDAStatus KindlingCUDASynchronize(KindlingCUDADevice *_Nonnull device);

// MARK: Timing

/// A mark in the queue, stamped by the device when it gets there. Not while capturing.
typedef struct KindlingCUDAEvent KindlingCUDAEvent;
KindlingCUDAStatus KindlingCUDARecordEvent(KindlingCUDADevice *_Nonnull device,
                                           KindlingCUDAEvent *_Nullable *_Nonnull event);
/// Waits for the second. Not while capturing.
KindlingCUDAStatus KindlingCUDAElapsedMilliseconds(KindlingCUDADevice *_Nonnull device,
                                                   KindlingCUDAEvent *_Nonnull first,
                                                   KindlingCUDAEvent *_Nonnull second, double *_Nonnull milliseconds);
void KindlingCUDADestroyEvent(KindlingCUDADevice *_Nonnull device, KindlingCUDAEvent *_Nonnull event);

/// A kernel, a copy or a replay that the device was handed: when it began, in seconds, and how long it took. What the
/// device waits for the host between two marks counts too.
typedef struct KindlingCUDATime {
  char name[96];
  double start, duration;
} KindlingCUDATime;
/// From here on the device notes its times, of 20,000 pieces at most; 0 is when the call returns, which waits until
/// nothing is queued. Not while capturing.
KindlingCUDAStatus KindlingCUDABeginTimes(KindlingCUDADevice *_Nonnull device);
/// Leaves out what is queued from here on, or no longer; also where a step that has waited until now is refused, which
/// the status tells.
KindlingCUDAStatus KindlingCUDAPauseTimes(KindlingCUDADevice *_Nonnull device, bool pauses);
/// Waits until all of it is done, and gives the times in order; they are the device's until the next beginning.
KindlingCUDAStatus KindlingCUDAEndTimes(KindlingCUDADevice *_Nonnull device,
                                        const KindlingCUDATime *_Nullable *_Nonnull times, int32_t *_Nonnull count);

// MARK: Graphs: a sequence of launches, recorded once and replayed with a single call

/// From here to EndCapture what is queued is recorded instead of run. Memory that is allocated meanwhile belongs to the
/// graph, and keeps its place until the graph is destroyed (or it is freed, whichever is later). Other memory that is
/// freed meanwhile is kept as it is until then, since each replay reads it. Numbers handed to
/// kernels are frozen, with two exceptions: the step of Adam counts on with each replay, and random numbers are new in
/// each.
KindlingCUDAStatus KindlingCUDABeginCapture(KindlingCUDADevice *_Nonnull device);
typedef struct KindlingCUDAGraph KindlingCUDAGraph;
KindlingCUDAStatus KindlingCUDAEndCapture(KindlingCUDADevice *_Nonnull device,
                                          KindlingCUDAGraph *_Nullable *_Nonnull graph);
/// Not while capturing.
KindlingCUDAStatus KindlingCUDAReplay(KindlingCUDADevice *_Nonnull device, KindlingCUDAGraph *_Nonnull graph);
/// While another one is being captured, it goes once that is done.
void KindlingCUDADestroyGraph(KindlingCUDADevice *_Nonnull device, KindlingCUDAGraph *_Nonnull graph);

// MARK: Kernels. Each does what its namesake of kernels.h does, with device pointers; the differences are said here.

KindlingCUDAStatus KindlingCUDAFill(KindlingCUDADevice *_Nonnull device, KernelType type,
                                    const KernelShape *_Nonnull shape, KernelOperand out, KernelScalar value);
KindlingCUDAStatus KindlingCUDAUnary(KindlingCUDADevice *_Nonnull device, UnaryOperation operation, KernelType type,
                                     const KernelShape *_Nonnull shape, KernelOperand x, KernelOperand out,
                                     KernelScalar p, KernelScalar q);
KindlingCUDAStatus KindlingCUDABinary(KindlingCUDADevice *_Nonnull device, BinaryOperation operation, KernelType type,
                                      const KernelShape *_Nonnull shape, KernelOperand x, KernelOperand y,
                                      KernelOperand out, KernelScalar p, KernelScalar q);
KindlingCUDAStatus KindlingCUDACompare(KindlingCUDADevice *_Nonnull device, CompareOperation operation, KernelType type,
                                       const KernelShape *_Nonnull shape, KernelOperand x, KernelOperand y,
                                       KernelOperand out);
KindlingCUDAStatus KindlingCUDACompareScalar(KindlingCUDADevice *_Nonnull device, CompareOperation operation,
                                             KernelType type, const KernelShape *_Nonnull shape, KernelOperand x,
                                             KernelScalar value, KernelOperand out);
KindlingCUDAStatus KindlingCUDASelect(KindlingCUDADevice *_Nonnull device, KernelType type,
                                      const KernelShape *_Nonnull shape, KernelOperand condition, KernelOperand x,
                                      KernelOperand y, KernelOperand out);
KindlingCUDAStatus KindlingCUDAReduce(KindlingCUDADevice *_Nonnull device, ReduceOperation operation, KernelType type,
                                      const KernelShape *_Nonnull shape, uint32_t reduced, KernelOperand x,
                                      KernelOperand out);
KindlingCUDAStatus KindlingCUDACumulate(KindlingCUDADevice *_Nonnull device, ReduceOperation operation, KernelType type,
                                        const KernelShape *_Nonnull shape, int32_t dimension, KernelOperand x,
                                        KernelOperand out);
KindlingCUDAStatus KindlingCUDASoftmax(KindlingCUDADevice *_Nonnull device, KernelType type, int64_t rows,
                                       int64_t columns, const void *_Nonnull x, void *_Nonnull out, SoftmaxKind kind);
KindlingCUDAStatus KindlingCUDAArgsort(KindlingCUDADevice *_Nonnull device, KernelType type, int64_t rows,
                                       int64_t columns, bool descending, const void *_Nonnull x, void *_Nonnull index);

/// The ladder of matrix products, each rung faster than the one before.
typedef enum KINDLING_ENUM KindlingCUDAMatmul : int32_t {
  KindlingCUDAMatmul_automatic,   // what is fastest for the sizes
  KindlingCUDAMatmul_naive,       // one thread, one element, straight from global memory
  KindlingCUDAMatmul_tiled,       // tiles in shared memory
  KindlingCUDAMatmul_blocked,     // and a block of elements in each thread's registers (float32, float64)
  KindlingCUDAMatmul_vectorized,  // and loads of 16 bytes (float32)
  KindlingCUDAMatmul_cublas,      // NVIDIA's, where it is installed (float32, float64)
} KindlingCUDAMatmul;
/// Which rung KindlingCUDAMatrixProduct takes. A rung that lacks a type hands on to the one below it.
/// `unsupported` where cuBLAS was asked for and is not there.
KindlingCUDAStatus KindlingCUDASetMatmul(KindlingCUDADevice *_Nonnull device, KindlingCUDAMatmul rung);
KindlingCUDAStatus KindlingCUDAMatrixProduct(KindlingCUDADevice *_Nonnull device, KernelType type, int64_t batch,
                                             int64_t m, int64_t n, int64_t k, KernelMatrix x, KernelMatrix y,
                                             KernelMatrix out);

KindlingCUDAStatus KindlingCUDAConvolve(KindlingCUDADevice *_Nonnull device, ConvolutionPart part, KernelType type,
                                        const KernelConvolution *_Nonnull geometry, const void *_Nonnull first,
                                        const void *_Nonnull second, const void *_Nullable bias, void *_Nonnull out);
KindlingCUDAStatus KindlingCUDAPool(KindlingCUDADevice *_Nonnull device, PoolOperation operation, KernelType type,
                                    const KernelPool *_Nonnull pool, const void *_Nonnull x, int64_t *_Nullable places,
                                    void *_Nonnull out);

KindlingCUDAStatus KindlingCUDANormalize(KindlingCUDADevice *_Nonnull device, KernelType type,
                                         const KernelNormalization *_Nonnull normalization,
                                         const KernelNormalizationArrays *_Nonnull arrays);
KindlingCUDAStatus KindlingCUDANormalizeGradient(KindlingCUDADevice *_Nonnull device, KernelType type,
                                                 const KernelNormalization *_Nonnull normalization,
                                                 const KernelNormalizationArrays *_Nonnull arrays);

KindlingCUDAStatus KindlingCUDACopy(KindlingCUDADevice *_Nonnull device, KernelType from, KernelType to,
                                    const KernelShape *_Nonnull shape, KernelOperand x, KernelOperand out);
/// A bad index is reported at the next CopyOut or Synchronize, since only then has the device read it; its element is
/// left out. Repeated indices are added in no fixed order, so that float sums may differ in the last bits.
KindlingCUDAStatus KindlingCUDAGather(KindlingCUDADevice *_Nonnull device, KernelType type,
                                      const KernelShape *_Nonnull shape, int32_t dimension, int64_t size,
                                      KernelOperand x, KernelOperand index, KernelOperand out);
KindlingCUDAStatus KindlingCUDAScatter(KindlingCUDADevice *_Nonnull device, KernelType type, bool add,
                                       const KernelShape *_Nonnull shape, int32_t dimension, int64_t size,
                                       KernelOperand source, KernelOperand index, KernelOperand out);

/// `count` contiguous numbers out of [low, high), or of a normal distribution, from Philox 4x32-10 with key `seed`.
/// One counter value makes four float32 or two float64; the call takes the values from `offset` on, so the next call
/// should start at offset + KindlingCUDARandomAdvance(type, count).
KindlingCUDAStatus KindlingCUDAUniform(KindlingCUDADevice *_Nonnull device, KernelType type, int64_t count,
                                       void *_Nonnull out, double low, double high, uint64_t seed, uint64_t offset);
KindlingCUDAStatus KindlingCUDANormal(KindlingCUDADevice *_Nonnull device, KernelType type, int64_t count,
                                      void *_Nonnull out, double mean, double deviation, uint64_t seed,
                                      uint64_t offset);
uint64_t KindlingCUDARandomAdvance(KernelType type, int64_t count);

KindlingCUDAStatus KindlingCUDAOptimizerStep(KindlingCUDADevice *_Nonnull device, OptimizerStep step,
                                             const void *_Nonnull options, KernelType type, int64_t count,
                                             void *_Nonnull parameter, const void *_Nonnull gradient,
                                             KernelMemory memory);

// MARK: Launches as such

/// One launch, as the driver gets it. `parameters[i]` points to the i-th argument, of `sizes[i]` bytes.
typedef struct KindlingCUDALaunch {
  const char *_Nonnull entry;
  uint32_t grid[3], block[3];
  int32_t parameterCount;
  void *_Nonnull const *_Nullable parameters;
  const size_t *_Nullable sizes;
} KindlingCUDALaunch;

/// Launches any kernel, by its name in the .cu file.
KindlingCUDAStatus KindlingCUDALaunchKernel(KindlingCUDADevice *_Nonnull device,
                                            const KindlingCUDALaunch *_Nonnull launch);

/// Calls `observer` before every launch, or nobody with NULL: for tests, and for learners who wonder what a step
/// launches. A step that has waited until now is launched before, and the status is that of its launch; the observer is
/// set in any case.
KindlingCUDAStatus KindlingCUDAObserve(KindlingCUDADevice *_Nonnull device,
                                       void (*_Nullable observer)(const KindlingCUDALaunch *_Nonnull launch,
                                                                  void *_Nullable context),
                                       void *_Nullable context);

/// The kernels as PTX, as they are embedded in this program: the modules from 0 on, each ending with NUL; NULL after
/// the last.
const char *_Nullable KindlingCUDAPTX(int32_t number);

#ifdef __cplusplus
}
#endif

#endif
