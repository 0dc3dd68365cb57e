import Kindling
import KindlingNN
import KindlingOptim
import TestSupport
import Testing

/// What attention does besides its formula, which OperationTableLayers compares with PyTorch, with gradients and second
/// derivatives.
@Suite struct AttentionTests {
  /// Sums of squares, from torch.nn.MultiheadAttention(8, 2) after torch.manual_seed(0).
  @Test func multiheadAttentionStartsAndLearnsAsPyTorchs() {
    manualSeed(0)
    let layer = MultiheadAttention(8, 2)
    let names = ["in_proj_weight", "in_proj_bias", "out_proj.weight", "out_proj.bias"]
    #expect(layer.namedParameters().map(\.name) == names)
    #expect(isClose(layer.parameters().map(squares), [11.983547065082767, 0, 2.589772125480283, 0]))
    #expect(layer.inProjWeight[0, 1].item(as: Float.self) == 0.3587723970413208)
    let x = Tensor.randn(5, 3, 8)
    let (output, weights) = layer(x, x, x)
    #expect(isClose([output.sum().item(), squares(weights!)], [0.4030562788248062, 3.365645376119598]))
    output.square().sum().backward()
    let gradients = [231.85381472349772, 6.975939418844262, 150.71159292647258, 21.57806117217719]
    #expect(isClose(layer.parameters().map { squares($0.grad!) }, gradients))
  }

  private func squares(_ tensor: Tensor) -> Double { noGrad { tensor.to(.float64).square().sum().item() } }

  /// Sums of some hundred products in float32.
  private func isClose(_ numbers: [Double], _ expected: [Double]) -> Bool {
    zip(numbers, expected).allSatisfy { abs($0 - $1) <= 1e-5 * max(1, abs($1)) }
  }

  /// The first numbers of torch.nn.functional.scaled_dot_product_attention after torch.manual_seed(3).
  @Test func dropsTheWeightsThatPyTorchDrops() {
    manualSeed(3)
    let x = (0..<3).map { _ in Tensor.randn(2, 3, 4) }
    let got = scaledDotProductAttention(x[0], x[1], x[2], dropoutP: 0.4, isCausal: true).flatten()[0..<8].toArray()
    let expected = [
      0.3117380142211914, -0.3022046685218811, -0.1522713303565979, -1.2248711585998535, 2.1519131660461426,
      0.25409194827079773, -1.4805614948272705, -0.6360660791397095,
    ]
    #expect(isClose(got, expected), "\(got)")
  }

  @Test func nothingIsDroppedInEvaluation() {
    manualSeed(0)
    let layer = MultiheadAttention(4, 1, dropout: 0.9, bias: false, batchFirst: true).eval()
    let x = Tensor.randn(2, 3, 4)
    let (_, weights) = layer(x, x, x)
    #expect(isClose(weights!.sum(dim: -1).toArray(), [Double](repeating: 1, count: 6)))
    #expect(layer(x, x, x, needWeights: false).weights == nil && layer.parameters().count == 2)
  }

  /// A query that may look at nothing gets zeros, and neither values nor gradients become NaN.
  @Test func aBlindQueryGetsZeros() {
    let x = Tensor.randn(2, 3, requiresGrad: true)
    let y = scaledDotProductAttention(x, x, x, attnMask: Tensor([[false, false], [true, true]]))
    y.sum().backward()
    #expect(y[0].toArray() == [0, 0, 0])
    #expect(x.grad!.toArray().allSatisfy { $0.isFinite })
  }

  /// Scores that are all -∞ are those of a query that may look at nothing, whatever made them so: PyTorch's numbers.
  @Test(arguments: CUDADevices.names + ["cpu"], [false, true])
  func aQueryWhoseScoresAreAllMinusInfinityGetsZeros(_ name: String, _ isCausal: Bool) throws {
    let device = try Device(name)
    let q = Tensor([[1.0, -Double.infinity], [1, 1]], device: device).requiresGrad_()
    let k = Tensor([[1.0, 1], [2, 1]], device: device).requiresGrad_()
    let v = Tensor([[1.0, 1], [3, 5]], device: device).requiresGrad_()
    let y = scaledDotProductAttention(q, k, v, isCausal: isCausal)
    y.sum().backward()
    func isNear(_ x: Tensor, _ expected: [Double]) -> Bool {
      zip(x.toArray(), expected).allSatisfy { $1.isNaN ? $0.isNaN : abs($0 - $1) <= 1e-6 }
    }
    #expect(isNear(y, [0, 0, 2.3395228385925293, 3.679046154022217]))
    #expect(isNear(q.grad!, [0, 0, 0.938391923904419, 0]))
    #expect(isNear(k.grad!, [-0.9383915662765503, .nan, 0.9383917450904846, .nan]))
    #expect(isNear(v.grad!, [0.3302384316921234, 0.3302384316921234, 0.6697615385055542, 0.6697615385055542]))
  }

  /// What a query sees does not depend on what comes after it.
  @Test func aCausalLayerDoesNotLookAhead() {
    manualSeed(0)
    let layer = MultiheadAttention(4, 2, batchFirst: true)
    let x = Tensor.randn(1, 5, 4)
    let long = layer(x, x, x, isCausal: true).output
    let part = x[0..., 0..<3]
    let short = layer(part, part, part, isCausal: true).output
    #expect(isClose(long[0..., 0..<3].flatten().toArray(), short.flatten().toArray()))
  }

  /// A head that shares the table of the tokens: one weight, whose gradient has both parts, on every device and after loading.
  @Test func aTiedHeadIsOneWeight() throws {
    manualSeed(0)
    let model = TiedHead()
    let optimizer = SGD(model.parameters(), learningRate: 1)
    let indices = Tensor([0, 2])
    #expect(model.namedParameters().map(\.name) == ["tokens.weight"])
    #expect(model.stateDict().keys.sorted() == ["head.weight", "tokens.weight"])
    let before = model.tokens.weight.detach().clone()
    model(indices).sum().backward()
    // ∂ Σᵢⱼ wᵢ·wⱼ, where i is an index and j any row: for each row the sum of the looked-up ones, and for a looked-up one that
    // of all rows too.
    let looked = before[0] + before[2]
    let expected = stack([looked + before.sum(dim: 0), looked, looked + before.sum(dim: 0)])
    #expect(isClose(model.tokens.weight.grad!.flatten().toArray(), expected.flatten().toArray()))
    optimizer.step()
    let stepped = (before - expected).flatten().toArray()
    #expect(isClose(model.head.weight.flatten().toArray(), stepped))
    let other = TiedHead()
    try other.load(stateDict: model.stateDict())
    #expect(other.head.weight === other.tokens.weight)
    #expect(other(indices).toArray() == model(indices).toArray())
    let emulator = try Device("cuda-emulator")
    other.to(emulator)
    #expect(other.head.weight === other.tokens.weight && other.head.weight.device == emulator)
  }

  private static func zeros(_ sizes: Int...) -> Tensor { Tensor.zeros(Shape(sizes)) }

  static let mistakes: [Mistake] = [
    .init(
      "scaledDotProductAttention: queries of shape [3, 4] and keys of shape [3, 5]: each must have two dimensions or more, "
        + "and the last of them the same size"
    ) { _ = scaledDotProductAttention(zeros(3, 4), zeros(3, 5), zeros(3, 4)) },
    .init(
      "scaledDotProductAttention: values of shape [2, 4] do not fit keys of shape [3, 4]: there must be one for each key"
    ) { _ = scaledDotProductAttention(zeros(3, 4), zeros(3, 4), zeros(2, 4)) },
    .init("scaledDotProductAttention: isCausal is a mask already; leave out attnMask, or put both into one") {
      _ = scaledDotProductAttention(zeros(3, 4), zeros(3, 4), zeros(3, 4), attnMask: zeros(3, 3), isCausal: true)
    },
    .init(
      "scaledDotProductAttention: a mask of shape [2, 2] does not broadcast to [3, 3], the shape of the scores"
    ) { _ = scaledDotProductAttention(zeros(3, 4), zeros(3, 4), zeros(3, 4), attnMask: zeros(2, 2)) },
    .init("scaledDotProductAttention: a mask of int64 for scores of float32; it must be bool or of their type") {
      _ = scaledDotProductAttention(zeros(3, 4), zeros(3, 4), zeros(3, 4), attnMask: Tensor([1, 0, 1]))
    },
    .init(
      "MultiheadAttention: an embedDim of 6 for 4 heads; both must be 1 or more, and the first a multiple of the second"
    ) { _ = MultiheadAttention(6, 4) },
    .init(
      "MultiheadAttention: queries, keys and values of shapes [3, 2, 5], [3, 2, 4] and [3, 2, 4]; they must be "
        + "[length, samples, 4], or all [length, 4], with a value for each key"
    ) { _ = MultiheadAttention(4, 2)(zeros(3, 2, 5), zeros(3, 2, 4), zeros(3, 2, 4)) },
    .init("MultiheadAttention: an attnMask of shape [2, 2]; it must be [3, 3] or [4, 3, 3]") {
      _ = MultiheadAttention(4, 2)(zeros(3, 2, 4), zeros(3, 2, 4), zeros(3, 2, 4), attnMask: zeros(2, 2))
    },
  ]

  @Test(arguments: mistakes.indices) func endsWithItsMessage(_ number: Int) async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { [number] in
      AttentionTests.mistakes[number].make()
    }
    #expect(fatalMessage(result) == AttentionTests.mistakes[number].message)
  }
}

/// Tokens in, a score for each token out, through one table.
private final class TiedHead: Module {
  let tokens = Embedding(3, 2)
  let head = Linear(2, 3, bias: false)

  override init() {
    super.init()
    head.weight = tokens.weight
  }

  override func forward(_ x: Tensor) -> Tensor { head(tokens(x)) }
}
