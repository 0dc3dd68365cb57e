// Puzzle 9, solved: softmax of a row.

#include "Kernels/Runtime/cuda.h"

constexpr int threads = 128;  // of a block

ENTRY(puzzle_softmax, (const Cell<float> *x, Cell<float> *out, int columns)) {
  SHARED(float, partial, [threads]);
  int t = threadIdx.x, row = blockIdx.x * columns;

  float largest = -INFINITY;
  for (int c = t; c < columns; c += threads) largest = fmaxf(largest, x[row + c]);
  partial[t] = largest;
  __syncthreads();
  for (int distance = threads / 2; distance > 0; distance /= 2) {
    if (t < distance) partial[t] = fmaxf(partial[t], partial[t + distance]);
    __syncthreads();
  }
  largest = partial[0];
  __syncthreads();  // everybody has the largest; partial is free again

  float sum = 0;
  for (int c = t; c < columns; c += threads) sum += expf(x[row + c] - largest);
  partial[t] = sum;
  __syncthreads();
  for (int distance = threads / 2; distance > 0; distance /= 2) {
    if (t < distance) partial[t] += partial[t + distance];
    __syncthreads();
  }

  for (int c = t; c < columns; c += threads) out[row + c] = expf(x[row + c] - largest) / partial[0];
}
