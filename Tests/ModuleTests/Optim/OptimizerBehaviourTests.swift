import Kindling
import KindlingNN
import KindlingOptim
import TestSupport
import Testing

/// What optimizers do besides their formulas, which OptimizerTests compares with PyTorch.
@Suite struct OptimizerBehaviourTests {
  static let kinds = ["SGD", "Adagrad", "RMSprop", "Adam", "AdamW"]

  private static func make(_ kind: String, _ parameters: [Tensor]) -> Optimizer {
    switch kind {
    case "SGD": SGD(parameters, learningRate: 0.1, momentum: 0.9)
    case "Adagrad": Adagrad(parameters, learningRate: 0.1, learningRateDecay: 0.1)
    case "RMSprop": RMSprop(parameters, learningRate: 0.1, momentum: 0.5, centered: true)
    case "Adam": Adam(parameters, learningRate: 0.1, amsgrad: true)
    default: AdamW(parameters, learningRate: 0.1)
    }
  }

  private func loss(_ w: Tensor) -> Tensor { (w - 3).pow(2).sum() }

  @Test(arguments: kinds) func goesDownABowl(_ kind: String) {
    let w = Tensor([[0.0, 1], [2, 10]], requiresGrad: true)
    let optimizer = Self.make(kind, [w])
    let first = loss(w).item()
    for _ in 0..<50 {
      optimizer.zeroGrad()
      loss(w).backward()
      optimizer.step()
    }
    #expect(loss(w).item() < 0.9 * first)
  }

  @Test func plainSGDIsTheArticlesUpdateBitForBit() {
    manualSeed(0)
    let w = Tensor.randn(100, 7, requiresGrad: true)
    let v = w.detach().clone().requiresGrad_()
    w.grad = Tensor.randn(100, 7)
    v.grad = w.grad!.clone()
    SGD([w], learningRate: 1e-6).step()
    noGrad { v -= 1e-6 * v.grad! }
    #expect(w.toArray() == v.toArray())
  }

  @Test(arguments: kinds) func stridedTensorsStepAsContiguousOnes(_ kind: String) {
    let numbers = Tensor([[1.0, -2], [3, 0.5], [0.25, -4]])
    let plain = numbers.clone().requiresGrad_()
    let strided = numbers.t().contiguous().t().requiresGrad_()
    #expect(!strided.isContiguous)
    let a = Self.make(kind, [plain]), b = Self.make(kind, [strided])
    for step in 1...3 {
      let gradient = numbers * Double(step)
      plain.grad = gradient
      strided.grad = gradient.t().contiguous().t()
      a.step()
      b.step()
    }
    #expect(plain.toArray() == strided.toArray())
  }

  @Test(arguments: kinds) func withoutGradientNothingHappens(_ kind: String) {
    let w = Tensor([1.0, 2], requiresGrad: true)
    Self.make(kind, [w]).step()
    #expect(w.toArray() == [1, 2])
  }

  @Test func zeroGradForgetsOrFills() {
    let w = Tensor([1.0, 2], requiresGrad: true)
    let optimizer = SGD([w], learningRate: 0.1)
    loss(w).backward()
    let gradient = w.grad!
    optimizer.zeroGrad(setToNil: false)
    #expect(w.grad === gradient && gradient.toArray() == [0, 0])
    optimizer.zeroGrad()
    #expect(w.grad == nil)
  }

  @Test func frozenParametersMayBeInTheList() {
    let model = Sequential(Linear(2, 2), Linear(2, 1))
    model[0].requiresGrad_(false)
    let before = model.parameters().map { $0.toArray() }
    let optimizer = Adam(model.parameters(), learningRate: 0.1)
    model(Tensor.ones(1, 2)).sum().backward()
    optimizer.step()
    let after = model.parameters().map { $0.toArray() }
    #expect(after[0] == before[0] && after[1] == before[1] && after[2] != before[2] && after[3] != before[3])
  }

  // MARK: Groups

  @Test func groupsHaveOptionsOfTheirOwn() {
    let w = Tensor([1.0], requiresGrad: true), b = Tensor([1.0], requiresGrad: true)
    let optimizer = SGD([ParameterGroup([w]), ParameterGroup([b], learningRate: 0.5)], learningRate: 0.25)
    #expect(optimizer.learningRate == 0.25)
    w.grad = Tensor([1.0])
    b.grad = Tensor([1.0])
    optimizer.step()
    #expect(w.item() == 0.75 && b.item() == 0.5)
    optimizer.groups[1].learningRate = 0.125
    optimizer.step()
    #expect(w.item() == 0.5 && b.item() == 0.375)
    optimizer.learningRate = 0
    optimizer.step()
    #expect(w.item() == 0.5 && b.item() == 0.375)
  }

  // MARK: Saving and loading

  @Test(arguments: kinds) func aLoadedOptimizerGoesOnAsIfNothingHadHappened(_ kind: String) throws {
    let w = Tensor([1.0, -2, 5], requiresGrad: true)
    let first = Self.make(kind, [w])
    func steps(_ optimizer: Optimizer, _ w: Tensor) {
      for _ in 0..<5 {
        optimizer.zeroGrad()
        loss(w).backward()
        optimizer.step()
      }
    }
    steps(first, w)
    let v = w.detach().clone().requiresGrad_()
    let second = Self.make(kind, [v])
    try restore(second, from: first)
    steps(first, w)
    steps(second, v)
    #expect(w.toArray() == v.toArray())
  }

  private func restore(_ second: Optimizer, from first: Optimizer) throws {
    switch (second, first) {
    case (let b as SGD, let a as SGD): try b.load(stateDict: a.stateDict())
    case (let b as Adagrad, let a as Adagrad): try b.load(stateDict: a.stateDict())
    case (let b as RMSprop, let a as RMSprop): try b.load(stateDict: a.stateDict())
    case (let b as Adam, let a as Adam): try b.load(stateDict: a.stateDict())
    case (let b as AdamW, let a as AdamW): try b.load(stateDict: a.stateDict())
    default: Issue.record("two kinds")
    }
  }

  @Test func stateHasPyTorchsNames() throws {
    let w = Tensor([1.0], requiresGrad: true), b = Tensor([1.0, 2], requiresGrad: true)
    let optimizer = Adam([w, b], learningRate: 0.1, weightDecay: 0.5)
    b.grad = Tensor([1.0, 1])
    optimizer.step()
    let state = optimizer.stateDict()
    #expect(
      state.keys.sorted() == [
        "param_groups.0.amsgrad", "param_groups.0.betas.0", "param_groups.0.betas.1", "param_groups.0.eps",
        "param_groups.0.lr", "param_groups.0.maximize", "param_groups.0.params", "param_groups.0.weight_decay",
        "state.1.exp_avg", "state.1.exp_avg_sq", "state.1.step",
      ])
    #expect(state["param_groups.0.lr"]!.item() == 0.1 && state["state.1.step"]!.item() == 1)
    let other = Adam([w], learningRate: 0.1)
    #expect(
      throws: KindlingError("this state dict does not fit Adam: group 0 has 2 parameters there and 1 here")
    ) { try other.load(stateDict: state) }
    let sgd = SGD([w, b], learningRate: 0.1)
    #expect(throws: KindlingError("this state dict does not fit SGD: param_groups.0.momentum is missing")) {
      try sgd.load(stateDict: state)
    }
    var wrong = state
    wrong["state.1.exp_avg"] = Tensor.zeros(3)
    #expect(
      throws: KindlingError("this state dict does not fit Adam: state.1.exp_avg has shape [3], and its parameter [2]")
    ) { try optimizer.load(stateDict: wrong) }
  }

  @Test func anOptimizerFollowsAConvertedModule() {
    let model = Linear(2, 1)
    let optimizer = Adam(model.parameters(), learningRate: 0.1)
    func step(_ dtype: DType) {
      optimizer.zeroGrad()
      model(Tensor.ones(1, 2, dtype: dtype)).sum().backward()
      optimizer.step()
    }
    step(.float32)
    model.to(.float64)
    let before = model.bias!.item()
    step(.float64)
    // Adam's step is the learning rate as long as the gradient does not change; 1e-6 is float32's rounding of the first.
    #expect(abs(before - model.bias!.item() - 0.1) < 1e-6)
    #expect(optimizer.stateDict()["state.0.exp_avg"]!.dtype == .float64)
  }

  @Test func aStepSpoilsAGraphThatReadTheWeights() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let w = Tensor([1.0, 2], requiresGrad: true)
      let loss = w.pow(2).sum()
      loss.backward(retainGraph: true)
      SGD([w], learningRate: 0.1).step()
      loss.backward()
    }
    #expect(fatalMessage(result).contains("has been written in place since"))
  }

  @Test func whatIsRememberedIsWrittenInPlace() {
    let w = Tensor.randn(1000, requiresGrad: true)
    w.grad = Tensor.ones(1000)
    let optimizer = Adam([w], learningRate: 0.1)
    optimizer.step()
    let state = optimizer.stateDict()["state.0.exp_avg"]!
    optimizer.step()
    // The same tensor, written in place.
    #expect(state.toArray() == optimizer.stateDict()["state.0.exp_avg"]!.toArray())
  }

  // MARK: Clipping

  /// Lengths and gradients from torch.nn.utils.clip_grad_norm_, of float32 numbers of size 1.
  @Test(
    arguments: [
      (
        2, 5.857687473297119,
        [0.2560737133, -0.5121474266, 0.7682211399, 0.1280368567, 0.0640184283, -1.0242948532, 0.5121474266]
      ),
      (1, 12.75, [0.1176470518, -0.2352941036, 0.3529411554, 0.0588235259, 0.0294117630, -0.4705882072, 0.2352941036]),
      (
        .infinity, 4,
        [0.3749999106, -0.7499998212, 1.1249997616, 0.1874999553, 0.0937499776, -1.4999996424, 0.7499998212]
      ),
      (
        3, 4.7642693519592285,
        [0.3148435950, -0.6296871901, 0.9445307851, 0.1574217975, 0.0787108976, -1.2593743801, 0.6296871901]
      ),
    ] as [(Double, Double, [Double])]) func clippedByNorm(_ p: Double, _ norm: Double, _ expected: [Double])
  {
    let parameters = gradients()
    #expect(abs(clipGradNorm_(parameters, maxNorm: 1.5, normType: p).item() - norm) < 1e-6 * norm)
    let got = parameters.compactMap(\.grad).flatMap { $0.toArray() }
    #expect(zip(got, expected).allSatisfy { abs($0 - $1) < 1e-6 })
  }

  private func gradients() -> [Tensor] {
    let w = Tensor.zeros(2, 2, requiresGrad: true), b = Tensor.zeros(3, requiresGrad: true)
    w.grad = Tensor([[1.0, -2], [3, 0.5]])
    b.grad = Tensor([0.25, -4, 2])
    return [w, Tensor.zeros(1, requiresGrad: true), b]
  }

  @Test func shortGradientsStayAsTheyAre() {
    let parameters = gradients()
    clipGradNorm_(parameters, maxNorm: 6)
    #expect(parameters[0].grad!.toArray() == [1, -2, 3, 0.5])
    #expect(clipGradNorm_([parameters[1]], maxNorm: 1).item() == 0)
  }

  @Test func clippedByValue() {
    let parameters = gradients()
    clipGradValue_(parameters, 1.5)
    #expect(parameters[0].grad!.toArray() == [1, -1.5, 1.5, 0.5])
    #expect(parameters[2].grad!.toArray() == [0.25, -1.5, 1.5])
  }
}

// MARK: Mistakes

extension OptimizerBehaviourTests {
  private static func leaf(_ dtype: DType = .float32) -> Tensor { Tensor.ones(2, dtype: dtype, requiresGrad: true) }

  static let mistakes: [Mistake] = [
    .init("Adam: there is nothing to optimize: the list of parameters is empty; does the model have parameters()?") {
      _ = Adam(ReLU().parameters())
    },
    .init("SGD: parameter 1, of shape [2], was computed; only a leaf can be optimized") {
      _ = SGD([leaf(), leaf() * 2])
    },
    .init("SGD: parameter 1, of shape [2], is in the list twice") {
      let w = leaf()
      _ = SGD([w, w])
    },
    .init("SGD: parameter 1, of shape [2], is in the list twice") {
      let w = leaf()
      _ = SGD([ParameterGroup([w]), ParameterGroup([w])])
    },
    .init("SGD: none of the 1 parameters requires a gradient; create them with requiresGrad: true") {
      _ = SGD([Tensor.ones(2)])
    },
    .init("SGD: parameter 0, of shape [2], is int64; it must be float32 or float64") { _ = SGD([Tensor([1, 2])]) },
    .init("SGD: learningRate is -0.1, and must be 0 or more") { _ = SGD([leaf()], learningRate: -0.1) },
    .init("SGD: learningRate is nan, and must be 0 or more") { _ = SGD([leaf()], learningRate: .nan) },
    .init("SGD: momentum is -1.0, and must be 0 or more") { _ = SGD([leaf()], momentum: -1) },
    .init("SGD: nesterov needs a momentum above 0 and a dampening of 0, and they are 0.0 and 0.0") {
      _ = SGD([leaf()], nesterov: true)
    },
    .init("Adam: betas.0 is 1.0, and must be 0 or more and less than 1") { _ = Adam([leaf()], betas: (1, 0.9)) },
    .init("AdamW: betas.1 is -0.5, and must be 0 or more and less than 1") { _ = AdamW([leaf()], betas: (0.9, -0.5)) },
    .init("Adam: epsilon is -1.0, and must be 0 or more") { _ = Adam([leaf()], epsilon: -1) },
    .init("RMSprop: alpha is -0.5, and must be 0 or more") { _ = RMSprop([leaf()], alpha: -0.5) },
    .init("Adagrad: weightDecay is -1.0, and must be 0 or more") { _ = Adagrad([leaf()], weightDecay: -1) },
    .init("SGD: learningRate is -1.0, and must be 0 or more") {
      _ = SGD([ParameterGroup([leaf()], learningRate: -1)])
    },
    .init("SGD: learningRate is -1.0, and must be 0 or more") { SGD([leaf()]).groups[0].learningRate = -1 },
    .init("Mine: it does not say what a step is; override step()") {
      final class Mine: Optimizer {}
      Mine([leaf()]).step()
    },
    .init("clipGradNorm_: a maxNorm of -1.0; it must be 0 or more") { clipGradNorm_([leaf()], maxNorm: -1) },
    .init("clipGradNorm_: a normType of 0.0; it must be above 0") {
      clipGradNorm_([leaf()], maxNorm: 1, normType: 0)
    },
    .init("clipGradValue_: a clipValue of -1.0; it must be 0 or more") { clipGradValue_([leaf()], -1) },
  ]

  @Test(arguments: mistakes.indices) func endsWithItsMessage(_ number: Int) async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { [number] in
      OptimizerBehaviourTests.mistakes[number].make()
    }
    #expect(fatalMessage(result) == OptimizerBehaviourTests.mistakes[number].message)
  }
}
