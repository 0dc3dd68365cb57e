// The optimizers' steps for CUDA: everything that one step does to an element (steps.h), in one pass over memory.
// Written as single tensor operations, Adam would read and write its arrays a dozen times over.
#include "../Elementwise/cuda-math.h"
#include "../Runtime/cuda.h"
#include "steps.h"

/// The step of one parameter, which some of the launch's blocks make. The host fills it in: see CUDADriver/optimizer.c.
template <typename Step>
struct ParameterStep;
template <template <typename> typename Kind, typename T>
struct ParameterStep<Kind<T>> {
  int64_t count;
  Cell<T> *parameter;
  const Cell<T> *gradient;
  Cell<T> *first, *second, *third;
  uint32_t firstBlock, endBlock;
  Kind<T> step;
};

/// The steps of a launch. Where there are fewer, no block is left for the rest.
template <typename Step>
struct Steps {
  ParameterStep<Step> of[KINDLING_STEPS_TOGETHER];
};

/// `replays` is null, but in a launch that was recorded into a graph: there it points to how often the graph has been
/// replayed. Only the device knows that, so that one thread of each block works out what it changes.
template <template <typename> typename Kind, typename T>
__device__ void optimizerStep(const Steps<Kind<T>> &steps, const int64_t *replays) {
  int which = 0;
  while (blockIdx.x >= steps.of[which].endBlock) ++which;
  const ParameterStep<Kind<T>> &own = steps.of[which];
  Kind<T> step = own.step;
  if constexpr (Kind<T>::counts) {
    SHARED(T, counted, [2]);
    if (replays) {
      if (threadIdx.x == 0) {
        T numbers[2] = {0, 0};
        step.counted(*replays, numbers[0], numbers[1]);
        counted[0] = numbers[0];
        counted[1] = numbers[1];
      }
      __syncthreads();
      step.take(counted[0], counted[1]);
    }
  }
  int64_t count = own.count, stride = static_cast<int64_t>(own.endBlock - own.firstBlock) * blockDim.x;
  Cell<T> *parameter = own.parameter, *first = own.first, *second = own.second, *third = own.third;
  const Cell<T> *gradient = own.gradient;
  GRID_LOOP
  for (int64_t i = globalThread() - static_cast<int64_t>(own.firstBlock) * blockDim.x; i < count; i += stride) {
    Memory<T> memory = {first ? T(first[i]) : T(0), second ? T(second[i]) : T(0),
                        third ? T(third[i]) : T(0), first != nullptr,
                        second != nullptr,          third != nullptr};
    parameter[i] = step(parameter[i], gradient[i], memory);
    if (first) first[i] = memory.first;
    if (second) second[i] = memory.second;
    if (third) third[i] = memory.third;
  }
}

#define STEP(name, Optimizer, suffix, T, ...)                                                                 \
  ENTRY(name##_##suffix, (const __grid_constant__ Steps<Optimizer##Step<T>> steps, const int64_t *replays)) { \
    optimizerStep(steps, replays);                                                                            \
  }
#define STEPS(suffix, T, ...) KINDLING_OPTIMIZERS(STEP, suffix, T)
KINDLING_FLOAT_TYPES(STEPS)

/// The last launch of every recorded graph.
ENTRY(countReplay, (int64_t *replays)) { *replays += 1; }
