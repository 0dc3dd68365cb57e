// The little that the runtime asks of OpenBLAS.
#ifndef KINDLING_BLAS_H
#define KINDLING_BLAS_H

#include <cstdint>

namespace kindling {

void setBLASThreads(int32_t count);

}  // namespace kindling

#endif
