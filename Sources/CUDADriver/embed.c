// The kernels, inside the program: the modules of build-ptx one behind the other, each with a 0 after it. Those of
// float32, which are asked for most, come first.
#include <string.h>

#include "include/CUDADriver.h"

#pragma clang diagnostic ignored "-Wc23-extensions"
static const char modules[] = {
#embed "../Kernels/Elementwise/float32.ptx" suffix(, 0, )
#embed "../Kernels/Reduction/float32.ptx" suffix(, 0, )
#embed "../Kernels/Matmul/float32.ptx" suffix(, 0, )
#embed "../Kernels/Movement/float32.ptx" suffix(, 0, )
#embed "../Kernels/Random/float32.ptx" suffix(, 0, )
#embed "../Kernels/Optimizer/float32.ptx" suffix(, 0, )
#embed "../Kernels/Elementwise/float64.ptx" suffix(, 0, )
#embed "../Kernels/Reduction/float64.ptx" suffix(, 0, )
#embed "../Kernels/Matmul/float64.ptx" suffix(, 0, )
#embed "../Kernels/Movement/float64.ptx" suffix(, 0, )
#embed "../Kernels/Random/float64.ptx" suffix(, 0, )
#embed "../Kernels/Optimizer/float64.ptx" suffix(, 0, )
#embed "../Kernels/Elementwise/int64.ptx" suffix(, 0, )
#embed "../Kernels/Reduction/int64.ptx" suffix(, 0, )
#embed "../Kernels/Matmul/int64.ptx" suffix(, 0, )
#embed "../Kernels/Movement/int64.ptx" suffix(, 0, )
#embed "../Kernels/Elementwise/bool.ptx" suffix(, 0, )
#embed "../Kernels/Reduction/bool.ptx" suffix(, 0, )
#embed "../Kernels/Movement/bool.ptx" suffix(, 0, )
};

const char *KindlingCUDAPTX(int32_t number) {
  const char *module = modules;
  for (; number > 0 && module < modules + sizeof modules; --number) module += strlen(module) + 1;
  return module < modules + sizeof modules ? module : NULL;
}
