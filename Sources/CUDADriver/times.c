// When the device was at work on what it was handed: events around each piece, which are read at the end.
#include <stdlib.h>
#include <string.h>

#include "device.h"

/// Of a device whose times were never taken there is none.
struct Times {
  CUevent beginning;
  KindlingCUDATime *all;
  CUevent *events;  // of each piece its beginning and its end
  int32_t count;
  int32_t made;  // of how many pieces there are events: they serve again
};

enum { mostTimes = 20000 };

static KindlingCUDAStatus makeTimes(KindlingCUDADevice *device) {
  CUevent beginning;  // made first: where that fails, there is nothing to give back
  DRIVER(device->driver, cuEventCreate, &beginning, 0);
  Times *times = calloc(1, sizeof *times);
  if (!times) abort();
  times->beginning = beginning;
  times->all = calloc(mostTimes, sizeof *times->all);
  times->events = calloc(2 * mostTimes, sizeof *times->events);
  if (!times->all || !times->events) abort();
  device->times = times;
  return KindlingCUDAStatus_success;
}

KindlingCUDAStatus KindlingCUDABeginTimes(KindlingCUDADevice *device) {
  ENTER(device);
  CALL(KindlingCUDARefuseWhileCapturing(device, "taking the time"));
  if (!device->times) CALL(makeTimes(device));
  // Who comes back from here reads a clock: the device's must say 0 at that moment.
  DRIVER(device->driver, cuStreamSynchronize, device->stream);
  DRIVER(device->driver, cuEventRecord, device->times->beginning, device->stream);
  DRIVER(device->driver, cuEventSynchronize, device->times->beginning);
  device->times->count = 0;
  device->takesTimes = true;
  return KindlingCUDAStatus_success;
}

KindlingCUDAStatus KindlingCUDAPauseTimes(KindlingCUDADevice *device, bool pauses) {
  pthread_mutex_lock(&device->mutex);
  KindlingCUDAStatus status = KindlingCUDALaunchWaiting(device);
  device->takesTimes = device->times && !pauses;
  pthread_mutex_unlock(&device->mutex);
  return status;
}

int32_t KindlingCUDATimeBegins(KindlingCUDADevice *device, const char *name) {
  Times *times = device->times;
  const KindlingCUDADriver *driver = device->driver;
  // What is captured runs later, and is timed as a replay.
  if (!device->takesTimes || device->capturing || times->count == mostTimes) return -1;
  int32_t i = times->count;
  if (i == times->made) {
    if (driver->cuEventCreate(&times->events[2 * i], 0) != CUDA_SUCCESS) return -1;
    if (driver->cuEventCreate(&times->events[2 * i + 1], 0) != CUDA_SUCCESS) {
      driver->cuEventDestroy(times->events[2 * i]);
      return -1;
    }
    times->made = i + 1;
  }
  strncpy(times->all[i].name, name, sizeof times->all[i].name - 1);
  return driver->cuEventRecord(times->events[2 * i], device->stream) == CUDA_SUCCESS ? i : -1;
}

void KindlingCUDATimeEnds(KindlingCUDADevice *device, int32_t piece) {
  if (piece < 0) return;
  CUresult recorded = device->driver->cuEventRecord(device->times->events[2 * piece + 1], device->stream);
  if (recorded == CUDA_SUCCESS) device->times->count = piece + 1;
}

/// From the beginning to an event, in seconds.
static KindlingCUDAStatus timeOf(KindlingCUDADevice *device, CUevent event, double *seconds) {
  float milliseconds = 0;
  DRIVER(device->driver, cuEventElapsedTime, &milliseconds, device->times->beginning, event);
  *seconds = (double)milliseconds / 1000;
  return KindlingCUDAStatus_success;
}

KindlingCUDAStatus KindlingCUDAEndTimes(KindlingCUDADevice *device, const KindlingCUDATime **all, int32_t *count) {
  ENTER(device);
  *count = 0;
  Times *times = device->times;
  device->takesTimes = false;
  if (!times) return KindlingCUDAStatus_success;
  CALL(KindlingCUDARefuseWhileCapturing(device, "taking the time"));
  DRIVER(device->driver, cuStreamSynchronize, device->stream);
  for (int32_t i = 0; i < times->count; ++i) {
    double end = 0;
    CALL(timeOf(device, times->events[2 * i], &times->all[i].start));
    CALL(timeOf(device, times->events[2 * i + 1], &end));
    times->all[i].duration = end - times->all[i].start;
  }
  *all = times->all;
  *count = times->count;
  return KindlingCUDAStatus_success;
}

void KindlingCUDACloseTimes(KindlingCUDADevice *device) {
  Times *times = device->times;
  if (!times) return;
  device->driver->cuEventDestroy(times->beginning);
  for (int32_t i = 0; i < 2 * times->made; ++i) device->driver->cuEventDestroy(times->events[i]);
  free(times->all);
  free(times->events);
  free(times);
}
