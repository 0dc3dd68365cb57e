// A small pool of threads that stay alive between loops: starting a thread costs 50 µs, waking one costs 10, and
// handing work to one that is still awake costs 1.
#include "threads.h"

#include <sched.h>
#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <system_error>
#include <thread>

#include "../include/kernels.h"

namespace kindling {
namespace {

/// One divided loop. It lives on the stack of the thread that asked for it.
///
/// Each thread has a share of it, ranges that follow one another, and helps the others when it is done with its own. So
/// the loops of a training step, which mostly have the same rows, find them in the cache of the processor that worked
/// on them last. (Of more threads than there may be shares, some begin with the same one.)
struct Job {
  RangeFunction function;
  void *context;
  int64_t count, step, ranges;
  int32_t threads;  // how many may work on it
  int32_t shares = std::min<int32_t>(threads, mostShares);
  static constexpr int32_t mostShares = 16;
  struct alignas(64) Share {  // a cache line each
    std::atomic<int64_t> next;
  } share[mostShares];

  Job(RangeFunction function, void *context, int64_t count, int64_t step, int32_t threads)
      : function(function),
        context(context),
        count(count),
        step(step),
        ranges((count + step - 1) / step),
        threads(threads) {
    for (int32_t i = 0; i < shares; i++) share[i].next.store(begin(i), std::memory_order_relaxed);
  }

  int64_t begin(int32_t index) const { return ranges * index / shares; }

  /// Takes range after range until none is left.
  void work(int32_t thread) {
    for (int32_t i = 0; i < shares; i++) {
      int32_t index = (thread + i) % shares;
      const int64_t end = begin(index + 1);
      auto &next = share[index].next;
      while (next.load(std::memory_order_relaxed) < end) {
        int64_t range = next.fetch_add(1, std::memory_order_relaxed);
        if (range >= end) break;
        function(context, range * step, std::min((range + 1) * step, count));
      }
    }
  }
};

using Clock = std::chrono::steady_clock;

/// More than any processor has cores: a number that is a mistake must not start thousands of threads.
constexpr int32_t mostThreads = 1024;

/// What the threads share. It is never destroyed: the workers outlive main(), and would else wait on memory that is
/// gone.
struct Pool {
  std::mutex busy;                      // held by the one thread whose loop is being divided
  std::atomic<Job *> job{nullptr};      // that loop, while there is something left of it
  std::atomic<uint32_t> generation{0};  // counts loops, so that sleeping workers see a new one
  std::atomic<uint32_t> inside{0};      // how many workers are looking at `job`
  std::atomic<int32_t> asleep{0};       // how many workers would have to be woken
  int32_t workers = 0;                  // started so far; guarded by `busy`
  int32_t mostWorkers = mostThreads;    // fewer once one could not be started; guarded by `busy`
  int64_t sinceAwake = 0;               // what loops cost since workers were last awake; guarded by `busy`
  Clock::time_point aloneUntil;         // until then nobody helps; guarded by `busy`
  std::atomic<int32_t> threads{0};      // the number asked for; 0 until someone wants to know
  std::atomic<int32_t> processors{0};   // likewise; more threads than these would wait for each other
};

Pool &pool() {
  static Pool *shared = new Pool;
  return *shared;
}

/// Set on workers always, and on the thread that divides a loop while it does.
thread_local bool isInsideLoop = false;

void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

/// Waits until `value` is no longer `old`, for about 100 µs awake: within a training step the next loop follows sooner.
bool hasChangedSoon(std::atomic<uint32_t> &value, uint32_t old) {
  for (int spin = 0; spin < 4000; spin++) {
    if (value.load(std::memory_order_acquire) != old) return true;
    pause();
  }
  return false;
}

void runWorker(Pool &pool, int32_t thread, uint32_t seen) {
  isInsideLoop = true;
  for (;;) {
    if (!hasChangedSoon(pool.generation, seen)) {
      pool.asleep.fetch_add(1, std::memory_order_relaxed);
      pool.generation.wait(seen);
      pool.asleep.fetch_sub(1, std::memory_order_relaxed);
    }
    seen = pool.generation.load();
    // The order matters: first say that we are looking, then look. The owner takes the job away first and then waits
    // for those who are looking, so either we find nothing or the owner waits for us.
    pool.inside.fetch_add(1);
    if (Job *job = pool.job.load(); job && thread < job->threads) job->work(thread);
    if (pool.inside.fetch_sub(1) == 1) pool.inside.notify_all();
  }
}

/// Addresses that nothing else gets while it is there. A thread's stack takes 8 MiB of them, and where a process may
/// have few, the threads would leave none to the tensors.
struct RoomForTensors {
  static constexpr size_t size = size_t(512) << 20;
  void *place = mmap(nullptr, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  ~RoomForTensors() {
    if (place != MAP_FAILED) munmap(place, size);
  }
};

/// Starts threads until there are `count`. Where the system gives no more, those that there are do the work, and it is
/// not asked again. Only the owner of `busy` may call this.
void startWorkers(Pool &pool, int32_t count) {
  if (pool.workers >= std::min(count, pool.mostWorkers)) return;
  RoomForTensors room;
  while (pool.workers < std::min(count, pool.mostWorkers)) {
    try {
      // Thread 0 is the one that divides the loop.
      std::thread(runWorker, std::ref(pool), pool.workers + 1, pool.generation.load()).detach();
      pool.workers++;
    } catch (const std::system_error &) {
      pool.mostWorkers = pool.workers;
    }
  }
}

int32_t availableProcessors() {
#if defined(__linux__)
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) return std::max(1, CPU_COUNT(&set));
#endif
  return std::max(1u, std::thread::hardware_concurrency());
}

int32_t processors(Pool &pool) {
  int32_t count = pool.processors.load(std::memory_order_relaxed);
  if (count == 0) pool.processors.store(count = availableProcessors(), std::memory_order_relaxed);
  return count;
}

/// Waits until no worker is in the loop any more, which began at `start`. Where that takes longer than our own part
/// did, most likely something else runs on the processor that a worker needs. Then we do without for eight times as
/// long as that has cost, but no longer than a tenth of a second: it may have been a part that was longer than ours.
void waitForOthers(Pool &pool, Clock::time_point start) {
  Clock::time_point done = Clock::now();
  while (uint32_t others = pool.inside.load()) {
    if (!hasChangedSoon(pool.inside, others)) pool.inside.wait(others);
  }
  Clock::time_point end = Clock::now();
  auto ours = done - start, lost = end - done - ours;
  if (lost < std::chrono::microseconds(100)) return;
  pool.aloneUntil = end + std::min<Clock::duration>(8 * lost, std::chrono::milliseconds(100));
}

}  // namespace

int32_t threadsOfLoop() { return isInsideLoop ? 1 : std::min(KindlingThreads(), processors(pool())); }

void runParallel(int64_t count, int64_t cost, RangeFunction function, void *context) {
  Pool &shared = pool();
  int32_t threads = threadsOfLoop();
  if (threads == 1) return function(context, 0, count);
  std::unique_lock<std::mutex> lock(shared.busy, std::try_to_lock);
  if (!lock.owns_lock()) return function(context, 0, count);

  // Work of less than 50 µs is done before a sleeping thread is awake. But where short loops follow one another and
  // together take as long, waking one pays for those that are still to come.
  Clock::time_point start = Clock::now();
  bool allAsleep = shared.asleep.load(std::memory_order_relaxed) == shared.workers;
  shared.sinceAwake += count * cost;
  if (start < shared.aloneUntil || (allAsleep && shared.sinceAwake < 16 * leastShare)) {
    lock.unlock();
    return function(context, 0, count);
  }
  shared.sinceAwake = 0;
  startWorkers(shared, threads - 1);
  threads = std::min(threads, shared.workers + 1);
  if (threads == 1) {
    lock.unlock();
    return function(context, 0, count);
  }
  // A few ranges for each thread, so that one that is held up does not hold up the others; for each the same number.
  int64_t most = cost < leastShare ? 4 * int64_t{threads} : count;
  int64_t ranges = std::clamp<int64_t>(count * cost / leastShare, 2, most);
  if (ranges > threads) ranges = (ranges + threads - 1) / threads * threads;
  ranges = std::min(ranges, count);
  int64_t step = (count + ranges - 1) / ranges;
  Job job(function, context, count, step, threads);

  isInsideLoop = true;
  shared.job.store(&job);
  shared.generation.fetch_add(1);
  shared.generation.notify_all();
  job.work(0);
  shared.job.store(nullptr);
  if (shared.inside.load()) waitForOthers(shared, start);
  isInsideLoop = false;
}

}  // namespace kindling

void KindlingSetProcessors(int32_t count) {
  kindling::pool().processors.store(std::max(1, count), std::memory_order_relaxed);
}

void KindlingSetThreads(int32_t count) {
  kindling::pool().threads.store(std::max(1, count), std::memory_order_relaxed);
}

int32_t KindlingThreads(void) {
  auto &threads = kindling::pool().threads;
  int32_t count = threads.load(std::memory_order_relaxed);
  if (count == 0) {
    count = kindling::availableProcessors();
    KindlingSetThreads(count);
  }
  return count;
}
