// Random numbers for CUDA, from Philox 4x32-10 (Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3", 2011).
//
// A generator like the Mersenne Twister has to be stepped from one number to the next. Philox is a function: it
// scrambles a counter, and thread i simply asks for the i-th numbers. No state, no order, the same numbers with any
// grid.
#include "../Elementwise/cuda-math.h"
#include "../Runtime/cuda.h"

using Words = Four<uint32_t>;

/// Ten rounds of multiplying and mixing. counter: 128 bits, key: 64 bits.
__device__ inline Words philox(Words counter, uint32_t key0, uint32_t key1) {
  for (int round = 0; round < 10; ++round) {
    uint64_t product0 = uint64_t(0xD2511F53) * counter.lanes[0], product1 = uint64_t(0xCD9E8D57) * counter.lanes[2];
    counter = {{uint32_t(product1 >> 32) ^ counter.lanes[1] ^ key0, uint32_t(product1),
                uint32_t(product0 >> 32) ^ counter.lanes[3] ^ key1, uint32_t(product0)}};
    key0 += 0x9E3779B9;  // the golden ratio's digits
    key1 += 0xBB67AE85;  // those of √3 - 1
  }
  return counter;
}

/// The i-th four words. A graph that is replayed gets new numbers each time, since the counter's upper half counts
/// replays.
__device__ inline Words randomWords(uint64_t seed, uint64_t offset, uint64_t i, const int64_t *replays) {
  uint64_t low = offset + i, high = *replays;
  Words counter = {{uint32_t(low), uint32_t(low >> 32), uint32_t(high), uint32_t(high >> 32)}};
  return philox(counter, uint32_t(seed), uint32_t(seed >> 32));
}

/// Numbers in [0, 1): as many bits as the type's fraction holds, so that each is exact and 1 is never reached.
template <typename T>
struct Uniforms;
template <>
struct Uniforms<float> {
  static constexpr int count = 4;
  float values[4];
  __device__ explicit Uniforms(Words words) {
    for (int i = 0; i < 4; ++i) values[i] = (words.lanes[i] >> 8) * (1.0f / (1 << 24));
  }
};
template <>
struct Uniforms<double> {
  static constexpr int count = 2;
  double values[2];
  __device__ explicit Uniforms(Words words) {
    for (int i = 0; i < 2; ++i) {
      uint64_t bits = uint64_t(words.lanes[2 * i]) << 32 | words.lanes[2 * i + 1];
      values[i] = (bits >> 11) * (1.0 / (uint64_t(1) << 53));
    }
  }
};

/// Writes the numbers that came out of one counter, as far as there is room.
template <typename T, int each>
__device__ void put(Cell<T> *out, int64_t count, int64_t first, const T (&numbers)[each]) {
  if constexpr (each == 4) {
    bool isAligned = reinterpret_cast<uint64_t>(out) % sizeof(Four<T>) == 0;
    if (isAligned && first + 4 <= count) {
      return storeFour<T>(out + first, {{numbers[0], numbers[1], numbers[2], numbers[3]}});
    }
  }
  for (int j = 0; j < each; ++j) {
    if (first + j < count) out[first + j] = numbers[j];
  }
}

template <typename T>
__device__ void uniform(Cell<T> *out, int64_t count, T low, T high, uint64_t seed, uint64_t offset,
                        const int64_t *replays) {
  GRID_LOOP
  for (int64_t i = globalThread(); i * Uniforms<T>::count < count; i += globalThreads()) {
    Uniforms<T> u(randomWords(seed, offset, i, replays));
    T numbers[Uniforms<T>::count];
    for (int j = 0; j < Uniforms<T>::count; ++j) {
      T value = low + u.values[j] * (high - low);
      numbers[j] = value >= high && high > low ? low : value;  // rounding may reach the bound that is not included
    }
    put<T>(out, count, i * Uniforms<T>::count, numbers);
  }
}

/// Box-Muller: two uniform numbers are the angle of a point and, by the logarithm, its distance; its two coordinates
/// are normal and independent.
template <typename T>
__device__ void normal(Cell<T> *out, int64_t count, T mean, T deviation, uint64_t seed, uint64_t offset,
                       const int64_t *replays) {
  GRID_LOOP
  for (int64_t i = globalThread(); i * Uniforms<T>::count < count; i += globalThreads()) {
    Uniforms<T> u(randomWords(seed, offset, i, replays));
    T numbers[Uniforms<T>::count];
    for (int j = 0; j < Uniforms<T>::count; j += 2) {
      T radius = m_sqrt(T(-2) * m_log(1 - u.values[j]));  // 1 - u is never 0
      T sine, cosine;
      m_sincospi(2 * u.values[j + 1], sine, cosine);  // an angle in half turns needs no division by π
      numbers[j] = mean + deviation * radius * cosine;
      numbers[j + 1] = mean + deviation * radius * sine;
    }
    put<T>(out, count, i * Uniforms<T>::count, numbers);
  }
}

#define RANDOM(suffix, T, ...)                                                                                         \
  ENTRY(uniform_##suffix,                                                                                              \
        (Cell<T> * out, int64_t count, T low, T high, uint64_t seed, uint64_t offset, const int64_t *replays)) {       \
    uniform<T>(out, count, low, high, seed, offset, replays);                                                          \
  }                                                                                                                    \
  ENTRY(normal_##suffix,                                                                                               \
        (Cell<T> * out, int64_t count, T mean, T deviation, uint64_t seed, uint64_t offset, const int64_t *replays)) { \
    normal<T>(out, count, mean, deviation, seed, offset, replays);                                                     \
  }
KINDLING_FLOAT_TYPES(RANDOM)
