// A CUDA driver that is the emulator behind the names of libcuda.so.1, so that a program takes it for a GPU with 132
// multiprocessors, whose modules have the kernels of their PTX and no others; and that fails where FAKE_CUDA says:
// "cuLaunchKernel 100 719" makes the hundredth launch, and those after it, fail with error 719. Tests compile it, and
// name its folder in LD_LIBRARY_PATH.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "DriverTable.h"

const KindlingCUDADriver *KindlingEmulatorDriver(void);

static CUresult attribute(int *value, int which, CUdevice device) {
  if (which != CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT) {
    return KindlingEmulatorDriver()->cuDeviceGetAttribute(value, which, device);
  }
  *value = 132;
  return CUDA_SUCCESS;
}

static CUresult loadModule(CUmodule *module, const void *image, unsigned count, int *options, void **values) {
  CUresult result = KindlingEmulatorDriver()->cuModuleLoadDataEx(module, image, count, options, values);
  *module = (CUmodule)strdup(image);
  return result;
}

static CUresult unloadModule(CUmodule module) {
  free(module);
  return CUDA_SUCCESS;
}

static CUresult function(CUfunction *function, CUmodule module, const char *name) {
  char head[128];
  snprintf(head, sizeof head, ".entry %s(", name);
  if (!strstr((const char *)module, head)) return CUDA_ERROR_NOT_FOUND;
  return KindlingEmulatorDriver()->cuModuleGetFunction(function, module, name);
}

/// Where Tests/PTX is linked to this, the PTX itself is run.
void KindlingPTXInto(KindlingCUDADriver *table) __attribute__((weak));

static const KindlingCUDADriver *driver(void) {
  static KindlingCUDADriver table;
  if (!table.cuInit) {
    KindlingCUDADriver made = *KindlingEmulatorDriver();
    made.cuDeviceGetAttribute = attribute;
    made.cuModuleLoadDataEx = loadModule;
    made.cuModuleUnload = unloadModule;
    made.cuModuleGetFunction = function;
    if (KindlingPTXInto) KindlingPTXInto(&made);
    table = made;
  }
  return &table;
}

/// The error with which the next call of `name` is to fail; 0 where it is not.
static CUresult failure(const char *name, int *calls) {
  static const char *setting;
  if (!setting) setting = getenv("FAKE_CUDA") ? getenv("FAKE_CUDA") : "";
  char failing[64] = "";
  int first = 0, error = 0;
  sscanf(setting, "%63s %d %d", failing, &first, &error);
  return !strcmp(failing, name) && ++*calls >= first ? error : 0;
}

// No parameter is a floating-point number, and none is wider than a word; so all functions look alike to a caller who
// hands over as many words as the longest takes.
typedef CUresult (*AnyFunction)(uintptr_t, uintptr_t, uintptr_t, uintptr_t, uintptr_t, uintptr_t, uintptr_t, uintptr_t,
                                uintptr_t, uintptr_t, uintptr_t);
#define FUNCTION(name, symbol, parameters)                                                                        \
  CUresult fake_##name(uintptr_t a, uintptr_t b, uintptr_t c, uintptr_t d, uintptr_t e, uintptr_t f, uintptr_t g, \
                       uintptr_t h, uintptr_t i, uintptr_t j, uintptr_t k) __asm__(symbol);                       \
  CUresult fake_##name(uintptr_t a, uintptr_t b, uintptr_t c, uintptr_t d, uintptr_t e, uintptr_t f, uintptr_t g, \
                       uintptr_t h, uintptr_t i, uintptr_t j, uintptr_t k) {                                      \
    static int calls;                                                                                             \
    CUresult error = failure(#name, &calls);                                                                      \
    return error ? error : ((AnyFunction)driver()->name)(a, b, c, d, e, f, g, h, i, j, k);                        \
  }
KINDLING_CUDA_FUNCTIONS(FUNCTION)
