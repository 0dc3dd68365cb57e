// Finding the driver, and the devices that it sees.
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "errors.h"

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
  snprintf(loadMessage, sizeof loadMessage, "%s", KindlingCUDAMessage());
}

KindlingCUDAStatus KindlingCUDALoadDriver(const KindlingCUDADriver **driver) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, loadOnce);
  *driver = loadStatus == KindlingCUDAStatus_success ? &hardware : NULL;
  if (*driver) return KindlingCUDAStatus_success;
  return KindlingCUDAFail(loadStatus, "%s", loadMessage);
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
