// Launches a puzzle's kernel through a table of driver functions, which is the emulator's or that of a GPU.
#include <dlfcn.h>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "DriverTable.h"
#include "PuzzleKernel.h"

// CUDAEmulator.h and CUDADriver.h cannot be included here: see the module map of CUDADriver.
extern "C" const KindlingCUDADriver *KindlingEmulatorDriver(void);
extern "C" int32_t KindlingCUDALoadDriver(const KindlingCUDADriver **driver);
extern "C" const char *KindlingCUDAMessage(void);

namespace {

std::string message;

/// The first sentence against something that was tried.
struct Complaint {
  std::string words;
};

void expect(const KindlingCUDADriver &driver, CUresult result) {
  if (result == CUDA_SUCCESS) return;
  const char *words = nullptr;
  driver.cuGetErrorString(result, &words);
  throw Complaint{words ? words : "error " + std::to_string(result) + " of the driver"};
}

struct Machine {
  const KindlingCUDADriver *driver = nullptr;
  CUstream stream = nullptr;
  CUmodule module = nullptr;  // on a GPU

  explicit Machine(const std::string &file) {
    bool onGPU = file.ends_with(".ptx");
    if (!onGPU) {
      // Its kernels enter themselves into the emulator's list.
      if (!dlopen(file.c_str(), RTLD_NOW)) throw Complaint{dlerror()};
      driver = KindlingEmulatorDriver();
    } else if (KindlingCUDALoadDriver(&driver) != 0) {
      throw Complaint{KindlingCUDAMessage()};
    }
    CUdevice device = 0;
    CUcontext context;
    if (onGPU) expect(*driver, driver->cuDeviceGet(&device, 0));
    expect(*driver, driver->cuDevicePrimaryCtxRetain(&context, device));
    expect(*driver, driver->cuCtxSetCurrent(context));
    expect(*driver, driver->cuStreamCreate(&stream, CU_STREAM_NON_BLOCKING));
    if (!onGPU) return;
    std::ifstream ptx(file);
    std::string text{std::istreambuf_iterator<char>(ptx), {}};
    expect(*driver, driver->cuModuleLoadDataEx(&module, text.c_str(), 0, nullptr, nullptr));
  }
};

void launch(const std::string &file, const char *kernel, const unsigned (&sizes)[4],
            const KindlingPuzzleArgument *arguments, int32_t count) {
  static const Machine machine(file);  // one puzzle a process
  const KindlingCUDADriver &driver = *machine.driver;
  CUfunction function;
  expect(driver, driver.cuModuleGetFunction(&function, machine.module, kernel));

  std::vector<CUdeviceptr> pointers(count);
  std::vector<void *> parameters;
  for (int32_t i = 0; i < count; ++i) {
    const KindlingPuzzleArgument &argument = arguments[i];
    if (!argument.memory) {
      parameters.push_back(const_cast<int32_t *>(&argument.number));
      continue;
    }
    expect(driver, driver.cuMemAlloc(&pointers[i], argument.byteCount));
    expect(driver, driver.cuMemcpyHtoDAsync(pointers[i], argument.memory, argument.byteCount, machine.stream));
    parameters.push_back(&pointers[i]);
  }
  expect(driver, driver.cuLaunchKernel(function, sizes[0], sizes[1], 1, sizes[2], sizes[3], 1, 0, machine.stream,
                                       parameters.data(), nullptr));
  for (int32_t i = 0; i < count; ++i) {
    if (!pointers[i]) continue;
    expect(driver, driver.cuMemcpyDtoHAsync(arguments[i].memory, pointers[i], arguments[i].byteCount, machine.stream));
  }
  expect(driver, driver.cuStreamSynchronize(machine.stream));
  for (CUdeviceptr pointer : pointers) {
    if (pointer) driver.cuMemFree(pointer);
  }
}

}  // namespace

const char *KindlingPuzzleLaunch(const char *file, const char *kernel, unsigned gridX, unsigned gridY, unsigned blockX,
                                 unsigned blockY, const KindlingPuzzleArgument *arguments, int32_t argumentCount) {
  try {
    launch(file, kernel, {gridX, gridY, blockX, blockY}, arguments, argumentCount);
    return nullptr;
  } catch (const Complaint &complaint) {
    message = complaint.words;
    return message.c_str();
  }
}
