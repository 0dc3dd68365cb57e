// What the host hands to the CUDA kernels besides pointers and numbers: read by the C compiler (CUDADriver) and by both
// compilers of the .cu files, so that they cannot disagree.
#ifndef KINDLING_PARAMETERS_H
#define KINDLING_PARAMETERS_H

#ifndef __CUDACC_RTC__
#include <stdint.h>
#endif

/// How to find element number i of up to four operands of one shape. Dimensions are listed fastest first, and those
/// that lie side by side in all operands have been merged, so that most layouts have rank 1 or 2.
typedef struct CUDALayout {
  uint32_t sizes[8];
  int64_t strides[4][8];  // of each operand, in elements
  int32_t rank;
  int32_t fours;  // 1 where a thread may take four neighbours, and move them at once in operands with a stride of 1
} CUDALayout;

typedef struct CUDAMatmul {
  int64_t batch, m, n, k;
  int64_t xRow, xColumn, xBatch;  // strides, in elements
  int64_t yRow, yColumn, yBatch;
  int64_t outRow, outBatch;  // out's columns lie side by side
  // k is cut into `shares` of `share` elements, so that there are blocks enough for a GPU. Each has an out of its own.
  int64_t shares, share, outShare;
  int32_t storesFours;  // 1 where four neighbours of out may be stored at once
} CUDAMatmul;

/// Where gather and scatter leave the first bad index; lies in memory that the host can read.
typedef struct CUDAIndexTrap {
  int32_t raised, isScatter;
  int64_t index, size;
} CUDAIndexTrap;

#endif
