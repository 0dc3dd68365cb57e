// Which elements belong to a window of a pool: for the CPU's loops and the CUDA kernels alike.
//
// `ELEMENT` is what stands before a function there.
#ifndef KINDLING_WINDOWS_H
#define KINDLING_WINDOWS_H

#include "pooling.h"

#ifdef KINDLING_CLONES_H
#define ELEMENT KINDLING_INLINE
#else
#define ELEMENT __device__ inline
#endif

/// Elements begin, begin + step, … below end, along one dimension; `whole` is how many there are with the border.
struct Window {
  int64_t begin, end, step, whole;
};

/// The window of element o of the result, along dimension d.
ELEMENT Window windowOf(const KernelPool &p, int d, int64_t o) {
  if (p.adaptive) {
    int64_t begin = o * p.in[d] / p.out[d], end = ((o + 1) * p.in[d] + p.out[d] - 1) / p.out[d];
    return {begin, end, 1, end - begin};
  }
  int64_t begin = o * p.stride[d] - p.padding[d], end = begin + (p.kernel[d] - 1) * p.dilation[d] + 1;
  // A window may hang over the border too, and what is beyond that counts in no way.
  int64_t last = p.in[d] + p.padding[d], whole = (end < last ? end : last) - begin;
  if (begin < 0) begin += (-begin + p.dilation[d] - 1) / p.dilation[d] * p.dilation[d];
  return {begin, end < p.in[d] ? end : p.in[d], p.dilation[d], whole};
}

/// The place in a plane where a window's largest element is looked for first; -1 if there is nothing but border.
ELEMENT int64_t firstPlace(const KernelPool &p, const Window &rows, const Window &columns) {
  return rows.begin < rows.end && columns.begin < columns.end ? rows.begin * p.in[1] + columns.begin : -1;
}

/// What the sum of a window is divided by.
ELEMENT int64_t divisorOf(const KernelPool &p, const Window &rows, const Window &columns) {
  if (p.divisor != 0) return p.divisor;
  if (p.countsPadding) return rows.whole * columns.whole;
  return (rows.end - rows.begin) * (columns.end - columns.begin);
}

/// The elements of the result, from the first to before the last, whose windows may hold element i.
struct Holders {
  int64_t begin, end;
};

ELEMENT Holders holdersOf(const KernelPool &p, int d, int64_t i) {
  int64_t begin, end;
  if (p.adaptive) {
    begin = i * p.out[d] / p.in[d];
    end = ((i + 1) * p.out[d] + p.in[d] - 1) / p.in[d];
  } else {
    int64_t reach = (p.kernel[d] - 1) * p.dilation[d], from = i + p.padding[d] - reach;
    begin = from <= 0 ? 0 : (from + p.stride[d] - 1) / p.stride[d];
    end = (i + p.padding[d]) / p.stride[d] + 1;
  }
  return {begin, end < p.out[d] ? end : p.out[d]};
}

#endif
