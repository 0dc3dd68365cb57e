// What belongs to a thread, and what this machine is.
#include <cblas.h>
#include <pthread.h>

#include "../include/kernels.h"
#include "clones.h"

namespace {

/// Frees the thread's generator when the thread ends. A key of pthread's, because a C++ destructor of a thread_local
/// would put a check into every access.
void releaseGenerator(void *state) {
  auto *ending = static_cast<KernelThreadState *>(state);
  if (ending->generator && ending->releaseGenerator) ending->releaseGenerator(ending->generator);
  ending->generator = nullptr;
}

struct ThreadState : KernelThreadState {
  bool isRegistered;
};
thread_local ThreadState threadState = {};

__attribute__((noinline)) void registerThread() {
  static const pthread_key_t key = [] {
    pthread_key_t made;
    pthread_key_create(&made, releaseGenerator);
    return made;
  }();
  pthread_setspecific(key, static_cast<KernelThreadState *>(&threadState));
  threadState.isRegistered = true;
}

}  // namespace

KernelThreadState *KindlingThreadState(void) {
  if (__builtin_expect(!threadState.isRegistered, false)) registerThread();
  return &threadState;
}

const char *KindlingInstructionSet(void) {
#if defined(__x86_64__) && defined(__linux__)
  // The same question that the loader asks before it picks a clone.
  __builtin_cpu_init();
  if (__builtin_cpu_supports("x86-64-v4")) return "AVX-512";
  if (__builtin_cpu_supports("x86-64-v3")) return "AVX2";
#elif defined(__aarch64__)
  return "NEON";  // every such processor has it
#endif
  return "baseline";
}

const char *KindlingBLASDescription(void) { return openblas_get_config(); }
