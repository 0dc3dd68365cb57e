// Dividing a loop over threads.
#ifndef KINDLING_THREADS_H
#define KINDLING_THREADS_H

#include <cstdint>
#include <type_traits>

namespace kindling {

using RangeFunction = void (*)(void *context, int64_t begin, int64_t end);

/// Calls function(context, begin, end) for ranges that together make 0..<count, on the pool's threads and this one.
void runParallel(int64_t count, int64_t grain, RangeFunction function, void *context);

/// True where a loop of `count` iterations would be divided at all.
bool wouldDivide(int64_t count, int64_t grain);

/// body(begin, end) for ranges of at least `grain` iterations that together make 0..<count. The ranges may differ from
/// run to run, so no result may depend on where they are cut. Runs on the calling thread alone where the work is small,
/// where this is already a part of divided work, or where another thread is using the pool.
template <typename Body>
inline void parallelFor(int64_t count, int64_t grain, Body &&body) {
  if (count <= grain || !wouldDivide(count, grain)) {
    if (count > 0) body(int64_t{0}, count);
    return;
  }
  using Plain = std::remove_reference_t<Body>;
  runParallel(
      count, grain, [](void *context, int64_t begin, int64_t end) { (*static_cast<Plain *>(context))(begin, end); },
      const_cast<void *>(static_cast<const void *>(&body)));
}

}  // namespace kindling

#endif
