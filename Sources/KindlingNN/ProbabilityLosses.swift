import Kindling

// Losses for probabilities.

/// -(t ln p + (1 - t) ln(1 - p)): yes-or-no questions, each answered with a probability p. A logarithm counts as -100 where
/// it is less, so that the loss is finite.
///
/// With `BCEWithLogitsLoss` numbers before the sigmoid give the same loss, and keep their digits where p is close to 0 or 1.
public final class BCELoss: Loss {
  /// A factor for each element, broadcast.
  public let weight: Buffer?

  /// A loss with a factor for each element.
  public init(weight: Tensor? = nil, reduction: Reduction = .mean) {
    self.weight = weight.map { Buffer($0) }
    super.init(reduction: reduction)
  }

  /// -(t ln p + (1 - t) ln(1 - p)), times weight, reduced. Ends the program if one of the two is not from 0 to 1.
  public override func forward(_ prediction: Tensor, _ target: Tensor) -> Tensor {
    checkShapes(prediction, target)
    for (name, numbers) in [("predictions", prediction), ("targets", target)] where numbers.elementCount > 0 {
      let (least, greatest) = noGrad { (numbers.min().item(), numbers.max().item()) }
      if !(least >= 0 && greatest <= 1) {
        fail(
          typeName,
          "the \(name) reach from \(least) to \(greatest), and must be probabilities, 0 to 1; numbers before a sigmoid "
            + "go to BCEWithLogitsLoss")
      }
    }
    let loss = BinaryCrossEntropy.apply(prediction, target)
    return reduce(weight.map { loss * $0 } ?? loss)
  }
}

/// -(t ln p + (1 - t) ln(1 - p)), with a derivative of its own: as the logarithms are bounded, so is what would be a division
/// by 0.
private enum BinaryCrossEntropy: DifferentiableFunction {
  static func forward(_ context: FunctionContext, _ inputs: [Tensor]) -> Tensor {
    let (p, t) = (inputs[0], inputs[1])
    context.saveForBackward(p, t)
    return (t - 1) * (-p).log1p().clamp(min: -100) - t * p.log().clamp(min: -100)
  }

  static func backward(_ context: FunctionContext, _ dy: Tensor) -> [Tensor?] {
    let (p, t) = (context.savedTensors[0], context.savedTensors[1])
    return [
      dy * (p - t) / (p * (1 - p)).clamp(min: 1e-12),
      context.needsInputGradient(1) ? dy * ((-p).log1p() - p.log()) : nil,
    ]
  }
}

/// t (ln t - x): how far a distribution t is from the one whose logarithms x are the prediction (Kullback and Leibler).
///
/// It is 0 where t is 0.
public final class KLDivLoss: Loss {
  /// What becomes of the losses of single elements.
  public enum Reduction: Sendable {
    /// They stay as they are.
    case none
    /// Their mean over all elements, which is not that over the samples.
    case mean
    /// Their sum.
    case sum
    /// Their sum over the number of samples, the size of the first dimension: the mean divergence of a sample.
    case batchMean
  }

  private let ofBatch: Bool
  /// Whether the target is logarithms, as the prediction is.
  public let logTarget: Bool

  /// A loss of that reduction, for targets that are probabilities or their logarithms.
  public init(reduction: Reduction = .mean, logTarget: Bool = false) {
    self.logTarget = logTarget
    ofBatch = reduction == .batchMean
    let ofElements: KindlingNN.Reduction =
      switch reduction {
      case .none: .none
      case .mean: .mean
      case .sum, .batchMean: .sum
      }
    super.init(reduction: ofElements)
  }

  /// t (ln t - x), reduced.
  public override func forward(_ prediction: Tensor, _ target: Tensor) -> Tensor {
    checkShapes(prediction, target)
    let loss = logTarget ? target.exp() * (target - prediction) : target.timesItsLog() - target * prediction
    return ofBatch && prediction.rank > 0 ? reduce(loss) / Double(prediction.shape[0]) : reduce(loss)
  }
}

extension Tensor {
  /// t ln t, and 0 where t is 0. With 1 in the place of a 0 neither the value nor a gradient meets the logarithm of 0.
  fileprivate func timesItsLog() -> Tensor {
    let t = maskedFill(self == 0, 1)
    return t * t.log()
  }
}
