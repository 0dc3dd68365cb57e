// How a picture is laid out so that a filter meets it in whole runs.
//
// A filter that steps by 2 meets every second column, and each of its taps the even or the odd ones. So the columns are
// dealt out to as many planes as a step is long, and rows likewise; the border is put around them. In a plane, what a
// tap meets from one place of the filter to the next lies side by side, and goes on from a row to the next:
//
//     x: a b c d e f, step 2, border 1        planes: 0 b d f     what tap 0 meets
//                                                     a c e 0     what tap 1 meets; tap 2 meets the first from b on
//
// The few places between two rows are computed along with the others, and dropped.
#ifndef KINDLING_PLANES_H
#define KINDLING_PLANES_H

#include <algorithm>
#include <cstring>

#include "convolution.h"

namespace kindling {

/// One dimension: element i of plane p is element i · step + p - border of the picture, or 0 where there is none.
struct PlaneAxis {
  int64_t size, planes, step, border, length;

  bool isThePicture() const { return planes == 1 && step == 1 && border == 0 && length == size; }
  /// The elements of plane p that are elements of the picture.
  int64_t begin(int64_t p) const { return std::clamp<int64_t>(-floorDivided(p - border, step), 0, length); }
  int64_t end(int64_t p) const { return std::clamp<int64_t>(-floorDivided(p - border - size, step), begin(p), length); }

  static int64_t floorDivided(int64_t a, int64_t b) { return a >= 0 ? a / b : -((b - 1 - a) / b); }
};

/// out[j] = row[j · step] for j from `begin` to before `end`. A step that the compiler knows is made of vectors that it
/// reads whole.
template <int64_t step, typename T>
inline void takeEvery(const T *__restrict row, int64_t begin, int64_t end, T *__restrict out) {
  for (int64_t j = begin; j < end; j++) out[j] = row[j * step];
}

struct Planes {
  PlaneAxis rows, columns;

  int64_t pictureSize() const { return rows.size * columns.size; }
  int64_t size() const { return rows.planes * columns.planes * rows.length * columns.length; }
  /// Where, in the planes of a picture, the element lies.
  int64_t place(int64_t rowPlane, int64_t columnPlane, int64_t row, int64_t column) const {
    return ((rowPlane * columns.planes + columnPlane) * rows.length + row) * columns.length + column;
  }

  template <typename T>
  void lay(const T *picture, T *out) const {
    for (int64_t p = 0; p < rows.planes; p++) {
      for (int64_t q = 0; q < columns.planes; q++) {
        int64_t top = rows.begin(p), bottom = rows.end(p), left = columns.begin(q), right = columns.end(q);
        std::fill_n(out, top * columns.length, T(0));
        out += top * columns.length;
        for (int64_t i = top; i < bottom; i++, out += columns.length) {
          const T *row = picture + (i * rows.step + p - rows.border) * columns.size + q - columns.border;
          for (int64_t j = 0; j < left; j++) out[j] = 0;
          if (columns.step == 1) {
            std::memcpy(out + left, row + left, size_t(right - left) * sizeof(T));
          } else if (columns.step == 2) {
            takeEvery<2>(row, left, right, out);
          } else {
            for (int64_t j = left; j < right; j++) out[j] = row[j * columns.step];
          }
          for (int64_t j = right; j < columns.length; j++) out[j] = 0;
        }
        std::fill_n(out, (rows.length - bottom) * columns.length, T(0));
        out += (rows.length - bottom) * columns.length;
      }
    }
  }
};

/// One tap of a filter along one dimension: the plane that it meets, and from which element on.
struct Tap {
  int64_t index, plane, shift;
};

}  // namespace kindling

#endif
