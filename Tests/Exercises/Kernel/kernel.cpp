// Compiles exercise 6 as the emulator compiles its own kernels for checked launches, and launches it.
#include <atomic>
#include <bit>
#include <cmath>

#include "CUDAEmulator/machine.h"
#include "DriverTable.h"
#include "ExerciseKernel.h"
#include "Kernels/Elementwise/operations.h"
#include "Kernels/Runtime/parameters.h"

#define KINDLING_CHECKED

namespace exercise {
// clang-format off: the words come before the kernel that is written in them
#include "CUDAEmulator/words.h"
#include "Exercise6Transpose.cu"
// clang-format on
}  // namespace exercise

// CUDAEmulator.h cannot be included here: see the module map of CUDADriver.
extern "C" const KindlingCUDADriver *KindlingEmulatorDriver(void);

const char *KindlingExerciseTranspose(const float *x, float *out, int64_t rows, int64_t columns) {
  const KindlingCUDADriver &driver = *KindlingEmulatorDriver();
  const char *why = nullptr;
  CUdeviceptr xMemory = 0, outMemory = 0;
  CUfunction kernel;
  CUcontext context;
  CUstream stream = nullptr;
  size_t bytes = size_t(rows * columns) * sizeof(float);
  void *arguments[] = {&xMemory, &outMemory, &rows, &columns};

  driver.cuDevicePrimaryCtxRetain(&context, 0);
  driver.cuCtxSetCurrent(context);
  bool done = driver.cuStreamCreate(&stream, 0) == CUDA_SUCCESS && driver.cuMemAlloc(&xMemory, bytes) == CUDA_SUCCESS &&
              driver.cuMemAlloc(&outMemory, bytes) == CUDA_SUCCESS &&
              driver.cuMemcpyHtoDAsync(xMemory, x, bytes, stream) == CUDA_SUCCESS &&
              driver.cuMemcpyHtoDAsync(outMemory, out, bytes, stream) == CUDA_SUCCESS &&
              driver.cuModuleGetFunction(&kernel, nullptr, "exercise_transpose") == CUDA_SUCCESS &&
              driver.cuLaunchKernel(kernel, unsigned((columns + 15) / 16), unsigned((rows + 15) / 16), 1, 16, 16, 1, 0,
                                    stream, arguments, nullptr) == CUDA_SUCCESS &&
              driver.cuMemcpyDtoHAsync(out, outMemory, bytes, stream) == CUDA_SUCCESS;
  if (!done) driver.cuGetErrorString(CUDA_ERROR_LAUNCH_FAILED, &why);
  if (stream) driver.cuStreamDestroy(stream);
  driver.cuMemFree(xMemory);
  driver.cuMemFree(outMemory);
  return why;
}
