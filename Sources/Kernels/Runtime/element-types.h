// Every element type, one row each: its name, and its type in C and C++. From the rows come the enum that Swift sees,
// names and sizes, the CPU's functions, the CUDA kernels and the modules of their PTX.
//
// What follows ROW is handed on to each row after the type: a list within a list needs it.
#ifndef KINDLING_ELEMENT_TYPES_H
#define KINDLING_ELEMENT_TYPES_H

#ifndef __CUDACC_RTC__
#include <stdbool.h>
#include <stdint.h>
#endif

#define KINDLING_FLOAT_TYPES(ROW, ...) \
  ROW(float32, float, __VA_ARGS__)     \
  ROW(float64, double, __VA_ARGS__)
#define KINDLING_INTEGER_TYPES(ROW, ...) \
  ROW(int32, int32_t, __VA_ARGS__)       \
  ROW(int64, int64_t, __VA_ARGS__)
#define KINDLING_BOOL_TYPES(ROW, ...) ROW(bool, bool, __VA_ARGS__)  // one byte, 0 or 1

#define KINDLING_NUMBER_TYPES(ROW, ...)  \
  KINDLING_FLOAT_TYPES(ROW, __VA_ARGS__) \
  KINDLING_INTEGER_TYPES(ROW, __VA_ARGS__)
#define KINDLING_TYPES(ROW, ...)          \
  KINDLING_NUMBER_TYPES(ROW, __VA_ARGS__) \
  KINDLING_BOOL_TYPES(ROW, __VA_ARGS__)

/// What many numbers add up and multiply to: as in PyTorch, smaller integers become int64 first.
#define KINDLING_SUM_TYPES(ROW, ...)     \
  KINDLING_FLOAT_TYPES(ROW, __VA_ARGS__) \
  ROW(int64, int64_t, __VA_ARGS__)

/// All rows once more, for a list of types within a list of types: the preprocessor expands no macro within itself.
#define KINDLING_TYPES_WITHIN(ROW, ...) \
  ROW(float32, float, __VA_ARGS__)      \
  ROW(float64, double, __VA_ARGS__)     \
  ROW(int32, int32_t, __VA_ARGS__)      \
  ROW(int64, int64_t, __VA_ARGS__)      \
  ROW(bool, bool, __VA_ARGS__)

#define KINDLING_ENUM __attribute__((enum_extensibility(closed)))

#define ROW(name, T, ...) KernelType_##name,
typedef enum KINDLING_ENUM KernelType : int32_t { KINDLING_TYPES(ROW) } KernelType;
#undef ROW

#endif
