// Exercise 6's kernel, on the emulator.
#ifndef KINDLING_EXERCISEKERNEL_H
#define KINDLING_EXERCISEKERNEL_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Launches the kernel on `x` of shape [rows, columns]. `out`, of shape [columns, rows], is what the kernel finds
/// there, and then what it left. Returns NULL, or what the emulator has to say. Only for when the emulator checks
/// launches: the kernel is there in that form alone.
const char *_Nullable KindlingExerciseTranspose(const float *_Nonnull x, float *_Nonnull out, int64_t rows,
                                                int64_t columns);

#ifdef __cplusplus
}
#endif

#endif
