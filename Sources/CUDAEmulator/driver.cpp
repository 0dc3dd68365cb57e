// The driver's functions, for a device made of software. Launches run at once, so that streams and events have little
// to do; but what goes wrong in a kernel is told as late as on a GPU.
#include "driver.h"

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <unordered_map>

#include "DriverTable.h"
#include "block.h"
#include "context.h"

// What the opaque types of DriverTable.h are here.

struct CUfunc_st {
  const emulator::Kernel *plain, *checked;
};
struct CUgraph_st {
  std::vector<std::function<CUresult()>> steps;
};
struct CUgraphExec_st {
  std::vector<std::function<CUresult()>> steps;
};
struct CUstream_st {
  CUgraph_st *capturing = nullptr;
  bool spoilt = false;  // the capture: something was asked for meanwhile that a graph cannot do
  std::string fault;    // what went wrong on the device: nothing runs any more
};
struct CUevent_st {
  std::chrono::steady_clock::time_point time;
  CUstream stream = nullptr;
  bool captured = false;
};

namespace emulator {

static thread_local std::string lastMessage;

CUresult fail(CUresult result, std::string message) {
  lastMessage = std::move(message);
  return result;
}

namespace {

/// Runs a step now, or records it.
template <typename Step>
CUresult enqueue(CUstream stream, Step step) {
  if (!stream->capturing) return step();
  if (stream->spoilt) return fail(CUDA_ERROR_STREAM_CAPTURE_INVALIDATED, "the capture was spoilt before");
  stream->capturing->steps.push_back(std::move(step));
  return CUDA_SUCCESS;
}

/// The same, for what cannot be recorded. It spoils the capture.
CUresult unlessCapturing(CUstream stream, const char *what) {
  if (!stream->capturing) return CUDA_SUCCESS;
  stream->spoilt = true;
  return fail(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, std::string(what) + " cannot be part of a graph");
}

/// Waits until the stream is done, which it always is, and says what went wrong in it.
CUresult waitFor(CUstream stream, const char *what) {
  if (CUresult result = unlessCapturing(stream, what)) return result;
  return stream->fault.empty() ? CUDA_SUCCESS : fail(CUDA_ERROR_LAUNCH_FAILED, stream->fault);
}

// MARK: Devices and contexts

CUresult init(unsigned) { return CUDA_SUCCESS; }
CUresult driverVersion(int *version) { return *version = 12000, CUDA_SUCCESS; }
CUresult errorName(CUresult error, const char **name) {
#define NAMED(result) \
  case result:        \
    *name = #result;  \
    break;
  switch (error) {
    NAMED(CUDA_SUCCESS)
    NAMED(CUDA_ERROR_INVALID_VALUE)
    NAMED(CUDA_ERROR_OUT_OF_MEMORY)
    NAMED(CUDA_ERROR_INVALID_DEVICE)
    NAMED(CUDA_ERROR_INVALID_CONTEXT)
    NAMED(CUDA_ERROR_NOT_FOUND)
    NAMED(CUDA_ERROR_LAUNCH_FAILED)
    NAMED(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED)
    NAMED(CUDA_ERROR_STREAM_CAPTURE_INVALIDATED)
    NAMED(CUDA_ERROR_CAPTURED_EVENT)
    default:
      *name = "CUDA_ERROR_UNKNOWN";
  }
#undef NAMED
  return CUDA_SUCCESS;
}
/// Here a real driver has a phrase for each error; the emulator says what happened.
CUresult errorString(CUresult, const char **text) { return *text = lastMessage.c_str(), CUDA_SUCCESS; }
CUresult deviceCount(int *count) { return *count = 1, CUDA_SUCCESS; }
CUresult device(CUdevice *device, int index) {
  *device = 0;
  return index == 0 ? CUDA_SUCCESS : fail(CUDA_ERROR_INVALID_DEVICE, "the emulator has one device, number 0");
}
CUresult deviceName(char *name, int length, CUdevice) {
  snprintf(name, size_t(length), "CUDA emulator (%d CPU thread%s)", cpuThreads(), cpuThreads() == 1 ? "" : "s");
  return CUDA_SUCCESS;
}
CUresult deviceTotalMemory(size_t *bytes, CUdevice) { return *bytes = size_t(memoryTotal()), CUDA_SUCCESS; }
CUresult deviceAttribute(int *value, int attribute, CUdevice) {
  switch (attribute) {
    case CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT:
      *value = cpuThreads();
      break;
    case CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR:
      *value = 7;
      break;
    case CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR:
      *value = 5;
      break;
    default:
      return fail(CUDA_ERROR_INVALID_VALUE, "an attribute that the emulator does not know");
  }
  return CUDA_SUCCESS;
}
char somewhere;  // modules are never looked into

// MARK: Copies, within the memory of memory.cpp

CUresult copyIn(CUdeviceptr out, const void *source, size_t bytes, CUstream stream) {
  if (CUresult result = unlessCapturing(stream, "a copy from the host")) return result;
  if (CUresult result = checkRange(out, bytes, "a copy to the device")) return result;
  memcpy(reinterpret_cast<void *>(out), source, bytes);
  return CUDA_SUCCESS;
}
CUresult copyOut(void *out, CUdeviceptr source, size_t bytes, CUstream stream) {
  if (CUresult result = waitFor(stream, "a copy to the host")) return result;
  if (CUresult result = checkRange(source, bytes, "a copy from the device")) return result;
  memcpy(out, reinterpret_cast<void *>(source), bytes);
  return CUDA_SUCCESS;
}
CUresult copyOnDevice(CUdeviceptr out, CUdeviceptr source, size_t bytes, CUstream stream) {
  return enqueue(stream, [=]() -> CUresult {
    if (CUresult result = checkRange(source, bytes, "a copy from the device")) return result;
    if (CUresult result = checkRange(out, bytes, "a copy to the device")) return result;
    memmove(reinterpret_cast<void *>(out), reinterpret_cast<void *>(source), bytes);
    return CUDA_SUCCESS;
  });
}
CUresult setBytes(CUdeviceptr out, unsigned char value, size_t bytes, CUstream stream) {
  return enqueue(stream, [=]() -> CUresult {
    if (CUresult result = checkRange(out, bytes, "a fill")) return result;
    memset(reinterpret_cast<void *>(out), value, bytes);
    return CUDA_SUCCESS;
  });
}

// MARK: Streams and events

CUresult createStream(CUstream *stream, unsigned) { return *stream = new CUstream_st, CUDA_SUCCESS; }
CUresult destroyStream(CUstream stream) { return delete stream, CUDA_SUCCESS; }
CUresult synchronizeStream(CUstream stream) { return waitFor(stream, "waiting"); }
CUresult createEvent(CUevent *event, unsigned) { return *event = new CUevent_st, CUDA_SUCCESS; }
CUresult destroyEvent(CUevent event) { return delete event, CUDA_SUCCESS; }
CUresult recordEvent(CUevent event, CUstream stream) {
  event->time = std::chrono::steady_clock::now();
  event->stream = stream;
  event->captured = stream->capturing != nullptr;
  return CUDA_SUCCESS;
}
CUresult synchronizeEvent(CUevent event) {
  if (event->captured) return fail(CUDA_ERROR_CAPTURED_EVENT, "this event is part of a graph");
  return event->stream ? waitFor(event->stream, "waiting") : CUDA_SUCCESS;
}
CUresult elapsed(float *milliseconds, CUevent first, CUevent second) {
  if (first->captured || second->captured) {
    return fail(CUDA_ERROR_CAPTURED_EVENT, "this event is part of a graph");
  }
  *milliseconds = std::chrono::duration<float, std::milli>(second->time - first->time).count();
  return CUDA_SUCCESS;
}

// MARK: Kernels

CUresult loadModule(CUmodule *module, const void *, unsigned, int *, void **) {
  *module = reinterpret_cast<CUmodule>(&somewhere);
  return CUDA_SUCCESS;
}
CUresult unloadModule(CUmodule) { return CUDA_SUCCESS; }

const std::unordered_map<std::string, CUfunc_st> &functions() {
  static const auto &all = *new std::unordered_map<std::string, CUfunc_st>([] {
    std::unordered_map<std::string, CUfunc_st> all;
    for (const Kernel *kernel = plainKernels; kernel; kernel = kernel->next) all[kernel->name].plain = kernel;
    for (const Kernel *kernel = checkedKernels; kernel; kernel = kernel->next) all[kernel->name].checked = kernel;
    return all;
  }());
  return all;
}

CUresult getFunction(CUfunction *function, CUmodule, const char *name) {
  auto found = functions().find(name);
  if (found == functions().end()) return fail(CUDA_ERROR_NOT_FOUND, std::string("there is no kernel ") + name);
  *function = const_cast<CUfunction>(&found->second);
  return CUDA_SUCCESS;
}

Launch launchOf(CUfunction function, Dimensions grid, Dimensions block, void **parameters) {
  bool checked = settings.checking || settings.tracing || settings.counting;
  return {checked ? function->checked : function->plain, grid, block, parameters, checked};
}

/// What goes wrong on the device is told to whoever waits for it.
CUresult launchNow(CUstream stream, const Launch &launch) {
  if (stream->fault.empty()) stream->fault = run(launch);
  return CUDA_SUCCESS;
}

CUresult launchKernel(CUfunction function, unsigned gridX, unsigned gridY, unsigned gridZ, unsigned blockX,
                      unsigned blockY, unsigned blockZ, unsigned, CUstream stream, void **parameters, void **) {
  Dimensions grid = {gridX, gridY, gridZ}, block = {blockX, blockY, blockZ};
  Launch launch = launchOf(function, grid, block, parameters);
  // What no GPU would take is refused at once, also where it is only recorded.
  std::string why = validate(launch);
  if (!why.empty()) return fail(CUDA_ERROR_INVALID_VALUE, why);
  if (!stream->capturing) return launchNow(stream, launch);
  // A graph keeps its own copy of every argument.
  std::vector<std::vector<char>> arguments;
  for (int32_t i = 0; i < function->plain->parameterCount; ++i) {
    const char *bytes = static_cast<const char *>(parameters[i]);
    arguments.emplace_back(bytes, bytes + function->plain->sizes[i]);
  }
  return enqueue(stream, [=]() mutable {
    std::vector<void *> pointers;
    for (std::vector<char> &argument : arguments) pointers.push_back(argument.data());
    return launchNow(stream, launchOf(function, grid, block, pointers.data()));
  });
}

// MARK: Graphs

CUresult beginCapture(CUstream stream, int) {
  if (stream->capturing) return fail(CUDA_ERROR_INVALID_VALUE, "this stream is being captured already");
  stream->capturing = new CUgraph_st;
  stream->spoilt = false;
  return CUDA_SUCCESS;
}
CUresult endCapture(CUstream stream, CUgraph *graph) {
  if (!stream->capturing) return fail(CUDA_ERROR_INVALID_VALUE, "this stream is not being captured");
  *graph = stream->spoilt ? nullptr : stream->capturing;
  if (stream->spoilt) delete stream->capturing;
  stream->capturing = nullptr;
  if (stream->spoilt) return fail(CUDA_ERROR_STREAM_CAPTURE_INVALIDATED, "the capture was spoilt before");
  return CUDA_SUCCESS;
}
CUresult instantiate(CUgraphExec *instance, CUgraph graph, unsigned long long) {
  *instance = new CUgraphExec_st{graph->steps};
  return CUDA_SUCCESS;
}
CUresult launchGraph(CUgraphExec instance, CUstream stream) {
  if (CUresult result = unlessCapturing(stream, "a replay")) return result;
  for (auto &step : instance->steps) {
    if (CUresult result = step()) return result;
  }
  return CUDA_SUCCESS;
}
CUresult destroyGraph(CUgraph graph) { return delete graph, CUDA_SUCCESS; }
CUresult destroyInstance(CUgraphExec instance) { return delete instance, CUDA_SUCCESS; }

}  // namespace

}  // namespace emulator

using namespace emulator;

const KindlingCUDADriver *KindlingEmulatorDriver(void) {
  static const KindlingCUDADriver table = [] {
    KindlingCUDADriver t = {};
    t.cuInit = init;
    t.cuDriverGetVersion = driverVersion;
    t.cuGetErrorName = errorName;
    t.cuGetErrorString = errorString;
    t.cuDeviceGetCount = deviceCount;
    t.cuDeviceGet = device;
    t.cuDeviceGetName = deviceName;
    t.cuDeviceTotalMem = deviceTotalMemory;
    t.cuDeviceGetAttribute = deviceAttribute;
    t.cuDevicePrimaryCtxRetain = retainContext;
    t.cuDevicePrimaryCtxRelease = releaseContext;
    t.cuCtxSetCurrent = setContext;
    t.cuMemGetInfo = InContext<memoryInfo>::call;
    t.cuMemAlloc = InContext<allocate>::call;
    t.cuMemFree = InContext<deallocate>::call;
    t.cuMemHostAlloc = InContext<allocateHost>::call;
    t.cuMemHostGetDevicePointer = InContext<hostDevicePointer>::call;
    t.cuMemFreeHost = InContext<freeHost>::call;
    t.cuMemcpyHtoDAsync = InContext<copyIn>::call;
    t.cuMemcpyDtoHAsync = InContext<copyOut>::call;
    t.cuMemcpyDtoDAsync = InContext<copyOnDevice>::call;
    t.cuMemsetD8Async = InContext<setBytes>::call;
    t.cuStreamCreate = InContext<createStream>::call;
    t.cuStreamDestroy = destroyStream;
    t.cuStreamSynchronize = InContext<synchronizeStream>::call;
    t.cuEventCreate = InContext<createEvent>::call;
    t.cuEventDestroy = destroyEvent;
    t.cuEventRecord = InContext<recordEvent>::call;
    t.cuEventSynchronize = InContext<synchronizeEvent>::call;
    t.cuEventElapsedTime = elapsed;
    t.cuModuleLoadDataEx = InContext<loadModule>::call;
    t.cuModuleUnload = unloadModule;
    t.cuModuleGetFunction = getFunction;
    t.cuLaunchKernel = InContext<launchKernel>::call;
    t.cuStreamBeginCapture = InContext<beginCapture>::call;
    t.cuStreamEndCapture = InContext<endCapture>::call;
    t.cuGraphInstantiate = InContext<instantiate>::call;
    t.cuGraphLaunch = InContext<launchGraph>::call;
    t.cuGraphDestroy = destroyGraph;
    t.cuGraphExecDestroy = destroyInstance;
    t.emulated = 1;
    return t;
  }();
  return &table;
}

void KindlingEmulatorSetOrder(KindlingEmulatorOrder order, uint64_t seed) {
  settings.order = order;
  settings.seed = seed;
}
void KindlingEmulatorSetThreads(int32_t count) { settings.threads = count; }
void KindlingEmulatorSetChecking(bool checking) { settings.checking = checking; }

const KindlingEmulatorKernel *KindlingEmulatorKernelAt(int32_t index) {
  static const auto &all = *new std::vector<KindlingEmulatorKernel>([] {
    std::vector<KindlingEmulatorKernel> all;
    for (const Kernel *kernel = plainKernels; kernel; kernel = kernel->next) {
      all.push_back({kernel->name, kernel->parameters, kernel->parameterCount, kernel->sizes});
    }
    return all;
  }());
  return index >= 0 && index < int32_t(all.size()) ? &all[size_t(index)] : nullptr;
}
