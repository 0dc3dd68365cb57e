// Words of CUDA that a learner may use in a puzzle, and Kindling's own kernels do without.
#ifndef KINDLING_PUZZLE_WORDS_H
#define KINDLING_PUZZLE_WORDS_H

inline float max(float a, float b) { return fmaxf(a, b); }
inline float min(float a, float b) { return fminf(a, b); }
inline int max(int a, int b) { return a > b ? a : b; }
inline int min(int a, int b) { return a < b ? a : b; }

#endif
