// The driver of Tests/FakeDriver with another way to run a kernel: the PTX that a program hands to it is read and
// carried out, instruction by instruction, on the emulator's machine. The kernels' sources have no part in it.
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <stdexcept>

#include "DriverTable.h"
#include "program.h"

/// The emulator's, of driver.cpp there.
struct CUfunc_st {
  const emulator::Kernel *plain, *checked;
};

namespace ptx {

namespace {

struct LoadedKernel : emulator::Kernel {
  const Function *function;
  CUfunc_st handle;
};

struct LoadedModule {
  Module module;
  std::map<std::string, LoadedKernel> kernels;
};

const LoadedKernel &running() {
  return *static_cast<const LoadedKernel *>(emulator::BlockRunner::current().launch->kernel);
}

/// What every thread of a launch does.
void call(void **parameters) { run(*running().function, reinterpret_cast<const uint64_t *>(parameters)); }

// MARK: Memory that a thread may touch

std::mutex pinnedMutex;
std::map<uint64_t, size_t> pinned;  // the host's, which the device sees, and the modules' own

bool isPinned(uint64_t address, uintptr_t &begin, uintptr_t &end) {
  std::lock_guard lock(pinnedMutex);
  auto next = pinned.upper_bound(address);
  if (next == pinned.begin()) return false;
  auto found = std::prev(next);
  begin = found->first;
  end = begin + found->second;
  return address < end;
}

CUresult allocateHost(void **pointer, size_t bytes, unsigned flags) {
  CUresult result = KindlingEmulatorDriver()->cuMemHostAlloc(pointer, bytes, flags);
  std::lock_guard lock(pinnedMutex);
  if (result == CUDA_SUCCESS) pinned[reinterpret_cast<uint64_t>(*pointer)] = bytes;
  return result;
}
CUresult freeHost(void *pointer) {
  std::lock_guard lock(pinnedMutex);
  pinned.erase(reinterpret_cast<uint64_t>(pointer));
  return KindlingEmulatorDriver()->cuMemFreeHost(pointer);
}

// MARK: Modules

/// "adam_float32 sqrt.rn.f32 rcp.rn.f32 2" in PTX_CHANGE has the second sqrt.rn.f32 of that kernel read as rcp.rn.f32;
/// the first where there is no number. So it is seen whether a test finds it.
std::string changed(const char *text) {
  std::string ptx = text;
  static const char *setting = getenv("PTX_CHANGE");
  if (!setting) return ptx;
  char kernel[128], from[64], to[64];
  int number = 1;
  if (sscanf(setting, "%127s %63s %63s %d", kernel, from, to, &number) < 3) abort();
  size_t place = ptx.find(".entry " + std::string(kernel) + "(");
  if (place == std::string::npos) return ptx;
  while (number-- > 0 && place != std::string::npos) place = ptx.find("\t" + std::string(from) + " ", place + 1);
  if (place == std::string::npos) {
    fprintf(stderr, "PTX_CHANGE: %s has fewer of %s\n", kernel, from);
    abort();
  }
  fprintf(stderr, "PTX_CHANGE: %s computes %s for %s\n", kernel, to, from);
  return ptx.replace(place + 1, strlen(from), to);
}

CUresult loadModule(CUmodule *result, const void *image, unsigned count, int *options, void **values) {
  auto loaded = std::make_unique<LoadedModule>();
  try {
    read(changed(static_cast<const char *>(image)).c_str(), loaded->module);
  } catch (const std::exception &error) {
    for (unsigned n = 0; n + 1 < count; ++n) {
      if (options[n] != CU_JIT_ERROR_LOG_BUFFER || options[n + 1] != CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES) continue;
      snprintf(static_cast<char *>(values[n]), reinterpret_cast<size_t>(values[n + 1]), "%s", error.what());
    }
    return CUDA_ERROR_INVALID_PTX;
  }
  for (auto &[name, bytes] : loaded->module.globals) {
    std::lock_guard lock(pinnedMutex);
    pinned[reinterpret_cast<uint64_t>(bytes.data())] = bytes.size();
  }
  *result = reinterpret_cast<CUmodule>(loaded.release());
  return CUDA_SUCCESS;
}

CUresult unloadModule(CUmodule module) {
  auto *loaded = reinterpret_cast<LoadedModule *>(module);
  for (auto &[name, bytes] : loaded->module.globals) {
    std::lock_guard lock(pinnedMutex);
    pinned.erase(reinterpret_cast<uint64_t>(bytes.data()));
  }
  delete loaded;
  return CUDA_SUCCESS;
}

/// Adds a kernel to the file that PTX_RAN names: what a run has come by.
void note(const char *kernel) {
  static FILE *file = getenv("PTX_RAN") ? fopen(getenv("PTX_RAN"), "a") : nullptr;
  if (!file) return;
  fprintf(file, "%s\n", kernel);
  fflush(file);
}

CUresult getFunction(CUfunction *result, CUmodule module, const char *name) {
  auto *loaded = reinterpret_cast<LoadedModule *>(module);
  auto found = loaded->module.kernels.find(name);
  if (found == loaded->module.kernels.end()) return CUDA_ERROR_NOT_FOUND;
  note(name);
  const Function &function = found->second;
  LoadedKernel &kernel = loaded->kernels[name];  // made of zeros
  kernel.name = function.name.c_str();
  kernel.parameters = "";
  kernel.parameterCount = int32_t(function.sizes.size());
  kernel.sizes = function.sizes.data();
  kernel.call = call;
  kernel.maximumThreads = function.maximumThreads;
  kernel.function = &function;
  kernel.handle = {&kernel, nullptr};
  *result = &kernel.handle;
  return CUDA_SUCCESS;
}

}  // namespace

// MARK: Running

/// The parameters are addresses: of a launch's arguments, or of variables of who calls.
void run(const Function &function, const uint64_t *parameters) {
  size_t words = function.initial.size();
  auto *registers = static_cast<Registers>(__builtin_alloca(words * sizeof(uint64_t)));
  memcpy(registers, function.initial.data(), words * sizeof(uint64_t));
  const emulator::View &view = emulator::view;
  const emulator::Dimensions *known[] = {&view.thread->index, &view.blockSize, &view.blockIndex, &view.gridSize};
  for (int n = 0; n < 4; ++n) {
    registers[3 * n] = known[n]->x;
    registers[3 * n + 1] = known[n]->y;
    registers[3 * n + 2] = known[n]->z;
  }
  for (size_t n = 0; n < function.parameters.size(); ++n) registers[function.parameters[n]] = parameters[n];
  auto *local = static_cast<char *>(__builtin_alloca_with_align(function.localBytes + 16, 128));
  for (const Variable &variable : function.locals) {
    registers[variable.reg] = reinterpret_cast<uint64_t>(local + variable.offset);
  }
  for (auto &[reg, variable] : function.shared) {
    registers[reg] = reinterpret_cast<uint64_t>(emulator::shared(*variable));
  }
  const Instruction *begin = function.instructions.data(), *next = begin;
  for (;;) {
    const Instruction &instruction = *next++;
    if (instruction.predicate >= 0 && (registers[instruction.predicate] != 0) == instruction.isNegated) continue;
    switch (instruction.kind) {
      case Kind::plain:
        instruction.action(registers, instruction);
        break;
      case Kind::branch:
        next = begin + instruction.target;
        break;
      case Kind::call: {
        uint64_t addresses[8];
        for (int32_t n = 0; n < instruction.operandCount; ++n) addresses[n] = registers[instruction.operands[n]];
        run(*instruction.callee, addresses);
        break;
      }
      case Kind::finish:
        return;
    }
  }
}

Range globalAt(const Instruction &instruction, uint64_t address, size_t bytes) {
  Range found;
  bool isThere = emulator::findAllocation(address, found.begin, found.end) || isPinned(address, found.begin, found.end);
  if (isThere && address + bytes <= found.end) return found;
  emulator::fail("%s in line %d touches %zu bytes that are no device memory", instruction.name.c_str(),
                 instruction.line, bytes);
}

Range sharedAt(const Instruction &instruction, uint64_t address, size_t bytes) {
  for (const emulator::SharedPlace &place : emulator::BlockRunner::current().sharedPlaces()) {
    auto begin = reinterpret_cast<uint64_t>(place.address);
    if (address >= begin && address + bytes <= begin + place.bytes) return {begin, begin + place.bytes};
  }
  emulator::fail("%s in line %d touches %zu bytes that are no shared memory of its block", instruction.name.c_str(),
                 instruction.line, bytes);
}

}  // namespace ptx

/// Called by Tests/FakeDriver, where it is there.
extern "C" void KindlingPTXInto(KindlingCUDADriver *table) {
  table->cuModuleLoadDataEx = ptx::loadModule;
  table->cuModuleUnload = ptx::unloadModule;
  table->cuModuleGetFunction = ptx::getFunction;
  table->cuMemHostAlloc = ptx::allocateHost;
  table->cuMemFreeHost = ptx::freeHost;
}
