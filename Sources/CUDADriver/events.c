// Marks in the queue, which tell the time.
#include <stdlib.h>

#include "device.h"

KindlingCUDAStatus KindlingCUDARecordEvent(KindlingCUDADevice *device, KindlingCUDAEvent **result) {
  ENTER(device);
  *result = NULL;
  CALL(KindlingCUDARefuseWhileCapturing(device, "taking the time"));
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
  CALL(KindlingCUDARefuseWhileCapturing(device, "taking the time"));
  float elapsed = 0;
  DRIVER(device->driver, cuEventSynchronize, second->event);
  DRIVER(device->driver, cuEventElapsedTime, &elapsed, first->event, second->event);
  *milliseconds = (double)elapsed;
  return KindlingCUDAStatus_success;
}

void KindlingCUDADestroyEvent(KindlingCUDADevice *device, KindlingCUDAEvent *event) {
  pthread_mutex_lock(&device->mutex);
  if (KindlingCUDAMakeCurrent(device) == KindlingCUDAStatus_success) device->driver->cuEventDestroy(event->event);
  pthread_mutex_unlock(&device->mutex);
  free(event);
}
