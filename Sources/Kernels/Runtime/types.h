// From a KernelType to the C++ type of its elements.
#ifndef KINDLING_TYPES_H
#define KINDLING_TYPES_H

#include <cstdint>

#include "../include/kernels.h"
#include "clones.h"
#include "fatal.h"

namespace kindling {

template <typename T>
struct Named {
  using Type = T;
};

/// Calls body(Named<T>()) with the type's T.
template <typename Body>
KINDLING_INLINE auto withType(KernelType type, Body &&body) {
  switch (type) {
    case KernelType_float32:
      return body(Named<float>());
    case KernelType_float64:
      return body(Named<double>());
    case KernelType_int64:
      return body(Named<int64_t>());
    case KernelType_bool:
      return body(Named<bool>());
  }
  fatal("there is no element type number %d.", int(type));
}

inline const char *nameOf(KernelType type) {
  constexpr const char *names[] = {"float32", "float64", "int64", "bool"};
  return names[type];
}

[[noreturn]] inline void unsupported(const char *kernel, KernelType type) {
  fatal("%s does not take %s.", kernel, nameOf(type));
}

template <typename T>
KINDLING_INLINE T scalarAs(KernelScalar scalar) {
  return T(scalar.real);
}
template <>
KINDLING_INLINE int64_t scalarAs<int64_t>(KernelScalar scalar) {
  return scalar.integer;
}
template <>
KINDLING_INLINE bool scalarAs<bool>(KernelScalar scalar) {
  return scalar.integer != 0;
}

}  // namespace kindling

#endif
