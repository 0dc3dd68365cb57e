// A device: opening and closing it, its queue, and what is timed or recorded in it.
#include "device.h"

#include <stdlib.h>
#include <string.h>

pthread_mutex_t *KindlingCUDAEnter(KindlingCUDADevice *device) {
  pthread_mutex_lock(&device->mutex);
  return &device->mutex;
}
void KindlingCUDALeave(pthread_mutex_t **mutex) { pthread_mutex_unlock(*mutex); }

// MARK: Opening and closing

static KindlingCUDAStatus setUp(KindlingCUDADevice *device, int32_t index) {
  const KindlingCUDADriver *driver = device->driver;
  DRIVER(driver, cuDeviceGet, &device->device, index);
  DRIVER(driver, cuDevicePrimaryCtxRetain, &device->context, device->device);
  DRIVER(driver, cuCtxSetCurrent, device->context);
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
  device->driver = driver;
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
    driver->cuCtxSetCurrent(device->context);
    if (device->stream) driver->cuStreamSynchronize(device->stream);
    KindlingCUDABLASClose(device);
    KindlingCUDATrimCache(device);
    for (int i = 0; i < usedBuckets; ++i) {
      for (Block *block = device->used[i], *next; block; block = next) {
        next = block->next;
        driver->cuMemFree(block->pointer);
        free(block);
      }
    }
    for (int i = 0; i < stagingCount; ++i) {
      if (device->staging[i].read) driver->cuEventDestroy(device->staging[i].read);
      if (device->staging[i].memory) driver->cuMemFreeHost(device->staging[i].memory);
    }
    if (device->zero) driver->cuMemFree(device->zero);
    if (device->trap) driver->cuMemFreeHost(device->trap);
    for (int i = 0; i < maximumModules; ++i) {
      if (device->modules[i]) driver->cuModuleUnload(device->modules[i]);
    }
    if (device->stream) driver->cuStreamDestroy(device->stream);
    driver->cuDevicePrimaryCtxRelease(device->device);
  }
  for (int i = 0; i < functionBuckets; ++i) {
    for (CachedFunction *function = device->functions[i], *next; function; function = next) {
      next = function->next;
      free(function->entry);
      free(function);
    }
  }
  pthread_mutex_destroy(&device->mutex);
  free(device);
  return KindlingCUDAStatus_success;
}

// MARK: Waiting

static KindlingCUDAStatus refuseWhileCapturing(KindlingCUDADevice *device, const char *what) {
  if (!device->capturing) return KindlingCUDAStatus_success;
  return KindlingCUDAFail(KindlingCUDAStatus_unsupported,
                          "%s cannot be part of a captured step: a graph only repeats what the device does by itself.",
                          what);
}

/// What gather and scatter could not say when they were launched.
static KindlingCUDAStatus checkTrap(KindlingCUDADevice *device) {
  CUDAIndexTrap *trap = device->trap;
  if (!trap->raised) return KindlingCUDAStatus_success;
  trap->raised = 0;
  return KindlingCUDAFail(KindlingCUDAStatus_indexOutOfRange, "%s: index %lld is out of range 0..<%lld",
                          trap->isScatter ? "scatter" : "gather", (long long)trap->index, (long long)trap->size);
}

KindlingCUDAStatus KindlingCUDASynchronize(KindlingCUDADevice *device) {
  ENTER(device);
  CALL(refuseWhileCapturing(device, "waiting for the device"));
  DRIVER(device->driver, cuStreamSynchronize, device->stream);
  return checkTrap(device);
}

// MARK: Copies

/// The next pinned buffer, once the device has read what was last in it.
static KindlingCUDAStatus takeStaging(KindlingCUDADevice *device, Staging **result) {
  const KindlingCUDADriver *driver = device->driver;
  Staging *staging = &device->staging[device->nextStaging];
  device->nextStaging = (device->nextStaging + 1) % stagingCount;
  if (!staging->memory) {
    DRIVER(driver, cuMemHostAlloc, &staging->memory, stagingBytes, CU_MEMHOSTALLOC_PORTABLE);
    DRIVER(driver, cuEventCreate, &staging->read, CU_EVENT_DISABLE_TIMING);
  }
  if (staging->busy) DRIVER(driver, cuEventSynchronize, staging->read);
  staging->busy = false;
  *result = staging;
  return KindlingCUDAStatus_success;
}

KindlingCUDAStatus KindlingCUDACopyIn(KindlingCUDADevice *device, void *out, const void *source, size_t byteCount) {
  ENTER(device);
  CALL(refuseWhileCapturing(device, "a copy from the host"));
  // The device fetches from pinned memory by itself, while the host goes on. Out of ordinary memory, which the system
  // may move, the driver would have to copy while the host waits.
  for (size_t done = 0; done < byteCount;) {
    size_t bytes = byteCount - done < stagingBytes ? byteCount - done : stagingBytes;
    Staging *staging;
    CALL(takeStaging(device, &staging));
    memcpy(staging->memory, (const char *)source + done, bytes);
    DRIVER(device->driver, cuMemcpyHtoDAsync, (CUdeviceptr)out + done, staging->memory, bytes, device->stream);
    DRIVER(device->driver, cuEventRecord, staging->read, device->stream);
    staging->busy = true;
    done += bytes;
  }
  return KindlingCUDAStatus_success;
}

KindlingCUDAStatus KindlingCUDACopyOut(KindlingCUDADevice *device, void *out, const void *source, size_t byteCount) {
  ENTER(device);
  CALL(refuseWhileCapturing(device, "reading a value"));
  // A pinned buffer is soonest filled. For much at once, the driver's own way through buffers is faster than a copy
  // here.
  Staging *staging = NULL;
  if (byteCount <= stagingBytes) CALL(takeStaging(device, &staging));
  void *target = staging ? staging->memory : out;
  if (byteCount > 0) {
    DRIVER(device->driver, cuMemcpyDtoHAsync, target, (CUdeviceptr)source, byteCount, device->stream);
  }
  DRIVER(device->driver, cuStreamSynchronize, device->stream);
  if (staging) memcpy(out, staging->memory, byteCount);
  return checkTrap(device);
}

KindlingCUDAStatus KindlingCUDACopyOnDevice(KindlingCUDADevice *device, void *out, const void *source,
                                            size_t byteCount) {
  ENTER(device);
  if (byteCount == 0) return KindlingCUDAStatus_success;
  DRIVER(device->driver, cuMemcpyDtoDAsync, (CUdeviceptr)out, (CUdeviceptr)source, byteCount, device->stream);
  return KindlingCUDAStatus_success;
}

// MARK: Timing

KindlingCUDAStatus KindlingCUDARecordEvent(KindlingCUDADevice *device, KindlingCUDAEvent **result) {
  ENTER(device);
  *result = NULL;
  CALL(refuseWhileCapturing(device, "taking the time"));
  CUevent event;
  DRIVER(device->driver, cuEventCreate, &event, 0);
  CUresult recorded = device->driver->cuEventRecord(event, device->stream);
  if (recorded != CUDA_SUCCESS) {
    device->driver->cuEventDestroy(event);
    return KindlingCUDACheck(device->driver, recorded, "cuEventRecord", NULL);
  }
  KindlingCUDAEvent *box = malloc(sizeof *box);
  if (!box) abort();
  box->event = event;
  *result = box;
  return KindlingCUDAStatus_success;
}

KindlingCUDAStatus KindlingCUDAElapsedMilliseconds(KindlingCUDADevice *device, KindlingCUDAEvent *first,
                                                   KindlingCUDAEvent *second, double *milliseconds) {
  ENTER(device);
  CALL(refuseWhileCapturing(device, "taking the time"));
  float elapsed = 0;
  DRIVER(device->driver, cuEventSynchronize, second->event);
  DRIVER(device->driver, cuEventElapsedTime, &elapsed, first->event, second->event);
  *milliseconds = (double)elapsed;
  return KindlingCUDAStatus_success;
}

void KindlingCUDADestroyEvent(KindlingCUDADevice *device, KindlingCUDAEvent *event) {
  pthread_mutex_lock(&device->mutex);
  if (device->driver->cuCtxSetCurrent(device->context) == CUDA_SUCCESS) device->driver->cuEventDestroy(event->event);
  pthread_mutex_unlock(&device->mutex);
  free(event);
}
