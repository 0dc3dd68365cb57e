// A puzzle as a library for the emulator, compiled as the emulator compiles its own kernels for checked launches.
// PUZZLE is the learner's file.
#include "headers.h"

#define KINDLING_CHECKED

namespace puzzle {
// clang-format off: the words come before the kernel that is written in them
#include "CUDAEmulator/words.h"
#include "words.h"
#include PUZZLE
// clang-format on
}  // namespace puzzle
