// The gradient of a convolution's weight: each number of it has met every place of the pictures, and its gradient is
// the sum of what it met there times the gradient of what came out.
//
// dy is turned, so that the channels lie side by side and fill vectors; the pictures are laid into planes, where each
// tap walks over its own run. The samples are cut into a few chunks, each with sums of its own, which are added up at
// the end, in order. How they are cut depends on the sizes alone, so that the bits are the same on any number of
// threads and with vectors of any width.
#include "weight.h"

#include <vector>

#include "../Movement/transpose.h"
#include "../Runtime/scratch.h"
#include "../Runtime/threads.h"
#include "planes.h"
#include "tiles.h"

namespace kindling {
namespace {

/// out[j][i] = x[i][j] for a matrix of any size, in squares of four.
template <typename T>
void turn(int64_t rows, int64_t columns, const T *x, T *out, int64_t outRow) {
  int64_t wholeRows = rows / 4 * 4, wholeColumns = columns / 4 * 4;
  for (int64_t i = 0; i < wholeRows; i += 4) {
    for (int64_t j = 0; j < wholeColumns; j += 4) {
      transposeFour(x + i * columns + j, columns, out + j * outRow + i, outRow);
    }
    for (int64_t j = wholeColumns; j < columns; j++) {
      for (int64_t r = i; r < i + 4; r++) out[j * outRow + r] = x[r * columns + j];
    }
  }
  for (int64_t i = wholeRows; i < rows; i++) {
    for (int64_t j = 0; j < columns; j++) out[j * outRow + i] = x[i * columns + j];
  }
}

template <typename T>
struct Sums {
  const KernelConvolution &g;
  const ConvolutionTiles<T> &tiles = convolutionTiles<T>();
  int64_t inChannels = g.inChannels / g.groups, outChannels = g.outChannels / g.groups;
  int64_t filter = g.kernel[0] * g.kernel[1], numbers = inChannels * filter, pixels = g.out[0] * g.out[1];
  int64_t vectors = (outChannels + tiles.lanes - 1) / tiles.lanes, line = vectors * tiles.lanes;
  int64_t chunks = 1;
  Planes planes = {PlaneAxis::of(g, 0), PlaneAxis::of(g, 1)};
  bool isLaid = planes.rows.isThePicture() && planes.columns.isThePicture();
  std::vector<int64_t> places = {};

  explicit Sums(const KernelConvolution &geometry) : g(geometry) {
    // No more chunks than there are numbers to read for the sums of each. Lines count as long as AVX2's vectors make
    // them, and not as those here do: the chunks decide in which order is summed.
    constexpr int64_t lanes = 32 / sizeof(T);
    int64_t size = std::max<int64_t>(g.groups * numbers * ((outChannels + lanes - 1) / lanes * lanes), 1);
    chunks = std::clamp<int64_t>(g.batch * (g.inChannels * g.in[0] * g.in[1] + g.outChannels * pixels) / size, 1, 8);
    chunks = std::clamp<int64_t>(g.batch, 1, chunks);
    for (int64_t c = 0; c < inChannels; c++) {
      for (int64_t i = 0; i < g.kernel[0]; i++) {
        for (int64_t j = 0; j < g.kernel[1]; j++) places.push_back(c * planes.size() + planes.place(i, j));
      }
    }
  }

  /// Adds up, in sums[number][channel], those of a group in some samples.
  void add(int64_t group, int64_t begin, int64_t end, int64_t firstNumber, int64_t lastNumber, const T *x, const T *dy,
           T *sums) const {
    LaidPlanes<T> laid(planes, inChannels, 0);
    Scratch turnedScratch;
    auto turned = static_cast<T *>(turnedScratch.ofSize(size_t(pixels * line) * sizeof(T)));
    std::fill_n(turned, pixels * line, T(0));
    for (int64_t sample = begin; sample < end; sample++) {
      const T *pictures = x + (sample * g.groups + group) * inChannels * planes.pictureSize();
      if (!isLaid) pictures = laid.lay(pictures);
      turn(outChannels, pixels, dy + (sample * g.groups + group) * outChannels * pixels, turned, line);
      addSample(pictures, turned, firstNumber, lastNumber, sums);
    }
  }

  void addSample(const T *pictures, const T *turned, int64_t firstNumber, int64_t lastNumber, T *sums) const {
    int64_t panels = (vectors + tiles.mostVectors - 1) / tiles.mostVectors, count = lastNumber - firstNumber;
    // So many rows at a time that a panel of the turned ones stays in the nearest cache.
    int64_t rowBytes = g.out[1] * ((vectors + panels - 1) / panels) * tiles.lanes * int64_t(sizeof(T));
    int64_t rows = std::clamp<int64_t>(16384 / rowBytes, 1, g.out[0]);
    for (int64_t top = 0; top < g.out[0]; top += rows) {
      int64_t height = std::min(rows, g.out[0] - top);
      for (int64_t p = 0; p < panels; p++) {
        int64_t first = vectors * p / panels, width = vectors * (p + 1) / panels - first;
        int64_t most = tiles.mostRows[width], heights = (count + most - 1) / most;
        for (int64_t t = 0; t < heights; t++) {
          int64_t number = firstNumber + count * t / heights;
          int64_t tileRows = firstNumber + count * (t + 1) / heights - number;
          tiles.overGrid[width][tileRows](height, g.out[1], pictures + top * planes.columns.length,
                                          places.data() + number, planes.columns.length,
                                          turned + top * g.out[1] * line + first * tiles.lanes, line,
                                          sums + number * line + first * tiles.lanes, line);
        }
      }
    }
  }
};

}  // namespace

template <typename T>
void convolutionWeight(const KernelConvolution &g, const T *x, const T *dy, T *out) {
  Sums<T> s(g);
  Scratch scratch;
  int64_t ofGroup = s.numbers * s.line, units = s.chunks * g.groups, threads = KindlingThreads();
  auto sums = static_cast<T *>(scratch.ofSize(size_t(units * ofGroup) * sizeof(T)));
  int64_t parts = std::clamp<int64_t>((threads + units - 1) / units, 1, std::max<int64_t>(s.numbers / 8, 1));
  // Of each sample: the products; to lay the planes and to turn dy, which each part does.
  int64_t ofSample = s.pixels * ofGroup / parts / 4 + s.inChannels * s.planes.size() + 2 * s.outChannels * s.pixels;
  parallelFor(units * parts, g.batch * ofSample / s.chunks + 1024, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) {
      int64_t chunk = i / parts / g.groups, group = i / parts % g.groups, part = i % parts;
      int64_t first = s.numbers * part / parts, last = s.numbers * (part + 1) / parts;
      T *ours = sums + (chunk * g.groups + group) * ofGroup;
      std::fill_n(ours + first * s.line, (last - first) * s.line, T(0));
      s.add(group, g.batch * chunk / s.chunks, g.batch * (chunk + 1) / s.chunks, first, last, x, dy, ours);
    }
  });
  parallelFor(g.outChannels, s.numbers * s.chunks, [&](int64_t begin, int64_t end) {
    for (int64_t o = begin; o < end; o++) {
      const T *ours = sums + o / s.outChannels * ofGroup + o % s.outChannels;
      for (int64_t number = 0; number < s.numbers; number++) {
        T sum = 0;
        for (int64_t chunk = 0; chunk < s.chunks; chunk++) sum += ours[chunk * g.groups * ofGroup + number * s.line];
        out[o * s.numbers + number] = sum;
      }
    }
  });
}

template void convolutionWeight<float>(const KernelConvolution &, const float *, const float *, float *);
template void convolutionWeight<double>(const KernelConvolution &, const double *, const double *, double *);

}  // namespace kindling
