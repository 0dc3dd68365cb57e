// The device's context, and the threads on which it is current: part of driver.cpp.
#ifndef KINDLING_CONTEXT_H
#define KINDLING_CONTEXT_H

#include <atomic>
#include <cstdint>
#include <mutex>

#include "driver.h"

namespace emulator {

namespace {

/// There is one context, which ends when as many have released it as had retained it. The next one is another.
std::mutex contextMutex;
int64_t contextUsers = 0;
std::atomic<int64_t> contextNumber = 0;
thread_local int64_t currentContext = 0;

CUresult retainContext(CUcontext *context, CUdevice) {
  std::lock_guard lock(contextMutex);
  if (contextUsers++ == 0) ++contextNumber;
  *context = reinterpret_cast<CUcontext>(&contextUsers);
  return CUDA_SUCCESS;
}
CUresult releaseContext(CUdevice) {
  std::lock_guard lock(contextMutex);
  if (--contextUsers == 0) ++contextNumber;
  return CUDA_SUCCESS;
}
CUresult setContext(CUcontext) {
  std::lock_guard lock(contextMutex);
  if (contextUsers == 0) return fail(CUDA_ERROR_INVALID_CONTEXT, "this context has been released");
  return currentContext = contextNumber, CUDA_SUCCESS;
}

/// A function that fails, as a driver's does, on a thread on which no context is current.
template <auto function, typename Function = decltype(function)>
struct InContext;
template <auto function, typename... Parameters>
struct InContext<function, CUresult (*)(Parameters...)> {
  static CUresult call(Parameters... parameters) {
    if (currentContext != 0 && currentContext == contextNumber) return function(parameters...);
    return fail(CUDA_ERROR_INVALID_CONTEXT, "no context is current on this thread");
  }
};

}  // namespace

}  // namespace emulator

#endif
