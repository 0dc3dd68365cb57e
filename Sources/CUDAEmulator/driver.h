// What the files of the driver share: how it says what went wrong, and the device's memory. Internal to the emulator.
#ifndef KINDLING_EMULATOR_DRIVER_H
#define KINDLING_EMULATOR_DRIVER_H

#include <string>

#include "DriverTable.h"

namespace emulator {

/// The result, for which cuGetErrorString will say this.
CUresult fail(CUresult result, std::string message);

// MARK: Memory, of memory.cpp

int64_t memoryTotal();
CUresult memoryInfo(size_t *free, size_t *total);
CUresult allocate(CUdeviceptr *pointer, size_t bytes);
CUresult deallocate(CUdeviceptr pointer);
CUresult allocateHost(void **pointer, size_t bytes, unsigned flags);
CUresult hostDevicePointer(CUdeviceptr *pointer, void *host, unsigned flags);
CUresult freeHost(void *pointer);
/// Whether a copy stays within one allocation.
CUresult checkRange(CUdeviceptr pointer, size_t bytes, const char *what);

}  // namespace emulator

#endif
