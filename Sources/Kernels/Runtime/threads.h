// Dividing a loop over threads.
#ifndef KINDLING_THREADS_H
#define KINDLING_THREADS_H

#include <algorithm>
#include <cstdint>
#include <type_traits>

namespace kindling {

/// The least work that is worth handing to another thread, in additions of two elements: about 3 µs.
constexpr int64_t leastShare = 32768;

using RangeFunction = void (*)(void *context, int64_t begin, int64_t end);

/// Calls function(context, begin, end) for ranges that together make 0..<count, on the pool's threads and this one.
void runParallel(int64_t count, int64_t cost, RangeFunction function, void *context);

/// How many threads a loop would be divided among here: one within a part of divided work.
int32_t threadsOfLoop();

/// body(begin, end) for ranges that together make 0..<count; `cost` is what one iteration costs, in additions. The
/// ranges may differ from run to run, so no result may depend on where they are cut. Runs on the calling thread alone
/// where the work is small, where this is already a part of divided work, where another thread is using the pool, and
/// for a while after the others have kept it waiting.
template <typename Body>
inline void parallelFor(int64_t count, int64_t cost, Body &&body) {
  if (count <= 1 || count * cost < 2 * leastShare) {
    if (count > 0) body(int64_t{0}, count);
    return;
  }
  using Plain = std::remove_reference_t<Body>;
  runParallel(
      count, cost, [](void *context, int64_t begin, int64_t end) { (*static_cast<Plain *>(context))(begin, end); },
      const_cast<void *>(static_cast<const void *>(&body)));
}

}  // namespace kindling

#endif
