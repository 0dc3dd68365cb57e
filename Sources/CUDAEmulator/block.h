// Running the threads of one block, and the launches made of blocks. Internal to the emulator.
#ifndef KINDLING_BLOCK_H
#define KINDLING_BLOCK_H

#include <atomic>
#include <cstdarg>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "fiber.h"
#include "include/CUDAEmulator.h"
#include "machine.h"

namespace emulator {

constexpr uint32_t maximumThreads = 1024;    // of a block
constexpr size_t maximumShared = 48 * 1024;  // bytes of a block
constexpr size_t sharedGap = 128;            // between two variables, so that a step beyond one does not reach the next

constexpr size_t sharedMargin = 1024;  // before the first, so that a row before it is known for what it is

struct Launch {
  const Kernel *kernel;
  Dimensions grid, block;
  void **parameters;
  bool checked;
};

struct Warp {
  uint32_t existing, alive, waiting;  // bits of lanes
};

/// A variable of shared memory that this block has used.
struct SharedPlace {
  const void *identity;  // of the variable: several may have the same name
  const char *name;
  char *address;
  size_t bytes, elementBytes;
  int64_t columns;
};

/// What it takes to run a block: its threads and their fibers.
class BlockRunner {
 public:
  BlockRunner();
  /// The one that runs a block on this thread of the CPU.
  static BlockRunner &current();

  /// Runs one block to its end. False where it failed; `message` then says why.
  bool run(const Launch &launch, uint64_t block);
  std::string message;

  // Called by kernels, by way of the functions of machine.h.
  void waitAtBarrier(int line);
  void waitInWarp(const char *operation, uint32_t mask, uint64_t deposit, int source, int line);
  void *place(const SharedVariable &variable);
  [[noreturn]] void fail(const char *format, va_list arguments);

  std::string describe(const Thread &thread) const;
  Thread &threadAt(int32_t rank) { return threads[rank]; }
  const std::vector<SharedPlace> &sharedPlaces() const { return places; }
  const char *sharedBegin() const { return arena; }
  const char *sharedEnd() const { return arena + arenaBytes; }
  const Launch *launch = nullptr;
  uint64_t block = 0;

 private:
  static void fiberMain();
  void work();
  void startNext();
  void putAside(Thread &thread);
  void leaveFor(Fiber &other);
  void resolve();
  void explainDeadlock();
  void stop(const std::string &why);
  Fiber &freeFiber();
  bool completes(const Warp &warp, int firstRank, uint32_t mask) const;
  void finish(Warp &warp, int firstRank, uint32_t mask);
  void setReady(Thread &thread);
  char *reserve(size_t bytes);

  static constexpr size_t arenaBytes = sharedMargin + maximumShared + 32 * sharedGap;
  Thread threads[maximumThreads];
  int32_t order[maximumThreads];
  Thread *readyThreads[maximumThreads];  // a ring: each thread is in it at most once
  uint32_t readyFirst = 0, readyCount = 0;
  Warp warps[maximumThreads / 32];
  int32_t count = 0, started = 0, atBarrier = 0, ended = 0;
  bool failed = false;
  Fiber mainFiber, *running = nullptr, *freeFibers = nullptr;
  std::vector<Fiber *> allFibers;
  std::vector<SharedPlace> places;
  size_t arenaUsed = 0, staticShared = 0;
  char *arena;
};

/// While it lives, this thread has a runner.
class RunnerLease {
 public:
  RunnerLease();
  ~RunnerLease();
  RunnerLease(const RunnerLease &) = delete;

 private:
  BlockRunner *previous;
};

/// How much shared memory a block of the last launch has declared; -1 before the first.
extern std::atomic<int32_t> sharedBytes;

/// Why no GPU would take the launch. An empty string where it would.
std::string validate(const Launch &launch);
/// Runs a whole launch. An empty string where all went well.
std::string run(const Launch &launch);

// MARK: Settings

struct Settings {
  KindlingEmulatorOrder order = KindlingEmulatorOrder_forward;
  uint64_t seed = 0;
  int32_t threads = 0;  // 0: as many as the CPU has
  bool checking = false, tracing = false, counting = false;
};
extern Settings settings;
int32_t cpuThreads();

// MARK: Device memory, for the checks

/// The allocation that `address` lies in, as begin and end; false where there is none.
bool findAllocation(uintptr_t address, uintptr_t &begin, uintptr_t &end);

// MARK: Checked launches

void checkLaunch(const Launch &launch);
void checkBlock();
void recordBarrier(const Thread &thread, int line);
void recordExchange(const Thread &thread, const char *operation, int source, uint64_t value, int line);

// MARK: Counters

/// One access of one thread, which has passed the checks.
struct Counted {
  const void *site;   // where the program goes on after it
  const char *array;  // whose element it is
  bool shared;
  Access access;
  uintptr_t address;  // in global memory; in shared memory, the distance from the beginning of the array
  size_t bytes;
};
void countLaunch(const Launch &launch);
void countAccess(const Thread &thread, const Counted &access);
/// All threads of the block have come to a barrier or to their end: no request can grow any more.
void countRequests();
void countBlockEnd(const std::vector<SharedPlace> &places);

/// A line of a source.
struct SourceLine {
  std::string file;
  int32_t line = 0;
};
/// The lines that these places of the running program were compiled from, out of its debugging information: (site, no
/// line) where there is none.
std::map<const void *, SourceLine> linesOf(std::vector<const void *> sites);
/// The same text, for as long as the program runs.
const char *keep(const std::string &text);

}  // namespace emulator

#endif
