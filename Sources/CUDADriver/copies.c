// Copies between host and device.
#include <string.h>

#include "device.h"

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
  CALL(KindlingCUDARefuseWhileCapturing(device, "a copy from the host"));
  int32_t piece = KindlingCUDATimeBegins(device, "copy in");
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
  KindlingCUDATimeEnds(device, piece);
  return KindlingCUDAStatus_success;
}

KindlingCUDAStatus KindlingCUDACopyOut(KindlingCUDADevice *device, void *out, const void *source, size_t byteCount) {
  ENTER(device);
  CALL(KindlingCUDARefuseWhileCapturing(device, "reading a value"));
  // A pinned buffer is soonest filled. For much at once, the driver's own way through buffers is faster than a copy
  // here.
  Staging *staging = NULL;
  if (byteCount <= stagingBytes) CALL(takeStaging(device, &staging));
  void *target = staging ? staging->memory : out;
  if (byteCount > 0) {
    int32_t piece = KindlingCUDATimeBegins(device, "copy out");
    DRIVER(device->driver, cuMemcpyDtoHAsync, target, (CUdeviceptr)source, byteCount, device->stream);
    KindlingCUDATimeEnds(device, piece);
  }
  DRIVER(device->driver, cuStreamSynchronize, device->stream);
  if (staging) memcpy(out, staging->memory, byteCount);
  return KindlingCUDACheckTrap(device);
}

KindlingCUDAStatus KindlingCUDACopyOnDevice(KindlingCUDADevice *device, void *out, const void *source,
                                            size_t byteCount) {
  ENTER(device);
  if (byteCount == 0) return KindlingCUDAStatus_success;
  int32_t piece = KindlingCUDATimeBegins(device, "copy");
  DRIVER(device->driver, cuMemcpyDtoDAsync, (CUdeviceptr)out, (CUdeviceptr)source, byteCount, device->stream);
  KindlingCUDATimeEnds(device, piece);
  return KindlingCUDAStatus_success;
}

void KindlingCUDACloseCopies(KindlingCUDADevice *device) {
  for (int i = 0; i < stagingCount; ++i) {
    if (device->staging[i].read) device->driver->cuEventDestroy(device->staging[i].read);
    if (device->staging[i].memory) device->driver->cuMemFreeHost(device->staging[i].memory);
  }
}
