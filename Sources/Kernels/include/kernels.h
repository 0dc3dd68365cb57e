// The kernels' C interface: what a backend calls, and nothing else.
//
// A kernel knows no tensors. It is told an element type, a shape, and for each operand where its first element lies and
// how many elements to step along each dimension. A stride of 0 repeats an element, which is all that broadcasting is.
// Operands of one call never overlap unless they are the very same elements in the same order (an in-place update).
#ifndef KINDLING_KERNELS_H
#define KINDLING_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../Convolution/convolution.h"
#include "../Elementwise/operations.h"
#include "../Normalization/normalization.h"
#include "../Optimizer/optimizers.h"
#include "../Pooling/pooling.h"
#include "../Reduction/reductions.h"
#include "../Runtime/element-types.h"

#ifdef __cplusplus
extern "C" {
#endif

/// The most dimensions a tensor can have.
#define KINDLING_MAXIMUM_RANK 8

/// An element type's name, and the bytes that an element takes.
static inline const char *_Nonnull KindlingTypeName(KernelType type) {
#define ROW(name, T, ...) \
  case KernelType_##name: \
    return #name;
  switch (type) { KINDLING_TYPES(ROW) }
#undef ROW
  return "?";
}
static inline int64_t KindlingTypeSize(KernelType type) {
#define ROW(name, T, ...) \
  case KernelType_##name: \
    return sizeof(T);
  switch (type) { KINDLING_TYPES(ROW) }
#undef ROW
  return 0;
}

typedef struct KernelShape {
  int64_t sizes[KINDLING_MAXIMUM_RANK];
  int32_t rank;
} KernelShape;

typedef struct KernelOperand {
  void *_Nonnull data;                     // element [0, 0, …]
  int64_t strides[KINDLING_MAXIMUM_RANK];  // in elements; may be 0 or negative
} KernelOperand;

/// A number handed to an operation: `real` is read by floating-point kernels, `integer` by those of integers and bools.
typedef struct KernelScalar {
  double real;
  int64_t integer;
} KernelScalar;

// MARK: Elementwise

void KindlingFill(KernelType type, const KernelShape *_Nonnull shape, KernelOperand out, KernelScalar value);

/// out = operation(x; p, q). Rows marked float only take float32 and float64.
void KindlingUnary(UnaryOperation operation, KernelType type, const KernelShape *_Nonnull shape, KernelOperand x,
                   KernelOperand out, KernelScalar p, KernelScalar q);
/// The same over `count` elements that lie side by side.
void KindlingUnaryContiguous(UnaryOperation operation, KernelType type, int64_t count, const void *_Nonnull x,
                             void *_Nonnull out, KernelScalar p, KernelScalar q);

/// out = operation(x, y; p, q).
void KindlingBinary(BinaryOperation operation, KernelType type, const KernelShape *_Nonnull shape, KernelOperand x,
                    KernelOperand y, KernelOperand out, KernelScalar p, KernelScalar q);
void KindlingBinaryContiguous(BinaryOperation operation, KernelType type, int64_t count, const void *_Nonnull x,
                              const void *_Nonnull y, void *_Nonnull out, KernelScalar p, KernelScalar q);

/// out = x (operation) y, as bool; `type` is that of x and y.
void KindlingCompare(CompareOperation operation, KernelType type, const KernelShape *_Nonnull shape, KernelOperand x,
                     KernelOperand y, KernelOperand out);
/// out = x (operation) value, as bool.
void KindlingCompareScalar(CompareOperation operation, KernelType type, const KernelShape *_Nonnull shape,
                           KernelOperand x, KernelScalar value, KernelOperand out);

/// out = condition ? x : y.
void KindlingSelect(KernelType type, const KernelShape *_Nonnull shape, KernelOperand condition, KernelOperand x,
                    KernelOperand y, KernelOperand out);

// MARK: Reduction

/// Folds the dimensions whose bit is set in `reduced` (bit i is dimension i). `shape` is x's; `out` has stride 0 along
/// the folded dimensions. `sum product maximum minimum` give x's type, `any all` take and give bool, `argmax argmin`
/// give int64: the row-major position among the folded dimensions, the first where several tie; NaN wins.
/// maximum, minimum, argmax and argmin of nothing are the caller's error.
void KindlingReduce(ReduceOperation operation, KernelType type, const KernelShape *_Nonnull shape, uint32_t reduced,
                    KernelOperand x, KernelOperand out);

/// Running sums, or running products, along `dimension`.
void KindlingCumulate(ReduceOperation operation, KernelType type, const KernelShape *_Nonnull shape, int32_t dimension,
                      KernelOperand x, KernelOperand out);

/// Softmax of each of `rows` contiguous rows; `out` may be `x`. float32 and float64.
void KindlingSoftmax(KernelType type, int64_t rows, int64_t columns, const void *_Nonnull x, void *_Nonnull out,
                     SoftmaxKind kind);

/// For each of `rows` contiguous rows the int64 places that would put its elements in order. Equal ones keep their
/// order; NaN counts as larger than any number.
void KindlingArgsort(KernelType type, int64_t rows, int64_t columns, bool descending, const void *_Nonnull x,
                     void *_Nonnull index);

// MARK: Matmul

typedef struct KernelMatrix {
  void *_Nonnull data;
  int64_t rowStride, columnStride, batchStride;  // in elements; a batch stride of 0 repeats one matrix
} KernelMatrix;

/// out[b] = x[b] · y[b]; x is m×k, y is k×n, out is m×n. float32 and float64 are multiplied by kernels of our own, in
/// an order of summation that depends on k alone; products with a vector by OpenBLAS, without a copy where x and y have
/// a stride of 1 along rows or columns; integers by plain loops. out's columnStride is 1. A `bias` of n numbers side by
/// side is added to each row when it is done, with the bits of an addition of its own.
void KindlingMatmul(KernelType type, int64_t batch, int64_t m, int64_t n, int64_t k, KernelMatrix x, KernelMatrix y,
                    const void *_Nullable bias, KernelMatrix out);

/// Who multiplies float32 and float64 where both are matrices.
typedef enum KINDLING_ENUM KernelProducts : int32_t {
  KernelProducts_own,
  KernelProducts_openBLAS,  // divided among our threads by the shape alone
} KernelProducts;
/// At first what KINDLING_PRODUCTS in the environment says, own or openblas; our own if it says nothing.
void KindlingSetProducts(KernelProducts products);
KernelProducts KindlingProducts(void);

// MARK: Convolution and pools, float32 and float64

/// A part of a convolution, of the two others in the order x, weight or y, weight or x, y (see convolution.h). `bias`,
/// a number for each channel, is added to the output where there is one.
void KindlingConvolve(ConvolutionPart part, KernelType type, const KernelConvolution *_Nonnull geometry,
                      const void *_Nonnull first, const void *_Nonnull second, const void *_Nullable bias,
                      void *_Nonnull out);

/// `places` is written by `maximum`, read by `maximumGradient` and else not looked at.
void KindlingPool(PoolOperation operation, KernelType type, const KernelPool *_Nonnull pool, const void *_Nonnull x,
                  int64_t *_Nullable places, void *_Nonnull out);

// MARK: Normalizations, float32 and float64

/// What a normalization reads and writes. `weight` and `bias` are numbers of the channels, or NULL; `mean`, `variance`
/// and `scale`, 1 / √(variance + eps), are numbers of the groups.
typedef struct KernelNormalizationArrays {
  const void *_Nonnull x;
  const void *_Nullable weight, *_Nullable bias;
  void *_Nonnull mean, *_Nonnull variance, *_Nonnull scale;
  void *_Nullable y;
  const void *_Nullable dy;
  void *_Nullable dx, *_Nullable dWeight, *_Nullable dBias;  // of the gradient; NULL where nobody asks
} KernelNormalizationArrays;

/// y, `scale`, and unless they are given `mean` and `variance`. There is an element at least.
void KindlingNormalize(KernelType type, const KernelNormalization *_Nonnull normalization,
                       const KernelNormalizationArrays *_Nonnull arrays);
/// From dy, x and what KindlingNormalize has left of the groups, the gradients that are asked for.
void KindlingNormalizeGradient(KernelType type, const KernelNormalization *_Nonnull normalization,
                               const KernelNormalizationArrays *_Nonnull arrays);

// MARK: Attention, float32 and float64

/// Queries [batch, heads, queries, width], keys [batch, heads, keys, width], values [batch, heads, keys, valueWidth].
typedef struct KernelAttention {
  int64_t batch, heads, queries, keys, width, valueWidth;
  int32_t isCausal;  // 1 where query i looks at the keys 0 to i only
  double scale;      // what the scores are multiplied by
} KernelAttention;

/// What attention reads and writes: queries, keys and values, of four dimensions as KernelAttention has them; the
/// weights [batch, heads, queries, keys], which are contiguous; and out [batch, heads, queries, valueWidth], or its
/// gradient. The elements of a row of out lie side by side where it is written.
typedef struct KernelAttentionArrays {
  KernelOperand query, key, value;
  void *_Nonnull weights;
  KernelOperand out;
} KernelAttentionArrays;

/// Contiguous arrays [batch, rows, heads, width], NULL where nobody asks. Queries are read for the gradient of keys
/// only, keys for that of queries, and values for these two.
typedef struct KernelAttentionGradients {
  void *_Nullable query, *_Nullable key, *_Nullable value;
} KernelAttentionGradients;

/// The weights, softmax(queries · keysᵀ · scale), and out, weights · values.
void KindlingAttention(KernelType type, const KernelAttention *_Nonnull attention,
                       const KernelAttentionArrays *_Nonnull arrays);
/// From the gradient of out and the weights, the gradients of queries, keys and values.
void KindlingAttentionGradient(KernelType type, const KernelAttention *_Nonnull attention,
                               const KernelAttentionArrays *_Nonnull arrays,
                               const KernelAttentionGradients *_Nonnull gradients);

// MARK: Movement

/// out = x, converted from one type to another (float to integer cuts towards zero, anything to bool asks whether it is
/// not 0).
void KindlingCopy(KernelType from, KernelType to, const KernelShape *_Nonnull shape, KernelOperand x,
                  KernelOperand out);

/// out[i][j][k] = x[index[i][j][k]][j][k], for dimension 0; `shape` is that of index and out, `size` is x's along
/// `dimension`. Returns the first index outside 0..<size, or -1 where all are inside; out is then incomplete.
/// (A bad index that is itself -1 is returned as INT64_MIN.)
int64_t KindlingGather(KernelType type, const KernelShape *_Nonnull shape, int32_t dimension, int64_t size,
                       KernelOperand x, KernelOperand index, KernelOperand out);

/// out[index[i][j][k]][j][k] = source[i][j][k], or += where `add`; `shape` is that of index and source. Repeated
/// indices are added in row-major order. Returns as KindlingGather; a bad index leaves out untouched.
int64_t KindlingScatter(KernelType type, bool add, const KernelShape *_Nonnull shape, int32_t dimension, int64_t size,
                        KernelOperand source, KernelOperand index, KernelOperand out);

// MARK: Random numbers

/// Turns `blocks` of 16 numbers, uniform over [0, 1), into normal ones in place: of each block the first eight are
/// distances, the others angles; eight cosines come out, then eight sines. PyTorch's numbers, on any processor.
void KindlingNormalBlocks(int64_t blocks, float *_Nonnull values, float mean, float deviation);

// MARK: Optimizer steps, each over `count` contiguous elements in one pass, float32 and float64

/// Arrays of what is remembered of the parameter, in the order in which steps.h has them; NULL where there is none.
typedef struct KernelMemory {
  void *_Nullable first, *_Nullable second, *_Nullable third;
} KernelMemory;

/// `options` is the structure of that row of optimizers.h.
void KindlingOptimizerStep(OptimizerStep step, const void *_Nonnull options, KernelType type, int64_t count,
                           void *_Nonnull parameter, const void *_Nonnull gradient, KernelMemory memory);

/// Room for any step of steps.h.
typedef struct KernelStep {
  double numbers[20];
} KernelStep;
/// Makes the step that a CUDA kernel is handed: its numbers, rounded to the type. Returns how many bytes it has.
size_t KindlingMakeStep(OptimizerStep step, const void *_Nonnull options, KernelType type, KernelStep *_Nonnull made);

// MARK: Memory, threads, and what belongs to a thread

/// `byteCount` bytes aligned to 64, from a cache of freed blocks where one fits; NULL where there is no room for them.
/// 0 bytes give a valid pointer.
void *_Nullable KindlingAllocate(size_t byteCount);
void KindlingDeallocate(void *_Nonnull pointer, size_t byteCount);
/// Hands every cached block of this thread, and the shared ones, back to the system.
void KindlingTrimCache(void);
/// How much memory this machine has, in bytes, or how much of it the container that the program runs in may use. All
/// tensors together get no more: the system would grant it, and end the program when it is used.
size_t KindlingMemoryLimit(void);

typedef struct KernelMemoryStatistics {
  int64_t systemAllocations;  // how often the system was asked for memory
  int64_t allocations;        // how often a block was handed out
  int64_t bytesInUse;
} KernelMemoryStatistics;
KernelMemoryStatistics KindlingMemoryStatistics(void);

/// Keeps our own products to vectors of at most so many bytes, where this thread asks for them: 64 at first, 32 for
/// AVX2's, 16 for those of any processor. A test compares them.
void KindlingLimitProductVectors(int32_t bytes);

/// How many threads large kernels use, products among them: OpenBLAS is kept to one thread, and the pool divides its
/// work. At least 1; at first the number of processors this process may use, and never more than those at once. No
/// result depends on it.
void KindlingSetThreads(int32_t count);
int32_t KindlingThreads(void);
/// From now on it is as if there were so many processors: a test wants more threads than that.
void KindlingSetProcessors(int32_t count);

/// The instruction set the kernels run with here ("AVX-512", "AVX2", "NEON", "baseline"), and OpenBLAS's own
/// description of itself.
const char *_Nonnull KindlingInstructionSet(void);
const char *_Nonnull KindlingBLASDescription(void);

/// State of the calling thread, kept here because Swift has no thread-local variables.
typedef struct KernelThreadState {
  bool gradientsDisabled;                              // inside noGrad { }
  bool detectsAnomaly;                                 // inside detectAnomaly { }
  const void *_Nullable computing;                     // what Computing.by runs, an entry on the stack
  void *_Nullable watcher;                             // who looks on, an object of Swift's
  void *_Nullable afterBackward;                       // what a backward() that is under way is to do at its end
  void *_Nullable generator;                           // the thread's default random generator, an object of Swift's
  void (*_Nullable releaseGenerator)(void *_Nonnull);  // called with it when the thread ends
} KernelThreadState;
KernelThreadState *_Nonnull KindlingThreadState(void);

#ifdef __cplusplus
}
#endif

#endif
