// Inside CUDADriver: how its functions fail.
#ifndef KINDLING_CUDA_ERRORS_H
#define KINDLING_CUDA_ERRORS_H

#include "include/CUDADriver.h"

/// Sets the thread's message and returns `status`.
KindlingCUDAStatus KindlingCUDAFail(KindlingCUDAStatus status, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/// The same for a result of the driver; `call` is the function's name, `entry` the kernel's or NULL.
KindlingCUDAStatus KindlingCUDACheck(const KindlingCUDADriver *driver, CUresult result, const char *call,
                                     const char *entry);

/// Adds to the thread's message.
void KindlingCUDAAdd(const char *text);

/// Calls a function of the driver and leaves the function it stands in where that fails.
#define DRIVER(table, function, ...)                                                          \
  do {                                                                                        \
    CUresult result_ = (table)->function(__VA_ARGS__);                                        \
    if (result_ != CUDA_SUCCESS) return KindlingCUDACheck((table), result_, #function, NULL); \
  } while (0)
#define CALL(...)                                              \
  do {                                                         \
    KindlingCUDAStatus status_ = (__VA_ARGS__);                \
    if (status_ != KindlingCUDAStatus_success) return status_; \
  } while (0)

#endif
