// Random numbers for CUDA, from Philox 4x32-10 (Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3", 2011).
//
// A generator like the Mersenne Twister has to be stepped from one number to the next. Philox is a function: it
// scrambles a counter, and thread i simply asks for the i-th numbers. No state, no order, the same numbers with any
// grid.
#include "../Elementwise/cuda-math.h"
#include "../Runtime/cuda.h"

struct Four {
  uint32_t words[4];
};

/// Ten rounds of multiplying and mixing. counter: 128 bits, key: 64 bits.
__device__ inline Four philox(Four counter, uint32_t key0, uint32_t key1) {
  for (int round = 0; round < 10; ++round) {
    uint64_t product0 = uint64_t(0xD2511F53) * counter.words[0], product1 = uint64_t(0xCD9E8D57) * counter.words[2];
    counter = {{uint32_t(product1 >> 32) ^ counter.words[1] ^ key0, uint32_t(product1),
                uint32_t(product0 >> 32) ^ counter.words[3] ^ key1, uint32_t(product0)}};
    key0 += 0x9E3779B9;  // the golden ratio's digits
    key1 += 0xBB67AE85;  // those of √3 - 1
  }
  return counter;
}

/// The i-th four words. A graph that is replayed gets new numbers each time, since the counter's upper half counts
/// replays.
__device__ inline Four randomWords(uint64_t seed, uint64_t offset, uint64_t i, const int64_t *replays) {
  uint64_t low = offset + i, high = *replays;
  Four counter = {{uint32_t(low), uint32_t(low >> 32), uint32_t(high), uint32_t(high >> 32)}};
  return philox(counter, uint32_t(seed), uint32_t(seed >> 32));
}

/// Numbers in [0, 1): as many bits as the type's fraction holds, so that each is exact and 1 is never reached.
struct Uniforms32 {
  static constexpr int count = 4;
  float values[4];
  __device__ explicit Uniforms32(Four four) {
    for (int i = 0; i < 4; ++i) values[i] = (four.words[i] >> 8) * (1.0f / (1 << 24));
  }
};
struct Uniforms64 {
  static constexpr int count = 2;
  double values[2];
  __device__ explicit Uniforms64(Four four) {
    for (int i = 0; i < 2; ++i) {
      uint64_t bits = uint64_t(four.words[2 * i]) << 32 | four.words[2 * i + 1];
      values[i] = (bits >> 11) * (1.0 / (uint64_t(1) << 53));
    }
  }
};

template <typename T, typename Uniforms>
__device__ void uniform(Cell<T> *out, int64_t count, T low, T high, uint64_t seed, uint64_t offset,
                        const int64_t *replays) {
  GRID_LOOP
  for (int64_t i = globalThread(); i * Uniforms::count < count; i += globalThreads()) {
    Uniforms u(randomWords(seed, offset, i, replays));
    for (int j = 0; j < Uniforms::count; ++j) {
      T value = low + u.values[j] * (high - low);
      if (value >= high && high > low) value = low;  // rounding may reach the bound that is not included
      if (i * Uniforms::count + j < count) out[i * Uniforms::count + j] = value;
    }
  }
}

/// Box-Muller: two uniform numbers are the angle of a point and, by the logarithm, its distance; its two coordinates
/// are normal and independent.
template <typename T, typename Uniforms>
__device__ void normal(Cell<T> *out, int64_t count, T mean, T deviation, uint64_t seed, uint64_t offset,
                       const int64_t *replays) {
  GRID_LOOP
  for (int64_t i = globalThread(); i * Uniforms::count < count; i += globalThreads()) {
    Uniforms u(randomWords(seed, offset, i, replays));
    for (int j = 0; j < Uniforms::count; j += 2) {
      T radius = m_sqrt(T(-2) * m_log(1 - u.values[j]));  // 1 - u is never 0
      T angle = T(6.283185307179586) * u.values[j + 1];
      int64_t first = i * Uniforms::count + j;
      if (first < count) out[first] = mean + deviation * radius * m_cos(angle);
      if (first + 1 < count) out[first + 1] = mean + deviation * radius * m_sin(angle);
    }
  }
}

#define RANDOM(T, suffix, Uniforms)                                                                                    \
  ENTRY(uniform_##suffix,                                                                                              \
        (Cell<T> * out, int64_t count, T low, T high, uint64_t seed, uint64_t offset, const int64_t *replays)) {       \
    uniform<T, Uniforms>(out, count, low, high, seed, offset, replays);                                                \
  }                                                                                                                    \
  ENTRY(normal_##suffix,                                                                                               \
        (Cell<T> * out, int64_t count, T mean, T deviation, uint64_t seed, uint64_t offset, const int64_t *replays)) { \
    normal<T, Uniforms>(out, count, mean, deviation, seed, offset, replays);                                           \
  }
RANDOM(float, float32, Uniforms32)
RANDOM(double, float64, Uniforms64)
