import Kindling
import KindlingNN
import KindlingOptim
import TestSupport
import Testing

/// What normalizing layers and tables do besides their formulas, which OperationTableLayers compares with PyTorch.
@Suite struct NormalizationTests {
  private static var batch: Tensor { Tensor([[1.0, 2], [3, -1], [0.5, 4]]).to(.float64) }

  /// After three batches, from torch.nn.BatchNorm1d in float64, whose sums are in another order.
  @Test(
    arguments: [
      (0.1, [0.8415, 0.935], [3.07575, 9.222], [4.651939902578925, -1.2957819985629682]),
      (
        nil, [3, 3.3333333333333335], [8.166666666666668, 29.555555555555557], [2.099561351225964, -1.164964547940983]
      ),
    ] as [(Double?, [Double], [Double], [Double])])
  func runningNumbersArePyTorchs(
    _ momentum: Double?, _ mean: [Double], _ variance: [Double], _ evaluated: [Double]
  ) {
    let layer = BatchNorm1d(2, momentum: momentum, dtype: .float64)
    for k in 1...3 { _ = layer(Self.batch * k) }
    #expect(isClose(layer.runningMean!, mean))
    #expect(isClose(layer.runningVar!, variance))
    #expect(layer.numBatchesTracked!.dtype == .int64 && layer.numBatchesTracked!.item(as: Int.self) == 3)
    let before = layer.stateDict().mapValues { $0.toArray() }
    #expect(isClose(layer.eval()(Self.batch * 3)[1], evaluated))
    #expect(layer.stateDict().mapValues { $0.toArray() } == before)
  }

  /// float64, a few roundings of numbers of size 10.
  private func isClose(_ tensor: Tensor, _ expected: [Double]) -> Bool {
    zip(tensor.toArray(), expected).allSatisfy { abs($0 - $1) < 1e-12 }
  }

  @Test func stateDictsHavePyTorchsNames() {
    #expect(
      BatchNorm2d(3).stateDict().keys.sorted() == [
        "bias", "num_batches_tracked", "running_mean", "running_var", "weight",
      ])
    #expect(BatchNorm1d(3, affine: false, trackRunningStats: false).stateDict().isEmpty)
    #expect(BatchNorm1d(3, bias: false).parameters().count == 1)
    #expect(LayerNorm(3).namedParameters().map(\.name) == ["weight", "bias"])
    #expect(LayerNorm([2, 3], bias: false).namedParameters().map(\.name) == ["weight"])
    #expect(RMSNorm([2, 3]).namedParameters().map(\.name) == ["weight"])
    #expect(RMSNorm(3, elementwiseAffine: false).parameters().isEmpty)
    #expect(Embedding(3, 2).stateDict().keys.sorted() == ["weight"])
    let model = Sequential(Linear(2, 3), BatchNorm1d(3))
    #expect(model.stateDict().keys.contains("1.num_batches_tracked"))
    #expect(model.to(.float64).stateDict()["1.num_batches_tracked"]!.dtype == .int64)
  }

  @Test func arePrintedAsPyTorchs() {
    let printed: [(ModuleBase, String)] = [
      (BatchNorm1d(4), "BatchNorm1d(4, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=True)"),
      (
        BatchNorm2d(3, momentum: nil, affine: false, trackRunningStats: false),
        "BatchNorm2d(3, eps=1e-05, momentum=None, affine=False, bias=False, track_running_stats=False)"
      ),
      (LayerNorm(5), "LayerNorm((5,), eps=1e-05, elementwise_affine=True, bias=True)"),
      (LayerNorm([2, 3], eps: 1e-3, bias: false), "LayerNorm((2, 3), eps=0.001, elementwise_affine=True, bias=False)"),
      (RMSNorm(5), "RMSNorm((5,), eps=None, elementwise_affine=True)"),
      (RMSNorm([2, 3], eps: 1e-3, elementwiseAffine: false), "RMSNorm((2, 3), eps=0.001, elementwise_affine=False)"),
      (Embedding(10, 3), "Embedding(10, 3)"),
      (Embedding(10, 3, paddingIndex: -1), "Embedding(10, 3, padding_idx=9)"),
    ]
    for (module, text) in printed { #expect("\(module)" == text) }
  }

  @Test func withoutRunningNumbersEvaluationUsesTheBatchs() {
    let layer = BatchNorm1d(2, trackRunningStats: false, dtype: .float64)
    let trained = layer(Self.batch).toArray()
    #expect(layer.eval()(Self.batch).toArray() == trained)
  }

  @Test func anEmptyBatchMovesNothing() {
    let layer = BatchNorm1d(2)
    #expect(layer(Tensor.zeros(0, 2)).shape == [0, 2])
    #expect(layer.runningMean!.toArray() == [0, 0] && layer.runningVar!.toArray() == [1, 1])
    #expect(layer.numBatchesTracked!.item() == 1)
  }

  @Test func theRunningNumbersHaveNoHistory() {
    let layer = BatchNorm1d(3)
    layer(Linear(2, 3)(Tensor.randn(4, 2))).sum().backward()
    #expect(layer.runningMean!.isLeaf && !layer.runningMean!.requiresGrad)
  }

  // MARK: Tables, and chance

  /// The numbers of torch.nn.Embedding(3, 2, padding_idx=1) after manual_seed(0), which pass through log, sin and cos.
  @Test func embeddingStartsAsPyTorchs() {
    manualSeed(0)
    let layer = Embedding(3, 2, paddingIndex: 1)
    let expected = [1.5409960746765137, -0.293428897857666, 0, 0, -1.0845223665237427, -1.3985954523086548]
    #expect(zip(layer.weight.toArray(), expected).allSatisfy { abs($0 - $1) < 1e-6 })
  }

  @Test func aPaddingRowStaysAsItIs() {
    let layer = Embedding(3, 2, paddingIndex: 1)
    let optimizer = SGD(layer.parameters(), learningRate: 0.5)
    layer(Tensor([0, 1, 1, 2])).sum().backward()
    #expect(layer.weight.grad!.toArray() == [1, 1, 0, 0, 1, 1])
    optimizer.step()
    #expect(layer.weight[1].toArray() == [0, 0])
  }

  /// The places that PyTorch drops in a transposed matrix, after manual_seed(0): it draws in the order in memory.
  @Test func chanceFollowsTheOrderInMemory() {
    manualSeed(0)
    let kept = Tensor.ones(5, 4).t().dropout(0.3).toArray()
    #expect(kept.indices.filter { kept[$0] == 0 } == [0, 5, 6, 15, 19])
    for (make, name) in [({ Tensor.randLike($0) }, "rand"), ({ Tensor.randnLike($0) }, "randn")]
      as [((Tensor) -> Tensor, String)]
    {
      manualSeed(0)
      let turned = make(Tensor.ones(3, 2).t())
      manualSeed(0)
      #expect(turned.t().toArray() == make(Tensor.ones(3, 2)).toArray(), "\(name)")
      manualSeed(0)
      // Between the elements of a part lie others; it is drawn as a new tensor is.
      #expect(make(Tensor.ones(3, 4)[.all, 0..<2]).toArray() == turned.t().toArray(), "\(name)")
    }
  }
}

// MARK: Lists of modules

@Suite struct ModuleListTests {
  @Test func aListNamesItsModulesByPlace() {
    let list = ModuleList(Linear(2, 2), ReLU())
    list.append(Linear(2, 3)).extend([Tanh(), Tanh()])
    #expect(list.count == 5 && list[-1] is Tanh && list.map { $0 is Linear } == [true, false, true, false, false])
    #expect(list.namedParameters().map(\.name) == ["0.weight", "0.bias", "2.weight", "2.bias"])
    list[1] = Sigmoid()
    list.insert(Identity(), at: 0)
    list.insert(Identity(), at: 6)
    #expect(list[0] is Identity && list[2] is Sigmoid && list[6] is Identity)
    #expect(list.stateDict().keys.sorted() == ["1.bias", "1.weight", "3.bias", "3.weight"])
  }

  @Test func aDictionaryKeepsItsOrder() {
    let dictionary = ModuleDict(["z": Linear(2, 2), "a": ReLU()])
    dictionary["b"] = Tanh()
    dictionary["a"] = Sigmoid()
    #expect(dictionary.keys == ["z", "a", "b"] && dictionary["a"] is Sigmoid && dictionary["x"] == nil)
    dictionary["a"] = nil
    dictionary["x"] = nil
    #expect(dictionary.count == 2 && dictionary.map(\.key) == ["z", "b"] && dictionary.values[1] is Tanh)
    #expect(dictionary.namedParameters().map(\.name) == ["z.weight", "z.bias"])
  }

  /// As PyTorch prints them.
  @Test func thoseThatAreAlikeArePrintedOnce() {
    let list = ModuleList(ReLU(), ReLU(), Tanh(), Sequential(ReLU()))
    #expect(
      "\(list)" == """
        ModuleList(
          (0-1): 2 x ReLU()
          (2): Tanh()
          (3): Sequential(
            (0): ReLU()
          )
        )
        """)
    #expect("\(ModuleDict(["a": ReLU()]))" == "ModuleDict(\n  (a): ReLU()\n)")
    #expect("\(ModuleList()) \(ModuleDict())" == "ModuleList() ModuleDict()")
  }

  @Test func theirModulesTakePartInAModel() {
    final class Blocks: Module {
      let blocks = ModuleList((0..<3).map { _ in Linear(4, 4) })
      let ends = ModuleDict(["sum": Linear(4, 1)])
      override func forward(_ x: Tensor) -> Tensor { ends["sum"]!(blocks.reduce(x) { $0 + $1($0).relu() }) }
    }
    let model = Blocks()
    #expect(model.parameters().count == 8)
    #expect(model.namedParameters().map(\.name).suffix(3) == ["blocks.2.bias", "ends.sum.weight", "ends.sum.bias"])
    model(Tensor.randn(2, 4)).sum().backward()
    #expect(model.parameters().allSatisfy { $0.grad != nil })
    #expect(!model.eval().blocks[1].isTraining)
  }
}

// MARK: Mistakes

extension NormalizationTests {
  private static func zeros(_ sizes: Int..., dtype: DType = .float32) -> Tensor {
    Tensor.zeros(Shape(sizes), dtype: dtype)
  }

  static let mistakes: [Mistake] = [
    .init(
      "batch_norm: an input of shape [1, 3] has one value for each channel, and in training more are needed: of one value "
        + "the variance is 0; give more samples, or call eval(); in model.0 (BatchNorm1d)"
    ) { _ = Sequential(BatchNorm1d(3))(zeros(1, 3)) },
    .init("BatchNorm1d: an input of shape [4]; it must be [samples, 3] or [samples, 3, places]") {
      _ = BatchNorm1d(3)(zeros(4))
    },
    .init("BatchNorm2d: an input of shape [4, 3]; it must be [samples, 3, height, width]") {
      _ = BatchNorm2d(3)(zeros(4, 3))
    },
    .init("BatchNorm1d: an input of shape [4, 2] has 2 channels, and the layer 3") { _ = BatchNorm1d(3)(zeros(4, 2)) },
    .init("BatchNorm: -1 channels; a size cannot be negative") { _ = BatchNorm1d(-1) },
    .init("BatchNorm: a momentum of nan; it must be a finite number") { _ = BatchNorm1d(1, momentum: .nan) },
    .init("batch_norm: the input is int64; convert it with to(.float32) first") {
      _ = zeros(4, 3, dtype: .int64).batchNorm(training: true)
    },
    .init("batch_norm: an input of shape [3] has no channels; they are dimension 1") {
      _ = zeros(3).batchNorm(training: true)
    },
    .init("batch_norm: a weight of shape [2] does not fit an input of shape [4, 3], of 3 channels") {
      _ = zeros(4, 3).batchNorm(weight: zeros(2), training: true)
    },
    .init("batch_norm: without training it needs a runningMean and a runningVar") { _ = zeros(4, 3).batchNorm() },
    .init(
      "layer_norm: an input of shape [2, 4] does not fit a normalizedShape of [3]: its last dimensions must have these sizes"
    ) { _ = LayerNorm(3)(zeros(2, 4)) },
    .init(
      "rms_norm: an input of shape [2, 4] does not fit a normalizedShape of [3]: its last dimensions must have these sizes"
    ) { _ = RMSNorm(3)(zeros(2, 4)) },
    .init("RMSNorm: a normalizedShape of []; it must have one dimension or more, of sizes from 0 on") {
      _ = RMSNorm([])
    },
    .init("layer_norm: a bias of shape [2] does not fit a normalizedShape of [3]") {
      _ = zeros(4, 3).layerNorm([3], bias: zeros(2))
    },
    .init("LayerNorm: a normalizedShape of []; it must have one dimension or more, of sizes from 0 on") {
      _ = LayerNorm([])
    },
    .init("embedding: the indices are float32, and must be int64 or int32; convert with to(.int64)") {
      _ = Embedding(3, 2)(zeros(4))
    },
    .init("embedding: index 3 is out of range for dimension 0 of shape [3, 2]; it can be 0 to 2") {
      _ = Embedding(3, 2)(Tensor([0, 3]))
    },
    .init("embedding: the weight has shape [3], and must be a table: a row for each index") {
      _ = Tensor([0]).embedding(zeros(3))
    },
    .init("Embedding: a paddingIndex of 3 for 3 rows; it can be -3 to 2") { _ = Embedding(3, 2, paddingIndex: 3) },
    .init("dropout: -0.5 is no probability; it must be 0 to 1") { _ = zeros(3).dropout(-0.5) },
    .init("ModuleList: there is no module 1; there are 1") { _ = ModuleList(ReLU())[1] },
    .init("ModuleDict: \"a.b\" cannot be a name: it is empty or has a dot in it") { ModuleDict()["a.b"] = ReLU() },
    .init("ModuleDict: the name a is given twice") { _ = ModuleDict(["a": ReLU(), "a": ReLU()]) },
    .init("HuberLoss: a delta of 0.0; it must be above 0") { _ = HuberLoss(delta: 0) },
    .init(
      "BCELoss: the predictions reach from -0.5 to 0.5, and must be probabilities, 0 to 1; numbers before a sigmoid go to "
        + "BCEWithLogitsLoss"
    ) { _ = BCELoss()(Tensor([-0.5, 0.5]), Tensor([0.0, 1])) },
  ]

  @Test(arguments: mistakes.indices) func endsWithItsMessage(_ number: Int) async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { [number] in
      NormalizationTests.mistakes[number].make()
    }
    #expect(fatalMessage(result) == NormalizationTests.mistakes[number].message)
  }
}
