import Kernels

// Functions of one number, applied to each element. Integers and bools become float32 first, except where the result of
// an integer is an integer.

extension Tensor {
  /// e raised to each element.
  public func exp() -> Tensor {
    floating.unary("exp", .exp) { dy, saved in dy * saved.output }
  }

  /// The natural logarithm of each element.
  public func log() -> Tensor { floating.unary("log", .log) { dy, saved in dy / saved[0] } }

  /// The natural logarithm of 1 plus each element, exact also near 0.
  public func log1p() -> Tensor { floating.unary("log1p", .log1p) { dy, saved in dy / (saved[0] + 1) } }

  /// e raised to each element, less 1: exact also near 0.
  public func expm1() -> Tensor { floating.unary("expm1", .expm1) { dy, saved in dy * (saved.output + 1) } }

  /// 2 raised to each element.
  public func exp2() -> Tensor {
    floating.unary("exp2", .exp2) { dy, saved in dy * saved.output * naturalLogarithmOf2 }
  }

  /// The logarithm of each element to base 2.
  public func log2() -> Tensor {
    floating.unary("log2", .log2) { dy, saved in dy / (saved[0] * naturalLogarithmOf2) }
  }

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

  /// Each element without its fraction: the nearest integer towards 0.
  public func trunc() -> Tensor { rounding("trunc", .trunc) }

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
      return floating.unary("gelu", .gelu) { dy, saved in dy.passingGELU(of: saved[0]) }
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

  /// This gradient of x Φ(x), seen from x: times the derivative, Φ(x) + x φ(x), as φ is that of Φ. And that of φ(x) is
  /// -x φ(x). (Taken together as φ(x) (2 - x²) it would be 0 · ∞ where x is large.)
  private func passingGELU(of x: Tensor) -> Tensor {
    binary("gelu_backward", .passGelu, x, { dy, saved in dy.passingGELU(of: saved[1]) }) { dy, saved in
      let x = saved[1]
      let density = (-0.5 * x.square()).exp() * (1 / (2 * Double.pi).squareRoot())
      return dy * saved[0] * (2 * density - x * (x * density))
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

}

private let naturalLogarithmOf2 = 0.693147180559945309417
