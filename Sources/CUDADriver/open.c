// Opening and closing a device.
#include <stdlib.h>
#include <string.h>

#include "cublas.h"
#include "device.h"

static KindlingCUDAStatus setUp(KindlingCUDADevice *device, int32_t index) {
  const KindlingCUDADriver *driver = device->driver;
  DRIVER(driver, cuDeviceGet, &device->device, index);
  DRIVER(driver, cuDevicePrimaryCtxRetain, &device->context, device->device);
  CALL(KindlingCUDAMakeCurrent(device));
  DRIVER(driver, cuStreamCreate, &device->stream, CU_STREAM_NON_BLOCKING);
  DRIVER(driver, cuMemAlloc, &device->zero, sizeof(int64_t));
  DRIVER(driver, cuMemsetD8Async, device->zero, 0, sizeof(int64_t), device->stream);
  void *trap = NULL;
  DRIVER(driver, cuMemHostAlloc, &trap, sizeof(CUDAIndexTrap), CU_MEMHOSTALLOC_PORTABLE | CU_MEMHOSTALLOC_DEVICEMAP);
  device->trap = trap;
  memset(trap, 0, sizeof(CUDAIndexTrap));
  DRIVER(driver, cuMemHostGetDevicePointer, &device->trapOnDevice, trap, 0);
  return KindlingCUDAStatus_success;
}

KindlingCUDAStatus KindlingCUDAOpen(const KindlingCUDADriver *driver, int32_t index, KindlingCUDADevice **result) {
  *result = NULL;
  KindlingCUDAProperties properties;
  CALL(KindlingCUDADescribe(driver, index, &properties));
  if (properties.computeMajor * 10 + properties.computeMinor < 75) {
    return KindlingCUDAFail(KindlingCUDAStatus_noDevice,
                            "%s has compute capability %d.%d; the kernels need 7.5 (Turing, 2018) or newer.",
                            properties.name, properties.computeMajor, properties.computeMinor);
  }
  KindlingCUDADevice *device = calloc(1, sizeof *device);
  if (!device) return KindlingCUDAFail(KindlingCUDAStatus_outOfMemory, "no memory on the host for a device");
  static _Atomic uint64_t opened;
  device->driver = driver;
  device->number = ++opened;
  device->properties = properties;
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
  pthread_mutex_init(&device->mutex, &attributes);
  pthread_mutexattr_destroy(&attributes);
  KindlingCUDAStatus status = setUp(device, index);
  if (status == KindlingCUDAStatus_success) {
    *result = device;
  } else {
    KindlingCUDAClose(device);
  }
  return status;
}

/// Gives everything back, without asking whether it went well: also a device that was opened halfway, or that has
/// failed, ends here.
KindlingCUDAStatus KindlingCUDAClose(KindlingCUDADevice *device) {
  const KindlingCUDADriver *driver = device->driver;
  if (device->context) {
    KindlingCUDAMakeCurrent(device);
    KindlingCUDALaunchWaiting(device);
    if (device->stream) driver->cuStreamSynchronize(device->stream);
    KindlingCUDABLASClose(device);
    KindlingCUDACloseMemory(device);
    KindlingCUDACloseCopies(device);
    KindlingCUDACloseModules(device);
    KindlingCUDACloseTimes(device);
    if (device->zero) driver->cuMemFree(device->zero);
    if (device->trap) driver->cuMemFreeHost(device->trap);
    if (device->stream) driver->cuStreamDestroy(device->stream);
    driver->cuDevicePrimaryCtxRelease(device->device);
  }
  pthread_mutex_destroy(&device->mutex);
  free(device->waiting);
  free(device);
  return KindlingCUDAStatus_success;
}
