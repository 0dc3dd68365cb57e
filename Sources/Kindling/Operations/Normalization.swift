// Numbers brought to mean 0 and variance 1: over a batch, or within a sample.

extension Tensor {
  /// (x - mean) / √(variance + eps) · weight + bias, channel by channel: dimension 1, or what is in it, is the channels.
  ///
  /// In training, mean and variance are those of the channel's elements in this batch, the variance over n; the running ones,
  /// if there are some, then move towards them: running ← (1 - momentum) running + momentum · now, where the variance is
  /// over n - 1. In evaluation they are the running ones.
  ///
  /// Source: Ioffe and Szegedy, "Batch normalization", arXiv:1502.03167.
  ///
  /// - Parameters:
  ///   - runningMean: A number for each channel, written in place in training; needed in evaluation.
  ///   - runningVar: The same of the variance.
  ///   - weight: A factor for each channel.
  ///   - bias: A summand for each channel.
  ///   - training: Whether to take mean and variance from this batch. A channel then needs more than one element, or else
  ///     the program ends.
  ///   - momentum: How far running numbers move in one batch, from 0 to 1.
  ///   - eps: Keeps the divisor from 0.
  /// - Returns: A tensor of the same shape.
  public func batchNorm(
    runningMean: Tensor? = nil, runningVar: Tensor? = nil, weight: Tensor? = nil, bias: Tensor? = nil,
    training: Bool = false, momentum: Double = 0.1, eps: Double = 1e-5
  ) -> Tensor {
    checkBatchNorm([
      ("runningMean", runningMean), ("runningVar", runningVar), ("weight", weight), ("bias", bias),
    ])
    var normalization = Normalization(.channels(of: self), eps: eps)
    if training {
      checkBatchSize()
    } else {
      guard let runningMean, let runningVar else {
        fail("batch_norm", "without training it needs a runningMean and a runningVar")
      }
      normalization.given = (runningMean.asChannels(rank), runningVar.asChannels(rank))
    }
    let (y, mean, variance) = normalization.apply("batch_norm", to: self, weight, bias)
    if training && elementCount > 0 {
      let n = Double(elementCount / shape[1])
      runningMean?.move(towards: mean, by: momentum)
      runningVar?.move(towards: variance * (n / (n - 1)), by: momentum)
    }
    return y
  }

  /// (x - mean) / √(variance + eps) · weight + bias, where mean and variance, over n, are those of the last dimensions.
  ///
  /// Source: Ba, Kiros and Hinton, "Layer normalization", arXiv:1607.06450.
  ///
  /// - Parameters:
  ///   - normalizedShape: The sizes of the last dimensions, over which mean and variance are taken.
  ///   - weight: A factor for each place of these dimensions.
  ///   - bias: A summand for each place of them.
  ///   - eps: Keeps the divisor from 0.
  /// - Returns: A tensor of the same shape.
  public func layerNorm(
    _ normalizedShape: Shape, weight: Tensor? = nil, bias: Tensor? = nil, eps: Double = 1e-5
  ) -> Tensor {
    checkLastDimensions(normalizedShape, [("weight", weight), ("bias", bias)], "layer_norm")
    let normalization = Normalization(.lastDimensions(normalizedShape, of: self), eps: eps)
    return normalization.apply("layer_norm", to: self, weight, bias).y
  }

  /// x / √(mean of x² + eps) · weight, where the mean is that of the last dimensions: layer norm without a mean taken off.
  ///
  /// Source: Zhang and Sennrich, "Root mean square layer normalization", arXiv:1910.07467.
  ///
  /// - Parameters:
  ///   - normalizedShape: The sizes of the last dimensions, over which the mean is taken.
  ///   - weight: A factor for each place of these dimensions.
  ///   - eps: Keeps the divisor from 0; nil for the distance from 1 to the next number of this type.
  /// - Returns: A tensor of the same shape.
  public func rmsNorm(_ normalizedShape: Shape, weight: Tensor? = nil, eps: Double? = nil) -> Tensor {
    checkLastDimensions(normalizedShape, [("weight", weight)], "rms_norm")
    let least = dtype == .float64 ? Double.ulpOfOne : Double(Float.ulpOfOne)
    var normalization = Normalization(.lastDimensions(normalizedShape, of: self), eps: eps ?? least)
    normalization.keepsMean = true
    return normalization.apply("rms_norm", to: self, weight, nil).y
  }

  /// A number for each channel, in a shape that broadcasts against a tensor of `rank` dimensions.
  private func asChannels(_ rank: Int) -> Tensor {
    var shape = Shape(repeating: 1, rank: rank)
    shape[1] = elementCount
    return reshape(shape)
  }

  /// Moves a running number of each channel in place, unrecorded.
  private func move(towards now: Tensor, by momentum: Double) {
    noGrad { _ = copy_((1 - momentum) * self + momentum * now.detach().reshape(shape)) }
  }

  // MARK: Checks

  private func checkBatchNorm(_ channels: [(name: String, numbers: Tensor?)]) {
    if !dtype.isFloatingPoint { fail("batch_norm", "the input is \(dtype); convert it with to(.float32) first") }
    if rank < 2 { fail("batch_norm", "an input of shape \(shape) has no channels; they are dimension 1") }
    for case (let name, let numbers?) in channels where numbers.shape != [shape[1]] {
      fail(
        "batch_norm",
        "a \(name) of shape \(numbers.shape) does not fit an input of shape \(shape), of \(shape[1]) channels"
      )
    }
  }

  private func checkBatchSize() {
    if elementCount == shape[1] && elementCount > 0 {
      fail(
        "batch_norm",
        "an input of shape \(shape) has one value for each channel, and in training more are needed: of one value the "
          + "variance is 0; give more samples, or call eval()")
    }
  }

  private func checkLastDimensions(
    _ normalizedShape: Shape, _ places: [(name: String, numbers: Tensor?)], _ operation: String
  ) {
    if !dtype.isFloatingPoint { fail(operation, "the input is \(dtype); convert it with to(.float32) first") }
    if normalizedShape.isEmpty { fail(operation, "a normalizedShape of no dimensions") }
    if Array(shape.suffix(normalizedShape.count)) != Array(normalizedShape) {
      fail(
        operation,
        "an input of shape \(shape) does not fit a normalizedShape of \(normalizedShape): its last dimensions must have "
          + "these sizes")
    }
    for case (let name, let numbers?) in places where numbers.shape != normalizedShape {
      fail(operation, "a \(name) of shape \(numbers.shape) does not fit a normalizedShape of \(normalizedShape)")
    }
  }
}

// MARK: The formula

/// What all of these have in common: groups of numbers that are brought to mean 0 and variance 1 together, and then
/// multiplied and moved. This is the formula, in tensor operations; NormalizationKernels.swift has the same in one pass.
package struct Normalization {
  /// Which numbers are a group, and what has a weight and a bias of its own.
  package enum Groups {
    /// The numbers of a channel, dimension 1, which has one of each.
    case channels(of: Tensor)
    /// The numbers of the last dimensions, of that shape. Each place of them has one of each.
    case lastDimensions(Shape, of: Tensor)
  }

  /// The dimensions that a group reaches along.
  let dims: [Int]
  /// The shape in which a weight or a bias broadcasts against the numbers.
  let parameterShape: Shape
  let isByChannel: Bool
  let eps: Double
  /// Whether the mean stays where it is, so that it is the mean square that becomes 1.
  package var keepsMean = false
  /// Mean and variance, where they are not to be the groups' own. They broadcast against the numbers.
  package var given: (mean: Tensor, variance: Tensor)?

  package init(_ groups: Groups, eps: Double) {
    self.eps = eps
    switch groups {
    case .channels(let x):
      dims = (0..<x.rank).filter { $0 != 1 }
      parameterShape = Shape(repeating: 1, rank: x.rank).replacing(1, with: x.shape[1])
      isByChannel = true
    case .lastDimensions(let shape, let x):
      dims = Array(x.rank - shape.count..<x.rank)
      parameterShape = shape
      isByChannel = false
    }
  }

  /// Mean and variance of each group.
  private func moments(of x: Tensor) -> (mean: Tensor, variance: Tensor) {
    if let given { return given }
    let mean = keepsMean ? Tensor.zeros([], dtype: x.dtype, device: x.device) : x.mean(dims: dims, keepDim: true)
    return (mean, (x - mean).square().mean(dims: dims, keepDim: true))
  }

  /// (x - mean) / √(variance + eps) · weight + bias, and the mean and the variance.
  package func formula(_ x: Tensor, _ weight: Tensor?, _ bias: Tensor?) -> (y: Tensor, mean: Tensor, variance: Tensor) {
    let (mean, variance) = moments(of: x)
    var y = (x - mean) * (variance + eps).rsqrt()
    if let weight { y = y * weight.reshape(parameterShape) }
    if let bias { y = y + bias.reshape(parameterShape) }
    return (y, mean, variance)
  }

  /// The gradients of x, weight and bias. With z = (x - mean) · s, s = 1 / √(variance + eps), and g, what arrives at z,
  ///
  ///     dx = s · (g - mean of g - z · mean of g · z)
  ///
  /// over each group: an x moves its own z, and through mean and variance those of the whole group, which takes back
  /// what would move or stretch it. Where these are given, only g is left.
  package func gradientFormula(
    _ dy: Tensor, _ x: Tensor, _ weight: Tensor?
  ) -> (dx: Tensor, dWeight: Tensor, dBias: Tensor) {
    let (mean, variance) = moments(of: x)
    let s = (variance + eps).rsqrt()
    let z = (x - mean) * s
    var g = dy
    if let weight { g = g * weight.reshape(parameterShape) }
    if given == nil {
      let stretch = z * (g * z).mean(dims: dims, keepDim: true)
      g = keepsMean ? g - stretch : g - g.mean(dims: dims, keepDim: true) - stretch
    }
    // Those of last dimensions are summed by the engine, as of all that was broadcast.
    let (dWeight, dBias) = isByChannel ? ((dy * z).sum(dims: dims), dy.sum(dims: dims)) : (dy * z, dy)
    return (s * g, dWeight, dBias)
  }
}
