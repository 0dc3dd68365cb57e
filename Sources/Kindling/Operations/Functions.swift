import Kernels

// Functions of one number, applied to each element. Integers and bools become float32 first, except where the result of
// an integer is an integer.

extension Tensor {
  /// e raised to each element.
  public func exp() -> Tensor { floating.unary("exp", .exp) { dy, saved in dy * saved.output } }

  /// The natural logarithm of each element.
  public func log() -> Tensor { floating.unary("log", .log) { dy, saved in dy / saved[0] } }

  /// The natural logarithm of 1 plus each element, exact also near 0.
  public func log1p() -> Tensor { floating.unary("log1p", .log1p) { dy, saved in dy / (saved[0] + 1) } }

  /// The square root of each element.
  public func sqrt() -> Tensor { floating.unary("sqrt", .sqrt) { dy, saved in dy / (2 * saved.output) } }

  /// 1 over the square root of each element.
  public func rsqrt() -> Tensor {
    floating.unary("rsqrt", .rsqrt) { dy, saved in -0.5 * dy * saved.output.pow(3) }
  }

  /// The sine of each element, in radians.
  public func sin() -> Tensor { floating.unary("sin", .sin) { dy, saved in dy * saved[0].cos() } }

  /// The cosine of each element, in radians.
  public func cos() -> Tensor { floating.unary("cos", .cos) { dy, saved in -dy * saved[0].sin() } }

  /// The hyperbolic tangent of each element.
  public func tanh() -> Tensor {
    floating.unary("tanh", .tanh) { dy, saved in dy * (1 - saved.output.square()) }
  }

  /// The error function of each element: 2/√π ∫₀ˣ exp(-t²) dt.
  public func erf() -> Tensor {
    floating.unary("erf", .erf) { dy, saved in (2 / Double.pi.squareRoot()) * dy * (-saved[0].square()).exp() }
  }

  /// 1 / (1 + exp(-x)) for each element x.
  public func sigmoid() -> Tensor {
    floating.unary("sigmoid", .sigmoid) { dy, saved in dy * saved.output * (1 - saved.output) }
  }

  /// 1 over each element.
  public func reciprocal() -> Tensor {
    floating.unary("reciprocal", .reciprocal) { dy, saved in -dy * saved.output.square() }
  }

  /// The absolute value of each element; its derivative at 0 is 0.
  public func abs() -> Tensor { numeric.unary("abs", .absolute) { dy, saved in dy * saved[0].sign() } }

  /// -1, 0 or 1: the sign of each element. Bools stay as they are.
  public func sign() -> Tensor {
    dtype == .bool ? clone() : unary("sign", .sign) { dy, _ in Tensor.zerosLike(dy) }
  }

  /// The largest integer not above each element.
  public func floor() -> Tensor { rounding("floor", .floor) }

  /// The smallest integer not below each element.
  public func ceil() -> Tensor { rounding("ceil", .ceil) }

  /// The integer nearest to each element, the even one where two are as near.
  public func round() -> Tensor { rounding("round", .round) }

  private func rounding(_ name: StaticString, _ operation: UnaryOperation) -> Tensor {
    if !dtype.isFloatingPoint { return numeric.clone() }
    return unary(name, operation) { dy, _ in Tensor.zerosLike(dy) }
  }

  // MARK: Activations

  /// max(x, 0) for each element x; the derivative at 0 is 0.
  public func relu() -> Tensor {
    numeric.unary("relu", .relu) { dy, saved in dy.passing(.passAbove, saved[0], Scalar(0.0)) }
  }

  /// x where x > 0, else `negativeSlope` · x.
  public func leakyReLU(_ negativeSlope: Double = 0.01) -> Tensor {
    floating.unary("leaky_relu", .leakyRelu, Scalar(negativeSlope)) { dy, saved in
      Tensor.where(saved[0] > 0, dy, negativeSlope * dy)
    }
  }

  /// How `gelu(approximate:)` computes.
  public enum GELUApproximation: Sendable {
    /// x Φ(x), with the normal distribution function Φ.
    case none
    /// x/2 · (1 + tanh(√(2/π) (x + 0.044715 x³))).
    case tanh
  }

  /// The Gaussian error linear unit of each element (Hendrycks and Gimpel, arXiv:1606.08415).
  public func gelu(approximate: GELUApproximation = .none) -> Tensor {
    switch approximate {
    case .none:
      return floating.unary("gelu", .gelu) { dy, saved in
        // Φ(x) + x φ(x)
        let x = saved[0]
        let cdf = 0.5 * ((x * 0.5.squareRoot()).erf() + 1)
        let density = (-0.5 * x.square()).exp() * (1 / (2 * Double.pi).squareRoot())
        return dy * (cdf + x * density)
      }
    case .tanh:
      return floating.unary("gelu", .geluTanh) { dy, saved in
        let x = saved[0]
        let scale = (2 / Double.pi).squareRoot()
        let t = (scale * (x + 0.044715 * x.pow(3))).tanh()
        let inner = scale * (1 + (3 * 0.044715) * x.square())
        return dy * (0.5 * (1 + t) + 0.5 * x * (1 - t.square()) * inner)
      }
    }
  }

  /// x · sigmoid(x) for each element x.
  public func silu() -> Tensor {
    floating.unary("silu", .silu) { dy, saved in
      let s = saved[0].sigmoid()
      return dy * (s * (1 + saved[0] * (1 - s)))
    }
  }

  /// ln(1 + exp(β x)) / β for each element x, and x itself where β x is above `threshold`.
  public func softplus(beta: Double = 1, threshold: Double = 20) -> Tensor {
    floating.unary("softplus", .softplus, Scalar(beta), Scalar(threshold)) { dy, saved in
      // exp(s) / (1 + exp(s)) below 0 and 1 / (1 + exp(-s)) above: no power overflows, and none is lost on the way.
      let scaled = saved[0] * beta
      let isNegative = scaled < 0
      let power = Tensor.where(isNegative, scaled, -scaled).exp()
      let slope = Tensor.where(isNegative, power, 1) / (1 + power)
      return dy * slope.maskedFill(scaled > threshold, 1)
    }
  }

  // MARK: Bounds

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
  private func passing(_ operation: BinaryOperation, _ input: Tensor, _ p: Scalar, _ q: Scalar = .none) -> Tensor {
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
