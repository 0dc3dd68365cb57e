// Measures CUDADriver without Swift: gpu-bench [emulator]. Prints name<TAB>time in us<TAB>figure.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "include/CUDADriver.h"
#ifdef WITH_EMULATOR
const KindlingCUDADriver *KindlingEmulatorDriver(void);
#endif
static KindlingCUDADevice *d;
static int quick = 0;
static double now(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec * 1e6 + t.tv_nsec * 1e-3; }
#define OK(...) do { if ((__VA_ARGS__) != KindlingCUDAStatus_success) { printf("FAILED %s: %s\n", #__VA_ARGS__, KindlingCUDAMessage()); fflush(stdout); exit(1); } } while (0)
static void *mem(size_t n) { void *p; OK(KindlingCUDAAllocate(d, n, &p)); return p; }
static KernelShape shape2(int64_t a, int64_t b) { KernelShape s = {{a, b}, 2}; return s; }
static KernelOperand op(void *p, int64_t s0, int64_t s1) { KernelOperand o = {p, {s0, s1}}; return o; }
static const KernelScalar none = {0, 0};
/// Device time of one call in us: best of several batches.
#define TIME(us, ...) do { int reps_ = quick ? 1 : 3; us = 1e30; \
  for (int w_ = 0; w_ < reps_; ++w_) { __VA_ARGS__; } OK(KindlingCUDASynchronize(d)); \
  for (int b_ = 0; b_ < (quick ? 1 : 5); ++b_) { KindlingCUDAEvent *a_, *z_; int n_ = quick ? 1 : 10; double ms_; \
    OK(KindlingCUDARecordEvent(d, &a_)); for (int i_ = 0; i_ < n_; ++i_) { __VA_ARGS__; } OK(KindlingCUDARecordEvent(d, &z_)); \
    OK(KindlingCUDAElapsedMilliseconds(d, a_, z_, &ms_)); KindlingCUDADestroyEvent(d, a_); KindlingCUDADestroyEvent(d, z_); \
    if (ms_ * 1e3 / n_ < us) us = ms_ * 1e3 / n_; } } while (0)
static void bandwidth(const char *name, double us, double bytes) { printf("%-44s\t%10.2f us\t%8.1f GB/s\n", name, us, bytes / us * 1e-3); fflush(stdout); }
static void product(int64_t b, int64_t m, int64_t k, int64_t n) {
  static const char *names[] = {"automatic", "naive", "tiled", "blocked", "vectorized", "cublas"};
  float *x = mem(b * m * k * 4), *y = mem(b * k * n * 4), *z = mem(b * m * n * 4), *ref = malloc(b * m * n * 4), *got = malloc(b * m * n * 4);
  OK(KindlingCUDANormal(d, KernelType_float32, b * m * k, x, 0, 1, 1, 0));
  OK(KindlingCUDANormal(d, KernelType_float32, b * k * n, y, 0, 1, 2, 0));
  int haveRef = 0;
  for (int r = 1; r <= 6; ++r) {
    int rung = r % 6;
    if (KindlingCUDASetMatmul(d, rung) != KindlingCUDAStatus_success) { printf("no %s: %s\n", names[rung], KindlingCUDAMessage()); continue; }
    if (rung == 1 && m * n * k > (int64_t)2048 * 2048 * 2048) continue;
    double us;
    TIME(us, OK(KindlingCUDAMatrixProduct(d, KernelType_float32, b, m, n, k, (KernelMatrix){x, k, 1, m * k}, (KernelMatrix){y, n, 1, k * n}, (KernelMatrix){z, n, 1, m * n}, false)));
    OK(KindlingCUDACopyOut(d, got, z, b * m * n * 4));
    double worst = 0, size = 0;
    if (!haveRef) memcpy(ref, got, b * m * n * 4), haveRef = 1;
    for (int64_t i = 0; i < b * m * n; ++i) { double e = got[i] - ref[i]; if (e < 0) e = -e; if (!(e <= worst)) worst = e; if (ref[i] > size) size = ref[i]; }
    printf("matmul %lldx%lldx%lldx%lld %-12s\t%10.2f us\t%8.2f TFLOP/s\tworst difference %.2g of %.3g\n", (long long)b, (long long)m, (long long)k, (long long)n, names[rung], us, 2.0 * b * m * n * k / us * 1e-6, worst, size);
    fflush(stdout);
  }
  KindlingCUDASetMatmul(d, KindlingCUDAMatmul_automatic);
  KindlingCUDAFree(d, x); KindlingCUDAFree(d, y); KindlingCUDAFree(d, z); free(ref); free(got);
}
int main(int argc, char **argv) {
  const KindlingCUDADriver *driver;
  double t = now();
#ifdef WITH_EMULATOR
  driver = KindlingEmulatorDriver(); quick = 1;
#else
  OK(KindlingCUDALoadDriver(&driver));
#endif
  printf("driver\t%.1f ms\n", (now() - t) * 1e-3); t = now();
  OK(KindlingCUDAOpen(driver, 0, &d));
  KindlingCUDAProperties p; OK(KindlingCUDADescribe(driver, 0, &p));
  printf("open (context, PTX to machine code)\t%.1f ms\t%s, %d.%d, %d multiprocessors, driver %d\n", (now() - t) * 1e-3, p.name, p.computeMajor, p.computeMinor, p.multiprocessors, p.driverVersion);
  double us;
  int64_t big = quick ? 1 << 16 : (int64_t)64 << 20;  // elements: 256 MiB of float32
  float *x = mem(big * 4), *y = mem(big * 4), *z = mem(big * 4);
  OK(KindlingCUDAUniform(d, KernelType_float32, big, x, 0, 1, 1, 0)); OK(KindlingCUDAUniform(d, KernelType_float32, big, y, 0, 1, 2, 0));
  for (int64_t n = quick ? big : (int64_t)4 << 20; n <= big; n *= 4) {
    printf("-- %lld MiB an operand\n", (long long)(n * 4 >> 20));
    KernelShape s = {{n}, 1}; int64_t c = 1024, r = n / c; KernelShape m = shape2(r, c), mt = shape2(c, r);
    TIME(us, OK(KindlingCUDACopyOnDevice(d, z, x, n * 4))); bandwidth("copy", us, 8.0 * n);
    TIME(us, OK(KindlingCUDABinary(d, BinaryOperation_add, KernelType_float32, &s, op(x, 1, 0), op(y, 1, 0), op(z, 1, 0), none, none))); bandwidth("add", us, 12.0 * n);
    TIME(us, OK(KindlingCUDAUnary(d, UnaryOperation_relu, KernelType_float32, &s, op(x, 1, 0), op(z, 1, 0), none, none))); bandwidth("relu", us, 8.0 * n);
    TIME(us, OK(KindlingCUDAUnary(d, UnaryOperation_gelu, KernelType_float32, &s, op(x, 1, 0), op(z, 1, 0), none, none))); bandwidth("gelu", us, 8.0 * n);
    TIME(us, OK(KindlingCUDABinary(d, BinaryOperation_add, KernelType_float32, &m, op(x, c, 1), op(y, 0, 1), op(z, c, 1), none, none))); bandwidth("add a row (strided)", us, 8.0 * n);
    TIME(us, OK(KindlingCUDABinary(d, BinaryOperation_add, KernelType_float32, &m, op(x, c, 1), op(y, 1, r), op(z, c, 1), none, none))); bandwidth("add a transpose", us, 12.0 * n);
    TIME(us, OK(KindlingCUDACompareScalar(d, CompareOperation_less, KernelType_float32, &s, op(x, 1, 0), none, op(z, 1, 0)))); bandwidth("compare with a number", us, 5.0 * n);
    TIME(us, OK(KindlingCUDAFill(d, KernelType_float32, &s, op(z, 1, 0), none))); bandwidth("fill", us, 4.0 * n);
    TIME(us, OK(KindlingCUDACopy(d, KernelType_float32, KernelType_float32, &mt, op(x, 1, c), op(z, r, 1)))); bandwidth("copy of a transpose", us, 8.0 * n);
    if (n * 8 <= big * 4) { TIME(us, OK(KindlingCUDACopy(d, KernelType_float32, KernelType_int64, &s, op(x, 1, 0), op(z, 1, 0)))); bandwidth("float32 to int64", us, 12.0 * n); }
    TIME(us, OK(KindlingCUDAReduce(d, ReduceOperation_sum, KernelType_float32, &s, 1, op(x, 1, 0), op(z, 0, 0)))); bandwidth("sum of all", us, 4.0 * n);
    TIME(us, OK(KindlingCUDAReduce(d, ReduceOperation_sum, KernelType_float32, &m, 2, op(x, c, 1), op(z, 1, 0)))); bandwidth("sum of rows", us, 4.0 * n);
    TIME(us, OK(KindlingCUDAReduce(d, ReduceOperation_sum, KernelType_float32, &m, 1, op(x, c, 1), op(z, 0, 1)))); bandwidth("sum of columns", us, 4.0 * n);
    TIME(us, OK(KindlingCUDAReduce(d, ReduceOperation_argmax, KernelType_float32, &s, 1, op(x, 1, 0), op(z, 0, 0)))); bandwidth("argmax of all", us, 4.0 * n);
    if (n <= (int64_t)16 << 20) { TIME(us, OK(KindlingCUDAReduce(d, ReduceOperation_sum, KernelType_float32, &mt, 3, op(x, 1, c), op(z, 0, 0)))); bandwidth("sum of a transpose", us, 4.0 * n); }
    TIME(us, OK(KindlingCUDASoftmax(d, KernelType_float32, r, c, x, z, false))); bandwidth("softmax of rows of 1024", us, 8.0 * n);
    TIME(us, OK(KindlingCUDANormal(d, KernelType_float32, n, z, 0, 1, 1, 0))); bandwidth("normal numbers", us, 4.0 * n);
  }
  printf("-- launches\n");
  KernelShape tiny = {{64}, 1};
  int many = quick ? 100 : 5000;
  OK(KindlingCUDASynchronize(d)); t = now();
  for (int i = 0; i < many; ++i) OK(KindlingCUDABinary(d, BinaryOperation_add, KernelType_float32, &tiny, op(x, 1, 0), op(y, 1, 0), op(z, 1, 0), none, none));
  double queued = now() - t; OK(KindlingCUDASynchronize(d));
  printf("one tiny add\t%.3f us queued\t%.3f us done\n", queued / many, (now() - t) / many);
  t = now(); for (int i = 0; i < many; ++i) { void *q; OK(KindlingCUDAAllocate(d, 400, &q)); OK(KindlingCUDAFree(d, q)); } printf("allocate and free\t%.3f us\n", (now() - t) / many);
  KindlingCUDAGraph *g; OK(KindlingCUDABeginCapture(d));
  for (int i = 0; i < 20; ++i) OK(KindlingCUDABinary(d, BinaryOperation_add, KernelType_float32, &tiny, op(x, 1, 0), op(y, 1, 0), op(z, 1, 0), none, none));
  OK(KindlingCUDAEndCapture(d, &g)); OK(KindlingCUDAReplay(d, g)); OK(KindlingCUDASynchronize(d));
  t = now(); for (int i = 0; i < 200; ++i) OK(KindlingCUDAReplay(d, g)); queued = now() - t; OK(KindlingCUDASynchronize(d));
  printf("graph of 20 tiny adds\t%.3f us queued\t%.3f us done\n", queued / 200, (now() - t) / 200);
  KindlingCUDADestroyGraph(d, g);
  float one; t = now(); for (int i = 0; i < 200; ++i) OK(KindlingCUDACopyOut(d, &one, x, 4)); printf("read one number\t%.3f us\n", (now() - t) / 200);
  char *host = malloc(big * 4); memset(host, 1, big * 4);
  OK(KindlingCUDACopyIn(d, x, host, big * 4)); OK(KindlingCUDASynchronize(d));
  t = now(); OK(KindlingCUDACopyIn(d, x, host, big * 4)); OK(KindlingCUDASynchronize(d)); bandwidth("host to device", now() - t, 4.0 * big);
  t = now(); OK(KindlingCUDACopyOut(d, host, x, big * 4)); bandwidth("device to host", now() - t, 4.0 * big); free(host);
  KernelAdam adam = {1e-3, .9, .999, 1e-8, 0, false, false, 1};
  TIME(us, OK(KindlingCUDAAdamStep(d, KernelType_float32, 1000, x, y, z, z + 1024, NULL, adam))); printf("Adam, 1000 parameters\t%.2f us\n", us);
  int64_t ap = big / 4; TIME(us, OK(KindlingCUDAAdamStep(d, KernelType_float32, ap, x, x + ap, y, y + ap, NULL, adam))); bandwidth("Adam", us, 28.0 * ap);
  KindlingCUDAFree(d, x); KindlingCUDAFree(d, y); KindlingCUDAFree(d, z);
  printf("-- products\n");
  product(1, 64, 784, 100); product(1, 784, 64, 100); product(1, 64, 100, 10);
  if (!quick) { product(1, 512, 512, 512); product(1, 1024, 1024, 1024); product(1, 2048, 2048, 2048); product(1, 4096, 4096, 4096); product(64, 256, 64, 256); product(1, 60000, 784, 128); }
  KindlingCUDAClose(d);
  return 0;
}
