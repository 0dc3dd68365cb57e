// Reductions for CUDA: along the last axis, along another one, and along any set of axes.
//
// A sum in float32 loses digits where one running total swallows a million small numbers. Here no total gets that long:
// each thread adds a share, and the shares are added in a tree, which keeps the error near that of a single addition.
#include "cuda-fold.h"
#include "reductions.h"

// MARK: Along the last axis: the folded elements lie side by side

/// Grid: (rows / blockDim.y, shares). Thread x of a row takes elements x, x + blockDim.x, …, so that neighbouring
/// threads read neighbouring elements. Where there are few rows and long ones, each is cut into gridDim.y shares, and a
/// second launch folds those: out is then [rows, shares].
template <typename F>
__device__ void foldRows(const Cell<typename F::Element> *x, Cell<typename F::Result> *out, int64_t rows,
                         int64_t columns, int64_t rowStride, int64_t share) {
  int64_t row = static_cast<int64_t>(blockIdx.x) * blockDim.y + threadIdx.y;
  int64_t begin = blockIdx.y * share, end = begin + share < columns ? begin + share : columns;
  typename F::Value value = F::start();
  if (row < rows) {
#pragma unroll 4
    for (int64_t i = begin + threadIdx.x; i < end; i += blockDim.x) {
      value = F::join(value, F::enter(x[row * rowStride + i], i));
    }
  }
  value = foldRow<F>(value);  // all threads take part, those without a row too: a barrier is inside
  if (threadIdx.x == 0 && row < rows) out[row * gridDim.y + blockIdx.y] = F::leave(value);
}

// MARK: Along another axis: neighbouring results lie side by side

/// x is [batch, rows, columns], out is [batch, shares, columns]. Grid: (columns / 32, shares, batch); block: (32, 8).
/// Thread (tx, ty) walks down column tx from row ty in steps of 8: again neighbouring threads read neighbouring
/// elements. Then the 8 partial results of each column are folded in shared memory.
template <typename F>
__device__ void foldColumns(const Cell<typename F::Element> *x, Cell<typename F::Result> *out, int64_t rows,
                            int64_t columns, int64_t rowStride, int64_t batchStride, int64_t share) {
  SHARED(typename F::Value, partial, [8][32]);
  int64_t column = static_cast<int64_t>(blockIdx.x) * 32 + threadIdx.x;
  int64_t begin = blockIdx.y * share, end = begin + share < rows ? begin + share : rows;
  typename F::Value value = F::start();
  if (column < columns) {
#pragma unroll 4
    for (int64_t row = begin + threadIdx.y; row < end; row += 8) {
      value = F::join(value, F::enter(x[blockIdx.z * batchStride + row * rowStride + column], row));
    }
  }
  partial[threadIdx.y][threadIdx.x] = value;
  for (uint32_t height = 4; height > 0; height /= 2) {
    __syncthreads();  // outside the `if`: every thread of the block must come here
    if (threadIdx.y < height) {
      value = F::join(value, partial[threadIdx.y + height][threadIdx.x]);
      partial[threadIdx.y][threadIdx.x] = value;
    }
  }
  if (threadIdx.y == 0 && column < columns) {
    out[(static_cast<int64_t>(blockIdx.z) * gridDim.y + blockIdx.y) * columns + column] = F::leave(value);
  }
}

// MARK: Along any set of axes, of any strides

/// A row of threads for each result. `kept` says where each result's elements start and where it goes, `folded` how to
/// walk from there. Slower, since neighbouring threads may read far apart. Cut into shares as in foldRows.
template <typename F>
__device__ void foldStrided(const Cell<typename F::Element> *x, Cell<typename F::Result> *out, const CUDALayout &kept,
                            const CUDALayout &folded, uint32_t keptCount, uint32_t foldedCount, int64_t share) {
  int64_t result = static_cast<int64_t>(blockIdx.x) * blockDim.y + threadIdx.y;
  int64_t begin = blockIdx.y * share, end = begin + share < foldedCount ? begin + share : foldedCount;
  typename F::Value value = F::start();
  Offsets<2> at(kept, result < keptCount ? static_cast<uint32_t>(result) : 0);
  if (result < keptCount) {
    GRID_LOOP
    for (int64_t i = begin + threadIdx.x; i < end; i += blockDim.x) {
      value = F::join(value, F::enter(x[at.of[0] + Offsets<1>(folded, static_cast<uint32_t>(i)).of[0]], i));
    }
  }
  value = foldRow<F>(value);
  if (threadIdx.x == 0 && result < keptCount) {
    out[gridDim.y == 1 ? at.of[1] : result * gridDim.y + blockIdx.y] = F::leave(value);
  }
}

// The fold of each row of reductions.h: fold_sum<float>, fold_argmax<int64_t>.
#define ROW(name, Fold, ...) \
  template <typename T>      \
  using fold_##name = Fold;
KINDLING_REDUCE_NUMBERS(ROW)
KINDLING_REDUCE_NORMS(ROW)
KINDLING_REDUCE_BOOLS(ROW)
#undef ROW
#define ROW(name, Fold, ...) \
  template <typename T>      \
  using fold_##name = Position<Fold>;
KINDLING_REDUCE_POSITIONS(ROW)
#undef ROW

#define REDUCE(name, Fold, suffix, T)                                                                           \
  ENTRY(reduce_##name##_##suffix##_rows, (const Cell<T> *x, Cell<fold_##name<T>::Result> *out, int64_t rows,    \
                                          int64_t columns, int64_t rowStride, int64_t share)) {                 \
    foldRows<fold_##name<T>>(x, out, rows, columns, rowStride, share);                                          \
  }                                                                                                             \
  ENTRY(reduce_##name##_##suffix##_columns,                                                                     \
        (const Cell<T> *x, Cell<fold_##name<T>::Result> *out, int64_t rows, int64_t columns, int64_t rowStride, \
         int64_t batchStride, int64_t share)) {                                                                 \
    foldColumns<fold_##name<T>>(x, out, rows, columns, rowStride, batchStride, share);                          \
  }                                                                                                             \
  ENTRY(reduce_##name##_##suffix##_strided,                                                                     \
        (const Cell<T> *x, Cell<fold_##name<T>::Result> *out, const __grid_constant__ CUDALayout kept,          \
         const __grid_constant__ CUDALayout folded, uint32_t keptCount, uint32_t foldedCount, int64_t share)) { \
    foldStrided<fold_##name<T>>(x, out, kept, folded, keptCount, foldedCount, share);                           \
  }

// MARK: Positions out of shares

/// A share of argmax leaves a position, its candidate; this finds the best of a result's candidates, whose values it
/// reads again. Candidate i of result r is candidates[(r / inner · shares + i) · inner + r % inner]: that is
/// [results, shares] with an inner of 1, and what foldColumns leaves with an inner of its columns.
template <typename F>
__device__ void foldCandidates(const Cell<typename F::Element> *x, const Cell<int64_t> *candidates, Cell<int64_t> *out,
                               const CUDALayout &kept, const CUDALayout &folded, uint32_t keptCount, uint32_t inner,
                               int64_t shares) {
  int64_t result = static_cast<int64_t>(blockIdx.x) * blockDim.y + threadIdx.y;
  typename F::Value value = F::start();
  Offsets<2> at(kept, result < keptCount ? static_cast<uint32_t>(result) : 0);
  if (result < keptCount) {
    GRID_LOOP
    for (int64_t i = threadIdx.x; i < shares; i += blockDim.x) {
      int64_t position = candidates[(result / inner * shares + i) * inner + result % inner];
      if (position == F::nowhere) continue;  // a share without elements
      int64_t offset = Offsets<1>(folded, static_cast<uint32_t>(position)).of[0];
      value = F::join(value, F::enter(x[at.of[0] + offset], position));
    }
  }
  value = foldRow<F>(value);
  if (threadIdx.x == 0 && result < keptCount) out[at.of[1]] = F::leave(value);
}

#define CANDIDATES(name, Fold, suffix, T)                                                                              \
  ENTRY(                                                                                                               \
      reduce_##name##_##suffix##_candidates,                                                                           \
      (const Cell<T> *x, const Cell<int64_t> *candidates, Cell<int64_t> *out, const __grid_constant__ CUDALayout kept, \
       const __grid_constant__ CUDALayout folded, uint32_t keptCount, uint32_t inner, int64_t shares)) {               \
    foldCandidates<fold_##name<T>>(x, candidates, out, kept, folded, keptCount, inner, shares);                        \
  }

#define SUMS(suffix, T, ...) KINDLING_REDUCE_SUMS(REDUCE, suffix, T)
KINDLING_SUM_TYPES(SUMS)
#define NORMS(suffix, T, ...) KINDLING_REDUCE_NORMS(REDUCE, suffix, T)
KINDLING_FLOAT_TYPES(NORMS)
#define EXTREMES(suffix, T, ...)               \
  KINDLING_REDUCE_EXTREMES(REDUCE, suffix, T)  \
  KINDLING_REDUCE_POSITIONS(REDUCE, suffix, T) \
  KINDLING_REDUCE_POSITIONS(CANDIDATES, suffix, T)
KINDLING_NUMBER_TYPES(EXTREMES)
#define REDUCTIONS_OF_BOOLS(suffix, T, ...) KINDLING_REDUCE_BOOLS(REDUCE, suffix, T)
KINDLING_BOOL_TYPES(REDUCTIONS_OF_BOOLS)

// MARK: Running sums and products

/// The obvious one: a thread a line, folding as it goes. Right where there are many lines and short ones.
template <typename F, typename T = typename F::Element>
__device__ void cumulateNaive(const Cell<T> *x, Cell<T> *out, const CUDALayout &lines, uint32_t lineCount, int64_t size,
                              int64_t xStride, int64_t outStride) {
  GRID_LOOP
  for (int64_t line = globalThread(); line < lineCount; line += globalThreads()) {
    Offsets<2> at(lines, static_cast<uint32_t>(line));
    T value = F::start();
    for (int64_t i = 0; i < size; ++i) {
      value = F::join(value, x[at.of[0] + i * xStride]);
      out[at.of[1] + i * outStride] = value;
    }
  }
}

/// A block of 256 threads a line, for long lines: it takes 256 elements at a time. Within a warp each lane joins to its
/// own what stands 1, 2, 4, 8 and 16 lanes before it:
///
///     a   b    c      d        …
///     a   ab   bc     cd       …      distance 1
///     a   ab   abc    abcd     …      distance 2
///
/// Then the warps learn through shared memory what the warps before them come to, and `carry` is what all chunks before
/// did.
///
/// Where there are few lines and long ones, each is cut into gridDim.y shares. `before` then has what the shares up to
/// each come to, [lines, shares]; else it is null.
template <typename F, typename T = typename F::Element>
__device__ void cumulateScan(const Cell<T> *x, Cell<T> *out, const CUDALayout &lines, int64_t size, int64_t xStride,
                             int64_t outStride, int64_t share, const Cell<T> *before) {
  SHARED(T, ofWarps, [8]);
  uint32_t lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  Offsets<2> at(lines, blockIdx.x);
  int64_t first = blockIdx.y * share, end = first + share < size ? first + share : size;
  T carry = blockIdx.y > 0 ? T(before[blockIdx.x * gridDim.y + blockIdx.y - 1]) : F::start();
  for (int64_t begin = first; begin < end; begin += 256) {
    int64_t i = begin + threadIdx.x;
    T value = i < end ? T(x[at.of[0] + i * xStride]) : F::start();
    for (uint32_t distance = 1; distance < 32; distance *= 2) {
      T other = __shfl_up_sync(everyLane, value, distance);
      if (lane >= distance) value = F::join(other, value);
    }
    if (lane == 31) ofWarps[warp] = value;
    __syncthreads();
    T chunk = F::start();
    for (uint32_t w = 0; w < 8; ++w) {
      if (w == warp) value = F::join(F::join(carry, chunk), value);
      chunk = F::join(chunk, ofWarps[w]);
    }
    if (i < end) out[at.of[1] + i * outStride] = value;
    carry = F::join(carry, chunk);
    __syncthreads();  // the next chunk writes ofWarps
  }
}

#define CUMULATE(name, Fold, suffix, T)                                                                                \
  ENTRY(cumulate_##name##_##suffix##_naive, (const Cell<T> *x, Cell<T> *out, const __grid_constant__ CUDALayout lines, \
                                             uint32_t lineCount, int64_t size, int64_t xStride, int64_t outStride)) {  \
    cumulateNaive<fold_##name<T>>(x, out, lines, lineCount, size, xStride, outStride);                                 \
  }                                                                                                                    \
  ENTRY(cumulate_##name##_##suffix##_scan,                                                                             \
        (const Cell<T> *x, Cell<T> *out, const __grid_constant__ CUDALayout lines, int64_t size, int64_t xStride,      \
         int64_t outStride, int64_t share, const Cell<T> *before)) {                                                   \
    cumulateScan<fold_##name<T>>(x, out, lines, size, xStride, outStride, share, before);                              \
  }
#define CUMULATES(suffix, T, ...) KINDLING_REDUCE_SUMS(CUMULATE, suffix, T)
KINDLING_SUM_TYPES(CUMULATES)

// MARK: Softmax

/// softmax(x)[i] = exp(x[i] - m) / Σ exp(x[j] - m), where m is the row's maximum: without it exp would overflow from 89
/// on. A row of threads for each row of x, as in foldRows; each thread reads up to `most` elements, once, and keeps
/// them in registers. The loops are unrolled, since a register has no index: `most` elements are looked at even where
/// there are fewer, so that there is a kernel for few and one for many.
template <typename T, int most>
__device__ void softmaxInRegisters(const Cell<T> *x, Cell<T> *out, int64_t rows, int64_t columns, SoftmaxKind kind) {
  int64_t row = static_cast<int64_t>(blockIdx.x) * blockDim.y + threadIdx.y;
  int present = row < rows ? static_cast<int>(columns) : 0;  // without a row it stays: the folds need every thread
  x += row * columns;
  out += row * columns;
  T values[most];
  T maximum = Maximum<T>::start(), sum = 0;
#pragma unroll
  for (int n = 0; n < most; ++n) {
    int i = n * blockDim.x + threadIdx.x;
    values[n] = i < present ? T(x[i]) : Maximum<T>::start();
    maximum = m_max(maximum, values[n]);
  }
  maximum = foldRow<Maximum<T>>(maximum);
  // A row of nothing but -∞ has no largest exponent to take off: exp(-∞ - (-∞)) is NaN, as in PyTorch.
  bool logarithm = kind == SoftmaxKind_logarithms, orZeros = kind == SoftmaxKind_sharesOrZeros;
  if (orZeros && maximum == Limits<T>::lowest()) maximum = 0;
#pragma unroll
  for (int n = 0; n < most; ++n) {
    int i = n * blockDim.x + threadIdx.x;
    T difference = values[n] - maximum, power = m_exp(difference);
    values[n] = logarithm ? difference : power;
    if (i < present) sum += power;
  }
  sum = foldRow<Sum<T>>(sum);
  if (orZeros && sum == 0) sum = 1;
  T shift = logarithm ? m_log(sum) : T(0);
#pragma unroll
  for (int n = 0; n < most; ++n) {
    int i = n * blockDim.x + threadIdx.x;
    if (i < present) out[i] = logarithm ? values[n] - shift : values[n] / sum;
  }
}

/// What comes of a row's elements from `begin` to `end`, once the row's maximum and its sum are known.
template <typename T>
__device__ void putSoftmax(const Cell<T> *x, Cell<T> *out, int64_t begin, int64_t end, T maximum, T sum,
                           SoftmaxKind kind) {
  bool logarithm = kind == SoftmaxKind_logarithms;
  if (kind == SoftmaxKind_sharesOrZeros && sum == 0) sum = 1;
  T shift = logarithm ? m_log(sum) : T(0);
  GRID_LOOP
  for (int64_t i = begin + threadIdx.x; i < end; i += blockDim.x) {
    T difference = x[i] - maximum;
    out[i] = logarithm ? difference - shift : m_exp(difference) / sum;
  }
}

/// For rows too long for registers: read three times, the second and third time mostly out of the cache. Four elements
/// are on their way at once.
template <typename T>
__device__ void softmaxInPasses(const Cell<T> *x, Cell<T> *out, int64_t columns, SoftmaxKind kind) {
  x += blockIdx.x * columns;
  out += blockIdx.x * columns;
  T maximum = Maximum<T>::start(), sum = 0;
#pragma unroll 4
  for (int64_t i = threadIdx.x; i < columns; i += blockDim.x) maximum = m_max(maximum, x[i]);
  maximum = foldRow<Maximum<T>>(maximum);
  if (kind == SoftmaxKind_sharesOrZeros && maximum == Limits<T>::lowest()) maximum = 0;
#pragma unroll 4
  for (int64_t i = threadIdx.x; i < columns; i += blockDim.x) sum += m_exp(x[i] - maximum);
  putSoftmax<T>(x, out, 0, columns, maximum, foldRow<Sum<T>>(sum), kind);
}

/// For few long rows, of which each is cut into shares, with a block for each: the maximum of every share, and its sum
/// with that maximum taken off.
template <typename T>
__device__ void softmaxOfShares(const Cell<T> *x, Cell<T> *maxima, Cell<T> *sums, int64_t columns, int64_t share) {
  int64_t begin = blockIdx.y * share, end = begin + share < columns ? begin + share : columns;
  int64_t place = static_cast<int64_t>(blockIdx.x) * gridDim.y + blockIdx.y;
  x += blockIdx.x * columns;
  T maximum = Maximum<T>::start(), sum = 0;
#pragma unroll 4
  for (int64_t i = begin + threadIdx.x; i < end; i += blockDim.x) maximum = m_max(maximum, x[i]);
  maximum = foldRow<Maximum<T>>(maximum);
  T shift = maximum == Limits<T>::lowest() ? T(0) : maximum;  // nothing but -∞ adds nothing, and not NaN
#pragma unroll 4
  for (int64_t i = begin + threadIdx.x; i < end; i += blockDim.x) sum += m_exp(x[i] - shift);
  sum = foldRow<Sum<T>>(sum);
  if (threadIdx.x != 0) return;
  maxima[place] = maximum;
  sums[place] = sum;
}

/// And then each block puts its share, with the maximum and the sum of all shares of its row.
template <typename T>
__device__ void softmaxFromShares(const Cell<T> *x, const Cell<T> *maxima, const Cell<T> *sums, Cell<T> *out,
                                  int64_t columns, int64_t share, SoftmaxKind kind) {
  int64_t begin = blockIdx.y * share, end = begin + share < columns ? begin + share : columns;
  maxima += static_cast<int64_t>(blockIdx.x) * gridDim.y;
  sums += static_cast<int64_t>(blockIdx.x) * gridDim.y;
  T maximum = Maximum<T>::start(), sum = 0;
  for (uint32_t i = threadIdx.x; i < gridDim.y; i += blockDim.x) maximum = m_max(maximum, maxima[i]);
  maximum = foldRow<Maximum<T>>(maximum);
  if (kind == SoftmaxKind_sharesOrZeros && maximum == Limits<T>::lowest()) maximum = 0;
  for (uint32_t i = threadIdx.x; i < gridDim.y; i += blockDim.x) sum += sums[i] * m_exp(maxima[i] - maximum);
  sum = foldRow<Sum<T>>(sum);
  putSoftmax<T>(x + blockIdx.x * columns, out + blockIdx.x * columns, begin, end, maximum, sum, kind);
}

#define SOFTMAX_IN_REGISTERS(suffix, T, most)                                                   \
  ENTRY_OF(1024, 1, softmax_##suffix##_##most,                                                  \
           (const Cell<T> *x, Cell<T> *out, int64_t rows, int64_t columns, SoftmaxKind kind)) { \
    softmaxInRegisters<T, most>(x, out, rows, columns, kind);                                   \
  }
#define SOFTMAX(suffix, T, ...)                                                                                     \
  SOFTMAX_IN_REGISTERS(suffix, T, 2)                                                                                \
  SOFTMAX_IN_REGISTERS(suffix, T, 8)                                                                                \
  ENTRY(softmax_##suffix##_passes, (const Cell<T> *x, Cell<T> *out, int64_t columns, SoftmaxKind kind)) {           \
    softmaxInPasses<T>(x, out, columns, kind);                                                                      \
  }                                                                                                                 \
  ENTRY(softmax_##suffix##_shares,                                                                                  \
        (const Cell<T> *x, Cell<T> *maxima, Cell<T> *sums, int64_t columns, int64_t share)) {                       \
    softmaxOfShares<T>(x, maxima, sums, columns, share);                                                            \
  }                                                                                                                 \
  ENTRY(softmax_##suffix##_fromShares, (const Cell<T> *x, const Cell<T> *maxima, const Cell<T> *sums, Cell<T> *out, \
                                        int64_t columns, int64_t share, SoftmaxKind kind)) {                        \
    softmaxFromShares<T>(x, maxima, sums, out, columns, share, kind);                                               \
  }
KINDLING_FLOAT_TYPES(SOFTMAX)
