import Kindling

/// What becomes of the losses of single elements.
public enum Reduction: Sendable {
  /// They stay as they are.
  case none
  /// Their mean.
  case mean
  /// Their sum.
  case sum
}

/// How far a prediction is from its target: `lossFunction(prediction, target)`.
///
/// A subclass of your own overrides `forward(_:_:)`.
open class Loss: ModuleBase {
  /// What becomes of the losses of single elements.
  public final let reduction: Reduction

  /// A loss with that reduction.
  public init(reduction: Reduction = .mean) { self.reduction = reduction }

  /// Computes the loss. Call the loss itself, `lossFunction(prediction, target)`.
  open func forward(_ prediction: Tensor, _ target: Tensor) -> Tensor {
    fail(typeName, "it does not say what it computes; override forward(_:_:)")
  }

  /// The loss of a prediction, given its target.
  ///
  /// Forward hooks run; what they are given as the input is the prediction.
  public final func callAsFunction(_ prediction: Tensor, _ target: Tensor) -> Tensor {
    runHooks(prediction) { forward($0, target) }
  }

  /// Reduces the losses of single elements.
  public final func reduce(_ losses: Tensor) -> Tensor {
    switch reduction {
    case .none: losses
    case .mean: losses.mean()
    case .sum: losses.sum()
    }
  }

  /// Ends the program where the shapes differ. PyTorch broadcasts them with a warning; [64, 10] and [64, 1] would then be
  /// compared each with each, and the network would learn something else.
  public final func checkShapes(_ prediction: Tensor, _ target: Tensor) {
    if prediction.shape != target.shape {
      fail(
        typeName,
        "the prediction has shape \(prediction.shape) and the target \(target.shape), and they must have the same; "
          + "reshape one of them")
    }
  }
}
