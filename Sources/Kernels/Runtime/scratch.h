// Memory for the length of one call.
#ifndef KINDLING_SCRATCH_H
#define KINDLING_SCRATCH_H

#include "../include/kernels.h"
#include "fatal.h"

namespace kindling {

/// At most one block, handed back at the end of the scope.
class Scratch {
 public:
  Scratch() = default;
  Scratch(const Scratch &) = delete;
  ~Scratch() {
    if (data) KindlingDeallocate(data, size);
  }
  /// The first call allocates; later ones give the same block.
  void *ofSize(size_t byteCount) {
    if (!data) data = KindlingAllocate(size = byteCount);
    if (!data)
      fatal("out of memory: there is no room for the %zu bytes that an operation needs beside its result.", size);
    return data;
  }

 private:
  void *data = nullptr;
  size_t size = 0;
};

}  // namespace kindling

#endif
