// From a KernelType to the C++ type of its elements.
#ifndef KINDLING_WITH_TYPE_H
#define KINDLING_WITH_TYPE_H

#include <cstdint>
#include <type_traits>

#include "../include/kernels.h"
#include "clones.h"
#include "fatal.h"

namespace kindling {

template <typename T>
struct Named {
  using Type = T;
};

[[noreturn]] inline void unsupported(const char *kernel, KernelType type) {
  fatal("%s does not take %s.", kernel, KindlingTypeName(type));
}

#define ROW(name, T, ...) \
  case KernelType_##name: \
    return body(Named<T>());

/// Calls body(Named<T>()) with the type's T.
template <typename Body>
KINDLING_INLINE auto withType(KernelType type, Body &&body) {
  switch (type) { KINDLING_TYPES(ROW) }
  fatal("there is no element type number %d.", int(type));
}

/// The same for a kernel that does not take bool.
template <typename Body>
KINDLING_INLINE auto withNumberType(const char *kernel, KernelType type, Body &&body) {
  switch (type) {
    KINDLING_NUMBER_TYPES(ROW)
    default:
      unsupported(kernel, type);
  }
}

/// The same for a kernel that takes floating-point numbers only.
template <typename Body>
KINDLING_INLINE auto withFloatType(const char *kernel, KernelType type, Body &&body) {
  switch (type) {
    KINDLING_FLOAT_TYPES(ROW)
    default:
      unsupported(kernel, type);
  }
}

#undef ROW

template <typename T>
KINDLING_INLINE T scalarAs(KernelScalar scalar) {
  if constexpr (std::is_floating_point_v<T>) return T(scalar.real);
  return T(scalar.integer);
}

template <typename T>
struct Wrap {
  using Type = T;
};
#define ROW(name, T, ...)                 \
  template <>                             \
  struct Wrap<T> {                        \
    using Type = std::make_unsigned_t<T>; \
  };
KINDLING_INTEGER_TYPES(ROW)
#undef ROW
/// What sums and products of T are computed with. Integers wrap around, which C++ allows to unsigned ones only.
template <typename T>
using Wrapping = typename Wrap<T>::Type;

/// An unsigned number as large as T, for kernels that move bits and do not look at them.
template <typename T>
using Bits = std::conditional_t<
    sizeof(T) == 8, uint64_t,
    std::conditional_t<sizeof(T) == 4, uint32_t, std::conditional_t<sizeof(T) == 2, uint16_t, uint8_t>>>;

}  // namespace kindling

#endif
