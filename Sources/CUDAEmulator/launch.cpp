// One launch: is it allowed, and its blocks, on as many threads of the CPU as there are.
#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <system_error>
#include <thread>

#include "block.h"

namespace emulator {

constinit Kernel *plainKernels = nullptr, *checkedKernels = nullptr;
Settings settings;
std::atomic<int32_t> sharedBytes = -1;

int32_t cpuThreads() {
  static const int32_t available = std::max(1u, std::thread::hardware_concurrency());
  return settings.threads > 0 ? settings.threads : available;
}

namespace {

// MARK: Helpers: threads that wait for a launch with more than one block

struct Share {
  const Launch *launch;
  uint64_t blocks;
  std::atomic<uint64_t> next{0};
  std::atomic<bool> failed{false};
  std::mutex mutex;
  std::string message;
};

uint64_t blockInOrder(uint64_t i, uint64_t blocks) {
  switch (settings.order) {
    case KindlingEmulatorOrder_forward:
      return i;
    case KindlingEmulatorOrder_reverse:
      return blocks - 1 - i;
    case KindlingEmulatorOrder_shuffled:
      // Stepping by a prime that does not divide the count visits each once.
      return blocks % 1000003 == 0 ? i : (i * 1000003 + settings.seed) % blocks;
  }
  return i;
}

/// Takes blocks until none is left.
void work(Share &share) {
  RunnerLease lease;
  BlockRunner &runner = BlockRunner::current();
  while (!share.failed) {
    uint64_t i = share.next++;
    if (i >= share.blocks) return;
    if (runner.run(*share.launch, blockInOrder(i, share.blocks))) continue;
    std::lock_guard lock(share.mutex);
    if (!share.failed) share.message = runner.message;
    share.failed = true;
  }
}

class Helpers {
 public:
  void run(Share &share, int32_t count) {
    std::unique_lock lock(mutex);
    try {
      while (int32_t(threads.size()) < count) threads.emplace_back([this] { help(); });
    } catch (const std::system_error &) {
      // The system gives no more; those that there are do the work.
    }
    present = &share;
    wanted = count;
    lock.unlock();
    changed.notify_all();
    work(share);
    lock.lock();
    present = nullptr;  // who comes too late has nothing to do
    wanted = 0;
    idle.wait(lock, [this] { return helping == 0; });
  }

 private:
  [[noreturn]] void help() {
    std::unique_lock lock(mutex);
    for (;;) {
      changed.wait(lock, [this] { return present && wanted > 0; });
      Share &share = *present;
      --wanted;
      ++helping;
      lock.unlock();
      work(share);
      lock.lock();
      if (--helping == 0) idle.notify_all();
    }
  }

  std::mutex mutex;
  std::condition_variable changed, idle;
  Share *present = nullptr;
  int32_t wanted = 0, helping = 0;
  std::vector<std::thread> threads;
};

}  // namespace

std::string validate(const Launch &launch) {
  char why[300] = "";
  const Dimensions &g = launch.grid, &b = launch.block;
  const char *name = launch.kernel->name;
  if (g.count() == 0 || b.count() == 0) {
    snprintf(why, sizeof why, "%s: a grid of (%u, %u, %u) blocks of (%u, %u, %u) threads has no threads", name, g.x,
             g.y, g.z, b.x, b.y, b.z);
  } else if (b.count() > maximumThreads || b.x > 1024 || b.y > 1024 || b.z > 64) {
    snprintf(why, sizeof why,
             "%s: a block of (%u, %u, %u) threads is too large: a block has at most 1024, and 64 along z", name, b.x,
             b.y, b.z);
  } else if (b.count() > launch.kernel->maximumThreads) {
    snprintf(why, sizeof why,
             "%s: a block of (%u, %u, %u) threads is too large: this kernel is compiled for at most %u", name, b.x, b.y,
             b.z, launch.kernel->maximumThreads);
  } else if (g.x > 0x7fffffff || g.y > 65535 || g.z > 65535) {
    snprintf(why, sizeof why, "%s: a grid of (%u, %u, %u) blocks is too large: it has at most 65535 along y and z",
             name, g.x, g.y, g.z);
  }
  return why;
}

std::string run(const Launch &launch) {
  Share share;
  share.launch = &launch;
  share.blocks = launch.grid.count();
  sharedBytes = 0;
  if (launch.checked) checkLaunch(launch);
  int32_t others = std::min<uint64_t>(cpuThreads(), share.blocks) - 1;
  if (launch.checked || others == 0 || share.blocks * launch.block.count() < 1024) {
    work(share);
  } else {
    static Helpers &helpers = *new Helpers;  // never destroyed: its threads run until the program ends
    static std::mutex oneAtATime;
    std::lock_guard lock(oneAtATime);
    helpers.run(share, others);
  }
  return share.message;
}

}  // namespace emulator

int32_t KindlingEmulatorSharedBytes(void) { return emulator::sharedBytes; }
