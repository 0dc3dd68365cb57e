// The functions of the CUDA driver that Kindling uses, as one table, with types of our own: no header of NVIDIA's is
// needed to build, and no library to link. CUDADriver fills it from libcuda.so.1, CUDAEmulator with functions that run
// kernels on the CPU.
#ifndef KINDLING_DRIVERTABLE_H
#define KINDLING_DRIVERTABLE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef int32_t CUresult;  // 0 is success
typedef int32_t CUdevice;
typedef uint64_t CUdeviceptr;
typedef struct CUctx_st *CUcontext;
typedef struct CUmod_st *CUmodule;
typedef struct CUfunc_st *CUfunction;
typedef struct CUstream_st *CUstream;
typedef struct CUevent_st *CUevent;
typedef struct CUgraph_st *CUgraph;
typedef struct CUgraphExec_st *CUgraphExec;

enum {  // the results that are treated on their own
  CUDA_SUCCESS = 0,
  CUDA_ERROR_INVALID_VALUE = 1,
  CUDA_ERROR_OUT_OF_MEMORY = 2,
  CUDA_ERROR_NO_DEVICE = 100,
  CUDA_ERROR_INVALID_DEVICE = 101,
  CUDA_ERROR_INVALID_CONTEXT = 201,
  CUDA_ERROR_NO_BINARY_FOR_GPU = 209,
  CUDA_ERROR_INVALID_PTX = 218,
  CUDA_ERROR_JIT_COMPILER_NOT_FOUND = 221,
  CUDA_ERROR_UNSUPPORTED_PTX_VERSION = 222,
  CUDA_ERROR_NOT_FOUND = 500,
  CUDA_ERROR_ILLEGAL_ADDRESS = 700,
  CUDA_ERROR_MISALIGNED_ADDRESS = 716,
  CUDA_ERROR_LAUNCH_FAILED = 719,
  CUDA_ERROR_SYSTEM_NOT_READY = 802,
  CUDA_ERROR_SYSTEM_DRIVER_MISMATCH = 803,
  CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED = 900,
  CUDA_ERROR_STREAM_CAPTURE_INVALIDATED = 901,
  CUDA_ERROR_CAPTURED_EVENT = 907,
};

enum {  // device attributes
  CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT = 16,
  CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR = 75,
  CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR = 76,
};

enum {  // flags
  CU_STREAM_NON_BLOCKING = 1,
  CU_MEMHOSTALLOC_PORTABLE = 1,
  CU_MEMHOSTALLOC_DEVICEMAP = 2,
  CU_EVENT_DISABLE_TIMING = 2,
  CU_STREAM_CAPTURE_MODE_RELAXED = 2,
  CU_JIT_ERROR_LOG_BUFFER = 5,
  CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES = 6,
};

// One row a function: its name here, its name in libcuda (where a newer form has a suffix), its parameters.
#define KINDLING_CUDA_FUNCTIONS(FUNCTION)                                                                             \
  FUNCTION(cuInit, "cuInit", (unsigned flags))                                                                        \
  FUNCTION(cuDriverGetVersion, "cuDriverGetVersion", (int *version))                                                  \
  FUNCTION(cuGetErrorName, "cuGetErrorName", (CUresult error, const char **name))                                     \
  FUNCTION(cuGetErrorString, "cuGetErrorString", (CUresult error, const char **text))                                 \
  FUNCTION(cuDeviceGetCount, "cuDeviceGetCount", (int *count))                                                        \
  FUNCTION(cuDeviceGet, "cuDeviceGet", (CUdevice * device, int index))                                                \
  FUNCTION(cuDeviceGetName, "cuDeviceGetName", (char *name, int length, CUdevice device))                             \
  FUNCTION(cuDeviceTotalMem, "cuDeviceTotalMem_v2", (size_t *bytes, CUdevice device))                                 \
  FUNCTION(cuDeviceGetAttribute, "cuDeviceGetAttribute", (int *value, int attribute, CUdevice device))                \
  FUNCTION(cuDevicePrimaryCtxRetain, "cuDevicePrimaryCtxRetain", (CUcontext * context, CUdevice device))              \
  FUNCTION(cuDevicePrimaryCtxRelease, "cuDevicePrimaryCtxRelease_v2", (CUdevice device))                              \
  FUNCTION(cuCtxSetCurrent, "cuCtxSetCurrent", (CUcontext context))                                                   \
  FUNCTION(cuMemGetInfo, "cuMemGetInfo_v2", (size_t *free, size_t *total))                                            \
  FUNCTION(cuMemAlloc, "cuMemAlloc_v2", (CUdeviceptr * pointer, size_t bytes))                                        \
  FUNCTION(cuMemFree, "cuMemFree_v2", (CUdeviceptr pointer))                                                          \
  FUNCTION(cuMemHostAlloc, "cuMemHostAlloc", (void **pointer, size_t bytes, unsigned flags))                          \
  FUNCTION(cuMemHostGetDevicePointer, "cuMemHostGetDevicePointer_v2",                                                 \
           (CUdeviceptr * pointer, void *host, unsigned flags))                                                       \
  FUNCTION(cuMemFreeHost, "cuMemFreeHost", (void *pointer))                                                           \
  FUNCTION(cuMemcpyHtoDAsync, "cuMemcpyHtoDAsync_v2",                                                                 \
           (CUdeviceptr out, const void *source, size_t bytes, CUstream stream))                                      \
  FUNCTION(cuMemcpyDtoHAsync, "cuMemcpyDtoHAsync_v2", (void *out, CUdeviceptr source, size_t bytes, CUstream stream)) \
  FUNCTION(cuMemcpyDtoDAsync, "cuMemcpyDtoDAsync_v2",                                                                 \
           (CUdeviceptr out, CUdeviceptr source, size_t bytes, CUstream stream))                                      \
  FUNCTION(cuMemsetD8Async, "cuMemsetD8Async", (CUdeviceptr out, unsigned char value, size_t bytes, CUstream stream)) \
  FUNCTION(cuStreamCreate, "cuStreamCreate", (CUstream * stream, unsigned flags))                                     \
  FUNCTION(cuStreamDestroy, "cuStreamDestroy_v2", (CUstream stream))                                                  \
  FUNCTION(cuStreamSynchronize, "cuStreamSynchronize", (CUstream stream))                                             \
  FUNCTION(cuEventCreate, "cuEventCreate", (CUevent * event, unsigned flags))                                         \
  FUNCTION(cuEventDestroy, "cuEventDestroy_v2", (CUevent event))                                                      \
  FUNCTION(cuEventRecord, "cuEventRecord", (CUevent event, CUstream stream))                                          \
  FUNCTION(cuEventSynchronize, "cuEventSynchronize", (CUevent event))                                                 \
  FUNCTION(cuEventElapsedTime, "cuEventElapsedTime", (float *milliseconds, CUevent first, CUevent second))            \
  FUNCTION(cuModuleLoadDataEx, "cuModuleLoadDataEx",                                                                  \
           (CUmodule * module, const void *image, unsigned count, int *options, void **values))                       \
  FUNCTION(cuModuleUnload, "cuModuleUnload", (CUmodule module))                                                       \
  FUNCTION(cuModuleGetFunction, "cuModuleGetFunction", (CUfunction * function, CUmodule module, const char *name))    \
  FUNCTION(cuLaunchKernel, "cuLaunchKernel",                                                                          \
           (CUfunction function, unsigned gridX, unsigned gridY, unsigned gridZ, unsigned blockX, unsigned blockY,    \
            unsigned blockZ, unsigned sharedBytes, CUstream stream, void **parameters, void **extra))                 \
  FUNCTION(cuStreamBeginCapture, "cuStreamBeginCapture_v2", (CUstream stream, int mode))                              \
  FUNCTION(cuStreamEndCapture, "cuStreamEndCapture", (CUstream stream, CUgraph * graph))                              \
  FUNCTION(cuGraphInstantiate, "cuGraphInstantiateWithFlags",                                                         \
           (CUgraphExec * instance, CUgraph graph, unsigned long long flags))                                         \
  FUNCTION(cuGraphLaunch, "cuGraphLaunch", (CUgraphExec instance, CUstream stream))                                   \
  FUNCTION(cuGraphDestroy, "cuGraphDestroy", (CUgraph graph))                                                         \
  FUNCTION(cuGraphExecDestroy, "cuGraphExecDestroy", (CUgraphExec instance))

#define FUNCTION(name, symbol, parameters) CUresult(*name) parameters;
typedef struct KindlingCUDADriver {
  KINDLING_CUDA_FUNCTIONS(FUNCTION)
  int32_t emulated;  // 1 where the functions are the emulator's
} KindlingCUDADriver;
#undef FUNCTION

#ifdef __cplusplus
}
#endif

#endif
