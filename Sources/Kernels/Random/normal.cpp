// Uniform numbers into normal ones, eight pairs at a time: bit for bit as PyTorch does it on an x86-64 processor.
//
// A pair is a point of the plane, at the distance √(-2 ln u₁) from the middle and at the angle 2π u₂; its coordinates
// are normal (Box and Muller, 1958). The logarithm, the sine and the cosine here are not those of float32.h, which are
// nearer to the true values, but the ones of the Cephes library (S. Moshier, 1992), step by step. Where one step
// multiplies and adds, it rounds once, and says so: the compiler, left to itself, would join others, and not the same
// ones for every processor.
#include "../Elementwise/float32.h"
#include "../include/kernels.h"

#pragma STDC FP_CONTRACT OFF

using namespace kindling;

namespace {

/// ln x for a positive x that is no denormal.
KINDLING_INLINE float cephesLog(float x) {
  // x is 2^e · (1 + f), with √½ <= 1 + f < √2.
  uint32_t bits = bitsOf(x);
  float mantissa = floatOf((bits & 0x007fffff) | 0x3f000000), e = float(int32_t(bits >> 23) - 126);
  bool isSmall = mantissa < 0.707106781186547524f;
  float f = isSmall ? mantissa - 1 + mantissa : mantissa - 1;
  e = isSmall ? e - 1 : e;

  float square = f * f;
  float p = 7.0376836292e-2f;
  p = __builtin_elementwise_fma(p, f, -1.1514610310e-1f);
  p = __builtin_elementwise_fma(p, f, 1.1676998740e-1f);
  p = __builtin_elementwise_fma(p, f, -1.2420140846e-1f);
  p = __builtin_elementwise_fma(p, f, 1.4249322787e-1f);
  p = __builtin_elementwise_fma(p, f, -1.6668057665e-1f);
  p = __builtin_elementwise_fma(p, f, 2.0000714765e-1f);
  p = __builtin_elementwise_fma(p, f, -2.4999993993e-1f);
  p = __builtin_elementwise_fma(p, f, 3.3333331174e-1f);
  p = __builtin_elementwise_fma(p * f, square, e * -2.12194440e-4f);  // ln 2 in two parts
  p = __builtin_elementwise_fma(square, -0.5f, p);
  return __builtin_elementwise_fma(e, 0.693359375f, f + p);
}

struct SineAndCosine {
  float sine, cosine;
};

/// For an angle from 0 to 8192.
KINDLING_INLINE SineAndCosine cephesSineAndCosine(float angle) {
  // The angle is octant · π/4 + x with an even octant, and |x| <= π/4; π/4 in three parts.
  int32_t octant = (int32_t(angle * 1.27323954473516f) + 1) & ~1;
  float n = float(octant);
  float x = __builtin_elementwise_fma(n, -0.78515625f, angle);
  x = __builtin_elementwise_fma(n, -2.4187564849853515625e-4f, x);
  x = __builtin_elementwise_fma(n, -3.77489497744594108e-8f, x);

  float z = x * x;
  float cosine = 2.443315711809948e-5f;
  cosine = __builtin_elementwise_fma(cosine, z, -1.388731625493765e-3f);
  cosine = __builtin_elementwise_fma(cosine, z, 4.166664568298827e-2f);
  cosine = __builtin_elementwise_fma(cosine * z, z, -(z * 0.5f)) + 1;
  float sine = -1.9515295891e-4f;
  sine = __builtin_elementwise_fma(sine, z, 8.3321608736e-3f);
  sine = __builtin_elementwise_fma(sine, z, -1.6666654611e-1f);
  sine = __builtin_elementwise_fma(sine * z, x, x);

  bool isTurned = octant & 2;
  float s = isTurned ? cosine : sine, c = isTurned ? sine : cosine;
  return {octant & 4 ? -s : s, (octant + 2) & 4 ? -c : c};
}

}  // namespace

KINDLING_CLONES void KindlingNormalBlocks(int64_t blocks, float *values, float mean, float deviation) {
  constexpr float twoPi = 6.283185307179586f;
  for (int64_t block = 0; block < blocks; block++, values += 16) {
    KINDLING_INDEPENDENT
    for (int64_t i = 0; i < 8; i++) {
      float radius = __builtin_elementwise_sqrt(-2 * cephesLog(1 - values[i]));
      SineAndCosine of = cephesSineAndCosine(twoPi * values[i + 8]);
      values[i] = __builtin_elementwise_fma(radius * of.cosine, deviation, mean);
      values[i + 8] = __builtin_elementwise_fma(radius * of.sine, deviation, mean);
    }
  }
}
