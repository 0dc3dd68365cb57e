// Saying what went wrong.
#include "errors.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static _Thread_local char message[1024] = "";

const char *KindlingCUDAMessage(void) { return message; }

KindlingCUDAStatus KindlingCUDAFail(KindlingCUDAStatus status, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(message, sizeof message, format, arguments);
  va_end(arguments);
  return status;
}

void KindlingCUDAAdd(const char *text) {
  size_t length = strlen(message);
  snprintf(message + length, sizeof message - length, "%s", text);
}

static const char *hintFor(CUresult result) {
  switch (result) {
    case CUDA_ERROR_NO_DEVICE:
      return ". Is a GPU there, and visible (CUDA_VISIBLE_DEVICES, nvidia-smi)?";
    case CUDA_ERROR_ILLEGAL_ADDRESS:
    case CUDA_ERROR_MISALIGNED_ADDRESS:
    case CUDA_ERROR_LAUNCH_FAILED:
      return ". The device cannot be used any more by this program. The emulator (--device cuda-emulator) names the "
             "thread and the line.";
    case CUDA_ERROR_NO_BINARY_FOR_GPU:
      return ". The kernels need compute capability 7.5 (Turing, 2018) or newer.";
    case CUDA_ERROR_INVALID_PTX:
      return ". The driver did not take the kernels: update it.";
    case CUDA_ERROR_JIT_COMPILER_NOT_FOUND:
      return ". The driver's compiler, libnvidia-ptxjitcompiler.so.1, is missing: install all of the driver; in a "
             "container, mount it too (NVIDIA_DRIVER_CAPABILITIES=compute,utility).";
    case CUDA_ERROR_SYSTEM_NOT_READY:
      return ". On a machine with NVSwitch, nvidia-fabricmanager must be running; else restart the machine.";
    case CUDA_ERROR_SYSTEM_DRIVER_MISMATCH:
      return ". The library libcuda.so.1 and the driver in the kernel are of different versions: restart the machine "
             "after an update, or look for an old libcuda.so.1 in LD_LIBRARY_PATH.";
    case CUDA_ERROR_UNSUPPORTED_PTX_VERSION:
      return ". The driver is older than CUDA 12.0 (525.60): update it.";
    default:
      return "";
  }
}

KindlingCUDAStatus KindlingCUDACheck(const KindlingCUDADriver *driver, CUresult result, const char *call,
                                     const char *entry) {
  if (result == CUDA_SUCCESS) return KindlingCUDAStatus_success;
  const char *name = "an unknown error", *text = "";
  driver->cuGetErrorName(result, &name);
  driver->cuGetErrorString(result, &text);
  KindlingCUDAStatus status = KindlingCUDAStatus_failed;
  if (result == CUDA_ERROR_OUT_OF_MEMORY) status = KindlingCUDAStatus_outOfMemory;
  if (result == CUDA_ERROR_NO_DEVICE || result == CUDA_ERROR_INVALID_DEVICE) status = KindlingCUDAStatus_noDevice;
  if (result == CUDA_ERROR_UNSUPPORTED_PTX_VERSION) status = KindlingCUDAStatus_driverTooOld;
  if (result == CUDA_ERROR_NOT_FOUND) status = KindlingCUDAStatus_unsupported;
  if (result == CUDA_ERROR_LAUNCH_FAILED || result == CUDA_ERROR_ILLEGAL_ADDRESS ||
      result == CUDA_ERROR_MISALIGNED_ADDRESS) {
    status = KindlingCUDAStatus_launchFailed;
  }
  return KindlingCUDAFail(status, "%s%s%s: %s (%d): %s%s", call, entry ? " for " : "", entry ? entry : "",
                          name ? name : "?", result, text ? text : "", driver->emulated ? "" : hintFor(result));
}
