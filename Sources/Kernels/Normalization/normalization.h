// What a normalization is told. Read by C, by C++, by CUDA and by Swift.
#ifndef KINDLING_NORMALIZATION_H
#define KINDLING_NORMALIZATION_H

#include "../Runtime/element-types.h"

/// All arrays of elements are contiguous, [batch, channels, places]. Factors and summands belong to channels. The
/// numbers of a group are brought to mean 0 and variance 1 together: a channel's (batch norm), or a row's, which is one
/// of the batch (layer norm, whose places are 1).
typedef struct KernelNormalization {
  int64_t batch, channels, places;
  int32_t byRows;     // 1 where a group is a row
  int32_t keepsMean;  // 1 where no mean is taken off: the numbers come to a mean square of 1 (RMS norm, by rows)
  int32_t isGiven;    // 1 where mean and variance are not the group's own, so that they do not move with x
  double eps;         // keeps the divisor from 0
} KernelNormalization;

#endif
