// One block: its threads take turns until all have ended, or until none can go on.
#include "block.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <random>

namespace emulator {

constinit thread_local View view = {};

namespace {

constinit thread_local BlockRunner *ofThisThread = nullptr;

/// Runners that nobody uses now. They are kept, since their fibers' stacks are expensive to make.
std::mutex idleMutex;
std::vector<BlockRunner *> &idle = *new std::vector<BlockRunner *>;  // never destroyed: helpers outlive main()

}  // namespace

BlockRunner &BlockRunner::current() { return *ofThisThread; }

RunnerLease::RunnerLease() : previous(ofThisThread) {
  std::lock_guard lock(idleMutex);
  if (idle.empty()) {
    ofThisThread = new BlockRunner;
  } else {
    ofThisThread = idle.back();
    idle.pop_back();
  }
}

RunnerLease::~RunnerLease() {
  std::lock_guard lock(idleMutex);
  idle.push_back(ofThisThread);
  ofThisThread = previous;
}

BlockRunner::BlockRunner() { arena = static_cast<char *>(std::aligned_alloc(64, arenaBytes)); }

// MARK: From the first thread to the last

bool BlockRunner::run(const Launch &newLaunch, uint64_t newBlock) {
  launch = &newLaunch;
  block = newBlock;
  count = int32_t(launch->block.count());
  started = atBarrier = ended = 0;
  readyFirst = readyCount = 0;
  failed = false;
  places.clear();
  arenaUsed = sharedMargin;
  staticShared = 0;
  for (int32_t w = 0; w * 32 < count; ++w) {
    uint32_t lanes = count - w * 32 >= 32 ? ~0u : (1u << (count - w * 32)) - 1;
    warps[w] = {lanes, lanes, 0};
  }
  for (int32_t i = 0; i < count; ++i) order[i] = settings.order == KindlingEmulatorOrder_reverse ? count - 1 - i : i;
  if (settings.order == KindlingEmulatorOrder_shuffled) {
    std::shuffle(order, order + count, std::minstd_rand(uint32_t(settings.seed * 7919 + block + 1)));
  }
  const Dimensions &grid = launch->grid;
  view.blockIndex = {uint32_t(block % grid.x), uint32_t(block / grid.x % grid.y), uint32_t(block / grid.x / grid.y)};
  view.blockSize = launch->block;
  view.gridSize = grid;
  if (launch->checked) checkBlock();

  mainFiber = {};
  running = &mainFiber;
  leaveFor(freeFiber());
  // Blocks run on several threads: the largest of all stays, whoever comes last.
  int32_t most = sharedBytes, own = int32_t(staticShared);
  while (own > most && !sharedBytes.compare_exchange_weak(most, own)) continue;
  if (settings.counting) countBlockEnd(places);
  if (!failed) return true;
  // Some fibers were left in the middle of a kernel. Nothing in a kernel needs to be cleaned up: they just start
  // afresh.
  freeFibers = nullptr;
  for (Fiber *fiber : allFibers) {
    fiber->reset(fiberMain);
    fiber->nextFree = freeFibers;
    freeFibers = fiber;
  }
  return false;
}

void BlockRunner::fiberMain() {
  fiberHasStarted();
  current().work();
}

/// What every fiber does: go on with threads that are ready, else start new ones, else see why nobody can go on.
void BlockRunner::work() {
  for (;;) {
    if (readyCount > 0) {
      Thread *thread = readyThreads[readyFirst];
      readyFirst = (readyFirst + 1) % maximumThreads;
      --readyCount;
      running->nextFree = freeFibers;  // this fiber is done with its thread; that thread has a fiber of its own
      freeFibers = running;
      leaveFor(*thread->fiber);
    } else if (started < count && !failed) {
      startNext();
    } else if (ended == count || failed) {
      running->nextFree = freeFibers;
      freeFibers = running;
      leaveFor(mainFiber);
    } else {
      resolve();
    }
  }
}

void BlockRunner::startNext() {
  int32_t rank = order[started++];
  Thread &thread = threads[rank];
  const Dimensions &size = launch->block;
  thread.index = {uint32_t(rank) % size.x, uint32_t(rank) / size.x % size.y, uint32_t(rank) / size.x / size.y};
  thread.rank = rank;
  thread.state = State::running;
  thread.line = thread.interval = thread.warpSteps = 0;
  view.thread = &thread;
  launch->kernel->call(launch->parameters);
  thread.state = State::done;
  ++ended;
  Warp &warp = warps[rank / 32];
  warp.alive &= ~(1u << rank % 32);
  for (uint32_t rest = warp.waiting; rest; rest &= rest - 1) {  // perhaps others were waiting for this lane only
    uint32_t mask = threads[rank / 32 * 32 + __builtin_ctz(rest)].mask;
    if (!completes(warp, rank / 32 * 32, mask)) continue;
    finish(warp, rank / 32 * 32, mask);
    break;
  }
}

/// Puts the running thread aside, with its fiber. Returns when it has become ready and its turn has come.
void BlockRunner::putAside(Thread &thread) {
  thread.fiber = running;
  if (readyCount > 0) {
    Thread *next = readyThreads[readyFirst];
    readyFirst = (readyFirst + 1) % maximumThreads;
    --readyCount;
    leaveFor(*next->fiber);
  } else {
    leaveFor(freeFiber());
  }
  thread.state = State::running;
  view.thread = &thread;
}

void BlockRunner::leaveFor(Fiber &other) {
  Fiber *from = running;
  running = &other;
  from->switchTo(other);
}

Fiber &BlockRunner::freeFiber() {
  if (!freeFibers) {
    allFibers.push_back(Fiber::make(fiberMain));
    return *allFibers.back();
  }
  Fiber *fiber = freeFibers;
  freeFibers = fiber->nextFree;
  return *fiber;
}

void BlockRunner::setReady(Thread &thread) {
  thread.state = State::ready;
  readyThreads[(readyFirst + readyCount++) % maximumThreads] = &thread;
}

// MARK: Barriers

void BlockRunner::waitAtBarrier(int line) {
  Thread &thread = *view.thread;
  if (launch->checked) recordBarrier(thread, line);
  thread.state = State::atBarrier;
  thread.line = line;
  ++atBarrier;
  putAside(thread);
  ++thread.interval;
}

/// All threads have started, and none can go on: the barrier opens if every one of them stands at it.
void BlockRunner::resolve() {
  if (atBarrier < count) return explainDeadlock();
  for (int32_t i = 1; i < count; ++i) {
    if (threads[i].line == threads[0].line) continue;
    char why[256];
    snprintf(why, sizeof why,
             "barrier divergence: %s waits at the __syncthreads() in line %d, but %s at the one in line %d",
             describe(threads[0]).c_str(), threads[0].line, describe(threads[i]).c_str(), threads[i].line);
    return stop(why);
  }
  atBarrier = 0;
  if (settings.counting) countRequests();
  for (int32_t i = 0; i < count; ++i) setReady(threads[order[i]]);
}

void BlockRunner::explainDeadlock() {
  auto whereabouts = [&](const Thread &thread) {
    char text[160];
    std::string name = describe(thread);
    const char *it = name.c_str();
    if (thread.state == State::atBarrier) {
      snprintf(text, sizeof text, "%s waits at the __syncthreads() in line %d", it, thread.line);
    } else if (thread.state == State::inWarp) {
      snprintf(text, sizeof text, "%s waits in the %s in line %d (mask %08x)", it, thread.operation, thread.line,
               thread.mask);
    } else if (thread.line) {
      snprintf(text, sizeof text, "%s has ended, after line %d", it, thread.line);
    } else {
      snprintf(text, sizeof text, "%s has ended", it);
    }
    return std::string(text);
  };
  // A warp operation that lacks a lane.
  for (int32_t i = 0; i < count; ++i) {
    const Thread &thread = threads[i];
    if (thread.state != State::inWarp) continue;
    for (int32_t lane = 0; lane < 32; ++lane) {
      int32_t other = i / 32 * 32 + lane;
      if (!(thread.mask >> lane & 1) || other >= count || threads[other].state == State::done) continue;
      if (threads[other].state == State::inWarp && threads[other].mask == thread.mask &&
          threads[other].line == thread.line) {
        continue;
      }
      return stop("warp deadlock: " + whereabouts(thread) + ", but " + whereabouts(threads[other]));
    }
  }
  // A barrier that some have left behind, or never reach.
  const Thread *waiting = nullptr, *other = nullptr;
  for (int32_t i = 0; i < count; ++i) {
    if (threads[i].state == State::atBarrier) {
      if (!waiting) waiting = &threads[i];
    } else if (!other) {
      other = &threads[i];
    }
  }
  stop("barrier divergence: " + whereabouts(*waiting) + ", but " + whereabouts(*other));
}

// MARK: Warp operations

void BlockRunner::waitInWarp(const char *operation, uint32_t mask, uint64_t deposit, int source, int line) {
  Thread &thread = *view.thread;
  int32_t lane = thread.rank % 32, firstRank = thread.rank - lane;
  Warp &warp = warps[thread.rank / 32];
  thread.line = line;
  if (!(mask >> lane & 1)) {
    emulator::fail("calls %s in line %d with a mask (%08x) that leaves out its own lane, %d", operation, line, mask,
                   lane);
  }
  thread.operation = operation;
  thread.mask = mask;
  thread.deposit = deposit;
  thread.source = source;
  thread.state = State::inWarp;
  warp.waiting |= 1u << lane;
  if (completes(warp, firstRank, mask)) {
    finish(warp, firstRank, mask);
    thread.state = State::running;
  } else {
    putAside(thread);
  }
  ++thread.warpSteps;
  if (launch->checked) recordExchange(thread, operation, source, thread.result, line);
}

/// Whether every lane of the mask that still lives has arrived, in the same operation.
bool BlockRunner::completes(const Warp &warp, int firstRank, uint32_t mask) const {
  uint32_t needed = mask & warp.alive;
  if ((warp.waiting & needed) != needed || !needed) return false;
  int32_t line = threads[firstRank + __builtin_ctz(needed)].line;
  for (uint32_t rest = needed; rest; rest &= rest - 1) {
    const Thread &thread = threads[firstRank + __builtin_ctz(rest)];
    if (thread.mask != mask || thread.line != line) return false;
  }
  return true;
}

constexpr int wantsBallot = -2;

/// The exchange itself, carried out by the last lane to arrive.
void BlockRunner::finish(Warp &warp, int firstRank, uint32_t mask) {
  uint32_t taking = mask & warp.alive, votes = 0;
  for (uint32_t rest = taking; rest; rest &= rest - 1) {
    int lane = __builtin_ctz(rest);
    if (threads[firstRank + lane].deposit) votes |= 1u << lane;
  }
  warp.waiting &= ~taking;
  for (uint32_t rest = taking; rest; rest &= rest - 1) {
    Thread &thread = threads[firstRank + __builtin_ctz(rest)];
    if (thread.source == wantsBallot) {
      thread.result = votes;
    } else if (thread.source < 0) {
      thread.result = thread.deposit;
    } else if (taking >> thread.source & 1) {
      thread.result = threads[firstRank + thread.source].deposit;
    } else if (!failed) {
      char why[200];
      snprintf(why, sizeof why, "%s wants a value from lane %d in the %s in line %d, but that lane takes no part in it",
               describe(thread).c_str(), thread.source, thread.operation, thread.line);
      stop(why);
    }
    if (&thread != view.thread) setReady(thread);
  }
  if (failed) leaveFor(mainFiber);
}

// MARK: Shared memory

/// A piece of the arena at an odd multiple of the alignment: who counts on more shall not find it by chance.
char *BlockRunner::reserve(size_t bytes) {
  constexpr size_t step = 2 * sharedAlignment;
  size_t begin = (arenaUsed + step - 1) / step * step + sharedAlignment;
  arenaUsed = begin + bytes + sharedGap / 2;
  // All bits set is NaN: whoever reads what no thread of this block has written will not overlook it.
  memset(arena + begin, 0xff, bytes);
  return arena + begin;
}

void *BlockRunner::place(const SharedVariable &variable) {
  for (const SharedPlace &known : places) {
    if (known.identity == &variable) return known.address;
  }
  if (staticShared + variable.bytes > maximumShared) {
    emulator::fail("needs more than the %zu bytes of shared memory that a block has: %s would take another %zu",
                   maximumShared, variable.name, variable.bytes);
  }
  char *address = reserve(variable.bytes);
  staticShared += variable.bytes;
  places.push_back({&variable, variable.name, address, variable.bytes, variable.elementBytes, variable.columns});
  return address;
}

// MARK: Failing

void BlockRunner::stop(const std::string &why) {
  failed = true;
  char where[160];
  snprintf(where, sizeof where, "%s, block (%u, %u, %u): ", launch->kernel->name, view.blockIndex.x, view.blockIndex.y,
           view.blockIndex.z);
  message = where + why;
}

void BlockRunner::fail(const char *format, va_list arguments) {
  char text[512];
  vsnprintf(text, sizeof text, format, arguments);
  stop(describe(*view.thread) + " " + text);  // whose strings are gone before this stack is left for good
  leaveFor(mainFiber);
  abort();  // nobody comes back here
}

std::string BlockRunner::describe(const Thread &thread) const {
  char text[64];
  if (launch->block.y == 1 && launch->block.z == 1) {
    snprintf(text, sizeof text, "thread %u", thread.index.x);
  } else {
    snprintf(text, sizeof text, "thread (%u, %u, %u)", thread.index.x, thread.index.y, thread.index.z);
  }
  return text;
}

// MARK: What kernels call

void barrier(int line) { BlockRunner::current().waitAtBarrier(line); }
uint64_t exchange(const char *operation, uint32_t mask, uint64_t deposit, int source, int line) {
  BlockRunner::current().waitInWarp(operation, mask, deposit, source, line);
  return view.thread->result;
}
uint32_t ballot(const char *operation, uint32_t mask, bool deposit, int line) {
  BlockRunner::current().waitInWarp(operation, mask, deposit, wantsBallot, line);
  return uint32_t(view.thread->result);
}
void *shared(const SharedVariable &variable) { return BlockRunner::current().place(variable); }
void fail(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  BlockRunner::current().fail(format, arguments);
}

}  // namespace emulator
