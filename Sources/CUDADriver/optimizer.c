// Launching the optimizers' steps.
//
// A step waits until the device is asked for anything else (see ENTER), and is launched together with the steps of
// further parameters that came meanwhile: for the few numbers of a bias, a launch costs more than the arithmetic.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launch.h"

/// What precedes a step's numbers in the kernel's ParameterStep.
typedef struct StepHead {
  int64_t count;
  void *parameter;
  const void *gradient;
  KernelMemory memory;
  uint32_t firstBlock, endBlock;
} StepHead;

struct WaitingSteps {
  Entry entry;
  size_t size;  // of one
  uint32_t blocks;
  uint64_t steps[KINDLING_STEPS_TOGETHER * (sizeof(StepHead) + sizeof(KernelStep)) / sizeof(uint64_t)];
};

/// The kernel's name, without its type.
static const char *kernel(OptimizerStep step) {
#define ROW(name, ...)       \
  case OptimizerStep_##name: \
    return #name;
  switch (step) { KINDLING_OPTIMIZERS(ROW) }
#undef ROW
  return "?";
}

static char *waitingStep(KindlingCUDADevice *device, int32_t i) {
  return (char *)device->waiting->steps + (size_t)i * device->waiting->size;
}

static KindlingCUDAStatus launchSteps(KindlingCUDADevice *device) {
  WaitingSteps *waiting = device->waiting;
  char *end = waitingStep(device, device->waitingCount);
  memset(end, 0, (size_t)(waitingStep(device, KINDLING_STEPS_TOGETHER) - end));
  device->waitingCount = 0;
  // With a count of replays the device corrects by itself what depends on the step's number.
  CUdeviceptr replays = device->capturing ? device->capturing->replays : 0;
  Argument steps = {waiting->steps, KINDLING_STEPS_TOGETHER * waiting->size};
  return LAUNCH(device, waiting->entry, ((Grid){{waiting->blocks, 1, 1}, {256, 1, 1}}), steps, A(replays));
}

static bool meet(const char *a, int64_t aBytes, const char *b, int64_t bBytes) {
  return a < b + bBytes && b < a + aBytes;
}

/// Whether the steps that wait are of the same kernel, and of other numbers: a step that writes what another one reads
/// or writes has an order. So all elements have one size.
static bool fits(KindlingCUDADevice *device, const char *entry, const char *parameter, const char *gradient,
                 int64_t byteCount, int64_t each) {
  if (strcmp(device->waiting->entry, entry) != 0) return false;
  for (int32_t i = 0; i < device->waitingCount; ++i) {
    StepHead other;
    memcpy(&other, waitingStep(device, i), sizeof other);
    int64_t others = other.count * each;
    if (meet(other.parameter, others, parameter, byteCount) || meet(other.parameter, others, gradient, byteCount) ||
        meet(other.gradient, others, parameter, byteCount)) {
      return false;
    }
  }
  return true;
}

KindlingCUDAStatus KindlingCUDAOptimizerStep(KindlingCUDADevice *device, OptimizerStep step, const void *options,
                                             KernelType type, int64_t count, void *parameter, const void *gradient,
                                             KernelMemory memory) {
  ENTER_WAITING(device);
  if (count == 0) return KindlingCUDAStatus_success;
  Entry entry;
  snprintf(entry, sizeof entry, "%s_%s", kernel(step), KindlingTypeName(type));
  if (!device->waiting) device->waiting = calloc(1, sizeof *device->waiting);
  if (!device->waiting) abort();
  device->launchWaiting = launchSteps;
  WaitingSteps *waiting = device->waiting;
  int64_t each = KindlingTypeSize(type);
  if (!fits(device, entry, parameter, gradient, count * each, each)) CALL(KindlingCUDALaunchWaiting(device));

  KernelStep numbers;
  size_t size = KindlingMakeStep(step, options, type, &numbers);
  if (device->waitingCount == 0) {
    memcpy(waiting->entry, entry, sizeof entry);
    waiting->size = sizeof(StepHead) + (size + 7) / 8 * 8;
    waiting->blocks = 0;
  }
  StepHead head = {count, parameter, gradient, memory, waiting->blocks, 0};
  waiting->blocks += KindlingCUDAGridFor(device, count, 256).grid[0];
  head.endBlock = waiting->blocks;
  char *place = waitingStep(device, device->waitingCount);
  memcpy(place, &head, sizeof head);
  memcpy(place + sizeof head, &numbers, size);
  if (++device->waitingCount < KINDLING_STEPS_TOGETHER) return KindlingCUDAStatus_success;
  return launchSteps(device);
}
