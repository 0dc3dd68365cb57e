import Foundation
import Kindling
import KindlingNN
import KindlingOptim
import TestSupport
import Testing

@Suite struct LayerTests {
  // MARK: Linear

  /// Hashes of the bit patterns that torch.nn.Linear starts with.
  @Test(
    arguments: [
      (0, 784, 100, 0x4635_f21c_e752_1d8, 0xf781_7184_c6aa_8545),
      (1, 784, 100, 0xccca_9893_15e0_a029, 0x4991_8115_565c_e5d3),
      (42, 784, 100, 0xb2ff_66e2_fbb3_63a1, 0xa06e_0857_e258_77a6),
      (0, 5, 3, 0x4bb0_92f8_3d56_a0fd, 0xd152_41c0_fd07_3544),
      (42, 1000, 100, 0x6fe6_2b5a_9f2a_db5b, 0xe44e_ed6a_994b_1478),
    ] as [(Int, Int, Int, UInt64, UInt64)]) func linearStartsAsPyTorchs(
      _ seed: Int, _ inputs: Int, _ outputs: Int, _ weight: UInt64, _ bias: UInt64
    )
  {
    manualSeed(seed)
    let layer = Linear(inputs, outputs)
    #expect(hash(layer.weight) == weight)
    #expect(hash(layer.bias!) == bias)
  }

  private func hash(_ tensor: Tensor) -> UInt64 {
    tensor.toArray(of: Float.self).reduce(1_469_598_103_934_665_603) {
      ($0 ^ UInt64($1.bitPattern)) &* 1_099_511_628_211
    }
  }

  @Test func linearTakesAnyNumberOfLeadingDimensions() {
    let layer = Linear(3, 2)
    noGrad {
      _ = layer.weight.copy_(Tensor([[1.0, 2, 3], [4, 5, 6]]))
      _ = layer.bias!.copy_(Tensor([0.5, -0.5]))
    }
    #expect(layer(Tensor([1.0, 0, 1])).toArray() == [4.5, 9.5])
    #expect(layer(Tensor([1.0, 0, 1])).shape == [2])
    #expect(layer(Tensor.ones(4, 3)).shape == [4, 2])
    let batch = layer(Tensor.ones(2, 5, 3))
    #expect(batch.shape == [2, 5, 2])
    #expect(batch[1, 4].toArray() == [6.5, 14.5])
    #expect(layer(Tensor.ones(3, 4).t()[0..<2].contiguous().expand(2, 2, 3)).shape == [2, 2, 2])
    #expect(layer(Tensor.zeros(0, 3)).shape == [0, 2])
    #expect(Linear(3, 2, bias: false).bias == nil)
  }

  /// Lessons 2 and 3 multiply by w, 4 and 5 by the transpose of a weight: the same numbers, to the last bit.
  @Test(
    .enabled(if: Products.areOurs, Products.notOurs),
    arguments: [(64, 784, 100, 10), (1797, 64, 100, 10), (7, 5, 3, 2)])
  func linearIsTheProductBitForBit(_ n: Int, _ dIn: Int, _ h: Int, _ dOut: Int) {
    manualSeed(0)
    let x = Tensor.randn(n, dIn), y = Tensor.randn(n, dOut)
    let w1 = Tensor.randn(dIn, h, requiresGrad: true), w2 = Tensor.randn(h, dOut, requiresGrad: true)
    let model = Sequential(Linear(dIn, h, bias: false), ReLU(), Linear(h, dOut, bias: false))
    noGrad { for (p, w) in zip(model.parameters(), [w1, w2]) { p.copy_(w.t()) } }
    let optimizer = SGD(model.parameters(), learningRate: 1e-6)
    for _ in 0..<5 {
      let byHand = (x.mm(w1).clamp(min: 0).mm(w2) - y).pow(2).sum()
      byHand.backward()
      let loss = MSELoss(reduction: .sum)(model(x), y)
      optimizer.zeroGrad()
      loss.backward()
      #expect(loss.item() == byHand.item())
      for (p, w) in zip(model.parameters(), [w1, w2]) { #expect(differences(p.grad!.t(), w.grad!) == 0) }
      optimizer.step()
      noGrad {
        for w in [w1, w2] {
          w -= 1e-6 * w.grad!
          w.grad = nil
        }
      }
      for (p, w) in zip(model.parameters(), [w1, w2]) { #expect(differences(p.t(), w) == 0) }
    }
  }

  /// How many elements differ. (A failed comparison of arrays would print them all.)
  private func differences(_ x: Tensor, _ y: Tensor) -> Int { noGrad { (x != y).sum().item(as: Int.self) } }

  // MARK: Sequential

  @Test(.enabled(if: Compiler.isThere)) func aLossIsNoLayerOfASequential() throws {
    let layers = try Compiler.check("import KindlingNN\nlet model = Sequential(ReLU())\n")
    #expect(layers.status == 0, "\(layers.error)")
    let loss = try Compiler.check("import KindlingNN\nlet model = Sequential(MSELoss())\n")
    #expect(loss.status == 1 && loss.error.contains("main.swift:2:13: error: no exact matches"), "\(loss.error)")
  }

  @Test func sequentialByPlaceAndByName() {
    let model = Sequential(Linear(2, 3), ReLU())
    model.append(Linear(3, 1))
    #expect(model.count == 3 && model[-1] === model[2] && model["1"] is ReLU && model["x"] == nil)
    #expect(model.namedParameters().map(\.name) == ["0.weight", "0.bias", "2.weight", "2.bias"])
    model[1] = Tanh()
    #expect(model[1] is Tanh)
    let named = Sequential(["hidden": Linear(2, 3), "act": ReLU(), "out": Linear(3, 1)])
    #expect(named.namedParameters().map(\.name) == ["hidden.weight", "hidden.bias", "out.weight", "out.bias"])
    #expect(named["act"] is ReLU)
    let x = Tensor.randn(4, 2)
    #expect(named(x).toArray() == named["out"]!(named["hidden"]!(x).relu()).toArray())
    #expect(Sequential()(x) === x)
    #expect(Sequential([Identity(), Identity()])(x) === x)
  }

  // MARK: The others

  @Test func activationsAreTheirFunctions() {
    let x = Tensor([[-2.0, -0.5, 0], [0.5, 1, 30]])
    let pairs: [(Module, Tensor)] = [
      (ReLU(), x.relu()), (LeakyReLU(0.2), x.leakyReLU(0.2)), (GELU(), x.gelu()),
      (GELU(approximate: .tanh), x.gelu(approximate: .tanh)), (SiLU(), x.silu()), (Sigmoid(), x.sigmoid()),
      (Tanh(), x.tanh()), (Softplus(beta: 2, threshold: 10), x.softplus(beta: 2, threshold: 10)),
      (Softmax(dim: 1), x.softmax(dim: 1)), (LogSoftmax(dim: 0), x.logSoftmax(dim: 0)), (Identity(), x),
      (Flatten(), x), (Flatten(startDim: 0), x.flatten()),
    ]
    for (module, expected) in pairs {
      #expect(module(x).toArray() == expected.toArray() && module(x).shape == expected.shape, "\(module)")
    }
    #expect(Flatten()(Tensor.zeros(2, 3, 4)).shape == [2, 12])
  }

  /// The places that torch.nn.Dropout(0.3) drops after manual_seed(0), and its scale.
  @Test func dropoutDropsAsPyTorch() {
    manualSeed(0)
    let layer = Dropout(0.3)
    let kept = layer(Tensor.ones(4, 5)).toArray(of: Float.self)
    let dropped = [0, 1, 3, 5, 19]
    #expect(kept.indices.filter { kept[$0] == 0 } == dropped)
    #expect(kept.enumerated().allSatisfy { dropped.contains($0.offset) || $0.element == 1.4285714626312256 })
    manualSeed(0)
    let double = layer(Tensor.ones(7, dtype: .float64)).toArray()
    #expect(double == [0, 0, 1.4285714285714286, 0, 1.4285714285714286, 0, 1.4285714285714286])
  }

  @Test func dropoutIsIdentityInEvaluation() {
    let x = Tensor.ones(100, requiresGrad: true)
    #expect(Dropout(0.5).eval()(x) === x)
    #expect(Dropout(0)(x) === x)
    #expect(Dropout(1)(x).toArray() == Array(repeating: 0, count: 100))
    // A gradient passes where an element did, scaled alike.
    let y = Dropout(0.5)(x)
    y.sum().backward()
    #expect(x.grad!.toArray() == y.toArray())
  }

  // MARK: Losses

  /// Value and gradient, so that lessons 3 and 4 agree.
  @Test func summedMSEIsTheArticlesFormulaBitForBit() {
    manualSeed(1)
    let prediction = Tensor.randn(64, 10, requiresGrad: true), target = Tensor.randn(64, 10)
    let loss = MSELoss(reduction: .sum)(prediction, target)
    loss.backward()
    let gradient = prediction.grad!
    prediction.grad = nil
    let byHand = (prediction - target).pow(2).sum()
    byHand.backward()
    #expect(loss.item() == byHand.item())
    #expect(differences(gradient, prediction.grad!) == 0)
  }

  @Test func targetsTakeNoGradientUnlessAsked() {
    let prediction = Tensor.randn(4, 3, requiresGrad: true)
    let target = Tensor([0, 2, 1, 1])
    CrossEntropyLoss()(prediction, target).backward()
    // Each row's gradient is a softmax less a one: 0 in sum, but for rounding of numbers below 1.
    #expect(prediction.grad!.sum(dim: 1).abs().max().item() < 1e-6)
    #expect(target.grad == nil)
  }

  @Test func weightsOfALossMoveWithIt() {
    let loss = CrossEntropyLoss(weight: Tensor([1.0, 2.0])).to(.float64)
    #expect(loss.weight!.dtype == .float64)
    #expect(loss(Tensor.zeros(1, 2, dtype: .float64), Tensor([1])).dtype == .float64)
  }

  // MARK: Initialisers

  @Test func initialisersFillLeavesInPlace() {
    let parameter = Parameter(Tensor.zeros(3, 3))
    #expect(Init.eye_(parameter) === parameter)
    #expect(parameter.toArray() == [1, 0, 0, 0, 1, 0, 0, 0, 1])
    #expect(Init.constant_(parameter, 0.25).toArray() == Array(repeating: 0.25, count: 9))
    #expect(parameter.isLeaf && parameter.requiresGrad)
    let q = Init.orthogonal_(Tensor.zeros(5, 8, dtype: .float64))
    // Perpendicular to rounding, in float64.
    #expect((q.mm(q.t()) - Tensor.eye(5, dtype: .float64)).abs().max().item() < 1e-14)
    let bounded = Init.truncNormal_(Tensor.zeros(1000), mean: 0, std: 1, a: 1.5, b: 3)
    #expect(bounded.min().item() >= 1.5 && bounded.max().item() <= 3)
  }
}

// MARK: Mistakes

extension LayerTests {
  private static func zeros(_ sizes: Int..., dtype: DType = .float32) -> Tensor {
    Tensor.zeros(Shape(sizes), dtype: dtype)
  }

  static let mistakes: [Mistake] = [
    .init(
      "Linear: an input of shape [64, 784] does not fit a layer of 1000 inputs: its last dimension must have that size"
    ) { _ = Linear(1000, 100)(zeros(64, 784)) },
    .init("Linear: an input of shape [] does not fit a layer of 1 inputs: its last dimension must have that size") {
      _ = Linear(1, 1)(zeros())
    },
    .init("Linear: -1 inputs and 2 outputs; sizes cannot be negative") { _ = Linear(-1, 2) },
    .init("Dropout: 1.5 is no probability; it must be 0 to 1") { _ = Dropout(1.5) },
    .init("Sequential: there is no module 2; there are 1") { _ = Sequential(ReLU())[2] },
    .init("Sequential: \"a.b\" cannot be a name: it is empty or has a dot in it") { _ = Sequential(["a.b": ReLU()]) },
    .init("Sequential: the name a is given twice") { _ = Sequential(["a": ReLU(), "a": ReLU()]) },
    .init(
      "MSELoss: the prediction has shape [64, 10] and the target [64, 1], and they must have the same; reshape one of them"
    ) { _ = MSELoss()(zeros(64, 10), zeros(64, 1)) },
    .init(
      "CrossEntropyLoss: a target of class numbers of shape [4, 1] does not fit a prediction of shape [4, 3]; "
        + "it must have shape [4]"
    ) { _ = CrossEntropyLoss()(zeros(4, 3), zeros(4, 1, dtype: .int64)) },
    .init(
      "CrossEntropyLoss: the prediction has shape [4, 3] and the target [4], and they must have the same; "
        + "reshape one of them"
    ) { _ = CrossEntropyLoss()(zeros(4, 3), zeros(4)) },
    .init("NLLLoss: the target is float32; class numbers are int64, and convert with to(.int64)") {
      _ = NLLLoss()(zeros(4, 3), zeros(4))
    },
    .init("NLLLoss: a weight of shape [2] for 3 classes") {
      _ = NLLLoss(weight: zeros(2))(zeros(4, 3), zeros(4, dtype: .int64))
    },
    .init("CrossEntropyLoss: ignoreIndex 1 has no meaning for a target of probabilities") {
      _ = CrossEntropyLoss(ignoreIndex: 1)(zeros(4, 3), zeros(4, 3))
    },
    .init(
      "Linear: an input of shape [1, 3] does not fit a layer of 4 inputs: its last dimension must have that size; "
        + "in model.inner.2 (Linear)"
    ) { _ = Sequential(["inner": Sequential(Linear(2, 3), ReLU(), Linear(4, 1))])(zeros(1, 2)) },
    .init("CrossEntropyLoss: a labelSmoothing of 2.0; it must be 0 to 1") { _ = CrossEntropyLoss(labelSmoothing: 2) },
    .init("SmoothL1Loss: a beta of -1.0; it must be 0 or more") { _ = SmoothL1Loss(beta: -1) },
    .init("kaimingUniform_: shape [3] has no inputs and outputs; two dimensions or more are needed") {
      Init.kaimingUniform_(zeros(3))
    },
    .init("eye_: shape [2, 2, 2] is not a matrix") { Init.eye_(zeros(2, 2, 2)) },
  ]

  @Test(arguments: mistakes.indices) func endsWithItsMessage(_ number: Int) async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { [number] in
      LayerTests.mistakes[number].make()
    }
    #expect(fatalMessage(result) == LayerTests.mistakes[number].message)
  }

  @Test func initialisersWriteIntoParametersUnrecorded() {
    let weight = Linear(4, 3).weight
    Init.constant_(weight, 2)
    #expect(weight.toArray() == Array(repeating: 2, count: 12))
    for initialise in [
      { Init.uniform_($0) }, { Init.normal_($0) }, { Init.xavierNormal_($0) }, { Init.kaimingUniform_($0) },
    ]
      as [(Tensor) -> Tensor]
    {
      let before = weight.toArray()
      #expect(initialise(weight).toArray() != before)
      #expect(weight.isLeaf && weight.requiresGrad)
    }
  }
}
