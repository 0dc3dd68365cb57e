// Copies, gathers and scatters for CUDA.
#include "../Elementwise/cuda-math.h"
#include "../Runtime/cuda.h"

// MARK: Copy, from any strides to any strides and from any type to any type

template <typename To, typename From>
struct Convert {
  static __device__ To of(From x) { return To(x); }
};
template <typename From>
struct Convert<bool, From> {
  static __device__ bool of(From x) { return x != 0; }
};
/// Cut towards zero. What the integer cannot hold becomes the smallest one, as on x86; a GPU by itself would take the
/// nearest.
template <typename To, typename From>
struct Cut {
  static __device__ To of(From x) {
    constexpr From lowest = From(Limits<To>::lowest());  // -2^31 or -2^63
    return x >= lowest && x < -lowest ? To(x) : Limits<To>::lowest();
  }
};
#define ROW(name, T, ...)                      \
  template <>                                  \
  struct Convert<T, float> : Cut<T, float> {}; \
  template <>                                  \
  struct Convert<T, double> : Cut<T, double> {};
KINDLING_INTEGER_TYPES(ROW)
#undef ROW

#define COPY(to, To, from, From)                                                                           \
  ENTRY(copy_##from##_##to,                                                                                \
        (const Cell<From> *x, Cell<To> *out, const __grid_constant__ CUDALayout layout, uint32_t count)) { \
    walk<2>(layout, count, [=](const Elements<2> &at) {                                                    \
      at.store<To>(1, out, eachOf<To>(Convert<To, From>::of, at.load<From>(0, x)));                        \
    });                                                                                                    \
  }
#define COPIES(from, From, ...) KINDLING_TYPES_WITHIN(COPY, from, From)
KINDLING_TYPES(COPIES)
#define ONE(...) +1
static_assert(KINDLING_TYPES(ONE) == KINDLING_TYPES_WITHIN(ONE), "each type must stand in both lists");
#undef ONE

// MARK: Transposed copy

/// out[r][c] = x[c][r] for a batch of matrices. Element by element, either the reads or the writes of neighbouring
/// threads would lie far apart. Through a tile in shared memory both lie side by side: it is filled row by row and
/// emptied column by column. Grid: (rows of x / 32, columns of x / 32, batch); block: (32, 8), so that each thread
/// moves four elements.
template <typename T>
__device__ void transposeTiles(const Cell<T> *x, Cell<T> *out, int64_t rows, int64_t columns, int64_t xStride,
                               int64_t outStride, int64_t xBatch, int64_t outBatch) {
  SHARED(T, tile, [32][33]);  // 33: a column of the tile lies in 32 different memory banks
  int64_t row = static_cast<int64_t>(blockIdx.x) * 32, column = static_cast<int64_t>(blockIdx.y) * 32;
  x += blockIdx.z * xBatch;
  out += blockIdx.z * outBatch;
  int tx = threadIdx.x;
  for (int i = threadIdx.y; i < 32; i += 8) {
    if (row + i < rows && column + tx < columns) tile[i][tx] = x[(row + i) * xStride + column + tx];
  }
  __syncthreads();
  for (int i = threadIdx.y; i < 32; i += 8) {
    if (row + tx < rows && column + i < columns) out[(column + i) * outStride + row + tx] = tile[tx][i];
  }
}

#define TRANSPOSE(suffix, T, ...)                                                                            \
  ENTRY(transpose_##suffix, (const Cell<T> *x, Cell<T> *out, int64_t rows, int64_t columns, int64_t xStride, \
                             int64_t outStride, int64_t xBatch, int64_t outBatch)) {                         \
    transposeTiles<T>(x, out, rows, columns, xStride, outStride, xBatch, outBatch);                          \
  }
KINDLING_TYPES(TRANSPOSE)

// MARK: Gather and scatter

/// Leaves a note for the host: it cannot be told now, since it has long gone on.
__device__ inline bool isInside(int64_t index, int64_t size, CUDAIndexTrap *trap, bool isScatter) {
  if (index >= 0 && index < size) return true;
  if (atomicCAS(&trap->raised, 0, 1) == 0) {  // the first one only
    trap->isScatter = isScatter;
    trap->index = index;
    trap->size = size;
  }
  return false;
}

/// Operands of the layout: index, out, x (with a stride of 0 along the dimension, where `stride` steps instead).
template <typename T>
__device__ void gatherElements(const Cell<T> *x, const Cell<int64_t> *index, Cell<T> *out, const CUDALayout &layout,
                               uint32_t count, int64_t size, int64_t stride, CUDAIndexTrap *trap) {
  GRID_LOOP
  for (int64_t i = globalThread(); i < count; i += globalThreads()) {
    Offsets<3> at(layout, static_cast<uint32_t>(i));
    int64_t position = index[at.of[0]];
    if (isInside(position, size, trap, false)) out[at.of[1]] = x[at.of[2] + position * stride];
  }
}

/// Operands of the layout: index, source, out (as x above). Where several elements go to one place, any of them may
/// win.
template <typename T>
__device__ void scatterElements(const Cell<T> *source, const Cell<int64_t> *index, Cell<T> *out,
                                const CUDALayout &layout, uint32_t count, int64_t size, int64_t stride,
                                CUDAIndexTrap *trap) {
  GRID_LOOP
  for (int64_t i = globalThread(); i < count; i += globalThreads()) {
    Offsets<3> at(layout, static_cast<uint32_t>(i));
    int64_t position = index[at.of[0]];
    if (isInside(position, size, trap, true)) setFreely(out + at.of[2] + position * stride, T(source[at.of[1]]));
  }
}

/// Two threads that both read a sum, add to it and write it back would lose one of the two. An atomic addition is
/// carried out in one piece, by the memory itself. In which order is anybody's guess, and so are the last bits of a
/// float sum.
template <typename T>
__device__ void scatterAddElements(const Cell<T> *source, const Cell<int64_t> *index, Cell<T> *out,
                                   const CUDALayout &layout, uint32_t count, int64_t size, int64_t stride,
                                   CUDAIndexTrap *trap) {
  GRID_LOOP
  for (int64_t i = globalThread(); i < count; i += globalThreads()) {
    Offsets<3> at(layout, static_cast<uint32_t>(i));
    int64_t position = index[at.of[0]];
    if (isInside(position, size, trap, true)) addAtomically(out + at.of[2] + position * stride, source[at.of[1]]);
  }
}

#define INDEXED(name, function, suffix, T, first)                                                                   \
  ENTRY(name##_##suffix,                                                                                            \
        (const Cell<T> *first, const Cell<int64_t> *index, Cell<T> *out, const __grid_constant__ CUDALayout layout, \
         uint32_t count, int64_t size, int64_t stride, CUDAIndexTrap *trap)) {                                      \
    function<T>(first, index, out, layout, count, size, stride, trap);                                              \
  }
#define INDEXED_ALL(suffix, T, ...)                    \
  INDEXED(gather, gatherElements, suffix, T, x)        \
  INDEXED(scatter, scatterElements, suffix, T, source) \
  INDEXED(scatterAdd, scatterAddElements, suffix, T, source)
KINDLING_TYPES(INDEXED_ALL)
