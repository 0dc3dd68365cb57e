// Sorting rows.
#include <algorithm>
#include <numeric>

#include "../Runtime/threads.h"
#include "../Runtime/with-type.h"

using namespace kindling;

namespace {

/// Whether a stands before b. NaN, which differs from itself, counts as larger than any number.
template <typename T>
bool isLess(T a, T b) {
  return a < b || (b != b && a == a);
}

}  // namespace

void KindlingArgsort(KernelType type, int64_t rows, int64_t columns, bool descending, const void *x, void *index) {
  // About 4 comparisons to place an element of a short row, 20 of a long one.
  parallelFor(rows, 16 * columns, [&](int64_t begin, int64_t end) {
    withType(type, [&](auto named) {
      using T = typename decltype(named)::Type;
      for (int64_t row = begin; row < end; row++) {
        const T *values = static_cast<const T *>(x) + row * columns;
        int64_t *places = static_cast<int64_t *>(index) + row * columns;
        std::iota(places, places + columns, int64_t{0});
        // A stable sort leaves equal elements in the order in which they stood, also from the largest down.
        std::stable_sort(places, places + columns, [&](int64_t a, int64_t b) {
          return descending ? isLess(values[b], values[a]) : isLess(values[a], values[b]);
        });
      }
    });
  });
}
