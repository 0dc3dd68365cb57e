// The transpose of a square that fits into four registers.
#ifndef KINDLING_TRANSPOSE_H
#define KINDLING_TRANSPOSE_H

#include <cstdint>

#include "../Runtime/clones.h"

namespace kindling {

/// out[i][j] = x[j][i] for a square of 4×4, turned in registers.
template <typename T>
KINDLING_INLINE void transposeFour(const T *x, int64_t xStride, T *out, int64_t outStride) {
  typedef T Four __attribute__((vector_size(4 * sizeof(T)), aligned(sizeof(T)), may_alias));
  auto row = [&](int64_t j) KINDLING_LAMBDA { return reinterpret_cast<const Four *>(x + j * xStride); };
  Four a = *row(0), b = *row(1), c = *row(2), d = *row(3);
  Four ab = __builtin_shufflevector(a, b, 0, 4, 1, 5), AB = __builtin_shufflevector(a, b, 2, 6, 3, 7);
  Four cd = __builtin_shufflevector(c, d, 0, 4, 1, 5), CD = __builtin_shufflevector(c, d, 2, 6, 3, 7);
  *reinterpret_cast<Four *>(out) = __builtin_shufflevector(ab, cd, 0, 1, 4, 5);
  *reinterpret_cast<Four *>(out + outStride) = __builtin_shufflevector(ab, cd, 2, 3, 6, 7);
  *reinterpret_cast<Four *>(out + 2 * outStride) = __builtin_shufflevector(AB, CD, 0, 1, 4, 5);
  *reinterpret_cast<Four *>(out + 3 * outStride) = __builtin_shufflevector(AB, CD, 2, 3, 6, 7);
}

}  // namespace kindling

#endif
