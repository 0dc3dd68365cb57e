// Inside CUDADriver: launching kernels.
#ifndef KINDLING_CUDA_LAUNCH_H
#define KINDLING_CUDA_LAUNCH_H

#include "device.h"
#include "layout.h"

/// A kernel's name.
typedef char Entry[96];

/// PTX with that kernel alone, to be freed; NULL if there is none of that name.
char *KindlingCUDAPTXOf(const char *entry);

/// The kernel of that name. It is loaded where it was not asked for before.
KindlingCUDAStatus KindlingCUDAFindFunction(KindlingCUDADevice *device, const char *entry, CUfunction *function);

typedef struct Grid {
  uint32_t grid[3], block[3];
} Grid;

/// Blocks of `blockSize` threads for that many threads: no more than keep the whole GPU busy, since kernels walk in
/// steps of the grid.
Grid KindlingCUDAGridFor(const KindlingCUDADevice *device, int64_t threads, uint32_t blockSize);
/// The same for kernels whose threads take four elements each.
Grid KindlingCUDAGridOfFours(const KindlingCUDADevice *device, int64_t count);

/// An argument and its size, for LAUNCH.
typedef struct Argument {
  const void *value;
  size_t size;
} Argument;
#define A(variable) \
  (Argument) { &(variable), sizeof(variable) }
/// The same for a Scalar.
#define TYPED(type, scalar) \
  (Argument) { &(scalar), (size_t)KindlingTypeSize(type) }

KindlingCUDAStatus KindlingCUDALaunchArguments(KindlingCUDADevice *device, const char *entry, Grid grid,
                                               const Argument *arguments, int32_t count);
#define LAUNCH(device, entry, grid, ...)                                            \
  KindlingCUDALaunchArguments(device, entry, grid, (const Argument[]){__VA_ARGS__}, \
                              (int32_t)(sizeof((const Argument[]){__VA_ARGS__}) / sizeof(Argument)))

// MARK: Kernels that go through the elements of some operands

/// In a function with a `shape`: the layout of that many operands, whose strides follow, and the number of elements.
/// Returns where there are none.
#define LAYOUT(operands, ...)                                                                                  \
  CUDALayout layout;                                                                                           \
  int64_t count;                                                                                               \
  CALL(KindlingCUDAMakeLayout(shape, everyDimension, operands, (const int64_t *const[]){__VA_ARGS__}, &layout, \
                              &count));                                                                        \
  uint32_t elements = (uint32_t)count;                                                                         \
  (void)elements;                                                                                              \
  if (count == 0) return KindlingCUDAStatus_success

/// Whether its threads take four neighbours; the operands' pointers, then their types.
#define FOURS(operands, pointers, ...) \
  KindlingCUDADecideFours(&layout, operands, (const void *const[])pointers, (const KernelType[]){__VA_ARGS__})
#define POINTERS(...) {__VA_ARGS__}

#endif
