// argmax and argmin.
#ifndef KINDLING_POSITIONS_H
#define KINDLING_POSITIONS_H

#include "../Runtime/walk.h"

namespace kindling {

/// The position of the extreme among the `count` contiguous elements at each element of the tile; operand 0 is out
/// (int64), operand 1 is x.
void findInRows(ReduceOperation operation, KernelType type, const Tile<2> &tile, int64_t count);

/// The same for each of up to 256 columns that lie side by side.
void findInColumns(ReduceOperation operation, KernelType type, const void *x, int64_t rows, int64_t rowStride,
                   int64_t columns, void *out, int64_t outStride);

}  // namespace kindling

#endif
