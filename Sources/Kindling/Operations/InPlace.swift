import Kernels

// How an operation writes over its tensor, which may have a history, and how it refuses to.

extension Tensor {
  /// Writes this tensor over: with `write` where nothing is recorded; else with what `compute` makes of a copy of it, an
  /// ordinary recorded operation whose history becomes this tensor's. `mask` and `numbers` are for whoever watches.
  @inline(__always)
  func mutate(
    _ name: StaticString, reading other: Tensor? = nil, where mask: Tensor? = nil,
    numbers: @autoclosure () -> [Double?]? = nil, write: () -> Void, compute: (_ before: Tensor) -> Tensor
  ) {
    if !isContiguous { checkNoOverlap(name) }
    if (writesAreTracked || other?.isTracked ?? false) && isGradEnabled {
      mutateRecorded(name, compute)
    } else {
      let before = isWatched ? Watching.before(self) : nil
      write()
      storage.version &+= 1
      if let before { watched(name, [before, other, mask].compactMap { $0 }, numbers: numbers(), writes: true) }
    }
  }

  /// This operand of a write over this tensor: a copy if it looks at the same storage through another window, and would
  /// change while it is read.
  func apart(_ other: Tensor) -> Tensor {
    if other.storage !== storage { return other }
    return other.layout == layout ? other : within { other.clone() }
  }

  /// Ends the program for a tensor that `expand` made: a write would hit one element many times.
  func checkNoOverlap(_ name: StaticString) {
    if layout.overlaps {
      fail(
        "\(name)",
        "this \(shape) tensor was expanded, and several of its elements are one in memory; write to a clone()")
    }
  }

  /// A row of the binary family, written over this tensor.
  @inline(__always)
  func binaryInPlace(
    _ name: StaticString, _ operation: BinaryOperation, _ other: Tensor, _ p: Scalar = .none,
    compute: (_ before: Tensor, _ other: Tensor) -> Tensor
  ) {
    let (_, other) = Tensor.onOneDevice(self, other, name)
    let result = Tensor.resultType(self, other)
    checkCanHold(result, name)
    checkBroadcast(of: other.shape, name)
    mutate(name, reading: other, numbers: [p].shown) {
      if dtype == .bool || result != dtype {
        // In the wider type, and rounded once.
        let result = within { compute(self, other).to(dtype) }
        backend.copy(result.operand, into: operand)
      } else {
        let other = within { apart(other).to(dtype) }
        backend.binary(operation, operand, other.operand, p, .none, into: operand)
      }
    } compute: {
      // Not what is about to be written over: the rule may ask for it.
      compute($0, other === self ? $0 : other.storage === storage ? other.clone() : other)
    }
  }

  /// A row of the unary family, written over this tensor.
  @inline(__always)
  func unaryInPlace(
    _ name: StaticString, _ operation: UnaryOperation, _ number: Scalar, _ p: Scalar, _ q: Scalar = .none,
    compute: (_ before: Tensor) -> Tensor
  ) {
    checkCanHold(number.promoted(with: dtype), name)
    mutate(
      name, numbers: [number].shown,
      write: {
        // There are no rows for bools, only for the integers that they become.
        if dtype == .bool {
          let result = within { compute(self) }
          backend.copy(result.operand, into: operand)
        } else {
          backend.unary(operation, operand, p, q, into: operand)
        }
      }, compute: compute)
  }

  func checkCanHold(_ result: DType, _ name: StaticString) {
    if result.category > dtype.category {
      fail("\(name)", "the result is \(result), which cannot be written into a tensor of \(dtype)")
    }
  }

  func checkBroadcast(of other: Shape, _ name: StaticString) {
    if Shape.broadcast(shape, other) != shape {
      fail("\(name)", "shape \(other) does not broadcast to \(shape), the shape of the tensor written in place")
    }
  }
}
