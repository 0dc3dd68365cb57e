// The device's memory: blocks of the processor's, with a limit, and a list of them, so that what lies beyond is
// noticed.
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>

#include "block.h"
#include "driver.h"

namespace emulator {

namespace {

std::mutex memoryMutex;
std::map<uintptr_t, size_t> allocations;  // begin → bytes
int64_t memoryUsed = 0, memoryLimit = 0;

}  // namespace

int64_t memoryTotal() {
  if (memoryLimit > 0) return memoryLimit;
  static const int64_t half = int64_t(sysconf(_SC_PHYS_PAGES)) * sysconf(_SC_PAGESIZE) / 2;
  return half;
}

CUresult memoryInfo(size_t *free, size_t *total) {
  std::lock_guard lock(memoryMutex);
  *total = size_t(memoryTotal());
  *free = size_t(std::max<int64_t>(0, memoryTotal() - memoryUsed));
  return CUDA_SUCCESS;
}

CUresult allocate(CUdeviceptr *pointer, size_t bytes) {
  std::lock_guard lock(memoryMutex);
  void *memory = nullptr;
  if (memoryUsed + int64_t(bytes) > memoryTotal() || posix_memalign(&memory, 256, bytes) != 0) {
    return fail(CUDA_ERROR_OUT_OF_MEMORY, "out of memory");
  }
  memset(memory, 0xff, bytes);  // NaN: no kernel may count on zeros
  memoryUsed += int64_t(bytes);
  *pointer = reinterpret_cast<uintptr_t>(memory);
  allocations[*pointer] = bytes;
  return CUDA_SUCCESS;
}

CUresult deallocate(CUdeviceptr pointer) {
  std::lock_guard lock(memoryMutex);
  auto found = allocations.find(pointer);
  if (found == allocations.end())
    return fail(CUDA_ERROR_INVALID_VALUE, "this memory was not allocated, or freed before");
  memoryUsed -= int64_t(found->second);
  allocations.erase(found);
  free(reinterpret_cast<void *>(pointer));
  return CUDA_SUCCESS;
}

CUresult allocateHost(void **pointer, size_t bytes, unsigned) {
  return posix_memalign(pointer, 256, bytes) == 0 ? CUDA_SUCCESS : fail(CUDA_ERROR_OUT_OF_MEMORY, "out of memory");
}
CUresult hostDevicePointer(CUdeviceptr *pointer, void *host, unsigned) {
  *pointer = reinterpret_cast<uintptr_t>(host);
  return CUDA_SUCCESS;
}
CUresult freeHost(void *pointer) { return free(pointer), CUDA_SUCCESS; }

CUresult checkRange(CUdeviceptr pointer, size_t bytes, const char *what) {
  uintptr_t begin, end;
  if (findAllocation(pointer, begin, end) && pointer + bytes <= end) return CUDA_SUCCESS;
  return fail(CUDA_ERROR_INVALID_VALUE,
              std::string(what) + " of " + std::to_string(bytes) + " bytes goes beyond the device memory it was given");
}

bool findAllocation(uintptr_t address, uintptr_t &begin, uintptr_t &end) {
  std::lock_guard lock(memoryMutex);
  auto next = allocations.upper_bound(address);
  if (next == allocations.begin()) return false;
  auto found = std::prev(next);
  begin = found->first;
  end = begin + found->second;
  return address < end || (address == end && begin == end);
}

}  // namespace emulator

void KindlingEmulatorSetMemory(int64_t byteCount) { emulator::memoryLimit = byteCount; }
