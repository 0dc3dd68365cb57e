// A stack of its own, and the switch from one to another.
#ifndef KINDLING_FIBER_H
#define KINDLING_FIBER_H

#include <cstddef>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define KINDLING_ASAN 1
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#if __has_feature(thread_sanitizer)
#define KINDLING_TSAN 1
#include <sanitizer/tsan_interface.h>
#endif
#endif

namespace emulator {

struct Fiber {
  void *stackPointer = nullptr;  // where it stopped
  char *stack = nullptr;         // its lowest byte; nullptr for the CPU thread's own stack
  size_t bytes = 0;
  Fiber *nextFree = nullptr;
#ifdef KINDLING_TSAN
  void *known = nullptr;  // what ThreadSanitizer calls it
#endif

  /// A fiber that runs `main` when it is first switched to. `main` must never return.
  static Fiber *make(void (*main)());
  /// Forgets what it was doing and starts again at `main`.
  void reset(void (*main)());
  /// Stops here and goes on there. Returns when somebody switches back.
  void switchTo(Fiber &other);
};

/// To be called first in `main`.
void fiberHasStarted();

}  // namespace emulator

#endif
