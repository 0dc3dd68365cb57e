import Kindling

/// Gradient descent along an average of the gradients, in steps of about one size for every number.
///
/// With gradient g, parameter p, learning rate η, weight decay λ, step t = 1, 2, …:
///
///     g ← g + λ p                        (-g + λ p to maximize)
///     m ← β₁ m + (1 - β₁) g
///     v ← β₂ v + (1 - β₂) g²
///     v̂ ← v / (1 - β₂ᵗ)                  (for AMSGrad from the largest v so far)
///     p ← p - η m / (1 - β₁ᵗ) / (√v̂ + ε)
///
/// Sources: Kingma and Ba, "Adam: a method for stochastic optimization", arXiv:1412.6980; Reddi, Kale and Kumar, "On the
/// convergence of Adam and beyond", arXiv:1904.09237, for AMSGrad.
public final class Adam: GroupedOptimizer<AdamRule> {
  /// Adam on these parameters.
  public convenience init(
    _ parameters: [Tensor], learningRate: Double = 1e-3, betas: (Double, Double) = (0.9, 0.999), epsilon: Double = 1e-8,
    weightDecay: Double = 0, amsgrad: Bool = false, maximize: Bool = false
  ) {
    self.init(
      groups: [ParameterGroup(parameters)], learningRate: learningRate, betas: betas, epsilon: epsilon,
      weightDecay: weightDecay, amsgrad: amsgrad, maximize: maximize)
  }

  /// Adam on groups of parameters that may have options of their own.
  public init(
    groups: [ParameterGroup], learningRate: Double = 1e-3, betas: (Double, Double) = (0.9, 0.999),
    epsilon: Double = 1e-8, weightDecay: Double = 0, amsgrad: Bool = false, maximize: Bool = false
  ) {
    super.init(
      groups: groups,
      rule: AdamRule(
        learningRate: learningRate, betas: betas, epsilon: epsilon, weightDecay: weightDecay, amsgrad: amsgrad,
        maximize: maximize, isDecoupled: false))
  }
}

/// Adam with the weight decay taken out of the gradient, so that it works on every number alike.
///
/// As `Adam`, but the first line is
///
///     p ← p - η λ p
///
/// and the gradient stays as it is.
///
/// Source: Loshchilov and Hutter, "Decoupled weight decay regularization", arXiv:1711.05101.
public final class AdamW: GroupedOptimizer<AdamRule> {
  /// AdamW on these parameters.
  public convenience init(
    _ parameters: [Tensor], learningRate: Double = 1e-3, betas: (Double, Double) = (0.9, 0.999), epsilon: Double = 1e-8,
    weightDecay: Double = 1e-2, amsgrad: Bool = false, maximize: Bool = false
  ) {
    self.init(
      groups: [ParameterGroup(parameters)], learningRate: learningRate, betas: betas, epsilon: epsilon,
      weightDecay: weightDecay, amsgrad: amsgrad, maximize: maximize)
  }

  /// AdamW on groups of parameters that may have options of their own.
  public init(
    groups: [ParameterGroup], learningRate: Double = 1e-3, betas: (Double, Double) = (0.9, 0.999),
    epsilon: Double = 1e-8, weightDecay: Double = 1e-2, amsgrad: Bool = false, maximize: Bool = false
  ) {
    super.init(
      groups: groups,
      rule: AdamRule(
        learningRate: learningRate, betas: betas, epsilon: epsilon, weightDecay: weightDecay, amsgrad: amsgrad,
        maximize: maximize, isDecoupled: true))
  }
}

/// The options of `Adam` and `AdamW`, and their step.
public struct AdamRule: UpdateRule {
  /// η: the size of a step.
  public var learningRate: Double
  /// β₁ and β₂: how much of the averages of the gradient and of its square is kept from step to step.
  public var betas: (Double, Double)
  /// ε: keeps the divisor from 0.
  public var epsilon: Double
  /// λ: how strongly parameters are drawn towards 0.
  public var weightDecay: Double
  /// Whether the largest average of squares so far is divided by, so that steps never grow again.
  public var amsgrad: Bool
  /// Whether to go up instead of down.
  public var maximize: Bool
  /// Whether weight decay shrinks the parameter itself: `AdamW`.
  public let isDecoupled: Bool

  /// What is remembered of a parameter: the averages m and v, and for AMSGrad the largest v.
  public struct State: UpdateState {
    /// How many steps the parameter has made.
    public var step = 0
    var average: Tensor?
    var squareAverage: Tensor?
    var maximumSquareAverage: Tensor?

    /// Nothing yet.
    public init() {}

    /// `exp_avg`, `exp_avg_sq`, `max_exp_avg_sq`.
    public static var tensors: [(name: String, path: WritableKeyPath<State, Tensor?>)] {
      [("exp_avg", \.average), ("exp_avg_sq", \.squareAverage), ("max_exp_avg_sq", \.maximumSquareAverage)]
    }
  }

  /// What is wrong with the options; nil if nothing is.
  public var problem: String? {
    Self.problem("learningRate", learningRate) ?? Self.problem("betas.0", fraction: betas.0)
      ?? Self.problem("betas.1", fraction: betas.1) ?? Self.problem("epsilon", epsilon)
      ?? Self.problem("weightDecay", weightDecay)
  }

  /// `lr`, `betas.0`, `betas.1`, `eps`, `weight_decay`.
  public static var numbers: [(name: String, path: WritableKeyPath<AdamRule, Double>)] {
    [
      ("lr", \.learningRate), ("betas.0", \.betas.0), ("betas.1", \.betas.1), ("eps", \.epsilon),
      ("weight_decay", \.weightDecay),
    ]
  }

  /// `amsgrad`, `maximize`.
  public static var flags: [(name: String, path: WritableKeyPath<AdamRule, Bool>)] {
    [("amsgrad", \.amsgrad), ("maximize", \.maximize)]
  }

  /// One step of one parameter.
  public func step(_ parameter: Tensor, _ gradient: Tensor, _ state: inout State) {
    let average = remembered(&state.average, like: parameter)
    let squareAverage = remembered(&state.squareAverage, like: parameter)
    let maximum = amsgrad ? remembered(&state.maximumSquareAverage, like: parameter) : nil
    parameter.backend.step(
      .init(
        learningRate: learningRate, beta1: betas.0, beta2: betas.1, epsilon: epsilon, weightDecay: weightDecay,
        decoupled: isDecoupled, maximize: maximize, step: Int64(state.step)),
      parameter.operand, gradient.operand, average: average.pointer, squareAverage: squareAverage.pointer,
      maximumSquareAverage: maximum?.pointer)
  }
}
