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
    let centered: Tensor
    let variance: Tensor
    if training {
      checkBatchSize()
      let dims = (0..<rank).filter { $0 != 1 }
      let mean = mean(dims: dims, keepDim: true)
      centered = self - mean
      variance = centered.square().mean(dims: dims, keepDim: true)
      if elementCount > 0 {
        let n = Double(elementCount / shape[1])
        runningMean?.move(towards: mean, by: momentum)
        runningVar?.move(towards: variance * (n / (n - 1)), by: momentum)
      }
    } else {
      guard let runningMean, let runningVar else {
        fail("batch_norm", "without training it needs a runningMean and a runningVar")
      }
      centered = self - runningMean.asChannels(rank)
      variance = runningVar.asChannels(rank)
    }
    let normalized = centered * (variance + eps).rsqrt()
    return normalized.scaled(by: weight?.asChannels(rank), plus: bias?.asChannels(rank))
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
    checkLayerNorm(normalizedShape, [("weight", weight), ("bias", bias)])
    let dims = Array(rank - normalizedShape.count..<rank)
    let centered = self - mean(dims: dims, keepDim: true)
    let variance = centered.square().mean(dims: dims, keepDim: true)
    return (centered * (variance + eps).rsqrt()).scaled(by: weight, plus: bias)
  }

  private func scaled(by weight: Tensor?, plus bias: Tensor?) -> Tensor {
    let product = weight.map { self * $0 } ?? self
    return bias.map { product + $0 } ?? product
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

  private func checkLayerNorm(_ normalizedShape: Shape, _ places: [(name: String, numbers: Tensor?)]) {
    if !dtype.isFloatingPoint { fail("layer_norm", "the input is \(dtype); convert it with to(.float32) first") }
    if normalizedShape.isEmpty { fail("layer_norm", "a normalizedShape of no dimensions") }
    if Array(shape.suffix(normalizedShape.count)) != Array(normalizedShape) {
      fail(
        "layer_norm",
        "an input of shape \(shape) does not fit a normalizedShape of \(normalizedShape): its last dimensions must have "
          + "these sizes")
    }
    for case (let name, let numbers?) in places where numbers.shape != normalizedShape {
      fail("layer_norm", "a \(name) of shape \(numbers.shape) does not fit a normalizedShape of \(normalizedShape)")
    }
  }
}
