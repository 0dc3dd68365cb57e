// Puzzle 9, solved: softmax of a row.

#include "Kernels/Runtime/cuda.h"

ENTRY(puzzle_softmax, (const Cell<float> *x, Cell<float> *out, int columns)) {
  SHARED(float, partial, [128]);
  int t = threadIdx.x, row = blockIdx.x * columns;

  float largest = -INFINITY;
  for (int c = t; c < columns; c += 128) largest = fmaxf(largest, x[row + c]);
  partial[t] = largest;
  __syncthreads();
  for (int distance = 64; distance > 0; distance /= 2) {
    if (t < distance) partial[t] = fmaxf(partial[t], partial[t + distance]);
    __syncthreads();
  }
  largest = partial[0];
  __syncthreads();  // everybody has the largest; partial is free again

  float sum = 0;
  for (int c = t; c < columns; c += 128) sum += expf(x[row + c] - largest);
  partial[t] = sum;
  __syncthreads();
  for (int distance = 64; distance > 0; distance /= 2) {
    if (t < distance) partial[t] += partial[t + distance];
    __syncthreads();
  }

  for (int c = t; c < columns; c += 128) out[row + c] = expf(x[row + c] - largest) / partial[0];
}
