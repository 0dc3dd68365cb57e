// Memory for tensors. A training step asks for the same sizes again and again, so freed blocks are kept and handed out
// again: that costs 5 ns instead of a system call, and the pages are already there (a fresh page costs more than the
// addition that is written into it).
//
// Sizes are rounded up to one of four per power of two, so a block fits any request of its class and at most a fifth of
// it is wasted. Blocks up to 1 MiB are cached per thread, where nothing needs a lock; larger ones are shared.
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#if defined(__GLIBC__)
#include <malloc.h>
#endif

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <new>

#include "../include/kernels.h"

namespace {

constexpr size_t alignment = 64;
constexpr size_t largestLocal = size_t{1} << 20;          // blocks up to here are cached per thread
constexpr int64_t mostCachedLocally = int64_t{64} << 20;  // bytes, in each thread
constexpr int64_t mostCachedShared = int64_t{1} << 30;    // bytes, all larger blocks together
constexpr size_t hugePage = size_t{2} << 20;
constexpr int64_t publishAfter = int64_t{64} << 10;  // bytes that a thread may be ahead of the shared count
constexpr int classes = 4 * 42;                      // up to 2^48 bytes
constexpr int localClasses = 4 * (20 - 6) + 1;       // up to 1 MiB

/// The class of a size: 64, 128, 192, 256, 320, … bytes.
int sizeClass(size_t byteCount) {
  if (byteCount <= alignment) return 0;
  byteCount = (byteCount + alignment - 1) & ~(alignment - 1);
  int power = std::bit_width(byteCount - 1) - 1;            // 2^power < byteCount <= 2^(power + 1)
  int quarter = int(((byteCount - 1) >> (power - 2)) & 3);  // which quarter of that range
  return 4 * (power - 6) + quarter + 1;
}

size_t classBytes(int index) { return (size_t{4} + size_t(index % 4)) << (index / 4 + 4); }

/// A freed block holds the link to the next one.
struct FreeBlock {
  FreeBlock *next;
};

/// Counters of one thread. Only that thread writes; others read them for the statistics, hence the relaxed atomics.
struct Counter {
  std::atomic<int64_t> value;
  void add(int64_t amount) { value.store(value.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed); }
  int64_t get() const { return value.load(std::memory_order_relaxed); }
};

struct LocalCache {
  FreeBlock *lists[localClasses];
  Counter allocations, systemAllocations, bytesCached;
  Counter unpublished;  // bytes handed out less bytes taken back, since the shared count last heard of them
  LocalCache *next, **link;
  bool isRegistered;
};

/// What all threads share. Never destroyed, because memory is freed until the very end of the process.
struct Shared {
  std::mutex lock;
  FreeBlock *lists[classes] = {};
  LocalCache *threads = nullptr;  // living ones
  int64_t bytesCached = 0;
  int64_t endedAllocations = 0, endedSystemAllocations = 0;  // of threads that have ended
  std::atomic<int64_t> bytesInUse{0};
};

Shared &shared() {
  static Shared *made = new Shared;
  return *made;
}

thread_local LocalCache localCache;

void publish(LocalCache &local) {
  int64_t amount = local.unpublished.get();
  local.unpublished.add(-amount);
  shared().bytesInUse.fetch_add(amount, std::memory_order_relaxed);
}

void returnToSystem(void *block, size_t byteCount) {
  if (byteCount >= 2 * hugePage) {
    munmap(block, byteCount);
  } else {
    std::free(block);
  }
}

void emptyLocal(LocalCache &local) {
  for (int index = 0; index < localClasses; index++) {
    while (FreeBlock *block = local.lists[index]) {
      local.lists[index] = block->next;
      returnToSystem(block, classBytes(index));
    }
  }
  local.bytesCached.add(-local.bytesCached.get());
}

/// When a thread ends, its blocks go back to the system and its counts to the totals.
void endThread(void *cache) {
  auto &local = *static_cast<LocalCache *>(cache);
  emptyLocal(local);
  publish(local);
  Shared &all = shared();
  std::lock_guard<std::mutex> guard(all.lock);
  all.endedAllocations += local.allocations.get();
  all.endedSystemAllocations += local.systemAllocations.get();
  local.allocations.add(-local.allocations.get());
  local.systemAllocations.add(-local.systemAllocations.get());
  *local.link = local.next;
  if (local.next) local.next->link = local.link;
  local.isRegistered = false;  // a later destructor may still allocate; it then registers again
}

__attribute__((noinline)) void registerThread(LocalCache &local) {
  static const pthread_key_t key = [] {
    pthread_key_t made;
    pthread_key_create(&made, endThread);
    return made;
  }();
  pthread_setspecific(key, &local);
  Shared &all = shared();
  std::lock_guard<std::mutex> guard(all.lock);
  local.next = all.threads;
  local.link = &all.threads;
  if (local.next) local.next->link = &local.next;
  all.threads = &local;
  local.isRegistered = true;
}

LocalCache &thisThread() {
  LocalCache &local = localCache;
  if (__builtin_expect(!local.isRegistered, false)) registerThread(local);
  return local;
}

void countBytes(LocalCache &local, int64_t amount) {
  local.unpublished.add(amount);
  int64_t ahead = local.unpublished.get();
  if (__builtin_expect(ahead >= publishAfter || ahead <= -publishAfter, false)) publish(local);
}

void *askSystemOnce(size_t byteCount) {
  if (byteCount < 2 * hugePage) return std::aligned_alloc(alignment, byteCount);
  void *block = mmap(nullptr, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (block == MAP_FAILED) return nullptr;
#if defined(MADV_HUGEPAGE)
  madvise(block, byteCount, MADV_HUGEPAGE);  // one page of 2 MiB instead of 512 of 4 KiB; a wish, which may fail
#endif
  return block;
}

/// The least of what the files say that set a limit for a container; 0 where there is none.
size_t containerLimit() {
  size_t least = 0;
#if defined(__linux__)
  for (const char *path : {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}) {
    std::FILE *file = std::fopen(path, "r");
    if (!file) continue;
    size_t limit = 0;  // the file says "max" where there is no limit
    if (std::fscanf(file, "%zu", &limit) == 1 && limit > 0 && (least == 0 || limit < least)) least = limit;
    std::fclose(file);
  }
#endif
  return least;
}

__attribute__((noinline)) void *askSystem(LocalCache &local, int index) {
  local.systemAllocations.add(1);
  size_t byteCount = classBytes(index);
  void *block = askSystemOnce(byteCount);
  if (!block) {
    KindlingTrimCache();
    block = askSystemOnce(byteCount);
  }
  return block;
}

/// How many bytes more tensors may use; the last kilobytes of other threads are not counted.
size_t roomLeft() {
  int64_t left = int64_t(KindlingMemoryLimit()) - shared().bytesInUse.load(std::memory_order_relaxed);
  return size_t(std::max<int64_t>(left, 0));
}

void *takeShared(int index) {
  Shared &all = shared();
  std::lock_guard<std::mutex> guard(all.lock);
  FreeBlock *block = all.lists[index];
  if (block) {
    all.lists[index] = block->next;
    all.bytesCached -= int64_t(classBytes(index));
  }
  return block;
}

/// Returns false where the shared cache is full.
bool giveShared(void *pointer, int index) {
  Shared &all = shared();
  int64_t byteCount = int64_t(classBytes(index));
  std::lock_guard<std::mutex> guard(all.lock);
  if (all.bytesCached + byteCount > mostCachedShared) return false;
  all.lists[index] = new (pointer) FreeBlock{all.lists[index]};
  all.bytesCached += byteCount;
  return true;
}

#if defined(__GLIBC__)
/// Swift's arrays and objects come from malloc, which would hand freed megabytes back to the system at each step of a
/// training, to ask for them again page by page: that was two fifths of lesson 1's time on the digits. It is told when
/// the program starts to keep as much as the cache above does.
__attribute__((constructor)) void keepFreedMemory() {
  mallopt(M_MMAP_THRESHOLD, 32 << 20);  // the most it allows; larger arrays come and go
  mallopt(M_TRIM_THRESHOLD, int(mostCachedShared));
}
#endif

}  // namespace

void *KindlingAllocate(size_t byteCount) {
  if (byteCount > largestLocal && byteCount > roomLeft()) return nullptr;
  LocalCache &local = thisThread();
  int index = sizeClass(byteCount);
  int64_t blockBytes = int64_t(classBytes(index));
  void *block;
  if (byteCount > largestLocal) {
    block = takeShared(index);
  } else if ((block = local.lists[index])) {
    local.lists[index] = local.lists[index]->next;
    local.bytesCached.add(-blockBytes);
  }
  if (!block && !(block = askSystem(local, index))) return nullptr;
  local.allocations.add(1);
  countBytes(local, blockBytes);
  return block;
}

size_t KindlingMemoryLimit(void) {
  static const size_t limit = [] {
    size_t machine = size_t(sysconf(_SC_PHYS_PAGES)) * size_t(sysconf(_SC_PAGESIZE)), container = containerLimit();
    return container && container < machine ? container : machine;
  }();
  return limit;
}

void KindlingDeallocate(void *pointer, size_t byteCount) {
  LocalCache &local = thisThread();
  int index = sizeClass(byteCount);
  int64_t blockBytes = int64_t(classBytes(index));
  countBytes(local, -blockBytes);
  if (byteCount > largestLocal) {
    if (!giveShared(pointer, index)) returnToSystem(pointer, size_t(blockBytes));
  } else if (local.bytesCached.get() + blockBytes > mostCachedLocally) {
    returnToSystem(pointer, size_t(blockBytes));
  } else {
    local.lists[index] = new (pointer) FreeBlock{local.lists[index]};
    local.bytesCached.add(blockBytes);
  }
}

void KindlingTrimCache(void) {
  emptyLocal(thisThread());
  Shared &all = shared();
  std::lock_guard<std::mutex> guard(all.lock);
  for (int index = 0; index < classes; index++) {
    while (FreeBlock *block = all.lists[index]) {
      all.lists[index] = block->next;
      returnToSystem(block, classBytes(index));
    }
  }
  all.bytesCached = 0;
}

KernelMemoryStatistics KindlingMemoryStatistics(void) {
  publish(thisThread());
  Shared &all = shared();
  std::lock_guard<std::mutex> guard(all.lock);
  KernelMemoryStatistics sum = {};
  sum.allocations = all.endedAllocations;
  sum.systemAllocations = all.endedSystemAllocations;
  sum.bytesInUse = all.bytesInUse.load(std::memory_order_relaxed);
  for (LocalCache *local = all.threads; local; local = local->next) {
    sum.allocations += local->allocations.get();
    sum.systemAllocations += local->systemAllocations.get();
    sum.bytesInUse += local->unpublished.get();
  }
  return sum;
}
