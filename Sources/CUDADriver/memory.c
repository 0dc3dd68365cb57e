// A caching allocator. Asking the driver for memory stops the whole device, so freed blocks are kept and handed out
// again.
//
// A block may be handed out while kernels that use it are still queued: the next user's kernels are queued behind them,
// on the same stream.
#include <stdlib.h>

#include "device.h"

static size_t bucketOf(CUdeviceptr pointer) { return (pointer >> 9 ^ pointer >> 21) % usedBuckets; }

/// Sizes come in steps, so that a freed block fits the next request that is about as large: multiples of 512 bytes up
/// to 1 MiB, multiples of 2 MiB above. In the emulator, which has no cache, the exact size.
static size_t rounded(const KindlingCUDADevice *device, size_t byteCount) {
  if (device->driver->emulated) return byteCount ? byteCount : 1;
  size_t step = byteCount <= 1 << 20 ? 512 : 2 << 20;
  return byteCount ? (byteCount + step - 1) / step * step : step;
}

/// The smallest block of a list that fits without wasting more than half of it.
static Block *take(Block **list, size_t bytes) {
  Block **best = NULL;
  for (Block **link = list; *link; link = &(*link)->next) {
    if ((*link)->bytes >= bytes && (*link)->bytes <= 2 * bytes && (!best || (*link)->bytes < (*best)->bytes))
      best = link;
  }
  if (!best) return NULL;
  Block *block = *best;
  *best = block->next;
  return block;
}

static KindlingCUDAStatus release(KindlingCUDADevice *device, Block **list) {
  while (*list) {
    Block *block = *list;
    *list = block->next;
    CUresult result = device->driver->cuMemFree(block->pointer);
    free(block);
    if (result != CUDA_SUCCESS) return KindlingCUDACheck(device->driver, result, "cuMemFree", NULL);
  }
  return KindlingCUDAStatus_success;
}

static KindlingCUDAStatus allocateFromDriver(KindlingCUDADevice *device, size_t bytes, size_t asked, Block **result) {
  CUdeviceptr pointer = 0;
  CUresult allocated = device->driver->cuMemAlloc(&pointer, bytes);
  if (allocated == CUDA_ERROR_OUT_OF_MEMORY && !device->capturing) {  // with the cache given back, it may fit
    CALL(KindlingCUDATrimCache(device));
    allocated = device->driver->cuMemAlloc(&pointer, bytes);
  }
  if (allocated == CUDA_ERROR_OUT_OF_MEMORY) {
    size_t available = 0, total = 0;
    device->driver->cuMemGetInfo(&available, &total);
    const double mebibyte = 1024 * 1024;
    return KindlingCUDAFail(
        KindlingCUDAStatus_outOfMemory,
        "cuMemAlloc: CUDA_ERROR_OUT_OF_MEMORY: asked for %.1f MiB; of %.1f MiB on %s, %.1f are free, and "
        "%.1f are in use by this program.",
        (double)asked / mebibyte, (double)total / mebibyte, device->properties.name, (double)available / mebibyte,
        (double)device->bytesInUse / mebibyte);
  }
  if (allocated != CUDA_SUCCESS) return KindlingCUDACheck(device->driver, allocated, "cuMemAlloc", NULL);
  Block *block = malloc(sizeof *block);
  if (!block) abort();
  *block = (Block){pointer, bytes, device->capturing, NULL};
  *result = block;
  return KindlingCUDAStatus_success;
}

KindlingCUDAStatus KindlingCUDAAllocate(KindlingCUDADevice *device, size_t byteCount, void **pointer) {
  ENTER(device);
  *pointer = NULL;
  size_t bytes = rounded(device, byteCount);
  Block *block = take(device->capturing ? &device->capturing->freeBlocks : &device->freeBlocks, bytes);
  if (!block) CALL(allocateFromDriver(device, bytes, byteCount, &block));
  if (block->graph) ++block->graph->blocksInUse;
  size_t bucket = bucketOf(block->pointer);
  block->next = device->used[bucket];
  device->used[bucket] = block;
  device->bytesInUse += (int64_t)block->bytes;
  *pointer = (void *)block->pointer;
  return KindlingCUDAStatus_success;
}

/// To where others may have it: its graph's list, or everybody's.
static KindlingCUDAStatus giveBack(KindlingCUDADevice *device, Block *block) {
  KindlingCUDAGraph *graph = block->graph;
  Block **list = &device->freeBlocks;
  if (graph) {
    --graph->blocksInUse;
    if (!graph->destroyed)
      list = &graph->freeBlocks;
    else
      block->graph = NULL;
    if (graph->destroyed && graph->blocksInUse == 0) free(graph);
  }
  block->next = *list;
  *list = block;
  bool isKept = !device->driver->emulated || list != &device->freeBlocks;
  return isKept ? KindlingCUDAStatus_success : release(device, list);
}

KindlingCUDAStatus KindlingCUDAFree(KindlingCUDADevice *device, void *pointer) {
  ENTER(device);
  Block **link = &device->used[bucketOf((CUdeviceptr)pointer)];
  while (*link && (*link)->pointer != (CUdeviceptr)pointer) link = &(*link)->next;
  Block *block = *link;
  if (!block) {
    return KindlingCUDAFail(KindlingCUDAStatus_failed, "free: %p was not allocated here, or has been freed before",
                            pointer);
  }
  *link = block->next;
  device->bytesInUse -= (int64_t)block->bytes;
  KindlingCUDAGraph *recording = device->capturing;
  if (recording && block->graph != recording) {
    // Replays will read it. No one may write to it while the graph lives, not even the rest of the step: the next
    // replay would read that.
    block->next = recording->keptBlocks;
    recording->keptBlocks = block;
    return KindlingCUDAStatus_success;
  }
  return giveBack(device, block);
}

void KindlingCUDAReleaseMemory(KindlingCUDADevice *device, KindlingCUDAGraph *graph) {
  for (Block *block; (block = graph->freeBlocks);) {
    graph->freeBlocks = block->next;
    block->graph = NULL;
    block->next = device->freeBlocks;
    device->freeBlocks = block;
  }
  for (Block *block; (block = graph->keptBlocks);) {
    graph->keptBlocks = block->next;
    giveBack(device, block);
  }
  if (device->driver->emulated) KindlingCUDATrimCache(device);
}

KindlingCUDAStatus KindlingCUDATrimCache(KindlingCUDADevice *device) {
  ENTER(device);
  // cuMemFree waits for the device by itself.
  return release(device, &device->freeBlocks);
}

void KindlingCUDACloseMemory(KindlingCUDADevice *device) {
  KindlingCUDATrimCache(device);
  for (int i = 0; i < usedBuckets; ++i) {
    for (Block *block = device->used[i], *next; block; block = next) {
      next = block->next;
      device->driver->cuMemFree(block->pointer);
      free(block);
    }
  }
}
