// Launching convolutions and pools.
#include <stdio.h>

#include "launch.h"

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
