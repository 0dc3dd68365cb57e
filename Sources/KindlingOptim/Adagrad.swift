import Kindling

/// Gradient descent with a learning rate for each number, the smaller the more that number's gradients have been.
///
/// With gradient g, parameter p, learning rate η, its decay δ, weight decay λ, step t = 1, 2, …:
///
///     g ← g + λ p                        (-g + λ p to maximize)
///     s ← s + g²                         (s starts as `initialAccumulatorValue`)
///     p ← p - η / (1 + (t - 1) δ) · g / (√s + ε)
///
/// Source: Duchi, Hazan and Singer, "Adaptive subgradient methods for online learning and stochastic optimization", JMLR
/// 12, 2011; torch.optim.Adagrad for δ and ε.
public final class Adagrad: GroupedOptimizer<AdagradRule> {
  /// Adagrad on these parameters.
  public convenience init(
    _ parameters: [Tensor], learningRate: Double = 1e-2, learningRateDecay: Double = 0, weightDecay: Double = 0,
    initialAccumulatorValue: Double = 0, epsilon: Double = 1e-10, maximize: Bool = false
  ) {
    self.init(
      groups: [ParameterGroup(parameters)], learningRate: learningRate, learningRateDecay: learningRateDecay,
      weightDecay: weightDecay, initialAccumulatorValue: initialAccumulatorValue, epsilon: epsilon, maximize: maximize)
  }

  /// Adagrad on groups of parameters that may have options of their own.
  public init(
    groups: [ParameterGroup], learningRate: Double = 1e-2, learningRateDecay: Double = 0, weightDecay: Double = 0,
    initialAccumulatorValue: Double = 0, epsilon: Double = 1e-10, maximize: Bool = false
  ) {
    super.init(
      groups: groups,
      rule: AdagradRule(
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

  /// What is remembered of a parameter: the sum of squares s.
  public struct State: UpdateState {
    /// How many steps the parameter has made.
    public var step = 0
    var sum: Tensor?

    /// Nothing yet.
    public init() {}

    /// `sum`.
    public static var tensors: [(name: String, path: WritableKeyPath<State, Tensor?>)] { [("sum", \.sum)] }
  }

  /// What is wrong with the options; nil if nothing is.
  public var problem: String? {
    Self.problem("learningRate", learningRate) ?? Self.problem("learningRateDecay", learningRateDecay)
      ?? Self.problem("weightDecay", weightDecay) ?? Self.problem("initialAccumulatorValue", initialAccumulatorValue)
      ?? Self.problem("epsilon", epsilon)
  }

  /// `lr`, `lr_decay`, `weight_decay`, `initial_accumulator_value`, `eps`.
  public static var numbers: [(name: String, path: WritableKeyPath<AdagradRule, Double>)] {
    [
      ("lr", \.learningRate), ("lr_decay", \.learningRateDecay), ("weight_decay", \.weightDecay),
      ("initial_accumulator_value", \.initialAccumulatorValue), ("eps", \.epsilon),
    ]
  }

  /// `maximize`.
  public static var flags: [(name: String, path: WritableKeyPath<AdagradRule, Bool>)] { [("maximize", \.maximize)] }

  /// One step of one parameter.
  public func step(_ parameter: Tensor, _ gradient: Tensor, _ state: inout State) {
    let sum = remembered(&state.sum, like: parameter, initially: initialAccumulatorValue)
    parameter.backend.step(
      .init(
        learningRate: learningRate / (1 + Double(state.step - 1) * learningRateDecay), weightDecay: weightDecay,
        epsilon: epsilon, maximize: maximize),
      parameter.operand, gradient.operand, sum: sum.pointer)
  }
}
