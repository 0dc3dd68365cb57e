// How a picture is laid out so that a filter meets it in whole runs.
//
// A filter that steps by 2 meets every second column, and each of its taps the even or the odd ones. So the columns are
// dealt out to as many planes as a step is long, and rows likewise; the border is put around them. In a plane, what a
// tap meets from one place of the filter to the next lies side by side, and goes on from a row to the next:
//
//     x: a b c d e f, step 2, border 1        planes: 0 b d f     what tap 0 meets
//                                                     a c e 0     what tap 1 meets; tap 2 meets the first from b on
//
// The few places between two rows are computed along with the others, and dropped. So that they are fewer, the zeros
// on the right of a row may be those on the left of the next: PlaneAxis::shareBorders.
#ifndef KINDLING_PLANES_H
#define KINDLING_PLANES_H

#include <algorithm>
#include <numeric>

#include "../Runtime/scratch.h"
#include "convolution.h"
#include "rows.h"

namespace kindling {

/// One dimension: element i of plane p is element i · step + remainder(p) - border of the picture, or 0 where there is
/// none. Tap t of a filter with this dilation meets the plane of its remainder; there are no planes that no tap meets.
struct PlaneAxis {
  int64_t size, planes, step, border, length, dilation;

  /// How a filter goes over a picture along dimension d.
  static PlaneAxis of(const KernelConvolution &g, int d) {
    int64_t remainders = g.stride[d] / std::gcd(g.stride[d], g.dilation[d]);
    int64_t reach = (g.kernel[d] - 1) * g.dilation[d];
    return {g.in[d],      std::min(g.kernel[d], remainders), g.stride[d],
            g.padding[d], g.out[d] + reach / g.stride[d],    g.dilation[d]};
  }

  int64_t remainder(int64_t p) const { return p * dilation % step; }
  /// The plane that tap t meets, and from which element on.
  int64_t planeOf(int64_t t) const { return t % planes; }
  int64_t shiftOf(int64_t t) const { return t * dilation / step; }

  bool isThePicture() const { return planes == 1 && step == 1 && border == 0 && length == size; }
  /// Which element of the picture is element i of plane p.
  int64_t element(int64_t p, int64_t i) const { return i * step + remainder(p) - border; }
  /// The elements of plane p that are elements of the picture.
  int64_t begin(int64_t p) const { return std::clamp<int64_t>(-floorDivided(remainder(p) - border, step), 0, length); }
  int64_t end(int64_t p) const {
    return std::clamp<int64_t>(-floorDivided(remainder(p) - border - size, step), begin(p), length);
  }

  /// Lets a row's border on the right be what the next row has on its left, as far as in all planes both are border.
  void shareBorders() {
    int64_t shared = length;
    for (int64_t p = 0; p < planes; p++) shared = std::min({shared, begin(p), length - end(p)});
    length -= shared;
  }

  static int64_t floorDivided(int64_t a, int64_t b) { return a >= 0 ? a / b : -((b - 1 - a) / b); }
};

struct Planes {
  PlaneAxis rows, columns;

  int64_t pictureSize() const { return rows.size * columns.size; }
  int64_t size() const { return rows.planes * columns.planes * rows.length * columns.length; }
  /// Where, in the planes of a picture, an element lies.
  int64_t place(int64_t rowPlane, int64_t columnPlane, int64_t row, int64_t column) const {
    return ((rowPlane * columns.planes + columnPlane) * rows.length + row) * columns.length + column;
  }
  /// Where what a tap meets begins.
  int64_t place(int64_t rowTap, int64_t columnTap) const {
    return place(rows.planeOf(rowTap), columns.planeOf(columnTap), rows.shiftOf(rowTap), columns.shiftOf(columnTap));
  }

  /// Writes a picture into its planes, of which the borders are zeros already.
  template <typename T>
  void lay(const T *picture, T *out) const {
    for (int64_t p = 0; p < rows.planes; p++) {
      for (int64_t q = 0; q < columns.planes; q++, out += rows.length * columns.length) {
        int64_t top = rows.begin(p), left = columns.begin(q);
        Rows copied = {rows.end(p) - top, columns.end(q) - left, rows.step * columns.size,
                       columns.step,      columns.length,        1};
        copyRows(copied, picture + rows.element(p, top) * columns.size + columns.element(q, left),
                 out + top * columns.length + left, T(-0.0));
      }
    }
  }
};

/// The planes of the channels of one sample at a time, with room behind them. Only the first one finds borders to
/// clear.
template <typename T>
class LaidPlanes {
 public:
  LaidPlanes(const Planes &planes, int64_t channels, int64_t beyond)
      : planes(planes), channels(channels), length(channels * planes.size() + beyond) {}

  const T *lay(const T *pictures) {
    if (!memory) {
      memory = static_cast<T *>(scratch.ofSize(size_t(length) * sizeof(T)));
      std::fill_n(memory, length, T(0));
    }
    for (int64_t c = 0; c < channels; c++) planes.lay(pictures + c * planes.pictureSize(), memory + c * planes.size());
    return memory;
  }

 private:
  const Planes &planes;
  int64_t channels, length;
  Scratch scratch;
  T *memory = nullptr;
};

}  // namespace kindling

#endif
