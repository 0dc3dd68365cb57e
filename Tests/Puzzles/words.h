// Words of CUDA that a learner may use in a puzzle, and Kindling's own kernels do without.
#ifndef KINDLING_PUZZLE_WORDS_H
#define KINDLING_PUZZLE_WORDS_H

inline float max(float a, float b) { return fmaxf(a, b); }
inline float min(float a, float b) { return fminf(a, b); }
inline int max(int a, int b) { return a > b ? a : b; }
inline int min(int a, int b) { return a < b ? a : b; }

// CUDA's own word for it, which the emulator cannot carry out.
#define __shared__ static_assert(false, "here shared memory is declared as SHARED(float, name, [256]);");

#endif
