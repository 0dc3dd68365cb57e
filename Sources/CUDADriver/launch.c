// From a name and arguments to a launch.
#include "launch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "device.h"

// MARK: Functions by name

/// The driver makes machine code of the module's PTX: a second or two for the largest, the first time, after which it
/// keeps the result on disk.
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

/// Which module has an entry, by its PTX; -1 if none. The driver is not asked, since what it does not find it counts as
/// an error. To the emulator all modules are the same one, which also has kernels that are not in the PTX.
static int32_t moduleOf(const KindlingCUDADevice *device, const char *entry) {
  if (device->driver->emulated) return 0;
  char head[128];
  snprintf(head, sizeof head, ".entry %s(", entry);
  const char *ptx;
  for (int32_t n = 0; (ptx = KindlingCUDAPTX(n)); ++n) {
    if (strstr(ptx, head)) return n;
  }
  return -1;
}

/// Looks into the module that has it, which is loaded first where it is not yet.
static KindlingCUDAStatus findInModules(KindlingCUDADevice *device, const char *entry, CUfunction *function) {
  int32_t n = moduleOf(device, entry);
  CUresult result = CUDA_ERROR_NOT_FOUND;
  if (n >= 0) {
    if (!device->modules[n]) CALL(loadModule(device, KindlingCUDAPTX(n), &device->modules[n]));
    result = device->driver->cuModuleGetFunction(function, device->modules[n], entry);
  }
  if (result == CUDA_ERROR_NOT_FOUND) {
    return KindlingCUDAFail(KindlingCUDAStatus_unsupported, "there is no CUDA kernel %s", entry);
  }
  return KindlingCUDACheck(device->driver, result, "cuModuleGetFunction", entry);
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
  CALL(findInModules(device, entry, function));
  CachedFunction *made = malloc(sizeof *made);
  if (!made) abort();
  *made = (CachedFunction){strdup(entry), *function, *bucket};
  *bucket = made;
  return KindlingCUDAStatus_success;
}

KindlingCUDAStatus KindlingCUDALaunchKernel(KindlingCUDADevice *device, const KindlingCUDALaunch *launch) {
  ENTER(device);
  CUfunction function = NULL;
  CALL(KindlingCUDAFindFunction(device, launch->entry, &function));
  if (device->observer) device->observer(launch, device->observerContext);
  CUresult result = device->driver->cuLaunchKernel(function, launch->grid[0], launch->grid[1], launch->grid[2],
                                                   launch->block[0], launch->block[1], launch->block[2], 0,
                                                   device->stream, (void **)launch->parameters, NULL);
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

void KindlingCUDAObserve(KindlingCUDADevice *device, void (*observer)(const KindlingCUDALaunch *launch, void *context),
                         void *context) {
  pthread_mutex_lock(&device->mutex);
  device->observer = observer;
  device->observerContext = context;
  pthread_mutex_unlock(&device->mutex);
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
  for (int i = 0; i < maximumModules; ++i) {
    if (device->modules[i]) device->driver->cuModuleUnload(device->modules[i]);
  }
  for (int i = 0; i < functionBuckets; ++i) {
    for (CachedFunction *function = device->functions[i], *next; function; function = next) {
      next = function->next;
      free(function->entry);
      free(function);
    }
  }
}
