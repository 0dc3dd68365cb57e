// From a name and arguments to a launch.
#include "launch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "device.h"

// MARK: Functions by name

/// The driver makes machine code of the PTX, the first time; after that it keeps the result on disk.
static KindlingCUDAStatus loadModule(KindlingCUDADevice *device, const char *ptx, CUmodule *module) {
  char log[512] = "";
  int options[] = {CU_JIT_ERROR_LOG_BUFFER, CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES};
  void *values[] = {log, (void *)(uintptr_t)sizeof log};
  CUresult result = device->driver->cuModuleLoadDataEx(module, ptx, 2, options, values);
  if (result == CUDA_SUCCESS) return KindlingCUDAStatus_success;
  KindlingCUDAStatus status = KindlingCUDACheck(device->driver, result, "cuModuleLoadDataEx", NULL);
  if (log[0]) KindlingCUDAAdd(" The driver's compiler says: ");
  KindlingCUDAAdd(log);
  return status;
}

/// Loads a kernel by itself: machine code of the families that a lesson needs takes the driver four seconds, and that
/// of the kernels that it launches a third of one. The emulator needs no PTX, and has kernels that are not in it.
static KindlingCUDAStatus load(KindlingCUDADevice *device, CachedFunction *kernel) {
  char *ptx = device->driver->emulated ? strdup("") : KindlingCUDAPTXOf(kernel->entry);
  CUresult result = CUDA_ERROR_NOT_FOUND;
  if (ptx) {
    KindlingCUDAStatus loaded = loadModule(device, ptx, &kernel->module);
    free(ptx);
    CALL(loaded);
    result = device->driver->cuModuleGetFunction(&kernel->function, kernel->module, kernel->entry);
    if (result != CUDA_SUCCESS) device->driver->cuModuleUnload(kernel->module);
  }
  if (result == CUDA_ERROR_NOT_FOUND) {
    return KindlingCUDAFail(KindlingCUDAStatus_unsupported, "there is no CUDA kernel %s", kernel->entry);
  }
  return KindlingCUDACheck(device->driver, result, "cuModuleGetFunction", kernel->entry);
}

KindlingCUDAStatus KindlingCUDAFindFunction(KindlingCUDADevice *device, const char *entry, CUfunction *function) {
  uint32_t hash = 2166136261u;  // FNV-1a
  for (const char *c = entry; *c; ++c) hash = (hash ^ (unsigned char)*c) * 16777619u;
  CachedFunction **bucket = &device->functions[hash % functionBuckets];
  for (CachedFunction *known = *bucket; known; known = known->next) {
    if (strcmp(known->entry, entry) == 0) {
      *function = known->function;
      return KindlingCUDAStatus_success;
    }
  }
  CachedFunction made = {.entry = (char *)entry, .next = *bucket};
  CALL(load(device, &made));
  *function = made.function;
  made.entry = strdup(entry);
  *bucket = malloc(sizeof made);
  if (!made.entry || !*bucket) abort();
  **bucket = made;
  return KindlingCUDAStatus_success;
}

KindlingCUDAStatus KindlingCUDALaunchKernel(KindlingCUDADevice *device, const KindlingCUDALaunch *launch) {
  ENTER(device);
  CUfunction function = NULL;
  CALL(KindlingCUDAFindFunction(device, launch->entry, &function));
  if (device->observer) device->observer(launch, device->observerContext);
  int32_t piece = KindlingCUDATimeBegins(device, launch->entry);
  CUresult result = device->driver->cuLaunchKernel(function, launch->grid[0], launch->grid[1], launch->grid[2],
                                                   launch->block[0], launch->block[1], launch->block[2], 0,
                                                   device->stream, (void **)launch->parameters, NULL);
  KindlingCUDATimeEnds(device, piece);
  return KindlingCUDACheck(device->driver, result, "cuLaunchKernel", launch->entry);
}

KindlingCUDAStatus KindlingCUDALaunchArguments(KindlingCUDADevice *device, const char *entry, Grid grid,
                                               const Argument *arguments, int32_t count) {
  enum { most = 24 };
  void *parameters[most];
  size_t sizes[most];
  for (int32_t i = 0; i < count && i < most; ++i) {
    parameters[i] = (void *)arguments[i].value;
    sizes[i] = arguments[i].size;
  }
  KindlingCUDALaunch launch = {.entry = entry, .parameterCount = count, .parameters = parameters, .sizes = sizes};
  memcpy(launch.grid, grid.grid, sizeof launch.grid);
  memcpy(launch.block, grid.block, sizeof launch.block);
  return KindlingCUDALaunchKernel(device, &launch);
}

KindlingCUDAStatus KindlingCUDAObserve(KindlingCUDADevice *device,
                                       void (*observer)(const KindlingCUDALaunch *launch, void *context),
                                       void *context) {
  pthread_mutex_lock(&device->mutex);
  KindlingCUDAStatus status = KindlingCUDALaunchWaiting(device);
  device->observer = observer;
  device->observerContext = context;
  pthread_mutex_unlock(&device->mutex);
  return status;
}

Grid KindlingCUDAGridFor(const KindlingCUDADevice *device, int64_t threads, uint32_t blockSize) {
  int64_t blocks = (threads + blockSize - 1) / blockSize;
  // Enough that every multiprocessor always has a block to go on with. In the emulator a thread costs more than an
  // element.
  int64_t enough = (int64_t)device->properties.multiprocessors * (device->properties.emulated ? 4 : 32);
  if (blocks > enough) blocks = enough;
  return (Grid){{blocks < 1 ? 1 : (uint32_t)blocks, 1, 1}, {blockSize, 1, 1}};
}

Grid KindlingCUDAGridOfFours(const KindlingCUDADevice *device, int64_t count) {
  return KindlingCUDAGridFor(device, (count + 3) / 4, 256);
}

void KindlingCUDACloseModules(KindlingCUDADevice *device) {
  for (int i = 0; i < functionBuckets; ++i) {
    for (CachedFunction *function = device->functions[i], *next; function; function = next) {
      next = function->next;
      device->driver->cuModuleUnload(function->module);
      free(function->entry);
      free(function);
    }
  }
}
