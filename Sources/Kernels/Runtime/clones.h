// How one source becomes code for several instruction sets.
#ifndef KINDLING_CLONES_H
#define KINDLING_CLONES_H

/// Put before a function, this compiles it three times over (AVX-512, AVX2 with FMA, and any x86-64) and has the
/// program pick one when it starts, so that no build flag is needed. Only the function itself is cloned: whatever it
/// calls runs as baseline code unless it is inlined, which is why the loops in these files are all KINDLING_INLINE.
/// Clang 21 forgets to emit constructors that are used in clones only, so these files make their structures without.
/// Not under the thread sanitizer, which is not ready yet when one is picked.
#if defined(__x86_64__) && defined(__linux__) && !__has_feature(thread_sanitizer)
#define KINDLING_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define KINDLING_CLONES
#endif

#define KINDLING_INLINE __attribute__((always_inline)) inline

/// For lambdas: `[=](T x) KINDLING_LAMBDA -> T { … }`.
#define KINDLING_LAMBDA __attribute__((always_inline))

/// Put before a loop whose iterations are independent. Operands are either disjoint or the very same elements, so the
/// compiler need not check for overlap before it vectorises.
#define KINDLING_INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")

/// The same for a loop whose steps are many and wait for each other: two vectors side by side, so that one goes on
/// while the other waits.
#define KINDLING_INDEPENDENT_PAIRS _Pragma("clang loop vectorize(assume_safety) interleave_count(2)")

// A loop that calls the C library for each element stays as it is. That is known, and no reason for a warning.
#pragma clang diagnostic ignored "-Wpass-failed"
// How a vector would be passed to a function depends on the instruction set. Ours are inlined, so none is ever passed.
#pragma clang diagnostic ignored "-Wpsabi"

#endif
