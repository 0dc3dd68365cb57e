// exp, log, sin and their kin for float32, written without branches and without calls, so that the compiler can work on
// 8 or 16 elements at once; the C library takes one. Each reduces its argument to a short interval, where a polynomial
// will do (fitted by Remez' method to the smallest largest error), and puts the result together again.
//
// The largest errors were measured over one in 16 of all 2^32 arguments, evenly spread (pow: 10^8 pairs), against the C
// library in double, with and without FMA. An ulp is the distance to the next float32.
#ifndef KINDLING_FLOAT32_H
#define KINDLING_FLOAT32_H

#include <cmath>
#include <cstdint>

#include "../Runtime/clones.h"

namespace kindling {

KINDLING_INLINE uint32_t bitsOf(float x) { return __builtin_bit_cast(uint32_t, x); }
KINDLING_INLINE uint64_t bitsOf(double x) { return __builtin_bit_cast(uint64_t, x); }
KINDLING_INLINE float floatOf(uint32_t bits) { return __builtin_bit_cast(float, bits); }
KINDLING_INLINE double doubleOf(uint64_t bits) { return __builtin_bit_cast(double, bits); }

/// 2^n for -126 <= n <= 127: the exponent's bits, and a mantissa of 1.
KINDLING_INLINE float powerOfTwo(int32_t n) { return floatOf((uint32_t(n) + 127) << 23); }

/// Adding 1.5 · 2^23 pushes the fraction out of a float32, which rounds it to the nearest integer; the integer then
/// also stands in the lowest bits.
constexpr float roundingShift = 12582912.0f;
constexpr double wideRoundingShift = 6755399441055744.0;  // 1.5 · 2^52

/// A number as n · ln 2 + rest, with |rest| <= ln 2 / 2.
struct LogarithmParts {
  float n, rest;
  int32_t exponent;  // n as an integer
};

KINDLING_INLINE LogarithmParts logarithmParts(float x) {
  float shifted = x * 1.44269504f + roundingShift, n = shifted - roundingShift;
  // ln 2 in two parts: n times the first, which has 10 bits, is exact.
  float rest = (x - n * 0.693359375f) - n * -2.12194440e-4f;
  return {n, rest, int32_t(bitsOf(shifted) - bitsOf(roundingShift))};
}

/// e^r - 1 for |r| <= ln 2 / 2. Keeps its precision where r is next to 0.
KINDLING_INLINE float expm1Short(float r) {
  float p = 0.000208964644f;
  p = p * r + 0.00139198487f;
  p = p * r + 0.00833177939f;
  p = p * r + 0.0416666754f;
  p = p * r + 0.166666701f;
  p = p * r + 0.5f;
  return r + r * r * p;
}

/// Largest error 1.0 ulp. Gives 0 below -103.98 and infinity above 88.73; between them and the smallest normal
/// number the result is a rounded denormal. What vanishes anyway, such as a hidden score's power, is not multiplied
/// out: for a product that is too small some processors take many times as long.
KINDLING_INLINE float m_exp(float x) {
  bool vanishes = x < -104.0f;
  x = vanishes ? 0.0f : x;
  x = 89.0f < x ? 89.0f : x;
  LogarithmParts parts = logarithmParts(x);
  // 2^n in two steps, because n reaches from -150 to 128 and a float32's exponent from -126 to 127.
  int32_t half = parts.exponent >> 1;
  float power = (1 + expm1Short(parts.rest)) * powerOfTwo(half) * powerOfTwo(parts.exponent - half);
  return vanishes ? 0.0f : power;
}

/// The same, to the bit and in fewer steps, for x that is 0 or less: 2^(n + 24) is in range, and only the last product
/// is rounded.
KINDLING_INLINE float m_exp_negative(float x) {
  bool vanishes = x < -104.0f;
  LogarithmParts parts = logarithmParts(vanishes ? 0.0f : x);
  float power = (1 + expm1Short(parts.rest)) * powerOfTwo(parts.exponent + 24) * 0x1p-24f;
  return vanishes ? 0.0f : power;
}

/// As long as |x| is no larger, e^x is neither denormal nor infinite.
constexpr float largestLogarithm = 87.0f;

/// The same, to the bit and in fewer steps yet, for |x| <= largestLogarithm.
KINDLING_INLINE float m_exp_normal(float x) {
  LogarithmParts parts = logarithmParts(x);
  return (1 + expm1Short(parts.rest)) * powerOfTwo(parts.exponent);
}

/// k · ln 2 + ln(1 + f) for √½ - 1 <= f <= √2 - 1.
KINDLING_INLINE float logShort(float f, float k) {
  float p = 0.0674664229f;
  p = p * f - 0.116756521f;
  p = p * f + 0.11888162f;
  p = p * f - 0.124055885f;
  p = p * f + 0.142195523f;
  p = p * f - 0.166679963f;
  p = p * f + 0.200021192f;
  p = p * f - 0.250000089f;
  p = p * f + 0.333333135f;
  float square = f * f;
  return k * 0.693359375f + (f - (0.5f * square - (square * f * p + k * -2.12194440e-4f)));
}

/// A positive number as 2^k · (1 + f), with f as logShort wants it.
struct BinaryParts {
  int32_t k;
  float f;
};

KINDLING_INLINE BinaryParts binaryParts(float x) {
  constexpr uint32_t rootOfHalf = 0x3f3504f3;
  bool isDenormal = x < 1.17549435e-38f;
  int32_t bits = int32_t(bitsOf(isDenormal ? x * 8388608.0f : x) - rootOfHalf);
  return {(bits >> 23) - (isDenormal ? 23 : 0), floatOf((uint32_t(bits) & 0x007fffff) + rootOfHalf) - 1};
}

/// What a logarithm gives at 0, at infinity, and where there is none.
KINDLING_INLINE float atTheEnds(float argument, float result) {
  result = argument == 0 ? -INFINITY : result;
  result = argument == INFINITY ? INFINITY : result;
  return argument >= 0 ? result : NAN;
}

/// Largest error 0.9 ulp.
KINDLING_INLINE float m_log(float x) {
  BinaryParts parts = binaryParts(x);
  return atTheEnds(x, logShort(parts.f, float(parts.k)));
}

/// Largest error 1.4 ulp, also next to 0, where 1 + x forgets most of x: what it forgets is added to f.
KINDLING_INLINE float m_log1p(float x) {
  float sum = 1 + x;
  float forgotten = x >= 1 ? 1 - (sum - x) : x - (sum - 1);
  BinaryParts parts = binaryParts(sum);
  float f = parts.f + forgotten * powerOfTwo(-(parts.k < 126 ? parts.k : 126));
  float result = logShort(parts.k == 0 ? x : f, float(parts.k));
  return x == 0 ? x : atTheEnds(sum, result);  // keeps the sign of -0
}

/// Beyond this the reduction of an angle runs out of bits, and the C library takes over (see cpu.cpp).
constexpr float largestAngle = 1e6f;

/// An angle as n · π/2 + rest, with |rest| <= π/4. In double, because a float32 next to a multiple of π/2 would lose
/// all of its bits: n has at most 20 and the first part of π/2 has 33, so that their product is exact.
struct QuadrantParts {
  float rest;
  int32_t quadrant;
};

KINDLING_INLINE QuadrantParts quadrantParts(float x) {
  double shifted = double(x) * 0.63661977236758134308 + wideRoundingShift, n = shifted - wideRoundingShift;
  double rest = (double(x) - n * 1.57079632673412561417) - n * 6.07710050650619224932e-11;
  return {float(rest), int32_t(uint32_t(bitsOf(shifted)))};
}

/// sin(rest + quadrant · π/2): a sine or a cosine, with one sign or the other.
KINDLING_INLINE float sineInQuadrant(float r, int32_t quadrant) {
  float z = r * r;
  float sine = 2.71804652e-06f;
  sine = sine * z - 0.000198393042f;
  sine = sine * z + 0.00833332911f;
  sine = sine * z - 0.166666672f;
  sine = r + r * z * sine;
  float cosine = -2.72095491e-07f;
  cosine = cosine * z + 2.47995122e-05f;
  cosine = cosine * z - 0.00138888834f;
  cosine = cosine * z + 0.0416666679f;
  cosine = 1 - (0.5f * z - z * z * cosine);
  float result = quadrant & 1 ? cosine : sine;
  return quadrant & 2 ? -result : result;
}

/// Largest error 1.5 ulp up to `largestAngle`.
KINDLING_INLINE float m_sin(float x) {
  QuadrantParts parts = quadrantParts(x);
  float result = sineInQuadrant(parts.rest, parts.quadrant);
  return x == 0 ? x : result;  // keeps the sign of -0
}

/// Largest error 1.5 ulp up to `largestAngle`.
KINDLING_INLINE float m_cos(float x) {
  QuadrantParts parts = quadrantParts(x);
  return sineInQuadrant(parts.rest, parts.quadrant + 1);
}

/// Largest error 2.3 ulp. With e = e^(-2|x|) - 1, tanh |x| is -e / (2 + e), which is precise next to 0, and also
/// 1 - 2 (1 + e) / (2 + e), which is precise next to 1.
KINDLING_INLINE float m_tanh(float x) {
  float size = __builtin_fabsf(x);
  size = size > 10 ? 10 : size;  // from 9.01 on the result is 1
  LogarithmParts parts = logarithmParts(-2 * size);
  float scale = powerOfTwo(parts.exponent), rest = expm1Short(parts.rest);
  float e = scale * rest + (scale - 1);
  bool isLarge = size > 0.55f;
  float quotient = (isLarge ? scale + scale * rest : e) / (2 + e);  // the sign comes at the end
  return __builtin_copysignf(isLarge ? 1 - 2 * quotient : quotient, x);
}

/// Largest error 2.3 ulp. Up to 1.2 an odd polynomial; beyond, 1 - s⁸, where s(|x|) is a polynomial too, because the
/// eighth root of erfc is nearly a straight line. No exponential, no division.
KINDLING_INLINE float m_erf(float x) {
  float size = __builtin_fabsf(x), z = x * x;
  float p = -7.97954272e-06f;
  p = p * z + 0.000105947358f;
  p = p * z - 0.000837843283f;
  p = p * z + 0.00521273213f;
  p = p * z - 0.0268620644f;
  p = p * z + 0.112837173f;
  p = p * z - 0.376126349f;
  p = p * z + 0.128379166f;
  float nearZero = size + size * p;
  float t = size > 3.95f ? 3.95f : size;  // from 3.92 on the result is 1
  float s = 8.39453969e-06f;
  s = s * t + 5.7915724e-05f;
  s = s * t - 0.00206062221f;
  s = s * t + 0.0119811483f;
  s = s * t - 0.0101870773f;
  s = s * t - 0.0621783882f;
  s = s * t - 0.144896105f;
  s = s * t + 1.00085545f;
  s = s * s;
  s = s * s;
  return __builtin_copysignf(size < 1.2f ? nearZero : 1 - s * s, x);
}

/// The share of a normal distribution that lies below x. The share beyond a distance of t is the square of a polynomial
/// in t. Largest error of x times this: 4 ulp from -1 on, and 1.1e-7 below.
KINDLING_INLINE float m_normal_cdf(float x) {
  float t = __builtin_fabsf(x);
  float s = 2.2796831e-08f;
  s = s * t - 6.9769067e-07f;
  s = s * t + 8.762024e-06f;
  s = s * t - 5.561308e-05f;
  s = s * t + 0.00016475967f;
  s = s * t - 6.196938e-05f;
  s = s * t - 0.0004324689f;
  s = s * t - 0.002211803f;
  s = s * t + 0.00759028f;
  s = s * t + 0.024577184f;
  s = s * t - 0.056275725f;
  s = s * t - 0.282094f;
  s = s * t + 0.70710677f;
  float beyond = t > 5.6f ? 0 : s * s;
  return x < 0 ? beyond : 1 - beyond;
}

/// log2 of a positive, finite double that is no denormal (every float32 but 0 is one).
KINDLING_INLINE double log2Wide(double x) {
  constexpr uint64_t rootOfHalf = 0x3fe6a09e667f3bcd, bias = uint64_t{1023} << 52;
  uint64_t bits = bitsOf(x) - rootOfHalf + bias;  // the bias keeps the exponent positive
  double f = doubleOf((bits & 0x000fffffffffffff) + rootOfHalf) - 1;
  // The exponent as a double, again by way of the lowest bits of a large number, since AVX2 cannot convert it.
  double k = doubleOf((bits >> 52) | 0x4330000000000000) - (4503599627370496.0 + 1023);
  double s = f / (2 + f), z = s * s;  // ln(1 + f) = 2 artanh(s)
  double p = 0.3407593624814173;
  p = p * z + 0.411671133959156;
  p = p * z + 0.5770836115986349;
  p = p * z + 0.9617966731998767;
  p = p * z + 2.885390081790203;
  return k + s * p;
}

/// 2^x for -1022 <= x <= 1023.
KINDLING_INLINE double exp2Wide(double x) {
  double shifted = x + wideRoundingShift;
  double r = x - (shifted - wideRoundingShift);
  double p = 1.5201819784643293e-05;
  p = p * r + 0.00015469422089686336;
  p = p * r + 0.0013333924021864004;
  p = p * r + 0.00961802684845407;
  p = p * r + 0.05550410350368587;
  p = p * r + 0.24022651201150338;
  p = p * r + 0.6931471807297951;
  p = p * r + 0.9999999999613783;
  return p * doubleOf((bitsOf(shifted) - bitsOf(wideRoundingShift) + 1023) << 52);
}

/// Largest error 0.6 ulp. x^y is 2^(y · log2 |x|), in double, because the product magnifies the logarithm's error by
/// up to 150. Then the cases that the C standard names.
KINDLING_INLINE float m_pow(float x, float y) {
  float size = __builtin_fabsf(x);
  double exponent = log2Wide(size);
  exponent = size == 0 ? -INFINITY : size == INFINITY ? INFINITY : exponent;
  exponent *= y;
  exponent = -200.0 > exponent ? -200.0 : exponent;  // 0 as a float32
  exponent = 200.0 < exponent ? 200.0 : exponent;    // infinity as a float32
  float result = float(exp2Wide(exponent));

  float ySize = __builtin_fabsf(y);
  float bounded =
      ySize < 16777216.0f ? ySize : 16777216.0f;  // from 2^23 on all are integers, from 2^24 on all are even
  int32_t whole = int32_t(bounded);
  bool isInteger = float(whole) == bounded, isOdd = isInteger & ((whole & 1) != 0);
  bool isNegative = int32_t(bitsOf(x)) < 0;
  result = (isNegative & isOdd) ? -result : result;
  result = ((x < 0) & (size < INFINITY) & !isInteger) ? NAN : result;
  result = ((x != x) | (y != y)) ? x + y : result;
  return ((x == 1) | (y == 0) | ((size == 1) & (ySize == INFINITY))) ? 1.0f : result;
}

}  // namespace kindling

#endif
