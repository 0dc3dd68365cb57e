import Kindling
import TestSupport
import Testing

/// The kernels of normalizations beside their formula in tensor operations: values, gradients, second derivatives, and
/// what the running numbers are made of, at sizes that use all of the kernels' loops.
@Suite(.serialized) struct NormalizationKernelTests {
  /// A way to normalize, through the library and by the formula.
  struct Kind: Sendable, CustomTestStringConvertible {
    let name: String
    let isByChannel: Bool
    var eps = 1e-5
    var keepsMean = false
    var isTraining = true
    var testDescription: String { name }

    static let all = [
      Kind(name: "batch norm", isByChannel: true), Kind(name: "batch norm, eps", isByChannel: true, eps: 0.1),
      Kind(name: "batch norm, evaluation", isByChannel: true, isTraining: false),
      Kind(name: "layer norm", isByChannel: false), Kind(name: "layer norm, eps", isByChannel: false, eps: 0.1),
      Kind(name: "RMS norm", isByChannel: false, eps: 1e-6, keepsMean: true),
    ]

    func parameterShape(_ x: Tensor) -> Shape { [isByChannel ? x.shape[1] : x.shape[x.rank - 1]] }

    /// Mean and variance for evaluation.
    private func running(_ x: Tensor) -> (mean: Tensor, variance: Tensor) {
      let shape = parameterShape(x)
      return (
        Tensor.randn(shape, dtype: x.dtype, device: x.device, generator: Generator(seed: 7)),
        Tensor.rand(shape, dtype: x.dtype, device: x.device, generator: Generator(seed: 8)) + 0.5
      )
    }

    func kernel(_ x: Tensor, _ weight: Tensor?, _ bias: Tensor?) -> Tensor {
      let shape = parameterShape(x)
      if keepsMean { return x.rmsNorm(shape, weight: weight, eps: eps) }
      if !isByChannel { return x.layerNorm(shape, weight: weight, bias: bias, eps: eps) }
      if isTraining { return x.batchNorm(weight: weight, bias: bias, training: true, eps: eps) }
      let (mean, variance) = running(x)
      return x.batchNorm(runningMean: mean, runningVar: variance, weight: weight, bias: bias, eps: eps)
    }

    func formula(_ x: Tensor, _ weight: Tensor?, _ bias: Tensor?) -> Tensor {
      let groups: Normalization.Groups =
        isByChannel ? .channels(of: x) : .lastDimensions(parameterShape(x), of: x)
      var normalization = Normalization(groups, eps: eps)
      normalization.keepsMean = keepsMean
      if !isTraining {
        let (mean, variance) = running(x)
        let shape = Shape([1, x.shape[1]] + [Int](repeating: 1, count: x.rank - 2))
        normalization.given = (mean.reshape(shape), variance.reshape(shape))
      }
      return normalization.formula(x, weight, keepsMean ? nil : bias).y
    }
  }

  /// Value, gradients, and gradients of a sum of their squares, as one list.
  private static func everything(
    _ x: Tensor, _ weight: Tensor?, _ bias: Tensor?, _ function: (Tensor, Tensor?, Tensor?) -> Tensor
  ) -> [Tensor] {
    let inputs = [x] + [weight, bias].compactMap { $0 }
    let y = function(x, weight, bias)
    let dy = Tensor.randn(y.shape, dtype: y.dtype, generator: Generator(seed: 9)).to(y.device)
    let first = grad(of: (y * dy).sum(), wrt: inputs, createGraph: true)
    let plain = grad(of: (function(x, weight, bias) * dy).sum(), wrt: inputs)
    let penalty = ([y] + first).map { $0.square().sum() }.reduce(Tensor(0.0, dtype: y.dtype, device: y.device), +)
    return [y] + first + plain + grad(of: penalty, wrt: inputs.count > 1 ? Array(inputs.prefix(2)) : inputs)
  }

  private static let shapes: [[Int]] = [
    [5, 3], [64, 130], [256, 64], [3, 40, 7], [7, 5, 3, 3], [6, 4, 12, 12], [2, 3, 33, 40], [33, 1],
  ]

  /// float64, so that both sides round little; the second derivative adds up thousands of terms.
  @Test(arguments: Kind.all, shapes) func theKernelIsTheFormula(_ kind: Kind, _ sizes: [Int]) {
    let generator = Generator(seed: 3)
    let x = (Tensor.randn(Shape(sizes), dtype: .float64, generator: generator) * 2 + 30).requiresGrad_()
    let shape = kind.parameterShape(x)
    let weight = Tensor.randn(shape, dtype: .float64, generator: generator).requiresGrad_()
    let bias = kind.keepsMean ? nil : Tensor.randn(shape, dtype: .float64, generator: generator).requiresGrad_()
    for (weight, bias) in [(nil, nil), (weight, nil), (nil, bias), (weight, bias)] as [(Tensor?, Tensor?)] {
      let ours = Self.everything(x, weight, bias, kind.kernel)
      let judge = Self.everything(x, weight, bias, kind.formula)
      for (n, (a, b)) in zip(ours, judge).enumerated() {
        let size = max(1, b.abs().max().item())
        #expect((a - b).abs().max().item() <= 1e-9 * size, "tensor \(n), weight \(weight != nil), bias \(bias != nil)")
      }
    }
  }

  /// Whatever lies in memory in another order, and float32, on every device.
  @Test(arguments: Kind.all, CUDADevices.here + [.cpu]) func theOrderInMemoryDoesNotCount(
    _ kind: Kind, _ device: Device
  ) {
    let generator = Generator(seed: 3)
    let x = Tensor.randn(6, 20, 9, generator: generator).to(device).transpose(1, 2)
    let shape = kind.parameterShape(x)
    let (weight, bias) = (Tensor.randn(2 * shape[0], generator: generator), Tensor.randn(shape, generator: generator))
    let inputs = [x, weight.to(device).reshape(shape[0], 2)[.all, 1], bias.to(device)].map {
      $0.detach().requiresGrad_()
    }
    #expect(!inputs[0].isContiguous && !inputs[1].isContiguous)
    let used = kind.keepsMean ? nil : inputs[2]
    let ours = Self.everything(inputs[0], inputs[1], used, kind.kernel)
    let judge = Self.everything(inputs[0], inputs[1], used, kind.formula)
    for (a, b) in zip(ours, judge) {
      // Sums of up to 180 float32 numbers, and of their products with others.
      #expect((a - b).abs().max().item() <= 2e-5 * max(1, b.abs().max().item()))
    }
  }

  /// An infinite weight of a channel is no part of the sums over it, where ∞ - ∞ would make NaN of all.
  @Test(arguments: CUDADevices.here + [.cpu]) func anInfiniteWeightLeavesAnInfiniteGradient(_ device: Device) {
    let x = Tensor([[1.0, 2], [3, 5], [7, 4], [2, 2]], device: device).requiresGrad_()
    let weight = Tensor([Double.infinity, 2], device: device)
    let y = x.batchNorm(weight: weight, bias: Tensor.zeros(2, device: device), training: true, eps: 1e-5)
    y.backward(gradient: Tensor([[1.0, 2], [-3, 1], [2, 0.5], [0.25, 4]], device: device))
    let gradient = x.grad!.to(.cpu)
    #expect(gradient[.all, 0].toArray() == [.infinity, -.infinity, .infinity, .infinity])
    for (ours, theirs) in zip(gradient[.all, 1].toArray(), [-1.3400, 0.7983, -1.1975, 1.7392]) {
      #expect(abs(ours - theirs) < 1e-4)
    }
  }

  /// Work is divided among threads; sums are cut where the sizes say.
  @Test(arguments: Kind.all, [[256, 64], [1000, 7], [64, 300], [16, 5, 14, 14], [4, 3, 50, 60]])
  func bitsAreTheSameOnAnyNumberOfThreads(_ kind: Kind, _ sizes: [Int]) {
    let generator = Generator(seed: 3)
    let x = Tensor.randn(Shape(sizes), generator: generator).requiresGrad_()
    let weight = Tensor.randn(kind.parameterShape(x), generator: generator).requiresGrad_()
    let bias = Tensor.randn(kind.parameterShape(x), generator: generator).requiresGrad_()
    let results = withThreads([1, 2, 3, 16]) {
      let y = kind.kernel(x, weight, bias)
      let inputs = kind.keepsMean ? [x, weight] : [x, weight, bias]
      return ([y] + grad(of: y.square().sum(), wrt: inputs)).flatMap { $0.toArray() }
    }
    for other in results.dropFirst() { #expect(other == results[0]) }
  }

  /// A mean far from 0 takes no digits from the variance, and equal numbers have none.
  @Test func theVarianceKeepsItsDigits() {
    let far = Tensor([1e6, 1e6 + 1, 1e6 + 2, 1e6 + 3], shape: [4, 1])
    let variance = Tensor.ones(1)
    _ = far.batchNorm(runningMean: Tensor.zeros(1), runningVar: variance, training: true, momentum: 1)
    #expect(abs(variance.item() - 5.0 / 3) < 1e-6)
    #expect(Tensor.full([3, 8], 123456.7).layerNorm([8]).toArray() == [Double](repeating: 0, count: 24))
  }

  /// Numbers that are themselves to be learnt, in the place of running ones.
  @Test func runningNumbersThatAreTrackedGetTheirGradient() {
    let x = Tensor([[1.0, 2], [3, 5]])
    let mean = Tensor.zeros(2, requiresGrad: true)
    x.batchNorm(runningMean: mean, runningVar: Tensor.ones(2), eps: 0).sum().backward()
    #expect(mean.grad!.toArray() == [-2, -2])
  }

  /// What evaluation read counts for its derivative, also after training has moved it on.
  @Test func theGradientIsThatOfTheNumbersThatWereRead() {
    let x = Tensor([[1.0, 2], [3, 5]], requiresGrad: true)
    let (mean, variance) = (Tensor.zeros(2), Tensor.ones(2))
    let y = x.batchNorm(runningMean: mean, runningVar: variance, eps: 0)
    variance.fill_(4)
    y.sum().backward()
    #expect(x.grad!.toArray() == [1, 1, 1, 1])
  }

  /// A parameter of another type takes part as it does in any operation.
  @Test func anotherTypeIsPromoted() {
    let y = Tensor.ones(2, 3).layerNorm([3], weight: Tensor.ones([3], dtype: .float64))
    #expect(y.dtype == .float64)
  }
}
