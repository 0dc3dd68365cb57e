// Launching random numbers.
#include <stdio.h>

#include "launch.h"

uint64_t KindlingCUDARandomAdvance(KernelType type, int64_t count) {
  uint64_t each = type == KernelType_float64 ? 2 : 4;
  return ((uint64_t)count + each - 1) / each;
}

static KindlingCUDAStatus randomNumbers(KindlingCUDADevice *device, const char *name, KernelType type, int64_t count,
                                        void *out, double first, double second, uint64_t seed, uint64_t offset) {
  if (count == 0) return KindlingCUDAStatus_success;
  Entry entry;
  snprintf(entry, sizeof entry, "%s_%s", name, KindlingTypeName(type));
  Scalar a = KindlingCUDAReal(type, first), b = KindlingCUDAReal(type, second);
  CUdeviceptr replayed = KindlingCUDAReplays(device);
  Grid grid = KindlingCUDAGridFor(device, (int64_t)KindlingCUDARandomAdvance(type, count), 256);
  return LAUNCH(device, entry, grid, A(out), A(count), TYPED(type, a), TYPED(type, b), A(seed), A(offset), A(replayed));
}

KindlingCUDAStatus KindlingCUDAUniform(KindlingCUDADevice *device, KernelType type, int64_t count, void *out,
                                       double low, double high, uint64_t seed, uint64_t offset) {
  ENTER(device);
  return randomNumbers(device, "uniform", type, count, out, low, high, seed, offset);
}

KindlingCUDAStatus KindlingCUDANormal(KindlingCUDADevice *device, KernelType type, int64_t count, void *out,
                                      double mean, double deviation, uint64_t seed, uint64_t offset) {
  ENTER(device);
  return randomNumbers(device, "normal", type, count, out, mean, deviation, seed, offset);
}
