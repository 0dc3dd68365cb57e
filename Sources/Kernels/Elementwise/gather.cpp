// Brings elements together that do not lie side by side, and takes results apart. It moves bits and does not look at
// them, so that only the element's size matters.
#include "loops.h"

namespace {

template <typename T>
KINDLING_INLINE void gatherAs(const void *x, int64_t step, int64_t count, void *to) {
  const T *from = static_cast<const T *>(x);
  T *copies = static_cast<T *>(to);
  if (step == 0) {
    const T value = *from;
    KINDLING_INDEPENDENT
    for (int64_t i = 0; i < count; i++) copies[i] = value;
  } else {
    for (int64_t i = 0; i < count; i++) copies[i] = from[i * step];
  }
}

template <typename T>
KINDLING_INLINE void scatterAs(const void *from, int64_t count, void *x, int64_t step) {
  for (int64_t i = 0; i < count; i++) static_cast<T *>(x)[i * step] = static_cast<const T *>(from)[i];
}

}  // namespace

KINDLING_CLONES void kindling::gatherElements(int64_t size, const void *x, int64_t step, int64_t count, void *copies) {
  if (size == 1) return gatherAs<uint8_t>(x, step, count, copies);
  if (size == 4) return gatherAs<uint32_t>(x, step, count, copies);
  gatherAs<uint64_t>(x, step, count, copies);
}

KINDLING_CLONES void kindling::scatterElements(int64_t size, const void *results, int64_t count, void *x,
                                               int64_t step) {
  if (size == 1) return scatterAs<uint8_t>(results, count, x, step);
  if (size == 4) return scatterAs<uint32_t>(results, count, x, step);
  scatterAs<uint64_t>(results, count, x, step);
}
