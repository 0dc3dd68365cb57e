// Convolutions on the CPU. The output and the gradient of the input are the same work: pictures are laid into planes
// (planes.h), and for each row of the result, a channel of it, numbers of the weight times shifted runs of the planes
// are added up (tiles.cpp). Only the taps, and where the results go, are different. weight.cpp has the third part.
//
// Work is divided by samples, by groups, and where there are few by channels of the result. No sum is divided, so that
// the bits are the same on any number of threads.
#include <cmath>
#include <limits>
#include <vector>

#include "../Runtime/scratch.h"
#include "../Runtime/threads.h"
#include "../Runtime/with-type.h"
#include "planes.h"
#include "tiles.h"
#include "weight.h"

using namespace kindling;

namespace {

/// Products that make some of the result's rows and columns: where each finds its numbers, and where the sums go.
struct Share {
  std::vector<int64_t> places;   // of each product, in the planes
  std::vector<int64_t> weights;  // and in the weight, from the row's first number on
  int64_t first[2];              // where in the result its first row and column go
  int64_t begin[2], end[2];      // which of its rows and columns the result has
};

/// A result of `channels` channels for each group, of sums of products of weights and planes.
struct Correlation {
  int64_t batch, groups, channels, inChannels;
  int64_t weightRow, weightGroup;  // from one channel of the result, and one group, to the next
  Planes planes;
  int64_t height, width;  // how many rows and columns a share makes
  int64_t step[2];        // from one of its rows and columns to the next
  int64_t size[2];        // the result's
  std::vector<Share> shares;

  /// A share, without products yet.
  Share shareFrom(int64_t firstRow, int64_t firstColumn) const {
    Share share = {{}, {}, {firstRow, firstColumn}, {}, {}};
    for (int d = 0; d < 2; d++) {
      int64_t first = share.first[d], count = d == 0 ? height : width;
      share.begin[d] = std::clamp<int64_t>(-PlaneAxis::floorDivided(first, step[d]), 0, count);
      share.end[d] = std::clamp<int64_t>(-PlaneAxis::floorDivided(first - size[d], step[d]), share.begin[d], count);
    }
    return share;
  }
};

/// y[o] = Σ w[o][i] · x[i]: one share, of all channels and taps.
Correlation outputOf(const KernelConvolution &g) {
  int64_t inChannels = g.inChannels / g.groups, filter = g.kernel[0] * g.kernel[1];
  PlaneAxis axes[2] = {PlaneAxis::of(g, 0), PlaneAxis::of(g, 1)};
  axes[1].shareBorders();
  Correlation c = {};
  c.batch = g.batch, c.groups = g.groups, c.channels = g.outChannels / g.groups, c.inChannels = inChannels;
  c.weightRow = inChannels * filter, c.weightGroup = c.channels * c.weightRow;
  c.planes = {axes[0], axes[1]}, c.height = g.out[0], c.width = g.out[1];
  for (int d = 0; d < 2; d++) c.step[d] = 1, c.size[d] = g.out[d];
  Share share = c.shareFrom(0, 0);
  for (int64_t i = 0; i < inChannels; i++) {
    for (int64_t row = 0; row < g.kernel[0]; row++) {
      for (int64_t column = 0; column < g.kernel[1]; column++) {
        share.places.push_back(i * c.planes.size() + c.planes.place(row, column));
        share.weights.push_back(i * filter + row * g.kernel[1] + column);
      }
    }
  }
  c.shares.push_back(std::move(share));
  return c;
}

/// dx[i] = Σ w[o][i] · dy[o], each tap the other way. An element of x is met by those taps only that are as far from it
/// as a number of steps: a share for each remainder.
Correlation inputGradientOf(const KernelConvolution &g) {
  int64_t outChannels = g.outChannels / g.groups, inChannels = g.inChannels / g.groups;
  int64_t filter = g.kernel[0] * g.kernel[1];
  PlaneAxis axes[2];
  int64_t first[2], count[2], reach[2];
  for (int d = 0; d < 2; d++) {
    reach[d] = (g.kernel[d] - 1) * g.dilation[d] / g.stride[d];
    first[d] = g.padding[d] / g.stride[d];
    count[d] = (g.in[d] - 1 + g.padding[d]) / g.stride[d] - first[d] + 1;
    axes[d] = {g.out[d], 1, 1, reach[d] - first[d], count[d] + reach[d], 1};
  }
  axes[1].shareBorders();
  Correlation c = {};
  c.batch = g.batch, c.groups = g.groups, c.channels = inChannels, c.inChannels = outChannels;
  c.weightRow = filter, c.weightGroup = outChannels * inChannels * filter;
  c.planes = {axes[0], axes[1]}, c.height = count[0], c.width = count[1];
  for (int d = 0; d < 2; d++) c.step[d] = g.stride[d], c.size[d] = g.in[d];
  // The taps that meet an element along dimension d are those that have its remainder.
  auto remainder = [&](int d, int64_t element) { return (element + g.padding[d]) % g.stride[d]; };
  auto taps = [&](int d, int64_t p) {
    std::vector<int64_t> found;
    for (int64_t t = 0; t < g.kernel[d]; t++) {
      if (t * g.dilation[d] % g.stride[d] == p) found.push_back(t);
    }
    return found;
  };
  for (int64_t i = 0; i < std::min(g.in[0], g.stride[0]); i++) {
    for (int64_t j = 0; j < std::min(g.in[1], g.stride[1]); j++) {
      int64_t p = remainder(0, i), q = remainder(1, j);
      Share share = c.shareFrom(p + g.stride[0] * first[0] - g.padding[0], q + g.stride[1] * first[1] - g.padding[1]);
      std::vector<int64_t> rows = taps(0, p), columns = taps(1, q);
      for (int64_t o = 0; o < outChannels; o++) {
        for (int64_t row : rows) {
          for (int64_t column : columns) {
            int64_t up = row * g.dilation[0] / g.stride[0], left = column * g.dilation[1] / g.stride[1];
            share.places.push_back(o * c.planes.size() + c.planes.place(0, 0, reach[0] - up, reach[1] - left));
            share.weights.push_back(o * inChannels * filter + row * g.kernel[1] + column);
          }
        }
      }
      c.shares.push_back(std::move(share));
    }
  }
  return c;
}

/// The result's channels in tiles of nearly the same height.
struct Heights {
  int64_t channels, count;
  int64_t top(int64_t tile) const { return channels * tile / count; }
  int64_t height(int64_t tile) const { return top(tile + 1) - top(tile); }
};

/// The weight in the order in which tiles read it: by share, group, tile, product, and row of the tile.
template <typename T>
void packWeights(const Correlation &c, const Heights &heights, const T *weight, T *packed) {
  for (const Share &share : c.shares) {
    for (int64_t g = 0; g < c.groups; g++) {
      for (int64_t t = 0; t < heights.count; t++) {
        const T *from = weight + g * c.weightGroup + heights.top(t) * c.weightRow;
        for (int64_t place : share.weights) {
          for (int64_t r = 0; r < heights.height(t); r++) *packed++ = from[r * c.weightRow + place];
        }
      }
    }
  }
}

/// Hands the sums of some rows of a share to the result, without the places between rows, and with the bias.
template <typename T>
void putRows(const Correlation &c, const Share &share, int64_t top, int64_t count, const T *sums, T bias, T *out) {
  int64_t begin = std::max(top, share.begin[0]), end = std::min(top + count, share.end[0]), left = share.begin[1];
  int64_t line = c.planes.columns.length;
  Rows rows = {end - begin, share.end[1] - left, line, 1, c.step[0] * c.size[1], c.step[1]};
  copyRows(rows, sums + (begin - top) * line + left,
           out + (begin * c.step[0] + share.first[0]) * c.size[1] + left * c.step[1] + share.first[1], bias);
}

/// How many columns of the planes go by at a time: so many that all channels' stay in a near cache.
constexpr int64_t nearBytes = 128 * 1024;

template <typename T>
struct Worker {
  const Correlation &c;
  const ConvolutionTiles<T> &tiles;
  const Heights &heights;
  const T *packed, *bias;

  int64_t lineLength = c.planes.columns.length;
  int64_t blockColumns =
      std::clamp<int64_t>(nearBytes / int64_t(sizeof(T)) / std::max<int64_t>(c.inChannels, 1), 64, 1024);
  int64_t blockRows = std::clamp<int64_t>(blockColumns / lineLength, 1, std::max<int64_t>(c.height, 1));
  int64_t sumsLength = columnsOf(blockRows) + tiles.lanes;
  /// What may be read beyond the last plane: the places behind the last row, and the rest of a vector.
  int64_t beyond = lineLength + tiles.lanes;

  /// How many columns of the planes it takes to make so many rows of the result.
  int64_t columnsOf(int64_t rows) const { return (rows - 1) * lineLength + c.width; }

  /// Tiles firstTile..<lastTile of one group of one sample.
  void run(const T *planes, int64_t group, int64_t firstTile, int64_t lastTile, T *sums, T *out) const {
    const T *weights = packed;
    for (const Share &share : c.shares) {
      int64_t products = int64_t(share.places.size());
      const T *groupWeights = weights + group * c.channels * products;
      weights += c.groups * c.channels * products;
      for (int64_t top = 0; top < c.height; top += blockRows) {
        int64_t count = std::min(blockRows, c.height - top);
        for (int64_t t = firstTile; t < lastTile; t++) {
          sumTile(planes + top * lineLength, share, columnsOf(count), heights.height(t),
                  groupWeights + heights.top(t) * products, sums);
          for (int64_t r = 0; r < heights.height(t); r++) {
            int64_t channel = heights.top(t) + r;
            putRows(c, share, top, count, sums + r * sumsLength, bias ? bias[group * c.channels + channel] : T(0),
                    out + channel * c.size[0] * c.size[1]);
          }
        }
      }
    }
  }

  void sumTile(const T *planes, const Share &share, int64_t columns, int64_t rows, const T *weights, T *sums) const {
    int64_t vectors = (columns + tiles.lanes - 1) / tiles.lanes;
    int64_t panels = (vectors + tiles.mostVectors - 1) / tiles.mostVectors;
    for (int64_t p = 0; p < panels; p++) {
      int64_t first = vectors * p / panels, width = vectors * (p + 1) / panels - first;
      tiles.shifted[width][rows](int64_t(share.places.size()), weights, planes + first * tiles.lanes,
                                 share.places.data(), sums + first * tiles.lanes, sumsLength);
    }
  }
};

template <typename T>
void correlate(const Correlation &c, const T *x, const T *weight, const T *bias, T *out) {
  const ConvolutionTiles<T> &tiles = convolutionTiles<T>();
  int64_t most = tiles.mostRows[tiles.mostVectors];
  Heights heights = {c.channels, (c.channels + most - 1) / most};
  size_t products = 0;
  for (const Share &share : c.shares) products += share.places.size();
  Scratch packedScratch;
  auto packed = static_cast<T *>(packedScratch.ofSize(products * size_t(c.groups * c.channels) * sizeof(T)));
  packWeights(c, heights, weight, packed);

  Worker<T> worker = {c, tiles, heights, packed, bias};
  int64_t xGroup = c.inChannels * c.planes.pictureSize(), outGroup = c.channels * c.size[0] * c.size[1];
  int64_t groups = c.batch * c.groups, threads = KindlingThreads();
  int64_t parts = groups < threads ? std::min(heights.count, (threads + groups - 1) / groups) : 1;
  bool isLaid = c.planes.rows.isThePicture() && c.planes.columns.isThePicture();
  int64_t planesLength = c.inChannels * c.planes.size() + worker.beyond;
  // The products; to lay the planes, which each part does; to write the sums; and about 100 ns besides.
  int64_t cost = (c.channels * int64_t(products) * c.height * c.width / 4 + outGroup) / parts + planesLength + 1024;
  parallelFor(groups * parts, cost, [&](int64_t begin, int64_t end) {
    LaidPlanes<T> laid(c.planes, c.inChannels, worker.beyond);
    Scratch sumsScratch;
    auto sums = static_cast<T *>(sumsScratch.ofSize(size_t(most * worker.sumsLength) * sizeof(T)));
    for (int64_t i = begin; i < end; i++) {
      int64_t group = i / parts, part = i % parts;
      const T *planes = x + group * xGroup;
      if (!isLaid || (groups - group) * xGroup < planesLength) planes = laid.lay(planes);
      worker.run(planes, group % c.groups, heights.count * part / parts, heights.count * (part + 1) / parts, sums,
                 out + group * outGroup);
    }
  });
}

template <typename T>
bool areFinite(const T *x, int64_t count) {
  bool all = true;
  for (int64_t i = 0; i < count; i++) all &= std::abs(x[i]) <= std::numeric_limits<T>::max();
  return all;
}

/// Adds, to a picture of dx, the products of a picture of dy and the filter that has led from there to here.
template <typename T>
void scatter(const KernelConvolution &g, const T *dy, const T *filter, T *dx) {
  for (int64_t a = 0; a < g.kernel[0]; a++) {
    for (int64_t b = 0; b < g.kernel[1]; b++, filter++) {
      int64_t top = a * g.dilation[0] - g.padding[0], left = b * g.dilation[1] - g.padding[1];
      for (int64_t i = 0; i < g.out[0]; i++) {
        int64_t row = i * g.stride[0] + top;
        if (row < 0 || row >= g.in[0]) continue;
        for (int64_t j = 0; j < g.out[1]; j++) {
          int64_t column = j * g.stride[1] + left;
          if (column >= 0 && column < g.in[1]) dx[row * g.in[1] + column] += *filter * dy[i * g.out[1] + j];
        }
      }
    }
  }
}

/// dx where a weight is infinite or NaN: it would make NaN of the zeros that lie around dy in its planes, and here
/// there are none.
template <typename T>
void scatterAll(const KernelConvolution &g, const T *dy, const T *weight, T *dx) {
  int64_t inChannels = g.inChannels / g.groups, outChannels = g.outChannels / g.groups;
  int64_t size = g.in[0] * g.in[1], outSize = g.out[0] * g.out[1], filter = g.kernel[0] * g.kernel[1];
  parallelFor(g.batch * g.inChannels, outChannels * outSize * filter, [&](int64_t begin, int64_t end) {
    for (int64_t picture = begin; picture < end; picture++) {
      int64_t sample = picture / g.inChannels, channel = picture % g.inChannels, group = channel / inChannels;
      std::fill_n(dx + picture * size, size, T(0));
      for (int64_t o = group * outChannels; o < (group + 1) * outChannels; o++) {
        scatter(g, dy + (sample * g.outChannels + o) * outSize,
                weight + (o * inChannels + channel % inChannels) * filter, dx + picture * size);
      }
    }
  });
}

}  // namespace

void KindlingConvolve(ConvolutionPart part, KernelType type, const KernelConvolution *geometry, const void *first,
                      const void *second, const void *bias, void *out) {
  withFloatType("convolution", type, [&](auto named) {
    using T = typename decltype(named)::Type;
    auto x = static_cast<const T *>(first), y = static_cast<const T *>(second);
    if (part == ConvolutionPart_weight) return convolutionWeight<T>(*geometry, x, y, static_cast<T *>(out));
    if (part == ConvolutionPart_output) {
      return correlate(outputOf(*geometry), x, y, static_cast<const T *>(bias), static_cast<T *>(out));
    }
    int64_t weights =
        geometry->outChannels * (geometry->inChannels / geometry->groups) * geometry->kernel[0] * geometry->kernel[1];
    if (!areFinite(y, weights)) return scatterAll(*geometry, x, y, static_cast<T *>(out));
    correlate<T>(inputGradientOf(*geometry), x, y, nullptr, static_cast<T *>(out));
  });
}
