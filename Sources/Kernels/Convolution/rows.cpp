// Rows are often short, as those of small pictures are: so no loop has a rest that is gone through one by one.
#include "rows.h"

#include <algorithm>
#include <utility>

#include "../Runtime/clones.h"

namespace kindling {
namespace {

template <int lanes, typename T>
struct Several {
  typedef T Vector __attribute__((vector_size(lanes * sizeof(T)), aligned(sizeof(T)), may_alias));
};

/// `lanes` numbers of x, of step 2 every second one; nothing is read behind the last.
template <int step, int lanes, typename T>
KINDLING_INLINE auto vectorOf(const T *x) {
  using Vector = typename Several<lanes, T>::Vector;
  if constexpr (step == 1) {
    return *reinterpret_cast<const Vector *>(x);
  } else {
    auto first = *reinterpret_cast<const Vector *>(x), second = *reinterpret_cast<const Vector *>(x + lanes - 1);
    return [&]<int... i>(std::integer_sequence<int, i...>) KINDLING_LAMBDA {
      return __builtin_shufflevector(first, second, (2 * i + (2 * i >= lanes))...);
    }(std::make_integer_sequence<int, lanes>());
  }
}

/// Vectors of `lanes` numbers, of which the last one overlaps the one before it where they do not come out even.
template <int step, int lanes, typename T>
KINDLING_INLINE void copyInVectors(const Rows &r, const T *x, T *out, T more) {
  for (int64_t i = 0; i < r.rows; i++, x += r.xRow, out += r.outRow) {
    for (int64_t next = 0; next < r.columns; next += lanes) {
      int64_t j = std::min(next, r.columns - lanes);
      *reinterpret_cast<typename Several<lanes, T>::Vector *>(out + j) = vectorOf<step, lanes>(x + j * step) + more;
    }
  }
}

template <int step, typename T>
KINDLING_INLINE void copyByStep(const Rows &r, const T *x, T *out, T more) {
  if (r.columns >= 16) return copyInVectors<step, 16>(r, x, out, more);
  if (r.columns >= 8) return copyInVectors<step, 8>(r, x, out, more);
  if (r.columns >= 4) return copyInVectors<step, 4>(r, x, out, more);
  copyInVectors<step, 1>(r, x, out, more);
}

template <typename T>
KINDLING_INLINE void copy(Rows r, const T *x, T *out, T more) {
  if (r.xColumn == 1 && r.outColumn == 1) {
    bool areOneRow = r.xRow == r.columns && r.outRow == r.columns;
    if (areOneRow) r.columns *= r.rows, r.rows = r.rows > 0;
    return copyByStep<1>(r, x, out, more);
  }
  if (r.xColumn == 2 && r.outColumn == 1) return copyByStep<2>(r, x, out, more);
  for (int64_t i = 0; i < r.rows; i++) {
    for (int64_t j = 0; j < r.columns; j++) {
      out[i * r.outRow + j * r.outColumn] = x[i * r.xRow + j * r.xColumn] + more;
    }
  }
}

}  // namespace

KINDLING_CLONES void copyRows(Rows rows, const float *x, float *out, float more) { copy(rows, x, out, more); }
KINDLING_CLONES void copyRows(Rows rows, const double *x, double *out, double more) { copy(rows, x, out, more); }

}  // namespace kindling
