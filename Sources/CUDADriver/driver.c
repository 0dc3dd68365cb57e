// Finding the driver, and saying what is wrong with it.
#include <dlfcn.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "device.h"

// MARK: Messages

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

// MARK: libcuda

static KindlingCUDADriver hardware;
static KindlingCUDAStatus loadStatus;
static char loadMessage[1024];

static KindlingCUDAStatus load(void) {
  static const char *const candidates[] = {"libcuda.so.1", "libcuda.so", "/usr/lib/wsl/lib/libcuda.so.1"};
  char tried[700] = "";
  void *library = NULL;
  for (size_t i = 0; i < sizeof candidates / sizeof *candidates && !library; ++i) {
    library = dlopen(candidates[i], RTLD_NOW | RTLD_LOCAL);
    if (library) break;
    const char *why = dlerror();
    size_t length = strlen(tried);
    snprintf(tried + length, sizeof tried - length, "%s%s (%s)", i ? ", " : "", candidates[i], why ? why : "?");
  }
  if (!library) {
    return KindlingCUDAFail(KindlingCUDAStatus_noDriver,
                            "no CUDA driver: looked for %s. Install NVIDIA's driver, or use the emulator "
                            "(--device cuda-emulator), which needs none.",
                            tried);
  }
  const char *missing = NULL;
#define FUNCTION(name, symbol, parameters)           \
  *(void **)&hardware.name = dlsym(library, symbol); \
  if (!hardware.name && !missing) missing = symbol;
  KINDLING_CUDA_FUNCTIONS(FUNCTION)
#undef FUNCTION
  int version = 0;
  if (hardware.cuDriverGetVersion) hardware.cuDriverGetVersion(&version);
  if (missing || version < 12000) {
    return KindlingCUDAFail(
        KindlingCUDAStatus_driverTooOld,
        "the CUDA driver is too old: it is for CUDA %d.%d%s%s, and the kernels need 12.0 (driver 525.60 "
        "or newer).",
        version / 1000, version % 1000 / 10, missing ? " and lacks " : "", missing ? missing : "");
  }
  CUresult result = hardware.cuInit(0);
  return KindlingCUDACheck(&hardware, result, "cuInit", NULL);
}

static void loadOnce(void) {
  loadStatus = load();
  memcpy(loadMessage, message, sizeof loadMessage);
}

KindlingCUDAStatus KindlingCUDALoadDriver(const KindlingCUDADriver **driver) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, loadOnce);
  *driver = loadStatus == KindlingCUDAStatus_success ? &hardware : NULL;
  if (loadStatus != KindlingCUDAStatus_success) memcpy(message, loadMessage, sizeof loadMessage);
  return loadStatus;
}

// MARK: Devices

KindlingCUDAStatus KindlingCUDADeviceCount(const KindlingCUDADriver *driver, int32_t *count) {
  int found = 0;
  DRIVER(driver, cuDeviceGetCount, &found);
  *count = found;
  return KindlingCUDAStatus_success;
}

KindlingCUDAStatus KindlingCUDADescribe(const KindlingCUDADriver *driver, int32_t index,
                                        KindlingCUDAProperties *properties) {
  int32_t count = 0;
  CALL(KindlingCUDADeviceCount(driver, &count));
  if (index < 0 || index >= count) {
    return KindlingCUDAFail(KindlingCUDAStatus_noDevice, "there is no CUDA device %d: the driver sees %d", index,
                            count);
  }
  memset(properties, 0, sizeof *properties);
  CUdevice device;
  size_t bytes = 0;
  int major = 0, minor = 0, multiprocessors = 0, version = 0;
  DRIVER(driver, cuDeviceGet, &device, index);
  DRIVER(driver, cuDeviceGetName, properties->name, (int)sizeof properties->name, device);
  DRIVER(driver, cuDeviceTotalMem, &bytes, device);
  DRIVER(driver, cuDeviceGetAttribute, &major, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, device);
  DRIVER(driver, cuDeviceGetAttribute, &minor, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR, device);
  DRIVER(driver, cuDeviceGetAttribute, &multiprocessors, CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT, device);
  DRIVER(driver, cuDriverGetVersion, &version);
  properties->memoryBytes = (int64_t)bytes;
  properties->computeMajor = major;
  properties->computeMinor = minor;
  properties->multiprocessors = multiprocessors;
  properties->driverVersion = version;
  properties->emulated = driver->emulated;
  return KindlingCUDAStatus_success;
}
