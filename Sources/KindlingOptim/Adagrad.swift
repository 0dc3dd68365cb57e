import Kindling

extension AdagradRule {
  /// One step of Adagrad: a learning rate for each number, the smaller the more that number's gradients have been.
  ///
  /// With parameter θ, gradient g, learning rate η, its decay δ, weight decay λ, step t = 1, 2, …:
  ///
  ///     g ← g + λ θ                        (-g + λ θ to maximize)
  ///     s ← s + g²                         (at first `initialAccumulatorValue`)
  ///     θ ← θ - η / (1 + (t - 1) δ) · g / (√s + ε)
  ///
  /// Source: Duchi, Hazan and Singer, "Adaptive subgradient methods for online learning and stochastic optimization", JMLR
  /// 12, 2011; torch.optim.Adagrad for δ and ε.
  public func step(_ theta: Tensor, _ gradient: Tensor, _ state: inout ParameterState) {
    var g = maximize ? -gradient : gradient
    if weightDecay != 0 { g = g + weightDecay * theta }
    let s = state.tensor("sum", like: theta, initially: initialAccumulatorValue)
    s += g.square()
    let rate = learningRate / (1 + Double(state.step - 1) * learningRateDecay)
    theta -= rate * g / (s.sqrt() + epsilon)
  }
}

/// Gradient descent with a learning rate for each number, the smaller the more that number's gradients have been. The
/// formula stands at `AdagradRule.step`.
public final class Adagrad: GroupedOptimizer<AdagradRule> {
  /// Adagrad on these parameters, or groups of parameters.
  public init(
    _ parameters: [some ParameterOrGroup], learningRate: Double = 1e-2, learningRateDecay: Double = 0,
    weightDecay: Double = 0, initialAccumulatorValue: Double = 0, epsilon: Double = 1e-10, maximize: Bool = false
  ) {
    super.init(
      parameters,
      AdagradRule(
        learningRate: learningRate, learningRateDecay: learningRateDecay, weightDecay: weightDecay,
        initialAccumulatorValue: initialAccumulatorValue, epsilon: epsilon, maximize: maximize))
  }
}

/// The options of `Adagrad`, and its step.
public struct AdagradRule: UpdateRule {
  /// η: the size of a step.
  public var learningRate: Double
  /// δ: how the learning rate falls from step to step.
  public var learningRateDecay: Double
  /// λ: how strongly parameters are drawn towards 0.
  public var weightDecay: Double
  /// What the sum of squares starts from.
  public var initialAccumulatorValue: Double
  /// ε: keeps the divisor from 0.
  public var epsilon: Double
  /// Whether to go up instead of down.
  public var maximize: Bool

  /// Their names and bounds.
  public static var options: [RuleOption<AdagradRule>] {
    [
      .init("learningRate", "lr", \.learningRate),
      .init("learningRateDecay", "lr_decay", \.learningRateDecay),
      .init("weightDecay", "weight_decay", \.weightDecay),
      .init("initialAccumulatorValue", "initial_accumulator_value", \.initialAccumulatorValue),
      .init("epsilon", "eps", \.epsilon),
      .init("maximize", "maximize", \.maximize),
    ]
  }

  /// With what was asked for.
  public var formula: String {
    (maximize ? "g ← -g;  " : "") + (weightDecay == 0 ? "" : "g ← g + λ θ;  ") + "s ← s + g²;  θ ← θ - η g / (√s + ε)"
  }

  /// η as it has decayed, and ε, and λ if it is not 0.
  public func numbers(at step: Int) -> [(name: String, value: Double)] {
    [("η", learningRate / (1 + Double(step - 1) * learningRateDecay)), ("ε", epsilon)]
      + (weightDecay == 0 ? [] : [("λ", weightDecay)])
  }

  /// s.
  public static let memory = ["sum"]
}
