// Rows of a picture that are copied from one place to another.
#ifndef KINDLING_CONVOLUTION_ROWS_H
#define KINDLING_CONVOLUTION_ROWS_H

#include <cstdint>

namespace kindling {

/// How many rows and columns, and how far it is from one row and one column to the next.
struct Rows {
  int64_t rows, columns, xRow, xColumn, outRow, outColumn;
};

/// out[i][j] = x[i][j] + more. (With -0.0 each x stays what it is.)
void copyRows(Rows rows, const float *x, float *out, float more);
void copyRows(Rows rows, const double *x, double *out, double more);

}  // namespace kindling

#endif
