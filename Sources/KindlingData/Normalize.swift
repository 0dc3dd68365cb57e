import Kindling

/// (x - mean) / std: brings features of different sizes to one.
///
/// ```swift
/// let normalize = Normalize(fittedTo: training)
/// let x = normalize(training), unseen = normalize(test)  // both by what is known of the training samples
/// ```
public struct Normalize {
  /// What becomes 0.
  public let mean: Tensor
  /// What becomes 1 beside it.
  public let std: Tensor

  /// Normalises by numbers of your own, in shapes that broadcast against the samples: for images, [n, channels, height,
  /// width], those of each channel are [channels, 1, 1].
  public init(mean: Tensor, std: Tensor) { (self.mean, self.std) = (mean, std) }

  /// Normalises each feature by its mean and standard deviation (that of the samples themselves, divided by n) over the first
  /// dimension of `x`. A feature that is the same in all samples becomes 0.
  public init(fittedTo x: Tensor) {
    if x.rank == 0 || x.shape[0] == 0 { fail("Normalize", "samples of shape \(x.shape) have no mean") }
    mean = x.mean(dim: 0)
    let std = x.std(dim: 0, correction: 0)
    self.std = std.maskedFill(std == 0, 1)
  }

  /// The samples, normalised.
  public func callAsFunction(_ x: Tensor) -> Tensor { (x - mean) / std }
}
