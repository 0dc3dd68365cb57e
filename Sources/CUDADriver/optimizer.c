// Launching the optimizers' steps.
#include <stdio.h>

#include "launch.h"

/// The kernel's name, without its type.
static const char *kernel(OptimizerStep step) {
#define ROW(name, ...)       \
  case OptimizerStep_##name: \
    return #name;
  switch (step) { KINDLING_OPTIMIZERS(ROW) }
#undef ROW
  return "?";
}

KindlingCUDAStatus KindlingCUDAOptimizerStep(KindlingCUDADevice *device, OptimizerStep step, const void *options,
                                             KernelType type, int64_t count, void *parameter, const void *gradient,
                                             KernelMemory memory) {
  ENTER(device);
  if (count == 0) return KindlingCUDAStatus_success;
  Entry entry;
  snprintf(entry, sizeof entry, "%s_%s", kernel(step), KindlingTypeName(type));
  KernelStep numbers;
  Argument made = {&numbers, KindlingMakeStep(step, options, type, &numbers)};
  // With a count of replays the device corrects by itself what depends on the step's number.
  CUdeviceptr replays = device->capturing ? device->capturing->replays : 0;
  return LAUNCH(device, entry, KindlingCUDAGridFor(device, count, 256), A(count), A(parameter), A(gradient),
                A(memory.first), A(memory.second), A(memory.third), made, A(replays));
}
