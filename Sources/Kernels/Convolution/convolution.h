// What a convolution is told: its three parts, and the sizes. Read by C, by C++, by CUDA and by Swift.
#ifndef KINDLING_CONVOLUTION_H
#define KINDLING_CONVOLUTION_H

#include "../Runtime/element-types.h"

/// For a picture x, a weight w, and their convolution y, Σ y · convolution(x, w) is a sum of products of three. A part
/// is its derivative by one of them, and takes the two others.
typedef enum KINDLING_ENUM ConvolutionPart : int32_t {
  ConvolutionPart_output,  // of x and w: the convolution
  ConvolutionPart_input,   // of y and w: the transposed convolution
  ConvolutionPart_weight,  // of x and y: their correlation
} ConvolutionPart;

/// Of pairs the first counts rows, the second columns. All arrays are contiguous: x [batch, inChannels, in[0], in[1]],
/// w [outChannels, inChannels / groups, kernel[0], kernel[1]], y [batch, outChannels, out[0], out[1]].
typedef struct KernelConvolution {
  int64_t batch, groups, inChannels, outChannels;
  int64_t in[2], out[2], kernel[2], stride[2], dilation[2];
  int64_t padding[2];  // rows above and columns to the left; those below and to the right follow from `out`
} KernelConvolution;

#endif
