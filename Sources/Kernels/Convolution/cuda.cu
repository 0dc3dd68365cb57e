// Convolutions for CUDA: a thread makes one element of the result, and adds up all that belongs to it. A filter has few
// elements, and to each belongs something of every sample: there a row of threads makes one.
#include "../Reduction/cuda-fold.h"
#include "../Runtime/cuda.h"
#include "convolution.h"

/// Takes the last coordinate off a number.
__device__ inline int64_t takeLast(int64_t &number, int64_t size) {
  int64_t last = number % size;
  number /= size;
  return last;
}

/// y[n][o] = b[o] + Σ w[o][i] · x[n][i], over the channels of o's group and the taps of the filter.
template <typename T>
__device__ void convolutionOutput(const Cell<T> *x, const Cell<T> *w, const Cell<T> *bias, Cell<T> *y,
                                  const KernelConvolution &g, int64_t count) {
  int64_t inChannels = g.inChannels / g.groups, outChannels = g.outChannels / g.groups;
  GRID_LOOP
  for (int64_t index = globalThread(); index < count; index += globalThreads()) {
    int64_t n = index, column = takeLast(n, g.out[1]), row = takeLast(n, g.out[0]), o = takeLast(n, g.outChannels);
    T sum = 0;
    for (int64_t i = 0; i < inChannels; ++i) {
      const Cell<T> *plane = x + (n * g.inChannels + o / outChannels * inChannels + i) * g.in[0] * g.in[1];
      const Cell<T> *filter = w + (o * inChannels + i) * g.kernel[0] * g.kernel[1];
      for (int64_t a = 0; a < g.kernel[0]; ++a) {
        int64_t inRow = row * g.stride[0] - g.padding[0] + a * g.dilation[0];
        for (int64_t b = 0; b < g.kernel[1]; ++b) {
          int64_t inColumn = column * g.stride[1] - g.padding[1] + b * g.dilation[1];
          bool isInside = inRow >= 0 && inRow < g.in[0] && inColumn >= 0 && inColumn < g.in[1];
          // The border is made of zeros, and a NaN or an infinity times 0 is NaN.
          sum += filter[a * g.kernel[1] + b] * (isInside ? T(plane[inRow * g.in[1] + inColumn]) : T(0));
        }
      }
    }
    y[index] = bias ? T(sum + bias[o]) : sum;
  }
}

/// dx[n][i] = Σ w[o][i] · dy[n][o], over the channels of i's group and the taps that have met the element.
template <typename T>
__device__ void convolutionInput(const Cell<T> *dy, const Cell<T> *w, Cell<T> *dx, const KernelConvolution &g,
                                 int64_t count) {
  int64_t inChannels = g.inChannels / g.groups, outChannels = g.outChannels / g.groups;
  GRID_LOOP
  for (int64_t index = globalThread(); index < count; index += globalThreads()) {
    int64_t n = index, column = takeLast(n, g.in[1]), row = takeLast(n, g.in[0]), i = takeLast(n, g.inChannels);
    T sum = 0;
    for (int64_t k = 0; k < outChannels; ++k) {
      int64_t o = i / inChannels * outChannels + k;
      const Cell<T> *plane = dy + (n * g.outChannels + o) * g.out[0] * g.out[1];
      const Cell<T> *filter = w + (o * inChannels + i % inChannels) * g.kernel[0] * g.kernel[1];
      for (int64_t a = 0; a < g.kernel[0]; ++a) {
        int64_t outRow = row + g.padding[0] - a * g.dilation[0];
        if (outRow < 0 || outRow % g.stride[0] != 0 || outRow / g.stride[0] >= g.out[0]) continue;
        for (int64_t b = 0; b < g.kernel[1]; ++b) {
          int64_t outColumn = column + g.padding[1] - b * g.dilation[1];
          if (outColumn < 0 || outColumn % g.stride[1] != 0 || outColumn / g.stride[1] >= g.out[1]) continue;
          sum += filter[a * g.kernel[1] + b] * plane[outRow / g.stride[0] * g.out[1] + outColumn / g.stride[1]];
        }
      }
    }
    dx[index] = sum;
  }
}

/// dw[o][i][a][b] = Σ dy[n][o] · x[n][i], over the samples and what the tap has met, the border's zeros too. Thread x
/// of a row takes lines x, x + blockDim.x, … of the samples' planes.
template <typename T>
__device__ void convolutionWeight(const Cell<T> *x, const Cell<T> *dy, Cell<T> *dw, const KernelConvolution &g,
                                  int64_t count) {
  int64_t inChannels = g.inChannels / g.groups, outChannels = g.outChannels / g.groups;
  int64_t index = static_cast<int64_t>(blockIdx.x) * blockDim.y + threadIdx.y;
  int64_t lines = index < count ? g.batch * g.out[0] : 0;  // without an element it stays: the fold needs every thread
  int64_t o = index, b = takeLast(o, g.kernel[1]), a = takeLast(o, g.kernel[0]), i = takeLast(o, inChannels);
  T sum = 0;
  GRID_LOOP
  for (int64_t line = threadIdx.x; line < lines; line += blockDim.x) {
    int64_t n = line, row = takeLast(n, g.out[0]), inRow = row * g.stride[0] - g.padding[0] + a * g.dilation[0];
    bool isRow = inRow >= 0 && inRow < g.in[0];
    const Cell<T> *plane = x + (n * g.inChannels + o / outChannels * inChannels + i) * g.in[0] * g.in[1];
    const Cell<T> *gradient = dy + ((n * g.outChannels + o) * g.out[0] + row) * g.out[1];
    for (int64_t column = 0; column < g.out[1]; ++column) {
      int64_t inColumn = column * g.stride[1] - g.padding[1] + b * g.dilation[1];
      bool isInside = isRow && inColumn >= 0 && inColumn < g.in[1];
      sum += gradient[column] * (isInside ? T(plane[inRow * g.in[1] + inColumn]) : T(0));
    }
  }
  sum = foldRow<Sum<T>>(sum);
  if (threadIdx.x == 0 && index < count) dw[index] = sum;
}

#define CONVOLUTION(suffix, T, ...)                                                                        \
  ENTRY(convolution_output_##suffix, (const Cell<T> *x, const Cell<T> *w, const Cell<T> *bias, Cell<T> *y, \
                                      const __grid_constant__ KernelConvolution g, int64_t count)) {       \
    convolutionOutput<T>(x, w, bias, y, g, count);                                                         \
  }                                                                                                        \
  ENTRY(convolution_input_##suffix, (const Cell<T> *dy, const Cell<T> *w, Cell<T> *dx,                     \
                                     const __grid_constant__ KernelConvolution g, int64_t count)) {        \
    convolutionInput<T>(dy, w, dx, g, count);                                                              \
  }                                                                                                        \
  ENTRY(convolution_weight_##suffix, (const Cell<T> *x, const Cell<T> *dy, Cell<T> *dw,                    \
                                      const __grid_constant__ KernelConvolution g, int64_t count)) {       \
    convolutionWeight<T>(x, dy, dw, g, count);                                                             \
  }
KINDLING_FLOAT_TYPES(CONVOLUTION)
