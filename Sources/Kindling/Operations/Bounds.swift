import Kernels

// Bounds, and the larger and smaller of two.

extension Tensor {
  /// Each element, but no less than `min` and no more than `max`.
  ///
  /// As in any operation between a tensor and a number, integers stay integers with whole bounds such as `0`, and become
  /// float32 with others such as `0.0`.
  ///
  /// The gradient passes where the element is within the bounds or on one: `clamp(min: 0)` passes it at 0, and `relu()`
  /// does not.
  public func clamp(min: Double? = nil, max: Double? = nil) -> Tensor { clamped(min?.scalar, max?.scalar) }
  /// Each element, but no less than `min` and no more than `max`. Integers stay integers.
  public func clamp(min: Int, max: Int? = nil) -> Tensor { clamped(min.scalar, max?.scalar) }
  /// Each element, but no more than `max`. Integers stay integers.
  public func clamp(max: Int) -> Tensor { clamped(nil, max.scalar) }

  /// Bounds this tensor in place, and returns it. Ends the program where the bounds make floats of integers.
  @discardableResult
  public func clamp_(min: Double? = nil, max: Double? = nil) -> Tensor { clampInPlace(min?.scalar, max?.scalar) }
  /// Bounds this tensor in place, and returns it.
  @discardableResult
  public func clamp_(min: Int, max: Int? = nil) -> Tensor { clampInPlace(min.scalar, max?.scalar) }
  /// Bounds this tensor in place, and returns it.
  @discardableResult
  public func clamp_(max: Int) -> Tensor { clampInPlace(nil, max.scalar) }

  /// Each element, but no less than that of `min` and no more than that of `max`, which are broadcast; where `min` is above
  /// `max`, the latter. NaN where any of them is.
  ///
  /// The gradient goes to the element where it is within the bounds or on one, and else to the bound that it became.
  public func clamp(min: Tensor, max: Tensor? = nil) -> Tensor { clamped(between: min, max) }
  /// Each element, but no more than that of `max`, which is broadcast.
  public func clamp(max: Tensor) -> Tensor { clamped(between: nil, max) }

  /// Bounds this tensor in place by tensors, which are broadcast to its shape, and returns it. Ends the program where they make
  /// floats of integers.
  @discardableResult
  public func clamp_(min: Tensor, max: Tensor? = nil) -> Tensor { clampInPlace(between: min, max) }
  /// Bounds this tensor in place by a tensor, which is broadcast to its shape, and returns it.
  @discardableResult
  public func clamp_(max: Tensor) -> Tensor { clampInPlace(between: nil, max) }

  private func clampInPlace(between low: Tensor?, _ high: Tensor?) -> Tensor {
    for bound in [low, high].compactMap({ $0 }) {
      checkBroadcast(of: bound.shape, "clamp_")
      checkCanHold(Tensor.resultType(self, bound), "clamp_")
    }
    let tracked = [low, high].compactMap { $0 }.first(where: \.isTracked)
    mutate("clamp_", reading: tracked ?? low ?? high) {
      let bounded = within { clamped(between: low, high).to(dtype) }
      backend.copy(bounded.operand, into: operand)
    } compute: { before in
      // Not what is about to be written over: the rule may ask for it.
      func kept(_ bound: Tensor) -> Tensor { bound.storage === storage ? bound.clone() : bound }
      return before.clamped(between: low.map(kept), high.map(kept))
    }
    return self
  }

  private func clamped(between low: Tensor?, _ high: Tensor?) -> Tensor {
    for bound in [low, high].compactMap({ $0 }) { _ = Shape.broadcast(shape, bound.shape, in: "clamp") }
    let out = within {
      let raised = low.map { maximum($0) } ?? self
      return high.map { raised.minimum($0) } ?? raised
    }
    let x = to(out.dtype)
    let bounds = [low, high].compactMap { $0?.to(out.device).to(out.dtype) }
    let (hasLow, hasHigh) = (low != nil, high != nil)
    return out.recorded("clamp", [x] + bounds) { dy, saved in
      let x = saved[0]
      let zero = Tensor.zeros([], dtype: dy.dtype, device: dy.device)
      func passed(where condition: Tensor) -> Tensor { Tensor.where(condition, dy, zero) }
      if !hasHigh { return [passed(where: x >= saved[1]), passed(where: x < saved[1])] }
      if !hasLow { return [passed(where: x <= saved[1]), passed(where: x > saved[1])] }
      let (low, high) = (saved[1], saved[2])
      return [
        passed(where: (x >= low).logicalAnd(x <= high)), passed(where: (x < low).logicalAnd(low < high)),
        passed(where: (x > high).logicalOr(high < low)),
      ]
    }
  }

  private func clamped(_ min: Scalar?, _ max: Scalar?) -> Tensor {
    if min == nil && max == nil { fail("clamp", "give min:, max: or both") }
    let x = promoted(for: min ?? max!).promoted(for: max ?? min!).numeric
    let (low, high) = Tensor.bounds(min, max, of: x.dtype, "clamp")
    return x.unary("clamp", .clamp, low, high) { dy, saved in
      dy.passing(.passWithin, saved[0], low, high)
    }
  }

  private func clampInPlace(_ min: Scalar?, _ max: Scalar?) -> Tensor {
    if min == nil && max == nil { fail("clamp_", "give min:, max: or both") }
    checkCanHold((max ?? min!).promoted(with: (min ?? max!).promoted(with: dtype)), "clamp_")
    let (low, high) = Tensor.bounds(min, max, of: dtype, "clamp_")
    mutate("clamp_", write: { backend.unary(.clamp, operand, low, high, into: operand) }) { $0.clamped(min, max) }
    return self
  }

  /// Two bounds as numbers that the type can hold; beyond all of them where there is none.
  private static func bounds(_ min: Scalar?, _ max: Scalar?, of dtype: DType, _ name: StaticString) -> (Scalar, Scalar)
  {
    func checked(_ bound: Scalar) -> Scalar { dtype.isInteger ? bound.element(of: dtype, in: "\(name)") : bound }
    return (min.map(checked) ?? .lowest(of: dtype), max.map(checked) ?? .highest(of: dtype))
  }

  /// The elements of this gradient where the operation lets them pass, seen from its input; 0 elsewhere.
  func passing(_ operation: BinaryOperation, _ input: Tensor, _ p: Scalar, _ q: Scalar = .none) -> Tensor {
    binary(
      "pass", operation, input, p: p, q: q, { dy, saved in dy.passing(operation, saved[1], p, q) },
      { dy, _ in Tensor.zerosLike(dy) })
  }

  /// The larger of each pair of elements, NaN where either is. Where they tie, each gets half of the gradient.
  public func maximum(_ other: Tensor) -> Tensor {
    if dtype == .bool && other.dtype == .bool { return logicalOr(other) }
    return numeric(beside: other).binary(
      "maximum", .maximum, other.numeric(beside: self),
      { dy, saved in dy.shared(unless: saved[0] < saved[1], half: saved[0] == saved[1]) },
      { dy, saved in dy.shared(unless: saved[0] > saved[1], half: saved[0] == saved[1]) })
  }

  /// The smaller of each pair of elements, NaN where either is. Where they tie, each gets half of the gradient.
  public func minimum(_ other: Tensor) -> Tensor {
    if dtype == .bool && other.dtype == .bool { return logicalAnd(other) }
    return numeric(beside: other).binary(
      "minimum", .minimum, other.numeric(beside: self),
      { dy, saved in dy.shared(unless: saved[0] > saved[1], half: saved[0] == saved[1]) },
      { dy, saved in dy.shared(unless: saved[0] < saved[1], half: saved[0] == saved[1]) })
  }

  /// Of this gradient nothing where this operand lost, and a half where the two tied; else all of it, also for both where
  /// one is NaN.
  private func shared(unless lost: Tensor, half tied: Tensor) -> Tensor {
    Tensor.where(tied, 0.5 * self, self).maskedFill(lost, 0)
  }
}
