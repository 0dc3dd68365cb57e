// The kernels, inside the program.
#include "include/CUDADriver.h"

#pragma clang diagnostic ignored "-Wc23-extensions"
static const char ptx[] = {
#embed "../Kernels/kernels.ptx" suffix(, 0)
};

const char *KindlingCUDAPTX(void) { return ptx; }
