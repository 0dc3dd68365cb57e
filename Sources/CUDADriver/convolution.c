// Launching convolutions and pools.
#include <stdio.h>

#include "launch.h"

/// How many threads share an element of the filter: one, unless that would leave most of the GPU idle. In the emulator
/// a thread costs more than what it adds.
static Grid gridForFilter(const KindlingCUDADevice *device, int64_t count, int64_t lines) {
  int64_t enough = (int64_t)device->properties.multiprocessors * 1024;
  uint32_t width = 1;
  while (!device->properties.emulated && width < 32 && width < lines && count * width < enough) width *= 2;
  if (width == 32 && lines >= 256 && count * 32 < enough) width = 256;
  uint32_t height = 256 / width;
  return (Grid){{(uint32_t)((count + height - 1) / height), 1, 1}, {width, height, 1}};
}

KindlingCUDAStatus KindlingCUDAConvolve(KindlingCUDADevice *device, ConvolutionPart part, KernelType type,
                                        const KernelConvolution *geometry, const void *first, const void *second,
                                        const void *bias, void *out) {
  ENTER(device);
  const KernelConvolution g = *geometry;
  static const char *names[] = {"output", "input", "weight"};
  int64_t count = part == ConvolutionPart_output ? g.batch * g.outChannels * g.out[0] * g.out[1]
                  : part == ConvolutionPart_input
                      ? g.batch * g.inChannels * g.in[0] * g.in[1]
                      : g.outChannels * (g.inChannels / g.groups) * g.kernel[0] * g.kernel[1];
  if (count == 0) return KindlingCUDAStatus_success;
  Entry entry;
  snprintf(entry, sizeof entry, "convolution_%s_%s", names[part], KindlingTypeName(type));
  Grid grid = KindlingCUDAGridFor(device, count, 256);
  if (part == ConvolutionPart_weight) grid = gridForFilter(device, count, g.batch * g.out[0]);
  if (part == ConvolutionPart_output) {
    return LAUNCH(device, entry, grid, A(first), A(second), A(bias), A(out), A(g), A(count));
  }
  return LAUNCH(device, entry, grid, A(first), A(second), A(out), A(g), A(count));
}

KindlingCUDAStatus KindlingCUDAPool(KindlingCUDADevice *device, PoolOperation operation, KernelType type,
                                    const KernelPool *pool, const void *x, int64_t *places, void *out) {
  ENTER(device);
  const KernelPool p = *pool;
  static const char *names[] = {"maximum", "maximumGradient", "average", "averageGradient"};
  bool isGradient = operation == PoolOperation_maximumGradient || operation == PoolOperation_averageGradient;
  int64_t count = p.planes * (isGradient ? p.in[0] * p.in[1] : p.out[0] * p.out[1]);
  if (count == 0) return KindlingCUDAStatus_success;
  Entry entry;
  snprintf(entry, sizeof entry, "pool_%s_%s", names[operation], KindlingTypeName(type));
  Grid grid = KindlingCUDAGridFor(device, count, 256);
  bool hasPlaces = operation == PoolOperation_maximum || operation == PoolOperation_maximumGradient;
  if (hasPlaces) return LAUNCH(device, entry, grid, A(x), A(places), A(out), A(p), A(count));
  return LAUNCH(device, entry, grid, A(x), A(out), A(p), A(count));
}
