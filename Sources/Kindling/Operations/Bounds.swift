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
    let (low, high) = (min ?? .lowest, max ?? .highest)
    return promoted(for: low).promoted(for: high).unary("clamp", .clamp, low, high) { dy, saved in
      dy.passing(.passWithin, saved[0], low, high)
    }
  }

  private func clampInPlace(_ min: Scalar?, _ max: Scalar?) -> Tensor {
    if min == nil && max == nil { fail("clamp_", "give min:, max: or both") }
    let (low, high) = (min ?? .lowest, max ?? .highest)
    checkCanHold(high.promoted(with: low.promoted(with: dtype)), "clamp_")
    mutate("clamp_", write: { backend.unary(.clamp, operand, low, high, into: operand) }) { $0.clamped(low, high) }
    return self
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
    return numeric.binary(
      "maximum", .maximum, other.numeric,
      { dy, saved in dy.shared(unless: saved[0] < saved[1], half: saved[0] == saved[1]) },
      { dy, saved in dy.shared(unless: saved[0] > saved[1], half: saved[0] == saved[1]) })
  }

  /// The smaller of each pair of elements, NaN where either is. Where they tie, each gets half of the gradient.
  public func minimum(_ other: Tensor) -> Tensor {
    if dtype == .bool && other.dtype == .bool { return logicalAnd(other) }
    return numeric.binary(
      "minimum", .minimum, other.numeric,
      { dy, saved in dy.shared(unless: saved[0] > saved[1], half: saved[0] == saved[1]) },
      { dy, saved in dy.shared(unless: saved[0] < saved[1], half: saved[0] == saved[1]) })
  }

  /// Of this gradient nothing where this operand lost, and a half where the two tied; else all of it, also for both where
  /// one is NaN.
  private func shared(unless lost: Tensor, half tied: Tensor) -> Tensor {
    Tensor.where(tied, 0.5 * self, self).maskedFill(lost, 0)
  }
}
