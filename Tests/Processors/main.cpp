// Runs the kernels on this processor and compares them with plain loops: `check THREADS`. Each line of the output is a
// case: where it is to have the same bits, its name, and its bits as one number. Status 1 if a result is wrong.
#include <cblas.h>

#include <cstdlib>

#include "check.h"

// OpenBLAS has tests of its own, and there need not be one for the processor that is tried. These stand in for it, so
// that what is around its calls is tried.
namespace {

template <typename T>
void product(CBLAS_TRANSPOSE xTurned, CBLAS_TRANSPOSE yTurned, blasint m, blasint n, blasint k, const T *x,
             blasint xRow, const T *y, blasint yRow, T *out, blasint outRow) {
  for (blasint i = 0; i < m; i++) {
    for (blasint j = 0; j < n; j++) {
      T sum = 0;
      for (blasint l = 0; l < k; l++) {
        sum += (xTurned == CblasTrans ? x[l * xRow + i] : x[i * xRow + l]) *
               (yTurned == CblasTrans ? y[j * yRow + l] : y[l * yRow + j]);
      }
      out[i * outRow + j] = sum;
    }
  }
}

template <typename T>
void vectorProduct(CBLAS_TRANSPOSE turned, blasint rows, blasint columns, const T *matrix, blasint row, const T *vector,
                   blasint step, T *out, blasint outStep) {
  blasint count = turned == CblasTrans ? columns : rows, terms = turned == CblasTrans ? rows : columns;
  for (blasint i = 0; i < count; i++) {
    T sum = 0;
    for (blasint l = 0; l < terms; l++) {
      sum += (turned == CblasTrans ? matrix[l * row + i] : matrix[i * row + l]) * vector[l * step];
    }
    out[i * outStep] = sum;
  }
}

}  // namespace

extern "C" {

void cblas_sgemm(CBLAS_ORDER, CBLAS_TRANSPOSE tx, CBLAS_TRANSPOSE ty, blasint m, blasint n, blasint k, float,
                 const float *x, blasint xRow, const float *y, blasint yRow, float, float *out, blasint outRow) {
  product(tx, ty, m, n, k, x, xRow, y, yRow, out, outRow);
}
void cblas_dgemm(CBLAS_ORDER, CBLAS_TRANSPOSE tx, CBLAS_TRANSPOSE ty, blasint m, blasint n, blasint k, double,
                 const double *x, blasint xRow, const double *y, blasint yRow, double, double *out, blasint outRow) {
  product(tx, ty, m, n, k, x, xRow, y, yRow, out, outRow);
}
void cblas_sgemv(CBLAS_ORDER, CBLAS_TRANSPOSE turned, blasint rows, blasint columns, float, const float *matrix,
                 blasint row, const float *vector, blasint step, float, float *out, blasint outStep) {
  vectorProduct(turned, rows, columns, matrix, row, vector, step, out, outStep);
}
void cblas_dgemv(CBLAS_ORDER, CBLAS_TRANSPOSE turned, blasint rows, blasint columns, double, const double *matrix,
                 blasint row, const double *vector, blasint step, double, double *out, blasint outStep) {
  vectorProduct(turned, rows, columns, matrix, row, vector, step, out, outStep);
}
void openblas_set_num_threads(int) {}
char *openblas_get_config(void) {
  static char none[] = "a stand-in for OpenBLAS";
  return none;
}
char *openblas_get_corename(void) {
  static char none[] = "none";
  return none;
}

}  // extern "C"

int main(int count, char **arguments) {
  if (count > 1) KindlingSetThreads(std::atoi(arguments[1]));
  std::fprintf(stderr, "%s\n", KindlingInstructionSet());
  for (auto check : {checkElementwise, checkMovement, checkReductions, checkProducts, checkLayers}) {
    if (check) check();
  }
  if (failures > 0) std::fprintf(stderr, "%d of %d cases are wrong\n", failures, cases);
  return failures > 0;
}
