import Kindling

// Losses for classes. A prediction has shape [N, C] for N samples and C classes, [C] for one sample, or [N, C, d1, …] for
// one answer at each place of d1 × …; a target of class numbers, int64, has the same shape without C.

/// -x[t]: the negative logarithm of the probability that the prediction, a `LogSoftmax`, gives to the target's class.
public final class NLLLoss: Loss {
  /// A factor for each class.
  public let weight: Buffer?
  /// A class whose samples do not count.
  public let ignoreIndex: Int

  /// A loss with a factor for each class, and a class whose samples do not count.
  public init(weight: Tensor? = nil, ignoreIndex: Int = -100, reduction: Reduction = .mean) {
    self.weight = weight.map { Buffer($0) }
    self.ignoreIndex = ignoreIndex
    super.init(reduction: reduction)
  }

  /// -weight[t] x[t], reduced; the mean is over the weights.
  public override func forward(_ prediction: Tensor, _ target: Tensor) -> Tensor {
    let classes = ClassTargets(prediction, target, weight: weight, ignoring: ignoreIndex, in: "NLLLoss")
    return classes.reduce(classes.negativeLogLikelihood(prediction), reduction)
  }
}

/// -ln softmax(x)[t]: the cross entropy between the prediction, numbers before a softmax, and the target.
///
/// The target is class numbers, int64; or probabilities, of the prediction's shape and type: -Σ t ln softmax(x).
///
/// Source of label smoothing: Szegedy and others, "Rethinking the Inception architecture", arXiv:1512.00567.
public final class CrossEntropyLoss: Loss {
  /// A factor for each class.
  public let weight: Buffer?
  /// A class whose samples do not count.
  public let ignoreIndex: Int
  /// The share of the target's probability that is spread over all classes.
  public let labelSmoothing: Double

  /// A loss with a factor for each class, a class whose samples do not count, and smoothed targets.
  public init(
    weight: Tensor? = nil, ignoreIndex: Int = -100, reduction: Reduction = .mean, labelSmoothing: Double = 0
  ) {
    if !(0...1).contains(labelSmoothing) {
      fail("CrossEntropyLoss", "a labelSmoothing of \(labelSmoothing); it must be 0 to 1")
    }
    self.weight = weight.map { Buffer($0) }
    self.ignoreIndex = ignoreIndex
    self.labelSmoothing = labelSmoothing
    super.init(reduction: reduction)
  }

  /// -weight[t] ln softmax(x)[t], reduced; for class numbers the mean is over the weights, for probabilities over samples.
  public override func forward(_ prediction: Tensor, _ target: Tensor) -> Tensor {
    if target.dtype.isFloatingPoint { return crossEntropy(prediction, probabilities: target) }
    let classes = ClassTargets(prediction, target, weight: weight, ignoring: ignoreIndex, in: "CrossEntropyLoss")
    let logProbabilities = prediction.logSoftmax(dim: classes.dimension)
    let loss = classes.reduce(classes.negativeLogLikelihood(logProbabilities), reduction)
    if labelSmoothing == 0 { return loss }
    let spread = classes.reduce(classes.negativeSum(logProbabilities), reduction)
    let share = labelSmoothing / Double(prediction.shape[classes.dimension])
    return loss * (1 - labelSmoothing) + spread * share
  }

  private func crossEntropy(_ prediction: Tensor, probabilities: Tensor) -> Tensor {
    checkShapes(prediction, probabilities)
    if ignoreIndex >= 0 {
      fail("CrossEntropyLoss", "ignoreIndex \(ignoreIndex) has no meaning for a target of probabilities")
    }
    let dimension = ClassTargets.dimension(of: prediction, "CrossEntropyLoss")
    let count = Double(prediction.shape[dimension])
    let smoothed = labelSmoothing == 0 ? probabilities : probabilities * (1 - labelSmoothing) + labelSmoothing / count
    var products = prediction.logSoftmax(dim: dimension) * smoothed
    if let weight { products = products * ClassTargets.alongClasses(weight, prediction, "CrossEntropyLoss") }
    switch reduction {
    case .none: return -products.sum(dim: dimension)
    case .sum: return -products.sum()
    case .mean: return -products.sum() / (Double(prediction.elementCount) / count)
    }
  }
}

/// Class numbers as a target, checked against a prediction.
private struct ClassTargets {
  /// The prediction's dimension of classes.
  let dimension: Int
  /// Which samples do not count.
  private let isIgnored: Tensor
  /// The class numbers, 0 where a sample does not count, with a dimension of size 1 for the classes.
  private let index: Tensor
  /// The factors of all classes, in a shape that broadcasts against the prediction; nil for 1.
  private let weight: Tensor?

  init(_ prediction: Tensor, _ target: Tensor, weight: Tensor?, ignoring ignored: Int, in name: String) {
    dimension = ClassTargets.dimension(of: prediction, name)
    if target.dtype != .int64 {
      fail(name, "the target is \(target.dtype); class numbers are int64, and convert with to(.int64)")
    }
    var expected = Array(prediction.shape)
    expected.remove(at: dimension)
    if target.shape != Shape(expected) {
      fail(
        name,
        "a target of class numbers of shape \(target.shape) does not fit a prediction of shape \(prediction.shape); "
          + "it must have shape \(Shape(expected))")
    }
    isIgnored = target == ignored
    index = target.maskedFill(isIgnored, 0).unsqueeze(dimension)
    self.weight = weight.map { ClassTargets.alongClasses($0, prediction, name) }
  }

  static func dimension(of prediction: Tensor, _ name: String) -> Int {
    if prediction.rank == 0 { fail(name, "a prediction of no dimensions has no classes") }
    return prediction.rank == 1 ? 0 : 1
  }

  static func alongClasses(_ weight: Tensor, _ prediction: Tensor, _ name: String) -> Tensor {
    let dimension = dimension(of: prediction, name)
    var shape = Array(repeating: 1, count: prediction.rank)
    shape[dimension] = prediction.shape[dimension]
    if weight.shape != [shape[dimension]] {
      fail(name, "a weight of shape \(weight.shape) for \(shape[dimension]) classes")
    }
    return weight.reshape(Shape(shape))
  }

  /// -weight[t] x[t] of each sample.
  func negativeLogLikelihood(_ logProbabilities: Tensor) -> Tensor {
    let picked = logProbabilities.gather(dimension, index, as: "nll_loss").squeeze(dimension)
    let loss = (-picked).maskedFill(isIgnored, 0.0)
    return weight == nil ? loss : loss * counts(loss)
  }

  /// -Σ weight x over the classes, of each sample.
  func negativeSum(_ logProbabilities: Tensor) -> Tensor {
    let weighed = weight.map { logProbabilities * $0 } ?? logProbabilities
    return (-weighed.sum(dim: dimension)).maskedFill(isIgnored, 0.0)
  }

  /// How much each sample counts: weight[t], 0 where it does not.
  private func counts(_ like: Tensor) -> Tensor {
    guard let weight else { return isIgnored.logicalNot().to(like.dtype) }
    let places = Array(index.shape).enumerated().map { $0.offset == dimension ? weight.elementCount : $0.element }
    let factors = weight.expand(Shape(places)).gather(dim: dimension, index: index).squeeze(dimension)
    return factors.maskedFill(isIgnored, 0.0)
  }

  func reduce(_ losses: Tensor, _ reduction: Reduction) -> Tensor {
    switch reduction {
    case .none: losses
    case .sum: losses.sum()
    case .mean: losses.sum() / counts(losses).sum()
    }
  }
}
