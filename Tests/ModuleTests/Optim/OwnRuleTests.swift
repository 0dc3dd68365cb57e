import Kindling
import KindlingNN
import KindlingOptim
import TestSupport
import Testing

/// Lion: each number goes a step of one length, in the direction of an average of its gradients.
///
///     c ← β₁ m + (1 - β₁) g
///     θ ← θ - η (sign(c) + λ θ)
///     m ← β₂ m + (1 - β₂) g
///
/// Source: Chen and others, "Symbolic discovery of optimization algorithms", arXiv:2302.06675.
private struct LionRule: UpdateRule {
  var learningRate: Double
  var betas: (Double, Double)
  var weightDecay: Double

  static var options: [RuleOption<LionRule>] {
    [
      .init("learningRate", "lr", \.learningRate),
      .init("betas.0", "betas.0", \.betas.0, .fraction),
      .init("betas.1", "betas.1", \.betas.1, .fraction),
      .init("weightDecay", "weight_decay", \.weightDecay),
    ]
  }

  static let memory = ["exp_avg"]

  func step(_ theta: Tensor, _ g: Tensor, _ state: inout ParameterState) {
    let m = state.tensor("exp_avg", like: theta)
    let c = betas.0 * m + (1 - betas.0) * g
    theta -= learningRate * (c.sign() + weightDecay * theta)
    m.copy_(betas.1 * m + (1 - betas.1) * g)
  }
}

private final class Lion: GroupedOptimizer<LionRule> {
  init(
    _ parameters: [some ParameterOrGroup], learningRate: Double = 1e-4, betas: (Double, Double) = (0.9, 0.99),
    weightDecay: Double = 0
  ) {
    super.init(parameters, LionRule(learningRate: learningRate, betas: betas, weightDecay: weightDecay))
  }
}

/// A rule that remembers something it has not named, and knows no weight decay.
private struct ForgetfulRule: UpdateRule {
  var learningRate = 0.1
  static var options: [RuleOption<ForgetfulRule>] { [.init("learningRate", "lr", \.learningRate)] }
  static let memory: [String] = []
  func step(_ theta: Tensor, _ gradient: Tensor, _ state: inout ParameterState) {
    _ = state.tensor("exp_avg", like: theta)
  }
}

private final class Forgetful: GroupedOptimizer<ForgetfulRule> {
  init(_ parameters: [some ParameterOrGroup]) { super.init(parameters, ForgetfulRule()) }
}

/// An optimizer is a rule in tensor operations; everything else comes with `GroupedOptimizer`.
@Suite struct OwnRuleTests {
  private static func leaf() -> Tensor { Tensor([1.0, -2, 0.5], requiresGrad: true) }

  @Test(arguments: [true, false]) func aRuleWithoutAKernelIsStepped(_ fused: Bool) {
    let w = Self.leaf()
    let optimizer = Lion([w], learningRate: 0.25, betas: (0.5, 0.75), weightDecay: 0.5)
    optimizer.fused = fused
    w.grad = Tensor([4.0, -8, 0])
    optimizer.step()
    // By hand: sign (1, -1, 0), and weight decay 0.125 of each number.
    #expect(w.toArray() == [0.625, -1.5, 0.4375])
    #expect(optimizer.stateDict()["state.0.exp_avg"]?.toArray() == [1, -2, 0])
    w.grad = Tensor([-1.0, 1, 1])
    optimizer.step()
    // c = (0, -0.5, 0.5).
    #expect(w.toArray() == [0.546875, -1.0625, 0.1328125])
  }

  @Test func aRuleOfOnesOwnIsSavedAndHasGroups() throws {
    func made(_ a: Tensor, _ b: Tensor) -> Lion {
      Lion([ParameterGroup([a]), ParameterGroup([b], learningRate: 0.5, weightDecay: 0.25)], learningRate: 0.125)
    }
    let (a, b) = (Self.leaf(), Self.leaf())
    let first = made(a, b)
    #expect(first.groups.map(\.weightDecay) == [0, 0.25] && first.groups.map(\.learningRate) == [0.125, 0.5])
    for w in [a, b] { w.grad = Tensor([4.0, -8, 0]) }
    first.step()
    let (c, d) = (a.detach().clone().requiresGrad_(), b.detach().clone().requiresGrad_())
    let second = made(c, d)
    try second.load(stateDict: first.stateDict())
    for w in [a, b, c, d] { w.grad = Tensor([-1.0, 1, 1]) }
    first.step()
    second.step()
    #expect(a.toArray() == c.toArray() && b.toArray() == d.toArray())
  }

  @Test func tensorsParametersAndGroupsGoIntoOneInitialiser() {
    let parameter = Parameter(Tensor([1.0])), tensor = Self.leaf()
    #expect(Lion([parameter]).groups.count == 1)
    #expect(Lion([tensor, parameter]).groups[0].parameters.count == 2)
    #expect(Lion([ParameterGroup([parameter]), ParameterGroup([tensor])]).groups.count == 2)
  }

  @Test func aParameterThatIsNotContiguousIsSteppedInPlace() {
    let w = Tensor([[1.0, 2, 3], [4, 5, 6]]).t().requiresGrad_()
    w.grad = Tensor.ones(3, 2)
    let optimizer = SGD([w], learningRate: 0.5)
    optimizer.fused = false
    optimizer.step()
    #expect(!w.isContiguous && w.toArray() == [0.5, 3.5, 1.5, 4.5, 2.5, 5.5])
  }

  @Test func aPlainStepSpoilsAGraphThatReadTheWeights() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let w = OwnRuleTests.leaf()
      let loss = w.pow(2).sum()
      loss.backward(retainGraph: true)
      let optimizer = Adam([w], learningRate: 0.1)
      optimizer.fused = false
      optimizer.step()
      loss.backward()
    }
    #expect(fatalMessage(result).contains("has been written in place since"))
  }

  private static let mistakes: [Mistake] = [
    .init("Lion: betas.1 is 1.0, and must be 0 or more and less than 1") { _ = Lion([leaf()], betas: (0, 1)) },
    .init("Forgetful: a group has a weightDecay, which is no option") {
      _ = Forgetful([ParameterGroup([leaf()], weightDecay: 0.5)])
    },
    .init("ParameterState: exp_avg is not among what the rule remembers: []") {
      let w = leaf()
      w.grad = Tensor.ones(3)
      Forgetful([w]).step()
    },
    .init("SGD: there is nothing to optimize: the list of parameters is empty; does the model have parameters()?") {
      _ = SGD([ParameterGroup]())
    },
  ]

  @Test(arguments: mistakes.indices) func endsWithItsMessage(_ number: Int) async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { [number] in
      OwnRuleTests.mistakes[number].make()
    }
    #expect(fatalMessage(result) == OwnRuleTests.mistakes[number].message)
  }
}
