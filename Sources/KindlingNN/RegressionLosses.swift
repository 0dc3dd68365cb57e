import Kindling

// Losses for numbers: prediction and target have the same shape.

/// (p - t)²: the squared error.
public final class MSELoss: Loss {
  /// (p - t)², reduced.
  public override func forward(_ prediction: Tensor, _ target: Tensor) -> Tensor {
    checkShapes(prediction, target)
    return reduce((prediction - target).pow(2))
  }
}

/// |p - t|: the absolute error, which outliers pull less.
public final class L1Loss: Loss {
  /// |p - t|, reduced.
  public override func forward(_ prediction: Tensor, _ target: Tensor) -> Tensor {
    checkShapes(prediction, target)
    return reduce((prediction - target).abs())
  }
}

/// (p - t)² / 2β where |p - t| < β, else |p - t| - β/2: squared near 0, absolute beyond.
///
/// Source: Girshick, "Fast R-CNN", arXiv:1504.08083.
public final class SmoothL1Loss: Loss {
  /// Where the parabola becomes a straight line.
  public let beta: Double

  /// A loss that is straight from `beta` on; with 0 it is `L1Loss`.
  public init(reduction: Reduction = .mean, beta: Double = 1) {
    if !(beta >= 0) { fail("SmoothL1Loss", "a beta of \(beta); it must be 0 or more") }
    self.beta = beta
    super.init(reduction: reduction)
  }

  /// (p - t)² / 2β where |p - t| < β, else |p - t| - β/2, reduced.
  public override func forward(_ prediction: Tensor, _ target: Tensor) -> Tensor {
    checkShapes(prediction, target)
    let difference = prediction - target
    let distance = difference.abs()
    if beta == 0 { return reduce(distance) }
    let isFar = distance >= beta
    // 0 there, because the square of an infinite difference would make NaN of its gradient, though it is not chosen.
    let square = difference.maskedFill(isFar, 0).square()
    return reduce(Tensor.where(isFar, distance - 0.5 * beta, square * (0.5 / beta)))
  }
}

/// (p - t)² / 2 where |p - t| < δ, else δ (|p - t| - δ/2): squared near 0, absolute beyond, of slope δ.
///
/// Source: Huber, "Robust estimation of a location parameter", Annals of Mathematical Statistics 35, 1964.
public final class HuberLoss: Loss {
  /// δ: where the parabola becomes a straight line.
  public let delta: Double

  /// A loss that is straight from `delta` on.
  public init(reduction: Reduction = .mean, delta: Double = 1) {
    if !(delta > 0) { fail("HuberLoss", "a delta of \(delta); it must be above 0") }
    self.delta = delta
    super.init(reduction: reduction)
  }

  /// (p - t)² / 2 where |p - t| < δ, else δ (|p - t| - δ/2), reduced.
  public override func forward(_ prediction: Tensor, _ target: Tensor) -> Tensor {
    checkShapes(prediction, target)
    let difference = prediction - target
    let distance = difference.abs()
    let isFar = distance >= delta
    // 0 there, because the square of an infinite difference would make NaN of its gradient, though it is not chosen.
    let square = difference.maskedFill(isFar, 0).square()
    return reduce(Tensor.where(isFar, (distance - 0.5 * delta) * delta, square * 0.5))
  }
}

/// -(t ln p + (1 - t) ln(1 - p)) with p = sigmoid(x): yes-or-no questions, each answered with a number x before the sigmoid.
///
/// Computed from x, it stays exact where p itself would have been rounded to 0 or 1.
public final class BCEWithLogitsLoss: Loss {
  /// A factor for each element, broadcast.
  public let weight: Buffer?
  /// A factor for the term of "yes", broadcast: above 1 where "yes" is rare.
  public let posWeight: Buffer?

  /// A loss with a factor for each element, and one for the targets that are 1.
  public init(weight: Tensor? = nil, reduction: Reduction = .mean, posWeight: Tensor? = nil) {
    self.weight = weight.map { Buffer($0) }
    self.posWeight = posWeight.map { Buffer($0) }
    super.init(reduction: reduction)
  }

  /// (1 - t) ln(1 + exp(x)) + posWeight · t ln(1 + exp(-x)), times weight, reduced.
  public override func forward(_ prediction: Tensor, _ target: Tensor) -> Tensor {
    checkShapes(prediction, target)
    // Two terms that are never negative, in place of (1 - t) x + ln(1 + exp(-x)), where nearly all of one cancels the other
    // for a large x. ln(1 + exp(x)) is x from 40 on in either type, long before exp overflows.
    var yes = target * (-prediction).softplus(threshold: 40)
    if let posWeight { yes = yes * posWeight }
    var loss = (1 - target) * prediction.softplus(threshold: 40) + yes
    if let weight { loss = loss * weight }
    return reduce(loss)
  }
}
