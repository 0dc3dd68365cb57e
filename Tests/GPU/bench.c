// Measures CUDADriver without Swift: kernels of 16 to 256 MiB an operand, launches, copies and products. Prints
// name<TAB>time<TAB>figures, which table.py reads; theirs.py measures the same with PyTorch. Built with
// -DWITH_EMULATOR, it runs everything once and small, to see that it runs.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "include/CUDADriver.h"

#ifdef WITH_EMULATOR
const KindlingCUDADriver *KindlingEmulatorDriver(void);
enum { isQuick = 1, repeats = 1, rounds = 1 };
#else
enum { isQuick = 0, repeats = 10, rounds = 5 };
#endif

static KindlingCUDADevice *device;
static const KernelScalar none = {0, 0};
enum { float32 = KernelType_float32 };

// MARK: Helpers

static void check(KindlingCUDAStatus status, const char *call) {
  if (status == KindlingCUDAStatus_success) return;
  printf("FAILED %s: %s\n", call, KindlingCUDAMessage());
  exit(1);
}
#define OK(...) check(__VA_ARGS__, #__VA_ARGS__)

static double microseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e6 + (double)now.tv_nsec * 1e-3;
}

static KindlingCUDAEvent *mark(void) {
  KindlingCUDAEvent *event;
  OK(KindlingCUDARecordEvent(device, &event));
  return event;
}

/// Microseconds on the device from one mark to the other; both are gone afterwards.
static double between(KindlingCUDAEvent *first, KindlingCUDAEvent *second) {
  double milliseconds;
  OK(KindlingCUDAElapsedMilliseconds(device, first, second, &milliseconds));
  KindlingCUDADestroyEvent(device, first);
  KindlingCUDADestroyEvent(device, second);
  return milliseconds * 1e3;
}

/// The time of one call on the device, in microseconds: the best of several rounds, after one that does not count.
#define TIME(best, ...)                                               \
  double best = 1e30;                                                 \
  for (int round = -1; round < rounds; ++round) {                     \
    KindlingCUDAEvent *begin = mark();                                \
    for (int repeat = 0; repeat < repeats; ++repeat) OK(__VA_ARGS__); \
    double took = between(begin, mark()) / repeats;                   \
    if (round >= 0) best = fmin(best, took);                          \
  }
#define BANDWIDTH(name, bytes, ...)         \
  do {                                      \
    TIME(best, __VA_ARGS__)                 \
    bandwidth(name, best, (double)(bytes)); \
  } while (0)

static void bandwidth(const char *name, double time, double bytes) {
  printf("%-32s\t%10.2f us\t%8.1f GB/s\n", name, time, bytes / time * 1e-3);
  fflush(stdout);
}

static float *allocate(int64_t count) {
  void *pointer;
  OK(KindlingCUDAAllocate(device, (size_t)count * sizeof(float), &pointer));
  return pointer;
}

static KernelShape matrix(int64_t rows, int64_t columns) { return (KernelShape){{rows, columns}, 2}; }
static KernelOperand operand(void *data, int64_t rowStride, int64_t columnStride) {
  return (KernelOperand){data, {rowStride, columnStride}};
}

// MARK: Kernels

/// Three arrays of `count` elements, also seen as matrices of rows of 1024.
typedef struct Arrays {
  float *x, *y, *z;
  int64_t count, rows, columns;
  KernelShape line, matrix, transposed;
} Arrays;

static void measureElementwise(const Arrays *a) {
  KernelOperand x = operand(a->x, 1, 0), y = operand(a->y, 1, 0), z = operand(a->z, 1, 0);
  KernelOperand rowsOfX = operand(a->x, a->columns, 1), rowsOfZ = operand(a->z, a->columns, 1);
  KernelOperand row = operand(a->y, 0, 1), transposed = operand(a->y, 1, a->rows);
  int64_t n = a->count;
  BANDWIDTH("copy", 8 * n, KindlingCUDACopyOnDevice(device, a->z, a->x, (size_t)n * 4));
  BANDWIDTH("add", 12 * n, KindlingCUDABinary(device, BinaryOperation_add, float32, &a->line, x, y, z, none, none));
  BANDWIDTH("relu", 8 * n, KindlingCUDAUnary(device, UnaryOperation_relu, float32, &a->line, x, z, none, none));
  BANDWIDTH("gelu", 8 * n, KindlingCUDAUnary(device, UnaryOperation_gelu, float32, &a->line, x, z, none, none));
  BANDWIDTH("add a row (strided)", 8 * n,
            KindlingCUDABinary(device, BinaryOperation_add, float32, &a->matrix, rowsOfX, row, rowsOfZ, none, none));
  BANDWIDTH(
      "add a transpose", 12 * n,
      KindlingCUDABinary(device, BinaryOperation_add, float32, &a->matrix, rowsOfX, transposed, rowsOfZ, none, none));
  BANDWIDTH("compare with a number", 5 * n,
            KindlingCUDACompareScalar(device, CompareOperation_less, float32, &a->line, x, none, z));
  BANDWIDTH("fill", 4 * n, KindlingCUDAFill(device, float32, &a->line, z, none));
  BANDWIDTH("copy of a transpose", 8 * n,
            KindlingCUDACopy(device, float32, float32, &a->transposed, operand(a->x, 1, a->columns),
                             operand(a->z, a->rows, 1)));
  BANDWIDTH("normal numbers", 4 * n, KindlingCUDANormal(device, float32, n, a->z, 0, 1, 1, 0));
}

/// float32 to int64 needs twice the room.
static void measureConversion(const Arrays *a) {
  KernelOperand x = operand(a->x, 1, 0), z = operand(a->z, 1, 0);
  BANDWIDTH("float32 to int64", 12 * a->count, KindlingCUDACopy(device, float32, KernelType_int64, &a->line, x, z));
}

static KindlingCUDAStatus reduce(ReduceOperation operation, const KernelShape *shape, uint32_t dimensions,
                                 KernelOperand x, KernelOperand z) {
  return KindlingCUDAReduce(device, operation, float32, shape, dimensions, x, z);
}

static void measureReductions(const Arrays *a) {
  KernelOperand x = operand(a->x, 1, 0), one = operand(a->z, 0, 0), rows = operand(a->x, a->columns, 1);
  KernelShape fours = matrix(a->count / 4, 4), images = {{a->count >> 16, 64, 1024}, 3};
  KernelOperand channels = {a->x, {65536, 1024, 1}}, channelSums = {a->z, {0, 1, 0}};
  int64_t bytes = 4 * a->count;
  BANDWIDTH("sum of all", bytes, reduce(ReduceOperation_sum, &a->line, 1, x, one));
  BANDWIDTH("sum of rows", bytes, reduce(ReduceOperation_sum, &a->matrix, 2, rows, operand(a->z, 1, 0)));
  BANDWIDTH("sum of columns", bytes, reduce(ReduceOperation_sum, &a->matrix, 1, rows, operand(a->z, 0, 1)));
  BANDWIDTH("sum of rows of 4", bytes,
            reduce(ReduceOperation_sum, &fours, 2, operand(a->x, 4, 1), operand(a->z, 1, 0)));
  if (images.sizes[0] > 0) {
    BANDWIDTH("sum over N, H, W", bytes, reduce(ReduceOperation_sum, &images, 5, channels, channelSums));
  }
  BANDWIDTH("sum of a transpose", bytes,
            reduce(ReduceOperation_sum, &a->transposed, 3, operand(a->x, 1, a->columns), one));
  BANDWIDTH("argmax of all", bytes, reduce(ReduceOperation_argmax, &a->line, 1, x, one));
  BANDWIDTH("argmax of rows", bytes, reduce(ReduceOperation_argmax, &a->matrix, 2, rows, operand(a->z, 1, 0)));
}

static void measureSoftmax(const Arrays *a) {
  static const int64_t lengths[] = {16, 256, 1024, 4096, 65536};
  for (size_t i = 0; i < sizeof lengths / sizeof *lengths; ++i) {
    char name[40];
    snprintf(name, sizeof name, "softmax of rows of %lld", (long long)lengths[i]);
    BANDWIDTH(name, 8 * a->count,
              KindlingCUDASoftmax(device, float32, a->count / lengths[i], lengths[i], a->x, a->z, SoftmaxKind_shares));
  }
}

static void measureKernels(float *x, float *y, float *z, int64_t most) {
  for (int64_t count = isQuick ? most : (int64_t)4 << 20; count <= most; count *= 4) {
    int64_t columns = 1024, rows = count / columns;
    Arrays arrays = {x, y, z, count, rows, columns, {{count}, 1}, matrix(rows, columns), matrix(columns, rows)};
    printf("-- %lld MiB an operand\n", (long long)(count * 4 >> 20));
    measureElementwise(&arrays);
    if (2 * count <= most) measureConversion(&arrays);
    measureReductions(&arrays);
    measureSoftmax(&arrays);
  }
}

// MARK: Launches and copies

static KindlingCUDAStatus addTiny(float *x, float *y, float *z) {
  KernelShape tiny = {{64}, 1};
  return KindlingCUDABinary(device, BinaryOperation_add, float32, &tiny, operand(x, 1, 0), operand(y, 1, 0),
                            operand(z, 1, 0), none, none);
}

static void reportQueue(const char *name, double start, int count) {
  double queued = microseconds() - start;
  OK(KindlingCUDASynchronize(device));
  printf("%s\t%.3f us queued\t%.3f us done\n", name, queued / count, (microseconds() - start) / count);
}

static void measureLaunches(float *x, float *y, float *z) {
  const int count = isQuick ? 100 : 5000, replays = isQuick ? 10 : 200;
  printf("-- launches\n");
  OK(KindlingCUDASynchronize(device));
  double start = microseconds();
  for (int i = 0; i < count; ++i) OK(addTiny(x, y, z));
  reportQueue("one tiny add", start, count);

  KindlingCUDAGraph *graph;
  OK(KindlingCUDABeginCapture(device));
  for (int i = 0; i < 20; ++i) OK(addTiny(x, y, z));
  OK(KindlingCUDAEndCapture(device, &graph));
  OK(KindlingCUDAReplay(device, graph));
  OK(KindlingCUDASynchronize(device));
  start = microseconds();
  for (int i = 0; i < replays; ++i) OK(KindlingCUDAReplay(device, graph));
  reportQueue("graph of 20 tiny adds", start, replays);
  KindlingCUDADestroyGraph(device, graph);

  start = microseconds();
  for (int i = 0; i < count; ++i) {
    void *pointer;
    OK(KindlingCUDAAllocate(device, 400, &pointer));
    OK(KindlingCUDAFree(device, pointer));
  }
  printf("allocate and free\t%.3f us\n", (microseconds() - start) / count);
}

static void measureCopies(float *x, int64_t count) {
  float number;
  double start = microseconds();
  for (int i = 0; i < 200; ++i) OK(KindlingCUDACopyOut(device, &number, x, sizeof number));
  printf("read one number\t%.3f us\n", (microseconds() - start) / 200);

  size_t bytes = (size_t)count * 4;
  void *host = malloc(bytes);
  memset(host, 1, bytes);
  double in = 1e30, out = 1e30;
  for (int round = 0; round < 3; ++round) {
    start = microseconds();
    OK(KindlingCUDACopyIn(device, x, host, bytes));
    OK(KindlingCUDASynchronize(device));
    in = fmin(in, microseconds() - start);
    start = microseconds();
    OK(KindlingCUDACopyOut(device, host, x, bytes));
    out = fmin(out, microseconds() - start);
  }
  bandwidth("host to device", in, (double)bytes);
  bandwidth("device to host", out, (double)bytes);
  free(host);
}

static void measureAdam(float *x, float *y, int64_t count) {
  KernelAdam adam = {1e-3, .9, .999, 1e-8, 0, false, false, 1};
  TIME(tiny, KindlingCUDAAdamStep(device, float32, 1000, x, x + count, y, y + count, NULL, adam))
  printf("Adam, 1000 parameters\t%.2f us\n", tiny);
  BANDWIDTH("Adam", 28 * count, KindlingCUDAAdamStep(device, float32, count, x, x + count, y, y + count, NULL, adam));
}

// MARK: Products

/// The largest difference between two results.
static double difference(const float *a, const float *b, int64_t count) {
  double worst = 0;
  for (int64_t i = 0; i < count; ++i) worst = fmax(worst, fabs((double)a[i] - (double)b[i]));
  return worst;
}

static void measureProduct(int64_t batch, int64_t m, int64_t k, int64_t n) {
  static const char *names[] = {"automatic", "naive", "tiled", "blocked", "vectorized", "cublas"};
  int64_t count = batch * m * n;
  float *x = allocate(batch * m * k), *y = allocate(batch * k * n), *z = allocate(count);
  float *expected = NULL, *got = malloc((size_t)count * 4);
  OK(KindlingCUDANormal(device, float32, batch * m * k, x, 0, 1, 1, 0));
  OK(KindlingCUDANormal(device, float32, batch * k * n, y, 0, 1, 2, 0));
  KernelMatrix xs = {x, k, 1, m * k}, ys = {y, n, 1, k * n}, zs = {z, n, 1, m * n};
  for (int i = 1; i <= 6; ++i) {
    KindlingCUDAMatmul rung = (KindlingCUDAMatmul)(i % 6);
    bool isTooSlow = rung == KindlingCUDAMatmul_naive && m * n * k > (int64_t)1 << 33;
    if (isTooSlow || KindlingCUDASetMatmul(device, rung) != KindlingCUDAStatus_success) continue;
    TIME(time, KindlingCUDAMatrixProduct(device, float32, batch, m, n, k, xs, ys, zs))
    OK(KindlingCUDACopyOut(device, got, z, (size_t)count * 4));
    if (!expected) expected = memcpy(malloc((size_t)count * 4), got, (size_t)count * 4);
    printf("matmul %lldx%lldx%lldx%lld %s\t%10.2f us\t%8.2f TFLOP/s\tdiffers by %.2g\n", (long long)batch, (long long)m,
           (long long)k, (long long)n, names[rung], time, 2.0 * (double)(count * k) / time * 1e-6,
           difference(got, expected, count));
    fflush(stdout);
  }
  OK(KindlingCUDASetMatmul(device, KindlingCUDAMatmul_automatic));
  OK(KindlingCUDAFree(device, x));
  OK(KindlingCUDAFree(device, y));
  OK(KindlingCUDAFree(device, z));
  free(expected);
  free(got);
}

static void measureProducts(void) {
  static const int64_t sizes[][4] = {{1, 64, 784, 100},     {1, 784, 64, 100},     {1, 64, 100, 10},
                                     {1, 512, 512, 512},    {1, 1024, 1024, 1024}, {1, 2048, 2048, 2048},
                                     {1, 4096, 4096, 4096}, {64, 256, 64, 256},    {1, 60000, 784, 128}};
  printf("-- products\n");
  int count = isQuick ? 3 : (int)(sizeof sizes / sizeof *sizes);
  for (int i = 0; i < count; ++i) measureProduct(sizes[i][0], sizes[i][1], sizes[i][2], sizes[i][3]);
}

int main(void) {
  const KindlingCUDADriver *driver;
#ifdef WITH_EMULATOR
  driver = KindlingEmulatorDriver();
#else
  OK(KindlingCUDALoadDriver(&driver));
#endif
  double start = microseconds();
  OK(KindlingCUDAOpen(driver, 0, &device));
  printf("open\t%.1f ms\n", (microseconds() - start) * 1e-3);

  int64_t most = isQuick ? 1 << 16 : (int64_t)64 << 20;  // elements: 256 MiB of float32
  float *x = allocate(most), *y = allocate(most), *z = allocate(most);
  OK(KindlingCUDAUniform(device, float32, most, x, 0, 1, 1, 0));
  OK(KindlingCUDAUniform(device, float32, most, y, 0, 1, 2, 0));
  measureKernels(x, y, z, most);
  measureLaunches(x, y, z);
  measureCopies(x, most);
  measureAdam(x, y, most / 4);
  OK(KindlingCUDAFree(device, x));
  OK(KindlingCUDAFree(device, y));
  OK(KindlingCUDAFree(device, z));
  measureProducts();
  OK(KindlingCUDAClose(device));
  return 0;
}
