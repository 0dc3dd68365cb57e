// Launching normalizations.
#include <stdio.h>

#include "launch.h"

/// A block for each group or channel: a warp where it has few elements.
static Grid gridFor(int64_t blocks, int64_t elements) {
  return (Grid){{(uint32_t)blocks, 1, 1}, {elements <= 128 ? 32 : 256, 1, 1}};
}

KindlingCUDAStatus KindlingCUDANormalize(KindlingCUDADevice *device, KernelType type,
                                         const KernelNormalization *normalization,
                                         const KernelNormalizationArrays *arrays) {
  ENTER(device);
  const KernelNormalization n = *normalization;
  const KernelNormalizationArrays a = *arrays;
  Entry entry;
  snprintf(entry, sizeof entry, "normalize_forward_%s", KindlingTypeName(type));
  Grid grid = n.byRows ? gridFor(n.batch, n.channels) : gridFor(n.channels, n.batch * n.places);
  return LAUNCH(device, entry, grid, A(a.x), A(a.weight), A(a.bias), A(a.mean), A(a.variance), A(a.scale), A(a.y),
                A(n));
}

KindlingCUDAStatus KindlingCUDANormalizeGradient(KindlingCUDADevice *device, KernelType type,
                                                 const KernelNormalization *normalization,
                                                 const KernelNormalizationArrays *arrays) {
  ENTER(device);
  const KernelNormalization n = *normalization;
  const KernelNormalizationArrays a = *arrays;
  Entry entry;
  if (a.dx) {
    snprintf(entry, sizeof entry, "normalize_gradient_%s", KindlingTypeName(type));
    Grid grid = n.byRows ? gridFor(n.batch, n.channels) : gridFor(n.channels, n.batch * n.places);
    CALL(LAUNCH(device, entry, grid, A(a.dy), A(a.x), A(a.weight), A(a.mean), A(a.scale), A(a.dx), A(n)));
  }
  if (!a.dWeight && !a.dBias) return KindlingCUDAStatus_success;
  snprintf(entry, sizeof entry, "normalize_parameters_%s", KindlingTypeName(type));
  Grid grid = gridFor(n.channels, n.batch * n.places);
  return LAUNCH(device, entry, grid, A(a.dy), A(a.x), A(a.mean), A(a.scale), A(a.dWeight), A(a.dBias), A(n));
}
