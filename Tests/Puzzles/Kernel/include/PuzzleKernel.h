// The kernels that a learner writes, loaded and launched: in the emulator, or on a GPU.
#ifndef KINDLING_PUZZLEKERNEL_H
#define KINDLING_PUZZLEKERNEL_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// What a kernel is given: a number, or memory of the device, which is filled from `memory` before the launch and
/// copied back to it afterwards.
typedef struct KindlingPuzzleArgument {
  void *_Nullable memory;  // NULL for a number
  size_t byteCount;
  int32_t number;
} KindlingPuzzleArgument;

/// Launches a kernel and waits for it. `file` is the compiled puzzle: a library (.so) for the emulator, or PTX for the
/// first GPU. Returns NULL, or what there is to say against it. In the emulator launches must be checked: the kernels
/// are there in that form alone.
const char *_Nullable KindlingPuzzleLaunch(const char *_Nonnull file, const char *_Nonnull kernel, unsigned gridX,
                                           unsigned gridY, unsigned blockX, unsigned blockY,
                                           const KindlingPuzzleArgument *_Nonnull arguments, int32_t argumentCount);

#ifdef __cplusplus
}
#endif

#endif
