// The optimizers' steps for CUDA: everything that one step does to an element (steps.h), in one pass over memory.
// Written as single tensor operations, Adam would read and write its arrays a dozen times over.
#include "../Elementwise/cuda-math.h"
#include "../Runtime/cuda.h"
#include "steps.h"

/// `replays` is null, but in a launch that was recorded into a graph: there it points to how often the graph has been
/// replayed. Only the device knows that, so that one thread of each block works out what it changes.
template <typename T, typename Step>
__device__ void optimizerStep(int64_t count, Cell<T> *parameter, const Cell<T> *gradient, Cell<T> *first,
                              Cell<T> *second, Cell<T> *third, Step step, const int64_t *replays) {
  if constexpr (Step::counts) {
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
  GRID_LOOP
  for (int64_t i = globalThread(); i < count; i += globalThreads()) {
    Memory<T> memory = {first ? T(first[i]) : T(0), second ? T(second[i]) : T(0),
                        third ? T(third[i]) : T(0), first != nullptr,
                        second != nullptr,          third != nullptr};
    parameter[i] = step(parameter[i], gradient[i], memory);
    if (first) first[i] = memory.first;
    if (second) second[i] = memory.second;
    if (third) third[i] = memory.third;
  }
}

#define STEP(name, Optimizer, suffix, T, ...)                                                                          \
  ENTRY(name##_##suffix, (int64_t count, Cell<T> *parameter, const Cell<T> *gradient, Cell<T> *first, Cell<T> *second, \
                          Cell<T> *third, Optimizer##Step<T> step, const int64_t *replays)) {                          \
    optimizerStep<T>(count, parameter, gradient, first, second, third, step, replays);                                 \
  }
#define STEPS(suffix, T, ...) KINDLING_OPTIMIZERS(STEP, suffix, T)
KINDLING_FLOAT_TYPES(STEPS)

/// The last launch of every recorded graph.
ENTRY(countReplay, (int64_t *replays)) { *replays += 1; }
