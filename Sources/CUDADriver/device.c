// What every call on a device begins with, and waiting for it.
#include "device.h"

pthread_mutex_t *KindlingCUDAEnter(KindlingCUDADevice *device) {
  pthread_mutex_lock(&device->mutex);
  return &device->mutex;
}

void KindlingCUDALeave(pthread_mutex_t **mutex) { pthread_mutex_unlock(*mutex); }

KindlingCUDAStatus KindlingCUDALaunchWaiting(KindlingCUDADevice *device) {
  return device->waitingCount > 0 ? device->launchWaiting(device) : KindlingCUDAStatus_success;
}

/// The number of the device whose context is current on this thread: an address may come again once a device is closed.
static _Thread_local uint64_t current;

KindlingCUDAStatus KindlingCUDAMakeCurrent(KindlingCUDADevice *device) {
  if (current == device->number) return KindlingCUDAStatus_success;
  DRIVER(device->driver, cuCtxSetCurrent, device->context);
  current = device->number;
  return KindlingCUDAStatus_success;
}

CUdeviceptr KindlingCUDAReplays(const KindlingCUDADevice *device) {
  return device->capturing ? device->capturing->replays : device->zero;
}

KindlingCUDAStatus KindlingCUDARefuseWhileCapturing(KindlingCUDADevice *device, const char *what) {
  if (!device->capturing) return KindlingCUDAStatus_success;
  return KindlingCUDAFail(KindlingCUDAStatus_unsupported,
                          "%s cannot be part of a captured step: a graph only repeats what the device does by itself.",
                          what);
}

KindlingCUDAStatus KindlingCUDACheckTrap(KindlingCUDADevice *device) {
  CUDAIndexTrap *trap = device->trap;
  if (!trap->raised) return KindlingCUDAStatus_success;
  trap->raised = 0;
  return KindlingCUDAFail(KindlingCUDAStatus_indexOutOfRange, "%s: index %lld is out of range 0..<%lld",
                          trap->isScatter ? "scatter" : "gather", (long long)trap->index, (long long)trap->size);
}

KindlingCUDAStatus KindlingCUDASynchronize(KindlingCUDADevice *device) {
  ENTER(device);
  CALL(KindlingCUDARefuseWhileCapturing(device, "waiting for the device"));
  DRIVER(device->driver, cuStreamSynchronize, device->stream);
  return KindlingCUDACheckTrap(device);
}
