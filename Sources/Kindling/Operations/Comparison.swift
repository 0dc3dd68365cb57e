import Kernels

// Comparisons and choices. A comparison gives a bool tensor and has no gradient.

extension Tensor {
  private func compare(_ name: StaticString, _ operation: CompareOperation, _ other: Tensor) -> Tensor {
    let (x, y) = Tensor.promoted(self, other, name)
    let out = x.uninitialized(Shape.broadcast(x.shape, y.shape, in: "\(name)"), .bool)
    backend.compare(operation, x.operand, y.operand, into: out.operand)
    if isWatched { out.watched(name, [x, y], numbers: []) }
    return out
  }

  private func compare(_ name: StaticString, _ operation: CompareOperation, _ number: Scalar) -> Tensor {
    let x = within { promoted(for: number) }
    let out = uninitialized(shape, .bool)
    backend.compare(operation, x.operand, number, into: out.operand)
    if isWatched { out.watched(name, [self], numbers: [number.real]) }
    return out
  }

  /// Where the elements are equal.
  public static func == (x: Tensor, y: Tensor) -> Tensor { x.compare("eq", .equal, y) }
  /// Where the elements differ.
  public static func != (x: Tensor, y: Tensor) -> Tensor { x.compare("ne", .notEqual, y) }
  /// Where the left element is smaller.
  public static func < (x: Tensor, y: Tensor) -> Tensor { x.compare("lt", .less, y) }
  /// Where the left element is smaller or equal.
  public static func <= (x: Tensor, y: Tensor) -> Tensor { x.compare("le", .lessOrEqual, y) }
  /// Where the left element is larger.
  public static func > (x: Tensor, y: Tensor) -> Tensor { x.compare("gt", .greater, y) }
  /// Where the left element is larger or equal.
  public static func >= (x: Tensor, y: Tensor) -> Tensor { x.compare("ge", .greaterOrEqual, y) }

  /// Where the elements equal a number.
  public static func == <S: TensorScalar>(x: Tensor, number: S) -> Tensor { x.compare("eq", .equal, number.scalar) }
  /// Where the elements differ from a number.
  public static func != <S: TensorScalar>(x: Tensor, number: S) -> Tensor { x.compare("ne", .notEqual, number.scalar) }
  /// Where the elements are smaller than a number.
  public static func < <S: TensorScalar>(x: Tensor, number: S) -> Tensor { x.compare("lt", .less, number.scalar) }
  /// Where the elements are at most a number.
  public static func <= <S: TensorScalar>(x: Tensor, number: S) -> Tensor {
    x.compare("le", .lessOrEqual, number.scalar)
  }
  /// Where the elements are larger than a number.
  public static func > <S: TensorScalar>(x: Tensor, number: S) -> Tensor { x.compare("gt", .greater, number.scalar) }
  /// Where the elements are at least a number.
  public static func >= <S: TensorScalar>(x: Tensor, number: S) -> Tensor {
    x.compare("ge", .greaterOrEqual, number.scalar)
  }

  /// Where a number equals the elements.
  public static func == <S: TensorScalar>(number: S, x: Tensor) -> Tensor { x == number }
  /// Where a number differs from the elements.
  public static func != <S: TensorScalar>(number: S, x: Tensor) -> Tensor { x != number }
  /// Where a number is smaller than the elements.
  public static func < <S: TensorScalar>(number: S, x: Tensor) -> Tensor { x > number }
  /// Where a number is at most the elements.
  public static func <= <S: TensorScalar>(number: S, x: Tensor) -> Tensor { x >= number }
  /// Where a number is larger than the elements.
  public static func > <S: TensorScalar>(number: S, x: Tensor) -> Tensor { x < number }
  /// Where a number is at least the elements.
  public static func >= <S: TensorScalar>(number: S, x: Tensor) -> Tensor { x <= number }

  /// Where both elements are true, or not 0.
  public func logicalAnd(_ other: Tensor) -> Tensor { compare("logical_and", .logicalAnd, other) }
  /// Where at least one element is true, or not 0.
  public func logicalOr(_ other: Tensor) -> Tensor { compare("logical_or", .logicalOr, other) }
  /// Where exactly one element is true, or not 0.
  public func logicalXor(_ other: Tensor) -> Tensor { compare("logical_xor", .logicalXor, other) }
  /// Where the element is false, or 0.
  public func logicalNot() -> Tensor {
    compare("logical_not", .equal, dtype == .bool ? Scalar(false) : Scalar(Int64(0)))
  }

  /// Where both elements are true: `&` of PyTorch. Both sides are always computed.
  public static func .& (x: Tensor, y: Tensor) -> Tensor { x.logicalAnd(y) }
  /// Where at least one element is true.
  public static func .| (x: Tensor, y: Tensor) -> Tensor { x.logicalOr(y) }
  /// The opposite of each element of a bool tensor.
  public static prefix func ! (x: Tensor) -> Tensor { x.logicalNot() }

  /// Where the elements are not a number.
  public func isNaN() -> Tensor { compare("isnan", .notEqual, self) }

  /// Where the elements are +∞ or -∞.
  public func isInf() -> Tensor {
    if !dtype.isFloatingPoint { return Tensor.zeros(shape, dtype: .bool, device: device) }
    return within { abs() } == Double.infinity
  }

  /// Where the elements are numbers, and neither +∞ nor -∞.
  public func isFinite() -> Tensor {
    if !dtype.isFloatingPoint { return Tensor.full(shape, true, device: device) }
    return within { abs() } < Double.infinity
  }

  /// Where the elements are as near to those of `other` as `atol` + `rtol` · |other|. Infinities are near to themselves, and NaN
  /// is so if `equalNaN`. Both tensors must have one type.
  public func isClose(_ other: Tensor, rtol: Double = 1e-5, atol: Double = 1e-8, equalNaN: Bool = false) -> Tensor {
    if dtype != other.dtype { fail("isclose", "\(dtype) and \(other.dtype); convert one with to(_:)") }
    if !(rtol >= 0 && atol >= 0) { fail("isclose", "rtol \(rtol) and atol \(atol); neither may be negative") }
    return within {
      var isClose = self == other
      if equalNaN { isClose = isClose.logicalOr(isNaN().logicalAnd(other.isNaN())) }
      // Integers as float32 numbers, as in PyTorch.
      let distance = (floating - other.floating).abs()
      let allowed = atol + (rtol * other.floating).abs()
      return isClose.logicalOr(distance.isFinite().logicalAnd(distance <= allowed))
    }
  }

  /// Whether all elements are as near to those of `other` as `atol` + `rtol` · |other|. See `isClose`.
  public func allClose(_ other: Tensor, rtol: Double = 1e-5, atol: Double = 1e-8, equalNaN: Bool = false) -> Bool {
    isClose(other, rtol: rtol, atol: atol, equalNaN: equalNaN).all().item(as: Bool.self)
  }

  // MARK: Choosing

  /// The element of `x` where `condition` is true, else that of `y`. All three are broadcast.
  public static func `where`(_ condition: Tensor, _ x: Tensor, _ y: Tensor) -> Tensor {
    if condition.dtype != .bool { fail("where", "the condition is \(condition.dtype), and must be bool") }
    let (x, y) = promoted(x, y, "where")
    let (_, mask) = onOneDevice(x, condition, "where")
    let shape = Shape.broadcast(Shape.broadcast(x.shape, y.shape, in: "where"), mask.shape, in: "where")
    let out = x.uninitialized(shape, x.dtype)
    x.backend.select(mask.operand, x.operand, y.operand, into: out.operand)
    return out.recorded("where", [x, y, mask]) { dy, saved in
      // Zeros of the condition's device, broadcast in the kernel.
      let zero = Tensor.zeros([], dtype: dy.dtype, device: dy.device)
      return [
        saved.wants(0) ? Tensor.where(saved[2], dy, zero) : nil,
        saved.wants(1) ? Tensor.where(saved[2], zero, dy) : nil, nil,
      ]
    }
  }

  /// The element of `x` where `condition` is true, else a number.
  public static func `where`<S: TensorScalar>(_ condition: Tensor, _ x: Tensor, _ number: S) -> Tensor {
    Tensor.where(condition, x, x.beside(number.scalar))
  }

  /// A number where `condition` is true, else the element of `y`.
  public static func `where`<S: TensorScalar>(_ condition: Tensor, _ number: S, _ y: Tensor) -> Tensor {
    Tensor.where(condition, y.beside(number.scalar), y)
  }

  /// One number where `condition` is true, else the other, in the wider type of the two: float32 if one has a point, else int64,
  /// or bool if both are.
  public static func `where`<A: TensorScalar, B: TensorScalar>(_ condition: Tensor, _ a: A, _ b: B) -> Tensor {
    let (a, b) = (Tensor.full([], a, device: condition.device), Tensor.full([], b, device: condition.device))
    return Tensor.where(condition, a, b)
  }

  /// The tensor with `nan` in the place of NaN, and `posInf` and `negInf` in that of +∞ and -∞: if nil, the largest and the
  /// lowest number of the type. Integers stay as they are. The gradient passes where the element was finite.
  public func nanToNum(nan: Double = 0, posInf: Double? = nil, negInf: Double? = nil) -> Tensor {
    if !dtype.isFloatingPoint { return clone() }
    let largest = dtype == .float32 ? Double(Float.greatestFiniteMagnitude) : .greatestFiniteMagnitude
    let out = within {
      maskedFill(isNaN(), nan).maskedFill(self == Double.infinity, posInf ?? largest)
        .maskedFill(self == -Double.infinity, negInf ?? -largest)
    }
    return out.recorded("nan_to_num", self) { dy, saved in dy * saved[0].isFinite() }
  }

  /// A number as a tensor of no dimensions, in the type of an operation with this tensor.
  func beside(_ number: Scalar) -> Tensor {
    let out = uninitialized([], number.promoted(with: dtype))
    backend.fill(out.operand, number.element(of: out.dtype))
    return out
  }

  /// This tensor with `value` wherever `mask` is true. In a tensor of integers `value` is cut towards 0.
  public func maskedFill<S: TensorScalar>(_ mask: Tensor, _ value: S) -> Tensor {
    Tensor.where(mask, Tensor.full([], value, dtype: dtype, device: device), self)
  }

  /// Writes `value` wherever `mask` is true, and returns the tensor. In a tensor of integers `value` is cut towards 0.
  @discardableResult
  public func maskedFill_<S: TensorScalar>(_ mask: Tensor, _ value: S) -> Tensor {
    maskedAssign(mask, Tensor.full([], value, dtype: dtype, device: device))
  }

  /// Writes the elements of `value`, broadcast, wherever `mask` is true.
  @discardableResult
  func maskedAssign(_ mask: Tensor, _ value: Tensor) -> Tensor {
    if mask.dtype != .bool { fail("masked_fill_", "the mask is \(mask.dtype), and must be bool") }
    checkBroadcast(of: mask.shape, "masked_fill_")
    checkBroadcast(of: value.shape, "masked_fill_")
    let (_, mask) = Tensor.onOneDevice(self, mask, "masked_fill_")
    let value = value.device == device ? value : value.to(device)
    mutate("masked_fill_", reading: value, where: mask) {
      let (mask, value) = (apart(mask), apart(value).to(dtype))
      backend.select(mask.operand, value.operand, operand, into: operand)
    } compute: {
      Tensor.where(mask, value, $0)
    }
    return self
  }

  /// Writes `value` into every element, and returns the tensor.
  @discardableResult
  public func fill_<S: TensorScalar>(_ value: S) -> Tensor {
    mutate("fill_", numbers: [value.scalar].shown, write: { backend.fill(operand, value.scalar.element(of: dtype)) }) {
      before in
      before.maskedFill(Tensor.full([], true, device: before.device), value)
    }
    return self
  }

  /// Writes 0 into every element, and returns the tensor.
  @discardableResult
  public func zero_() -> Tensor { fill_(0) }

  /// Writes the elements of `other`, broadcast and converted, into this tensor, and returns it.
  @discardableResult
  public func copy_(_ other: Tensor) -> Tensor {
    write(other, as: "copy_")
    return self
  }

  /// Writes `other` over this tensor; what it held before gets a gradient of 0.
  func write(_ other: Tensor, as name: StaticString) {
    checkBroadcast(of: other.shape, name)
    let other = other.device == device ? other : other.to(device)
    mutate(
      name, reading: other, write: { withExtendedLifetime(apart(other)) { backend.copy($0.operand, into: operand) } }
    ) { before in
      Tensor.where(Tensor.full([], true, device: device), other.to(dtype), before)
    }
  }
}
