// Launching sorts: runs that a block sorts, then merges until a row is one run.
#include <stdio.h>

#include "launch.h"

/// Rows to sort, and the runs that they are first sorted in.
typedef struct Sort {
  KernelType type;
  int64_t rows, columns;
  int32_t width, descending;
} Sort;

/// A thread for every two elements, as far as a block has room.
static KindlingCUDAStatus sortRuns(KindlingCUDADevice *device, const Sort *s, const void *x, void *keys, void *index) {
  int64_t elements = s->rows * ((s->columns + s->width - 1) / s->width) * s->width;
  uint32_t threads = 32;
  while (threads < 512 && 2 * threads < elements) threads *= 2;
  Grid grid = {{(uint32_t)((elements + 2 * threads - 1) / (2 * threads)), 1, 1}, {threads, 1, 1}};
  Entry entry;
  snprintf(entry, sizeof entry, "sort_runs_%s", KindlingTypeName(s->type));
  return LAUNCH(device, entry, grid, A(x), A(keys), A(index), A(s->rows), A(s->columns), A(s->width), A(s->descending));
}

static KindlingCUDAStatus mergeRuns(KindlingCUDADevice *device, const Sort *s, int64_t length, const void *keys,
                                    const void *index, void *outKeys, void *outIndex) {
  int64_t count = s->rows * s->columns;
  Entry entry;
  snprintf(entry, sizeof entry, "sort_merge_%s", KindlingTypeName(s->type));
  return LAUNCH(device, entry, KindlingCUDAGridFor(device, count, 256), A(keys), A(index), A(outKeys), A(outIndex),
                A(count), A(s->columns), A(length), A(s->descending));
}

/// A merge cannot write where it reads: keys and places go from one array to another and back, in such a way that the
/// last places are written to indices[0].
static KindlingCUDAStatus sortLongRows(KindlingCUDADevice *device, const Sort *s, const void *x, void *const keys[2],
                                       void *const indices[2]) {
  int now = 0;
  for (int64_t length = s->width; length < s->columns; length *= 2) now = 1 - now;
  CALL(sortRuns(device, s, x, keys[now], indices[now]));
  for (int64_t length = s->width; length < s->columns; length *= 2, now = 1 - now) {
    CALL(mergeRuns(device, s, length, keys[now], indices[now], keys[1 - now], indices[1 - now]));
  }
  return KindlingCUDAStatus_success;
}

KindlingCUDAStatus KindlingCUDAArgsort(KindlingCUDADevice *device, KernelType type, int64_t rows, int64_t columns,
                                       bool descending, const void *x, void *index) {
  ENTER(device);
  if (rows == 0 || columns == 0) return KindlingCUDAStatus_success;
  Sort s = {.type = type, .rows = rows, .columns = columns, .width = 2, .descending = descending};
  while (s.width < columns && s.width < 1024) s.width *= 2;
  if (columns <= s.width) return sortRuns(device, &s, x, NULL, index);

  size_t count = (size_t)(rows * columns), keyBytes = count * (size_t)KindlingTypeSize(type);
  const size_t sizes[] = {keyBytes, keyBytes, count * sizeof(int64_t)};
  void *scratch[3] = {NULL};
  KindlingCUDAStatus status = KindlingCUDAStatus_success;
  for (int i = 0; i < 3 && status == KindlingCUDAStatus_success; ++i) {
    status = KindlingCUDAAllocate(device, sizes[i], &scratch[i]);
  }
  if (status == KindlingCUDAStatus_success) {
    status = sortLongRows(device, &s, x, scratch, (void *const[]){index, scratch[2]});
  }
  for (int i = 0; i < 3; ++i) {
    KindlingCUDAStatus freed = scratch[i] ? KindlingCUDAFree(device, scratch[i]) : KindlingCUDAStatus_success;
    if (status == KindlingCUDAStatus_success) status = freed;
  }
  return status;
}
