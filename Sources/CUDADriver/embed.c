// The kernels, inside the program: the modules of build-ptx one behind the other, each with a 0 after it.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launch.h"

#pragma clang diagnostic ignored "-Wc23-extensions"
static const char modules[] = {
#include "../Kernels/modules.inc"
};

const char *KindlingCUDAPTX(int32_t number) {
  const char *module = modules;
  for (; number > 0 && module < modules + sizeof modules; --number) module += strlen(module) + 1;
  return module < modules + sizeof modules ? module : NULL;
}

/// Kernels stand one behind the other in their module, after what they share: its head, variables and functions.
char *KindlingCUDAPTXOf(const char *entry) {
  static const char entryBegins[] = ".visible .entry ", entryEnds[] = "\n}\n";
  char begin[128];
  snprintf(begin, sizeof begin, "%s%s(", entryBegins, entry);
  const char *module, *kernel = NULL;
  for (int32_t n = 0; !kernel && (module = KindlingCUDAPTX(n)); ++n) kernel = strstr(module, begin);
  if (!kernel) return NULL;
  int shared = (int)(strstr(module, entryBegins) - module);
  int length = (int)(strstr(kernel, entryEnds) + strlen(entryEnds) - kernel);
  char *ptx = malloc((size_t)shared + (size_t)length + 1);
  if (!ptx) abort();
  sprintf(ptx, "%.*s%.*s", shared, module, length, kernel);
  return ptx;
}
