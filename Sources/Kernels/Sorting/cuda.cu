// Sorting for CUDA, by merging: a block sorts a run of up to 1,024 elements in shared memory; then two neighbouring
// runs become one, in global memory, until a row is a single run.
//
//     runs            |----|----|----|----|--|
//     first merge     |---------|---------|--|
//     second merge    |-------------------|--|
//     third merge     |----------------------|
//
// What is sorted are the keys, copies of the elements, and with each the place that it had in its row.
#include "../Runtime/cuda.h"

/// Whether a stands before b. NaN, which differs from itself, counts as larger than any number.
template <typename T>
__device__ bool standsBefore(T a, T b, int32_t descending) {
  if (descending) return b < a || (a != a && b == b);
  return a < b || (b != b && a == a);
}

/// Runs of `width` elements, a power of two up to 1,024; a block of t threads takes 2 t elements, and so 2 t / width
/// runs. The last run of a row may have fewer.
///
/// Batcher's bitonic network: which pairs are compared does not depend on the numbers, so that all threads compare a
/// pair each, wait for the others, and go on to the next. From sorted pairs it makes fours, from fours eights, and so
/// on, and to do so compares each element with its mirror image first, and then with those at half the distance, a
/// quarter, …, 1:
///
///     1 4 | 2 3      mirrored:      1 with 3, 4 with 2      1 2 4 3
///     1 2 4 3        distance 1:    1 with 2, 4 with 3      1 2 3 4
///
/// Such a network leaves equal elements in any order. That they keep theirs is why the places are compared as well.
template <typename T>
__device__ void sortRuns(const Cell<T> *x, Cell<T> *keys, Cell<int64_t> *index, int64_t rows, int64_t columns,
                         int32_t width, int32_t descending) {
  SHARED(T, values, [1024]);
  SHARED(int32_t, places, [1024]);
  int32_t thread = threadIdx.x, threads = blockDim.x;
  int64_t runsOfRow = (columns + width - 1) / width;

  // Where element i of the block lies in x, or -1. One that is not there gets a place behind all others.
  auto place = [=](int32_t i) {
    int64_t run = static_cast<int64_t>(blockIdx.x) * (2 * threads / width) + i / width;
    int64_t row = run / runsOfRow, column = run % runsOfRow * width + i % width;
    return row < rows && column < columns ? row * columns + column : -1;
  };
  for (int32_t i = thread; i < 2 * threads; i += threads) {
    int64_t at = place(i);
    values[i] = at < 0 ? T(0) : T(x[at]);
    places[i] = at < 0 ? width : i % width;
  }

  for (int32_t size = 2; size <= width; size *= 2) {
    for (int32_t distance = size / 2; distance > 0; distance /= 2) {
      __syncthreads();
      int32_t low = 2 * thread - (thread & (distance - 1));  // thread % distance
      int32_t high = distance == size / 2 ? low ^ (size - 1) : low + distance;
      T lowValue = values[low], highValue = values[high];
      int32_t lowPlace = places[low], highPlace = places[high];
      bool isBehind = lowPlace == width || standsBefore(highValue, lowValue, descending) ||
                      (!standsBefore(lowValue, highValue, descending) && highPlace < lowPlace);
      if (highPlace != width && isBehind) {
        values[low] = highValue, values[high] = lowValue;
        places[low] = highPlace, places[high] = lowPlace;
      }
    }
  }
  __syncthreads();

  for (int32_t i = thread; i < 2 * threads; i += threads) {
    int64_t at = place(i);
    if (at < 0) continue;
    index[at] = at % columns - i % width + places[i];  // from the run's place to the row's
    if (keys) keys[at] = T(values[i]);
  }
}

/// Two neighbouring runs of `length` elements become one. Each thread finds the place of an element: as many stand
/// before it as in its own run, and as a binary search counts in the other. Where two are equal, that of the left run,
/// which stood first, stays first.
template <typename T>
__device__ void mergeRuns(const Cell<T> *keys, const Cell<int64_t> *index, Cell<T> *outKeys, Cell<int64_t> *outIndex,
                          int64_t count, int64_t columns, int64_t length, int32_t descending) {
  GRID_LOOP
  for (int64_t i = globalThread(); i < count; i += globalThreads()) {
    int64_t column = i % columns, row = i - column, offset = column % (2 * length);
    bool isLeft = offset < length;
    int64_t begin = column - offset + (isLeft ? length : 0);  // of the other run
    int64_t low = begin, high = begin + length < columns ? begin + length : columns;
    T key = keys[i];
    while (low < high) {
      int64_t middle = (low + high) / 2;
      T other = keys[row + middle];
      bool isBefore = isLeft ? standsBefore(other, key, descending) : !standsBefore(key, other, descending);
      if (isBefore) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    int64_t out = i + low - begin - (isLeft ? 0 : length);
    outKeys[out] = key;
    outIndex[out] = int64_t(index[i]);
  }
}

#define SORT(suffix, T, ...)                                                                                        \
  ENTRY(sort_runs_##suffix, (const Cell<T> *x, Cell<T> *keys, Cell<int64_t> *index, int64_t rows, int64_t columns,  \
                             int32_t width, int32_t descending)) {                                                  \
    sortRuns<T>(x, keys, index, rows, columns, width, descending);                                                  \
  }                                                                                                                 \
  ENTRY(sort_merge_##suffix,                                                                                        \
        (const Cell<T> *keys, const Cell<int64_t> *index, Cell<T> *outKeys, Cell<int64_t> *outIndex, int64_t count, \
         int64_t columns, int64_t length, int32_t descending)) {                                                    \
    mergeRuns<T>(keys, index, outKeys, outIndex, count, columns, length, descending);                               \
  }
KINDLING_TYPES(SORT)
