// CUDA graphs. At the size of a lesson's tensors a launch costs more than the arithmetic; a graph has the driver
// prepare a whole step's launches once.
#include <stdlib.h>

#include "launch.h"

static Grid single(void) { return (Grid){{1, 1, 1}, {1, 1, 1}}; }

KindlingCUDAStatus KindlingCUDABeginCapture(KindlingCUDADevice *device) {
  ENTER(device);
  const KindlingCUDADriver *driver = device->driver;
  if (device->capturing) {
    return KindlingCUDAFail(KindlingCUDAStatus_unsupported, "beginCapture: a step is being captured already");
  }
  CUfunction function;  // the end of the capture launches it; loading its module belongs before the start
  CALL(KindlingCUDAFindFunction(device, "countReplay", &function));
  KindlingCUDAGraph *graph = calloc(1, sizeof *graph);
  if (!graph) abort();
  const char *call = "cuMemAlloc";
  CUresult result = driver->cuMemAlloc(&graph->replays, sizeof(int64_t));
  if (result == CUDA_SUCCESS) {
    call = "cuMemsetD8Async";
    result = driver->cuMemsetD8Async(graph->replays, 0, sizeof(int64_t), device->stream);
  }
  if (result == CUDA_SUCCESS) {
    call = "cuStreamBeginCapture";
    // Relaxed: memory may be allocated meanwhile.
    result = driver->cuStreamBeginCapture(device->stream, CU_STREAM_CAPTURE_MODE_RELAXED);
  }
  if (result != CUDA_SUCCESS) {
    if (graph->replays) driver->cuMemFree(graph->replays);
    free(graph);
    return KindlingCUDACheck(driver, result, call, NULL);
  }
  device->capturing = graph;
  return KindlingCUDAStatus_success;
}

/// What waits and the last launch, the end of the capture, and the graph made ready to run.
static KindlingCUDAStatus finish(KindlingCUDADevice *device, KindlingCUDAGraph *graph) {
  const KindlingCUDADriver *driver = device->driver;
  KindlingCUDAStatus counted = LAUNCH(device, "countReplay", single(), A(graph->replays));
  CUresult ended = driver->cuStreamEndCapture(device->stream, &graph->graph);
  // Where the capture was spoilt, its end says so, and a launch only that something was wrong.
  if (ended != CUDA_SUCCESS) return KindlingCUDACheck(driver, ended, "cuStreamEndCapture", NULL);
  CALL(counted);
  DRIVER(driver, cuGraphInstantiate, &graph->instance, graph->graph, 0);
  return KindlingCUDAStatus_success;
}

KindlingCUDAStatus KindlingCUDAEndCapture(KindlingCUDADevice *device, KindlingCUDAGraph **result) {
  ENTER_WAITING(device);  // what waits goes before the last launch: where it is refused, the capture still has to end
  *result = NULL;
  KindlingCUDAGraph *graph = device->capturing;
  if (!graph) return KindlingCUDAFail(KindlingCUDAStatus_unsupported, "endCapture: no step is being captured");
  KindlingCUDAStatus status = finish(device, graph);
  device->capturing = NULL;
  while (device->discarded) {
    KindlingCUDAGraph *other = device->discarded;
    device->discarded = other->next;
    KindlingCUDADestroyGraph(device, other);
  }
  if (status != KindlingCUDAStatus_success) {
    KindlingCUDADestroyGraph(device, graph);
    return status;
  }
  *result = graph;
  return KindlingCUDAStatus_success;
}

KindlingCUDAStatus KindlingCUDAReplay(KindlingCUDADevice *device, KindlingCUDAGraph *graph) {
  ENTER(device);
  CALL(KindlingCUDARefuseWhileCapturing(device, "a replay"));
  int32_t piece = KindlingCUDATimeBegins(device, "replay");
  DRIVER(device->driver, cuGraphLaunch, graph->instance, device->stream);
  KindlingCUDATimeEnds(device, piece);
  return KindlingCUDAStatus_success;
}

void KindlingCUDADestroyGraph(KindlingCUDADevice *device, KindlingCUDAGraph *graph) {
  const KindlingCUDADriver *driver = device->driver;
  pthread_mutex_lock(&device->mutex);
  if (device->capturing) {  // waiting for the device now would spoil the capture
    graph->next = device->discarded;
    device->discarded = graph;
    pthread_mutex_unlock(&device->mutex);
    return;
  }
  if (KindlingCUDAMakeCurrent(device) == KindlingCUDAStatus_success) {
    driver->cuStreamSynchronize(device->stream);  // it may be running
    if (graph->instance) driver->cuGraphExecDestroy(graph->instance);
    if (graph->graph) driver->cuGraphDestroy(graph->graph);
    driver->cuMemFree(graph->replays);
  }
  KindlingCUDAReleaseMemory(device, graph);
  graph->destroyed = true;
  if (graph->blocksInUse == 0) free(graph);
  pthread_mutex_unlock(&device->mutex);
}
