import Kernels

// How an operation is made from a kernel's row and the derivative that stands beside it.

extension Tensor {
  /// This tensor as an operand of an operation for real numbers: integers and bools become float32.
  final var floating: Tensor { dtype.isFloatingPoint ? self : to(.float32) }

  /// This tensor as an operand of arithmetic: bools become int64.
  final var numeric: Tensor { dtype == .bool ? to(.int64) : self }

  /// A row of the unary family applied to every element. The caller has seen to the element type.
  @inline(__always)
  final func unary(
    _ name: StaticString, _ operation: UnaryOperation, _ p: Scalar = .none, _ q: Scalar = .none, _ rule: @escaping Rule
  ) -> Tensor {
    let out = Tensor(uninitialized: layout.packed, dtype, backend)
    backend.unary(operation, operand, p, q, into: out.operand)
    return out.recorded(name, self, rule)
  }

  /// A row of the binary family applied to every pair of elements, after promotion and broadcasting.
  @inline(__always)
  final func binary(
    _ name: StaticString, _ operation: BinaryOperation, _ other: Tensor, p: Scalar = .none, q: Scalar = .none,
    _ dx: @escaping Rule, _ dy: @escaping Rule
  ) -> Tensor {
    let backend = backend
    if dtype == other.dtype && shape == other.shape && backend === other.storage.backend {  // nothing to be seen to
      let out = Tensor(uninitialized: layout.packed, dtype, backend)
      backend.binary(operation, operand, other.operand, p, q, into: out.operand)
      return out.recorded(name, self, other, dx, dy)
    }
    let (x, y) = Tensor.promoted(self, other, name)
    let shape = Shape.broadcast(x.shape, y.shape, in: "\(name)")
    let out = Tensor(uninitialized: x.layout.packed(shape), x.dtype, x.backend)
    out.backend.binary(operation, x.operand, y.operand, p, q, into: out.operand)
    return out.recorded(name, x, y, dx, dy)
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

  // MARK: In place

  /// Writes this tensor over: with `write` where nothing is recorded; else with what `compute` makes of a copy of it, an
  /// ordinary recorded operation whose history becomes this tensor's.
  @inline(__always)
  final func mutate(
    _ name: StaticString, reading other: Tensor? = nil, write: () -> Void, compute: (_ before: Tensor) -> Tensor
  ) {
    if !isContiguous { checkNoOverlap(name) }
    if (writesAreTracked || other?.isTracked ?? false) && isGradEnabled {
      mutateRecorded(name, compute)
    } else {
      let before = isWatched ? unwatched { noGrad { clone() } } : nil
      write()
      storage.version &+= 1
      if let before { watched(name, [before] + (other.map { [$0] } ?? [])) }
    }
  }

  /// This operand of a write over this tensor: a copy if it looks at the same storage through another window, and would
  /// change while it is read.
  final func apart(_ other: Tensor) -> Tensor {
    if other.storage !== storage { return other }
    return other.layout == layout ? other : noGrad { other.clone() }
  }

  /// Ends the program for a tensor that `expand` made: a write would hit one element many times.
  final func checkNoOverlap(_ name: StaticString) {
    if layout.overlaps {
      fail(
        "\(name)",
        "this \(shape) tensor was expanded, and several of its elements are one in memory; write to a clone()")
    }
  }

  /// A row of the binary family, written over this tensor.
  @inline(__always)
  final func binaryInPlace(
    _ name: StaticString, _ operation: BinaryOperation, _ other: Tensor, _ p: Scalar = .none,
    compute: (_ before: Tensor, _ other: Tensor) -> Tensor
  ) {
    let (_, other) = Tensor.onOneDevice(self, other, name)
    let result = Tensor.resultType(self, other)
    checkCanHold(result, name)
    checkBroadcast(of: other.shape, name)
    mutate(name, reading: other) {
      if dtype == .bool {
        let result = compute(self, other)
        backend.copy(result.operand, into: operand)
      } else {
        let other = noGrad { apart(other).to(dtype) }
        backend.binary(operation, operand, other.operand, p, .none, into: operand)
      }
    } compute: {
      // Not what is about to be written over: the rule may ask for it.
      compute($0, other === self ? $0 : other.storage === storage ? other.clone() : other)
    }
  }

  /// A row of the unary family, written over this tensor.
  @inline(__always)
  final func unaryInPlace(
    _ name: StaticString, _ operation: UnaryOperation, _ number: Scalar, _ p: Scalar, _ q: Scalar = .none,
    compute: (_ before: Tensor) -> Tensor
  ) {
    checkCanHold(number.promoted(with: dtype), name)
    mutate(
      name,
      write: {
        // There are no rows for bools, only for the integers that they become.
        if dtype == .bool {
          let result = compute(self)
          backend.copy(result.operand, into: operand)
        } else {
          backend.unary(operation, operand, p, q, into: operand)
        }
      }, compute: compute)
  }

  final func checkCanHold(_ result: DType, _ name: StaticString) {
    if result.category > dtype.category {
      fail("\(name)", "the result is \(result), which cannot be written into a tensor of \(dtype)")
    }
  }

  final func checkBroadcast(of other: Shape, _ name: StaticString) {
    if Shape.broadcast(shape, other) != shape {
      fail("\(name)", "shape \(other) does not broadcast to \(shape), the shape of the tensor written in place")
    }
  }
}
