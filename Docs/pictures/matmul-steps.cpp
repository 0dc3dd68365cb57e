// What chapter 11 measures, on one thread: the steps from a naive matrix product to OpenBLAS, and what an addition
// costs in and out of the caches. Not part of the package:
//
//     clang++ -std=c++20 -O2 Docs/pictures/matmul-steps.cpp -o matmul-steps -lopenblas && ./matmul-steps
//
// The product is out = x · y, three matrices of float32, 1024 × 1024 each. A time is the best of five; a speed counts a
// multiplication and an addition as two operations.
#include <cblas.h>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <vector>

constexpr int n = 1024;

// MARK: 1. As the formula says

void naive(const float *x, const float *y, float *out) {
  for (int i = 0; i < n; i++) {
    for (int j = 0; j < n; j++) {
      float sum = 0;
      for (int k = 0; k < n; k++) sum += x[i * n + k] * y[k * n + j];
      out[i * n + j] = sum;
    }
  }
}

// MARK: 2. The two inner loops change places: now all three matrices are read along their rows

inline __attribute__((always_inline)) void rowByRow(const float *x, const float *y, float *out) {
  memset(out, 0, sizeof(float) * n * n);
  for (int i = 0; i < n; i++) {
    for (int k = 0; k < n; k++) {
      float factor = x[i * n + k];
      for (int j = 0; j < n; j++) out[i * n + j] += factor * y[k * n + j];
    }
  }
}

void reordered(const float *x, const float *y, float *out) { rowByRow(x, y, out); }

// MARK: 3. The same loops, compiled for the vectors of the machine it runs on

#define CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))

CLONES void vectors(const float *x, const float *y, float *out) { rowByRow(x, y, out); }

// MARK: 4. A tile of out stays in registers: 8 rows of 32 columns

constexpr int rows = 8, columns = 32;
typedef float Vector __attribute__((vector_size(64), aligned(4)));  // 16 float32

inline __attribute__((always_inline)) void tile(int depth, const float *x, const float *y, int yStep, float *out) {
  Vector sums[rows][2] = {};
  for (int k = 0; k < depth; k++) {
    const Vector *yRow = reinterpret_cast<const Vector *>(y + k * yStep);
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) {
      sums[r][0] += x[r * n + k] * yRow[0];
      sums[r][1] += x[r * n + k] * yRow[1];
    }
  }
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; r++) {
    Vector *outRow = reinterpret_cast<Vector *>(out + r * n);
    outRow[0] += sums[r][0];
    outRow[1] += sums[r][1];
  }
}

CLONES void registers(const float *x, const float *y, float *out) {
  memset(out, 0, sizeof(float) * n * n);
  for (int i = 0; i < n; i += rows) {
    for (int j = 0; j < n; j += columns) tile(n, x + i * n, y + j, n, out + i * n + j);
  }
}

// MARK: 5. A panel of y is copied together first, so that the tile walks through a few pages of near memory

constexpr int depth = 256;  // 256 × 32 float32 are 32 KiB: a panel fits the first cache

CLONES void packed(const float *x, const float *y, float *out) {
  static float panel[depth * columns];
  memset(out, 0, sizeof(float) * n * n);
  for (int first = 0; first < n; first += depth) {
    for (int j = 0; j < n; j += columns) {
      for (int k = 0; k < depth; k++) {
        memcpy(panel + k * columns, y + (first + k) * n + j, sizeof(float) * columns);
      }
      for (int i = 0; i < n; i += rows) tile(depth, x + i * n + first, panel, columns, out + i * n + j);
    }
  }
}

// MARK: 6. OpenBLAS

void openBLAS(const float *x, const float *y, float *out) {
  cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, n, n, n, 1, x, n, y, n, 0, out, n);
}

// MARK: An addition, element by element

CLONES void add(int count, const float *x, const float *y, float *out) {
#pragma clang loop vectorize(assume_safety)
  for (int i = 0; i < count; i++) out[i] = x[i] + y[i];
}

// MARK: The clock

template <typename Work>
double best(int runs, Work work) {
  double least = INFINITY;
  for (int run = 0; run < runs; run++) {
    auto start = std::chrono::steady_clock::now();
    work();
    least = std::fmin(least, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  return least;
}

int main() {
  std::vector<float> x(n * n), y(n * n), out(n * n), expected(n * n);
  for (int i = 0; i < n * n; i++) {  // small integers: every order of addition gives the same sum
    x[i] = float(i % 7 - 3);
    y[i] = float(i % 5 - 2);
  }
  struct Step {
    const char *name;
    void (*multiply)(const float *, const float *, float *);
  };
  const Step steps[] = {{"naive", naive},         {"reordered", reordered}, {"vectors", vectors},
                        {"registers", registers}, {"packed", packed},       {"OpenBLAS", openBLAS}};
  openblas_set_num_threads(1);
  openBLAS(x.data(), y.data(), expected.data());
  for (const Step &step : steps) {
    double seconds = best(5, [&] { step.multiply(x.data(), y.data(), out.data()); });
    if (out != expected) {
      printf("%s is wrong\n", step.name);
      return 1;
    }
    printf("%-10s %8.1f ms %7.1f GFLOP/s\n", step.name, seconds * 1e3, 2e-9 * n * n * n / seconds);
  }
  printf("%s\n", openblas_get_config());
  for (int count = 1 << 12; count <= 1 << 24; count <<= 2) {
    std::vector<float> a(count, 1.0f), b(count, 2.0f), sum(count);
    int repetitions = (1 << 26) / count;
    double seconds = best(5, [&] {
      for (int i = 0; i < repetitions; i++) add(count, a.data(), b.data(), sum.data());
    });
    printf("%9d elements, %7.0f KiB: %.3f ns an element\n", count, 12.0 * count / 1024,
           seconds * 1e9 / repetitions / count);
  }
}
