import Kernels

// How an operation is made from a kernel's row and the derivative that stands beside it.

extension Tensor {
  /// This tensor as an operand of an operation for real numbers: integers and bools become float32.
  var floating: Tensor { dtype.isFloatingPoint ? self : to(.float32) }

  /// This tensor as an operand of arithmetic: bools become int64.
  var numeric: Tensor { dtype == .bool ? to(.int64) : self }

  /// This tensor as one operand of two: bools become int64 beside other bools, and else what the other is.
  func numeric(beside other: Tensor) -> Tensor { other.dtype == .bool ? numeric : self }

  /// This tensor as what is added up: all integers, and bools, become int64.
  var summable: Tensor { dtype.isFloatingPoint ? self : to(.int64) }

  /// A row of the unary family applied to every element. The caller has seen to the element type.
  @inline(__always)
  func unary(
    _ name: StaticString, _ operation: UnaryOperation, _ p: Scalar = .none, _ q: Scalar = .none, _ rule: @escaping Rule
  ) -> Tensor {
    let out = Tensor(uninitialized: layout.packed, dtype, backend)
    backend.unary(operation, operand, p, q, into: out.operand)
    return out.recorded(name, self, numbers: [p, q].shown, rule)
  }

  /// A row of the binary family applied to every pair of elements, after promotion and broadcasting.
  @inline(__always)
  func binary(
    _ name: StaticString, _ operation: BinaryOperation, _ other: Tensor, p: Scalar = .none, q: Scalar = .none,
    _ dx: @escaping Rule, _ dy: @escaping Rule
  ) -> Tensor {
    let backend = backend
    if dtype == other.dtype && shape == other.shape && backend === other.storage.backend {  // nothing to be seen to
      let out = Tensor(uninitialized: layout.packed, dtype, backend)
      backend.binary(operation, operand, other.operand, p, q, into: out.operand)
      return out.recorded(name, self, other, numbers: [p, q].shown, dx, dy)
    }
    let (x, y) = Tensor.promoted(self, other, name)
    let shape = Shape.broadcast(x.shape, y.shape, in: "\(name)")
    let out = Tensor(uninitialized: x.layout.packed(shape), x.dtype, x.backend)
    out.backend.binary(operation, x.operand, y.operand, p, q, into: out.operand)
    return out.recorded(name, x, y, numbers: [p, q].shown, dx, dy)
  }

  /// Two operands in the type that PyTorch promotes them to, on one device.
  @inline(__always)
  static func promoted(_ x: Tensor, _ y: Tensor, _ name: StaticString) -> (Tensor, Tensor) {
    let (x, y) = onOneDevice(x, y, name)
    if x.dtype == y.dtype { return (x, y) }
    let dtype = resultType(x, y)
    return (x.to(dtype), y.to(dtype))
  }

  /// A tensor of no dimensions counts less than one that has some: it lifts the result to its category (integer,
  /// floating point), not within it.
  static func resultType(_ x: Tensor, _ y: Tensor) -> DType {
    if (x.rank == 0) == (y.rank == 0) { return DType.widest(x.dtype, y.dtype) }
    let (dimensioned, single) = x.rank == 0 ? (y.dtype, x.dtype) : (x.dtype, y.dtype)
    return single.category > dimensioned.category ? single : dimensioned
  }

  @inline(__always)
  static func onOneDevice(_ x: Tensor, _ y: Tensor, _ name: StaticString) -> (Tensor, Tensor) {
    if x.storage.backend === y.storage.backend { return (x, y) }
    // A single number on the CPU goes along to any device, as in PyTorch.
    if y.rank == 0 && y.device == .cpu { return (x, y.to(x.device)) }
    if x.rank == 0 && x.device == .cpu { return (x.to(y.device), y) }
    failDevices(x, y, name)
  }

  static func failDevices(_ x: Tensor, _ y: Tensor, _ name: StaticString) -> Never {
    fail("\(name)", "one operand is on \(x.device) and the other on \(y.device); move one with .to(_:)")
  }
}

extension [Scalar] {
  /// For whoever watches an operation.
  var shown: [Double?] { map { $0.real.isFinite ? $0.real : nil } }
}
