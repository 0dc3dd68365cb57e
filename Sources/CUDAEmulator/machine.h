// The machine that kernels run on in the emulator: threads, warps, blocks and shared memory.
//
// Each CUDA thread of a block is a function call. The calls are made one after the other on one thread of the CPU. A
// call that has to wait (at a barrier, in a warp operation) is put aside with its stack, and the next thread starts on
// a fresh one: a fiber. A thread that never waits costs no fiber, which is why plain elementwise kernels run at the
// speed of loops.
#ifndef KINDLING_MACHINE_H
#define KINDLING_MACHINE_H

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>

namespace emulator {

struct Dimensions {
  uint32_t x = 1, y = 1, z = 1;
  uint64_t count() const { return uint64_t(x) * y * z; }
};

struct Fiber;

enum class State : uint8_t { running, ready, atBarrier, inWarp, done };

/// One CUDA thread.
struct Thread {
  Dimensions index;  // threadIdx
  int32_t rank;      // the same, counted row by row
  State state;
  int32_t line;       // of the barrier or warp operation it waits in or passed last; 0 at the start
  int32_t interval;   // barriers passed
  int32_t warpSteps;  // warp operations passed
  Fiber *fiber;
  // The warp operation it waits in.
  const char *operation;
  uint32_t mask;
  int32_t source;  // the lane whose deposit it wants
  uint64_t deposit, result;
};

/// What SHARED asks for on a GPU: __align__(16).
constexpr size_t sharedAlignment = 16;

/// A __shared__ variable of the source. Its place is found anew in each block.
struct SharedVariable {
  const char *name;
  size_t bytes, elementBytes;
  int64_t columns;  // of a two-dimensional array, else 0
};

/// The thread that runs now, and what it can see. Of each CPU thread that runs blocks there is one.
struct View {
  Thread *thread;
  Dimensions blockIndex, blockSize, gridSize;
};
extern constinit thread_local View view;

void *shared(const SharedVariable &variable);
void barrier(int line);

/// A warp operation: each lane deposits a value, waits for the lanes of `mask`, and gets what lane `source` deposited
/// (its own where `source` is -1).
uint64_t exchange(const char *operation, uint32_t mask, uint64_t deposit, int source, int line);
/// And this gets the lanes of `mask` whose deposit is not 0.
uint32_t ballot(const char *operation, uint32_t mask, bool deposit, int line);

/// Ends the launch with a sentence; the thread and the block are added.
[[noreturn]] void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

// MARK: Looking on, in checked launches

/// What is called from a line of a kernel that is looked for afterwards: no two such calls may become one, and a loop
/// may not become two loops. Who calls it from a function of its own makes that one KINDLING_OF_THE_CALLER.
#define KINDLING_FROM_A_LINE __attribute__((noinline, nomerge, convergent))
/// A function that has no lines: what it does is done by the line that calls it.
#define KINDLING_OF_THE_CALLER __attribute__((always_inline, nodebug))

enum class Access : uint8_t { read, write, freeWrite, atomic };
/// Before an access: ends the launch where it is out of bounds, or races with another.
KINDLING_FROM_A_LINE void watch(const void *address, size_t bytes, Access access, double value);
/// After a read or an atomic operation: the value that came out, for the trace.
void note(double value);

/// While it lives, the accesses that are watched are those of one instruction, which moves `bytes` bytes.
class OneInstruction {
 public:
  KINDLING_FROM_A_LINE explicit OneInstruction(size_t bytes);
  ~OneInstruction();
};

// MARK: Kernels

/// What a kernel calls the pointer that stands `at` bytes into a parameter: one of the optimizers' steps. Elsewhere,
/// and of every other parameter, nullptr.
template <typename Parameter>
const char *memberAt(size_t at) {
  if constexpr (requires(Parameter steps) { steps.of[0].gradient; }) {
    using Step = std::remove_extent_t<decltype(Parameter::of)>;
    constexpr std::pair<size_t, const char *> members[] = {{offsetof(Step, parameter), "parameter"},
                                                           {offsetof(Step, gradient), "gradient"},
                                                           {offsetof(Step, first), "first"},
                                                           {offsetof(Step, second), "second"},
                                                           {offsetof(Step, third), "third"}};
    for (auto [offset, name] : members) {
      if (at % sizeof(Step) == offset) return name;
    }
  }
  return nullptr;
}

/// A kernel, as ENTRY registers it. Each is compiled twice: plain, and with Cells that are watched.
struct Kernel {
  const char *name, *parameters;
  int32_t parameterCount;
  const size_t *sizes;
  const bool *pointers;                      // which parameters are pointers
  const char *(*const *members)(size_t at);  // memberAt of each
  void (*call)(void **parameters);
  uint32_t maximumThreads;  // of a block
  Kernel *next;
};
extern constinit Kernel *plainKernels, *checkedKernels;  // lists

template <auto function, typename Function = decltype(function)>
struct Caller;
template <auto function, typename... Parameters>
struct Caller<function, void (*)(Parameters...)> {
  static constexpr int32_t count = sizeof...(Parameters);
  static constexpr size_t sizes[] = {sizeof(Parameters)...};
  static constexpr bool pointers[] = {std::is_pointer_v<Parameters>...};
  static constexpr const char *(*members[])(size_t) = {memberAt<Parameters>...};

  template <size_t... index>
  static void callWith(void **parameters, std::index_sequence<index...>) {
    function(*static_cast<std::remove_reference_t<Parameters> *>(parameters[index])...);
  }
  /// As cuLaunchKernel does: one pointer to each argument.
  static void call(void **parameters) { callWith(parameters, std::make_index_sequence<sizeof...(Parameters)>()); }
};

struct Registration {
  Kernel kernel;
  Registration(Kernel *&list, Kernel kernel) : kernel(kernel) {
    this->kernel.next = list;
    list = &this->kernel;
  }
};

}  // namespace emulator

#endif
