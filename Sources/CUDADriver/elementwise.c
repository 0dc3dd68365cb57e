// Launching elementwise kernels.
#include <stdio.h>

#include "launch.h"

#define ROW(name, value) #name,
static const char *const unaryNames[] = {KINDLING_UNARY_ARITHMETIC(ROW) KINDLING_UNARY_FLOAT(ROW)};
static const char *const binaryNames[] = {KINDLING_BINARY_ARITHMETIC(ROW) KINDLING_BINARY_FLOAT(ROW)};
static const char *const compareNames[] = {KINDLING_COMPARE(ROW)};
#undef ROW

KindlingCUDAStatus KindlingCUDAFill(KindlingCUDADevice *device, KernelType type, const KernelShape *shape,
                                    KernelOperand out, KernelScalar value) {
  ENTER(device);
  LAYOUT(1, out.strides);
  FOURS(1, POINTERS(out.data), type);
  Scalar number = KindlingCUDAScalar(type, value);
  Entry entry;
  snprintf(entry, sizeof entry, "fill_%s", KindlingTypeName(type));
  return LAUNCH(device, entry, KindlingCUDAGridOfFours(device, count), A(out.data), A(layout), A(elements),
                TYPED(type, number));
}

KindlingCUDAStatus KindlingCUDAUnary(KindlingCUDADevice *device, UnaryOperation operation, KernelType type,
                                     const KernelShape *shape, KernelOperand x, KernelOperand out, KernelScalar p,
                                     KernelScalar q) {
  ENTER(device);
  LAYOUT(2, x.strides, out.strides);
  FOURS(2, POINTERS(x.data, out.data), type, type);
  Scalar first = KindlingCUDAScalar(type, p), second = KindlingCUDAScalar(type, q);
  Entry entry;
  snprintf(entry, sizeof entry, "unary_%s_%s", unaryNames[operation], KindlingTypeName(type));
  return LAUNCH(device, entry, KindlingCUDAGridOfFours(device, count), A(x.data), A(out.data), A(layout), A(elements),
                TYPED(type, first), TYPED(type, second));
}

KindlingCUDAStatus KindlingCUDABinary(KindlingCUDADevice *device, BinaryOperation operation, KernelType type,
                                      const KernelShape *shape, KernelOperand x, KernelOperand y, KernelOperand out,
                                      KernelScalar p, KernelScalar q) {
  ENTER(device);
  LAYOUT(3, x.strides, y.strides, out.strides);
  FOURS(3, POINTERS(x.data, y.data, out.data), type, type, type);
  Scalar first = KindlingCUDAScalar(type, p), second = KindlingCUDAScalar(type, q);
  Entry entry;
  snprintf(entry, sizeof entry, "binary_%s_%s", binaryNames[operation], KindlingTypeName(type));
  return LAUNCH(device, entry, KindlingCUDAGridOfFours(device, count), A(x.data), A(y.data), A(out.data), A(layout),
                A(elements), TYPED(type, first), TYPED(type, second));
}

/// Compares with y, or with the number where y has no data.
static KindlingCUDAStatus compare(KindlingCUDADevice *device, CompareOperation operation, KernelType type,
                                  const KernelShape *shape, KernelOperand x, KernelOperand y, KernelScalar value,
                                  KernelOperand out) {
  LAYOUT(3, x.strides, y.strides, out.strides);
  FOURS(3, POINTERS(x.data, y.data, out.data), type, type, KernelType_bool);
  Scalar number = KindlingCUDAScalar(type, value);
  Entry entry;
  snprintf(entry, sizeof entry, "compare_%s_%s", compareNames[operation], KindlingTypeName(type));
  return LAUNCH(device, entry, KindlingCUDAGridOfFours(device, count), A(x.data), A(y.data), TYPED(type, number),
                A(out.data), A(layout), A(elements));
}

KindlingCUDAStatus KindlingCUDACompare(KindlingCUDADevice *device, CompareOperation operation, KernelType type,
                                       const KernelShape *shape, KernelOperand x, KernelOperand y, KernelOperand out) {
  ENTER(device);
  return compare(device, operation, type, shape, x, y, (KernelScalar){0, 0}, out);
}

KindlingCUDAStatus KindlingCUDACompareScalar(KindlingCUDADevice *device, CompareOperation operation, KernelType type,
                                             const KernelShape *shape, KernelOperand x, KernelScalar value,
                                             KernelOperand out) {
  ENTER(device);
  return compare(device, operation, type, shape, x, (KernelOperand){NULL, {0}}, value, out);
}

KindlingCUDAStatus KindlingCUDASelect(KindlingCUDADevice *device, KernelType type, const KernelShape *shape,
                                      KernelOperand condition, KernelOperand x, KernelOperand y, KernelOperand out) {
  ENTER(device);
  LAYOUT(4, condition.strides, x.strides, y.strides, out.strides);
  FOURS(4, POINTERS(condition.data, x.data, y.data, out.data), KernelType_bool, type, type, type);
  Entry entry;
  snprintf(entry, sizeof entry, "select_%s", KindlingTypeName(type));
  return LAUNCH(device, entry, KindlingCUDAGridOfFours(device, count), A(condition.data), A(x.data), A(y.data),
                A(out.data), A(layout), A(elements));
}
