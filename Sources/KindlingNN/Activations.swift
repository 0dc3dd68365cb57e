import Kindling

// Activations as modules, to stand between layers in a Sequential. What each computes is a method of Tensor.

/// max(x, 0).
public final class ReLU: Module {
  /// max(x, 0) of each element.
  public override func forward(_ x: Tensor) -> Tensor { x.relu() }
}

/// x where x > 0, else `negativeSlope` · x.
public final class LeakyReLU: Module {
  /// The slope below 0.
  public let negativeSlope: Double

  /// An activation with that slope below 0.
  public init(_ negativeSlope: Double = 0.01) { self.negativeSlope = negativeSlope }

  /// x where x > 0, else `negativeSlope` · x.
  public override func forward(_ x: Tensor) -> Tensor { x.leakyReLU(negativeSlope) }

  /// `negative_slope=0.01`.
  public override var extraDescription: String { "negative_slope=\(negativeSlope)" }
}

/// The Gaussian error linear unit, x Φ(x).
public final class GELU: Module {
  /// Whether Φ is computed exactly or with a hyperbolic tangent.
  public let approximate: Tensor.GELUApproximation

  /// An activation that computes Φ exactly, or approximately.
  public init(approximate: Tensor.GELUApproximation = .none) { self.approximate = approximate }

  /// x Φ(x) of each element.
  public override func forward(_ x: Tensor) -> Tensor { x.gelu(approximate: approximate) }

  /// `approximate='none'`.
  public override var extraDescription: String { "approximate='\(approximate)'" }
}

/// x · sigmoid(x).
public final class SiLU: Module {
  /// x · sigmoid(x) of each element.
  public override func forward(_ x: Tensor) -> Tensor { x.silu() }
}

/// 1 / (1 + exp(-x)).
public final class Sigmoid: Module {
  /// 1 / (1 + exp(-x)) of each element.
  public override func forward(_ x: Tensor) -> Tensor { x.sigmoid() }
}

/// The hyperbolic tangent.
public final class Tanh: Module {
  /// The hyperbolic tangent of each element.
  public override func forward(_ x: Tensor) -> Tensor { x.tanh() }
}

/// ln(1 + exp(β x)) / β, a smooth ReLU; x itself where β x is above `threshold`.
public final class Softplus: Module {
  /// β: the larger, the closer to ReLU.
  public let beta: Double
  /// Where the curve becomes a straight line.
  public let threshold: Double

  /// An activation with that β and that threshold.
  public init(beta: Double = 1, threshold: Double = 20) {
    self.beta = beta
    self.threshold = threshold
  }

  /// ln(1 + exp(β x)) / β of each element.
  public override func forward(_ x: Tensor) -> Tensor { x.softplus(beta: beta, threshold: threshold) }

  /// `beta=1.0, threshold=20.0`.
  public override var extraDescription: String { "beta=\(beta), threshold=\(threshold)" }
}

/// exp(x) / Σ exp(x) along a dimension: positive numbers, 1 in sum.
public final class Softmax: Module {
  /// The dimension that is summed over.
  public let dim: Int

  /// An activation along dimension `dim`.
  public init(dim: Int) { self.dim = dim }

  /// exp(x) / Σ exp(x).
  public override func forward(_ x: Tensor) -> Tensor { x.softmax(dim: dim) }

  /// `dim=1`.
  public override var extraDescription: String { "dim=\(dim)" }
}

/// The logarithm of `Softmax`.
public final class LogSoftmax: Module {
  /// The dimension that is summed over.
  public let dim: Int

  /// An activation along dimension `dim`.
  public init(dim: Int) { self.dim = dim }

  /// x - ln Σ exp(x).
  public override func forward(_ x: Tensor) -> Tensor { x.logSoftmax(dim: dim) }

  /// `dim=1`.
  public override var extraDescription: String { "dim=\(dim)" }
}
