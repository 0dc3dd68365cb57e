// The optimizers' steps on the CPU: a loop over each of steps.h, for both element types, cloned for each instruction
// set, and divided over threads.
#include <cmath>
#include <cstring>

#include "../Elementwise/cpu-math.h"
#include "../Runtime/threads.h"
#include "../Runtime/with-type.h"

using namespace kindling;

namespace {

#include "steps.h"

constexpr int64_t cost = 4;  // of an element, in additions

/// The arrays that one call works on, from its first element on.
template <typename T>
struct Arrays {
  T *parameter;
  const T *gradient;
  T *first, *second, *third;  // null where there is none

  Arrays from(int64_t i) const {
    return {parameter + i, gradient + i, first ? first + i : nullptr, second ? second + i : nullptr,
            third ? third + i : nullptr};
  }
};

// Which of the arrays there are is known to the compiler: a question asked for each element would keep it from
// vectorising.
template <bool hasFirst, bool hasSecond, bool hasThird, typename T, typename Step>
KINDLING_INLINE void loop(int64_t count, const Arrays<T> &arrays, const Step step) {
  const auto [parameter, gradient, first, second, third] = arrays;
  KINDLING_INDEPENDENT
  for (int64_t i = 0; i < count; i++) {
    Memory<T> memory = {hasFirst ? first[i] : T(0),
                        hasSecond ? second[i] : T(0),
                        hasThird ? third[i] : T(0),
                        hasFirst,
                        hasSecond,
                        hasThird};
    parameter[i] = step(parameter[i], gradient[i], memory);
    if (hasFirst) first[i] = memory.first;
    if (hasSecond) second[i] = memory.second;
    if (hasThird) third[i] = memory.third;
  }
}

template <typename T, typename Step>
KINDLING_INLINE void loops(int64_t count, const Arrays<T> &arrays, const Step &step) {
  if (!arrays.first) return loop<false, false, false>(count, arrays, step);
  if constexpr (Step::arrays > 1) {
    if (arrays.second && arrays.third) return loop<true, true, true>(count, arrays, step);
    if (arrays.second) return loop<true, true, false>(count, arrays, step);
    if (arrays.third) return loop<true, false, true>(count, arrays, step);
  }
  loop<true, false, false>(count, arrays, step);
}

#define ROW(name, Optimizer, ...)                                                                              \
  KINDLING_CLONES void run(int64_t count, const Arrays<float> &arrays, const Optimizer##Step<float> &step) {   \
    loops(count, arrays, step);                                                                                \
  }                                                                                                            \
  KINDLING_CLONES void run(int64_t count, const Arrays<double> &arrays, const Optimizer##Step<double> &step) { \
    loops(count, arrays, step);                                                                                \
  }
KINDLING_OPTIMIZERS(ROW)
#undef ROW

/// Calls body with the step, for that optimizer and type.
template <typename Body>
void withStep(OptimizerStep which, KernelType type, const void *options, Body body) {
#define ROW(name, Optimizer, ...)                                                          \
  case OptimizerStep_##name:                                                               \
    return withFloatType(#Optimizer, type, [&](auto named) {                               \
      using T = typename decltype(named)::Type;                                            \
      body(Optimizer##Step<T>::of(*static_cast<const Kernel##Optimizer *>(options)), T()); \
    });
  switch (which) { KINDLING_OPTIMIZERS(ROW) }
#undef ROW
}

}  // namespace

void KindlingOptimizerStep(OptimizerStep which, const void *options, KernelType type, int64_t count, void *parameter,
                           const void *gradient, KernelMemory memory) {
  withStep(which, type, options, [&](const auto &step, auto zero) {
    using T = decltype(zero);
    const Arrays<T> arrays = {static_cast<T *>(parameter), static_cast<const T *>(gradient),
                              static_cast<T *>(memory.first), static_cast<T *>(memory.second),
                              static_cast<T *>(memory.third)};
    parallelFor(count, cost, [&](int64_t begin, int64_t end) { run(end - begin, arrays.from(begin), step); });
  });
}

size_t KindlingMakeStep(OptimizerStep which, const void *options, KernelType type, KernelStep *step) {
  size_t size = 0;
  withStep(which, type, options, [&](const auto &made, auto) {
    static_assert(sizeof made <= sizeof *step);
    size = sizeof made;
    memcpy(step, &made, size);
  });
  return size;
}
