// What a pool is told: its kinds, and the sizes. Read by C, by C++, by CUDA and by Swift.
#ifndef KINDLING_POOLING_H
#define KINDLING_POOLING_H

#include "../Runtime/element-types.h"

typedef enum KINDLING_ENUM PoolOperation : int32_t {
  PoolOperation_maximum,          // of x: the largest of each window, and its place
  PoolOperation_maximumGradient,  // of dy and the places: each gradient at its place
  PoolOperation_average,          // of x: the mean of each window
  PoolOperation_averageGradient,  // of dy: each gradient, divided among its window
} PoolOperation;

/// Of pairs the first counts rows, the second columns. All arrays are contiguous: x [planes, in[0], in[1]], y and the
/// places, int64 numbers of elements of a plane or -1, [planes, out[0], out[1]].
typedef struct KernelPool {
  int64_t planes;
  int64_t in[2], out[2], kernel[2], stride[2], padding[2], dilation[2];
  int64_t divisor;        // what sums are divided by; 0: by the number of elements
  int32_t countsPadding;  // 1 where the border counts as elements
  int32_t adaptive;       // 1 where windows divide x evenly: kernel, stride, padding and dilation are not read
} KernelPool;

#endif
