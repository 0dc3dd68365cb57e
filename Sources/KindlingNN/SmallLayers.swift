import Kindling

/// In training, sets each element to 0 with probability p and scales the others by 1/(1 - p), so that the mean stays; in
/// evaluation does nothing. What it computes is `Tensor.dropout`.
public final class Dropout: Module {
  /// The probability that an element is dropped.
  public let p: Double

  /// A layer that drops elements with probability `p`.
  public init(_ p: Double = 0.5) {
    if !(0...1).contains(p) { fail("Dropout", "\(p) is no probability; it must be 0 to 1") }
    self.p = p
  }

  /// The elements that are kept, scaled; all of them in evaluation.
  public override func forward(_ x: Tensor) -> Tensor { x.dropout(p, training: isTraining) }

  /// `p=0.5, inplace=False`.
  public override var extraDescription: String { "p=\(p), inplace=False" }
}

/// Makes the dimensions from `startDim` to `endDim` one: pictures in, rows of pixels out.
public final class Flatten: Module {
  /// The first of the dimensions.
  public let startDim: Int
  /// The last of the dimensions.
  public let endDim: Int

  /// A layer that leaves the first dimension, the samples, as it is unless told otherwise.
  public init(startDim: Int = 1, endDim: Int = -1) {
    self.startDim = startDim
    self.endDim = endDim
  }

  /// The same elements in fewer dimensions.
  public override func forward(_ x: Tensor) -> Tensor { x.flatten(startDim: startDim, endDim: endDim) }

  /// `start_dim=1, end_dim=-1`.
  public override var extraDescription: String { "start_dim=\(startDim), end_dim=\(endDim)" }
}

/// Gives back its input: it holds the place of a layer that is left out.
public final class Identity: Module {
  /// The input.
  public override func forward(_ x: Tensor) -> Tensor { x }
}
