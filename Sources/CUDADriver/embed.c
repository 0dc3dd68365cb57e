// The kernels, inside the program: the modules of build-ptx one behind the other, each with a 0 after it.
#include <string.h>

#include "include/CUDADriver.h"

#pragma clang diagnostic ignored "-Wc23-extensions"
static const char modules[] = {
#include "../Kernels/modules.inc"
};

const char *KindlingCUDAPTX(int32_t number) {
  const char *module = modules;
  for (; number > 0 && module < modules + sizeof modules; --number) module += strlen(module) + 1;
  return module < modules + sizeof modules ? module : NULL;
}
