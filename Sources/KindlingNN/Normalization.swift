import Kindling

/// What `BatchNorm1d` and `BatchNorm2d` share: all but the shapes that they take. The formula stands at `Tensor.batchNorm`.
///
/// In training the numbers of each channel are brought to mean 0 and variance 1 over the batch, and means and variances are
/// remembered; in evaluation what is remembered takes the place of the batch's, so that a sample's result does not depend on
/// its neighbours.
open class BatchNorm: Module {
  /// A factor for each channel, at first 1; nil if the layer was made without.
  public final var weight: Parameter?
  /// A summand for each channel, at first 0; nil if the layer was made without.
  public final var bias: Parameter?
  /// The mean of each channel, as training has come to know it; at first 0.
  public final let runningMean: Buffer?
  /// The variance of each channel, as training has come to know it; at first 1.
  public final let runningVar: Buffer?
  /// How many batches training has seen, int64.
  public final let numBatchesTracked: Buffer?
  /// How many channels there are: the size of dimension 1.
  public final let numFeatures: Int
  /// Keeps the divisor from 0.
  public final let eps: Double
  /// How far the running numbers move in one batch; nil for the plain mean over all batches.
  public final let momentum: Double?

  /// A layer for `numFeatures` channels.
  ///
  /// - Parameters:
  ///   - numFeatures: The size of dimension 1.
  ///   - eps: Keeps the divisor from 0.
  ///   - momentum: How far the running numbers move in one batch; nil for the plain mean over all batches.
  ///   - affine: Whether there are factors and summands.
  ///   - trackRunningStats: Whether means and variances are remembered. If not, evaluation uses the batch's too.
  ///   - bias: Whether there are summands, where there are factors.
  ///   - device: Where the numbers lie.
  ///   - dtype: float32 or float64.
  public init(
    _ numFeatures: Int, eps: Double = 1e-5, momentum: Double? = 0.1, affine: Bool = true,
    trackRunningStats: Bool = true, bias: Bool = true, device: Device = .cpu, dtype: DType = .float32
  ) {
    if numFeatures < 0 { fail("BatchNorm", "\(numFeatures) channels; a size cannot be negative") }
    if let momentum, !momentum.isFinite { fail("BatchNorm", "a momentum of \(momentum); it must be a finite number") }
    self.numFeatures = numFeatures
    self.eps = eps
    self.momentum = momentum
    func ones() -> Tensor { Tensor.ones(numFeatures, dtype: dtype, device: device) }
    weight = affine ? Parameter(ones()) : nil
    self.bias = affine && bias ? Parameter(ones().zero_()) : nil
    runningMean = trackRunningStats ? Buffer(ones().zero_()) : nil
    runningVar = trackRunningStats ? Buffer(ones()) : nil
    numBatchesTracked = trackRunningStats ? Buffer(Tensor(0, device: device)) : nil
  }

  /// (x - mean) / √(variance + eps) · weight + bias, channel by channel.
  public final override func forward(_ x: Tensor) -> Tensor {
    checkRank(x)
    if x.shape[1] != numFeatures {
      fail(typeName, "an input of shape \(x.shape) has \(x.shape[1]) channels, and the layer \(numFeatures)")
    }
    var move = momentum ?? 0
    if isTraining, let numBatchesTracked {
      noGrad { _ = numBatchesTracked.add_(1) }
      if momentum == nil { move = 1 / numBatchesTracked.item() }
    }
    return x.batchNorm(
      runningMean: runningMean, runningVar: runningVar, weight: weight, bias: bias,
      training: isTraining || runningMean == nil, momentum: move, eps: eps)
  }

  /// Ends the program if the input has another number of dimensions than the layer takes.
  func checkRank(_ x: Tensor) {
    if x.rank < 2 { fail(typeName, "an input of shape \(x.shape) has no channels; they are dimension 1") }
  }

  override func members() -> [NamedMember] {
    let parameters = [("weight", weight), ("bias", bias)].compactMap { name, parameter in
      parameter.map { (name, Member.parameter($0)) }
    }
    let buffers = [
      ("running_mean", runningMean), ("running_var", runningVar), ("num_batches_tracked", numBatchesTracked),
    ].compactMap { name, buffer in buffer.map { (name, Member.buffer($0)) } }
    return parameters + buffers
  }

  /// `10, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=True`.
  public override var extraDescription: String {
    func python(_ flag: Bool) -> String { flag ? "True" : "False" }
    return
      "\(numFeatures), eps=\(eps), momentum=\(momentum.map { "\($0)" } ?? "None"), affine=\(python(weight != nil)), "
      + "bias=\(python(bias != nil)), track_running_stats=\(python(runningMean != nil))"
  }
}

/// Batch normalization of vectors: inputs of shape [samples, channels] or [samples, channels, places].
public final class BatchNorm1d: BatchNorm {
  override func checkRank(_ x: Tensor) {
    if x.rank != 2 && x.rank != 3 {
      fail(
        "BatchNorm1d",
        "an input of shape \(x.shape); it must be [samples, \(numFeatures)] or [samples, \(numFeatures), places]")
    }
  }
}

/// Batch normalization of pictures: inputs of shape [samples, channels, height, width].
public final class BatchNorm2d: BatchNorm {
  override func checkRank(_ x: Tensor) {
    if x.rank != 4 {
      fail("BatchNorm2d", "an input of shape \(x.shape); it must be [samples, \(numFeatures), height, width]")
    }
  }
}

/// Brings the numbers of each sample to mean 0 and variance 1 over its last dimensions, in training and in evaluation alike.
/// The formula stands at `Tensor.layerNorm`.
public final class LayerNorm: Module {
  /// The sizes of the last dimensions, over which mean and variance are taken.
  public let normalizedShape: Shape
  /// A factor for each place of them, at first 1; nil if the layer was made without.
  public var weight: Parameter?
  /// A summand for each place of them, at first 0; nil if the layer was made without.
  public var bias: Parameter?
  /// Keeps the divisor from 0.
  public let eps: Double

  /// A layer over the last dimension, of that size.
  public convenience init(
    _ normalizedSize: Int, eps: Double = 1e-5, elementwiseAffine: Bool = true, bias: Bool = true,
    device: Device = .cpu, dtype: DType = .float32
  ) {
    self.init(
      [normalizedSize], eps: eps, elementwiseAffine: elementwiseAffine, bias: bias, device: device, dtype: dtype)
  }

  /// A layer over the last dimensions, of these sizes, with factors and summands unless it is to have none.
  public init(
    _ normalizedShape: Shape, eps: Double = 1e-5, elementwiseAffine: Bool = true, bias: Bool = true,
    device: Device = .cpu, dtype: DType = .float32
  ) {
    normalizedShape.checkIsNormalizedShape("LayerNorm")
    self.normalizedShape = normalizedShape
    self.eps = eps
    weight = elementwiseAffine ? Parameter(Tensor.ones(normalizedShape, dtype: dtype, device: device)) : nil
    self.bias =
      elementwiseAffine && bias ? Parameter(Tensor.zeros(normalizedShape, dtype: dtype, device: device)) : nil
  }

  /// (x - mean) / √(variance + eps) · weight + bias.
  public override func forward(_ x: Tensor) -> Tensor {
    x.layerNorm(normalizedShape, weight: weight, bias: bias, eps: eps)
  }

  override func members() -> [NamedMember] {
    [("weight", weight), ("bias", bias)].compactMap { name, parameter in
      parameter.map { (name, .parameter($0)) }
    }
  }

  /// `(5,), eps=1e-05, elementwise_affine=True, bias=True`.
  public override var extraDescription: String {
    "\(normalizedShape.asTuple), eps=\(eps), elementwise_affine=\(weight == nil ? "False" : "True"), "
      + "bias=\(bias == nil ? "False" : "True")"
  }
}

/// Divides the numbers of each sample by the root of their mean square over its last dimensions, in training and in
/// evaluation alike. The formula stands at `Tensor.rmsNorm`.
public final class RMSNorm: Module {
  /// The sizes of the last dimensions, over which the mean is taken.
  public let normalizedShape: Shape
  /// A factor for each place of them, at first 1; nil if the layer was made without.
  public var weight: Parameter?
  /// Keeps the divisor from 0; nil for the distance from 1 to the next number of the input's type.
  public let eps: Double?

  /// A layer over the last dimension, of that size.
  public convenience init(
    _ normalizedSize: Int, eps: Double? = nil, elementwiseAffine: Bool = true, device: Device = .cpu,
    dtype: DType = .float32
  ) {
    self.init([normalizedSize], eps: eps, elementwiseAffine: elementwiseAffine, device: device, dtype: dtype)
  }

  /// A layer over the last dimensions, of these sizes, with factors unless it is to have none.
  public init(
    _ normalizedShape: Shape, eps: Double? = nil, elementwiseAffine: Bool = true, device: Device = .cpu,
    dtype: DType = .float32
  ) {
    normalizedShape.checkIsNormalizedShape("RMSNorm")
    self.normalizedShape = normalizedShape
    self.eps = eps
    weight = elementwiseAffine ? Parameter(Tensor.ones(normalizedShape, dtype: dtype, device: device)) : nil
  }

  /// x / √(mean of x² + eps) · weight.
  public override func forward(_ x: Tensor) -> Tensor { x.rmsNorm(normalizedShape, weight: weight, eps: eps) }

  override func members() -> [NamedMember] { weight.map { [("weight", .parameter($0))] } ?? [] }

  /// `(5,), eps=None, elementwise_affine=True`.
  public override var extraDescription: String {
    "\(normalizedShape.asTuple), eps=\(eps.map { "\($0)" } ?? "None"), "
      + "elementwise_affine=\(weight == nil ? "False" : "True")"
  }
}

extension Shape {
  /// As Python prints a tuple: `(5,)`, `(2, 3)`.
  fileprivate var asTuple: String { "(" + map(String.init).joined(separator: ", ") + (count == 1 ? ",)" : ")") }

  /// Ends the program unless there are dimensions, of sizes from 0 on.
  fileprivate func checkIsNormalizedShape(_ layer: String) {
    if isEmpty || contains(where: { $0 < 0 }) {
      fail(layer, "a normalizedShape of \(self); it must have one dimension or more, of sizes from 0 on")
    }
  }
}
