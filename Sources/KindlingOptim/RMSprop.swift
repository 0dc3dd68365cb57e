import Kindling

/// Gradient descent with a learning rate for each number, the smaller the larger that number's gradients have been lately.
///
/// With gradient g, parameter p, learning rate η, smoothing α, weight decay λ, momentum μ:
///
///     g ← g + λ p                        (-g + λ p to maximize)
///     v ← α v + (1 - α) g²
///     m ← α m + (1 - α) g                (centered only)
///     d ← g / (√v + ε)                   (√(v - m²) if centered)
///     b ← μ b + d
///     p ← p - η b                        (p - η d without momentum)
///
/// Sources: Hinton, "Neural networks for machine learning", lecture 6e, 2012; Graves, arXiv:1308.0850, for the centered
/// form; torch.optim.RMSprop for where ε stands.
public final class RMSprop: GroupedOptimizer<RMSpropRule> {
  /// RMSprop on these parameters.
  public convenience init(
    _ parameters: [Tensor], learningRate: Double = 1e-2, alpha: Double = 0.99, epsilon: Double = 1e-8,
    weightDecay: Double = 0, momentum: Double = 0, centered: Bool = false, maximize: Bool = false
  ) {
    self.init(
      groups: [ParameterGroup(parameters)], learningRate: learningRate, alpha: alpha, epsilon: epsilon,
      weightDecay: weightDecay, momentum: momentum, centered: centered, maximize: maximize)
  }

  /// RMSprop on groups of parameters that may have options of their own.
  public init(
    groups: [ParameterGroup], learningRate: Double = 1e-2, alpha: Double = 0.99, epsilon: Double = 1e-8,
    weightDecay: Double = 0, momentum: Double = 0, centered: Bool = false, maximize: Bool = false
  ) {
    super.init(
      groups: groups,
      rule: RMSpropRule(
        learningRate: learningRate, alpha: alpha, epsilon: epsilon, weightDecay: weightDecay, momentum: momentum,
        centered: centered, maximize: maximize))
  }
}

/// The options of `RMSprop`, and its step.
public struct RMSpropRule: UpdateRule {
  /// η: the size of a step.
  public var learningRate: Double
  /// α: how much of an average is kept from step to step.
  public var alpha: Double
  /// ε: keeps the divisor from 0.
  public var epsilon: Double
  /// λ: how strongly parameters are drawn towards 0.
  public var weightDecay: Double
  /// μ: how much of the last step's direction is kept.
  public var momentum: Double
  /// Whether gradients are measured by their spread, and not by their size.
  public var centered: Bool
  /// Whether to go up instead of down.
  public var maximize: Bool

  /// What is remembered of a parameter: the averages v and m, and the direction b.
  public struct State: UpdateState {
    /// How many steps the parameter has made.
    public var step = 0
    var squareAverage: Tensor?
    var gradientAverage: Tensor?
    var momentum: Tensor?

    /// Nothing yet.
    public init() {}

    /// `square_avg`, `grad_avg`, `momentum_buffer`.
    public static var tensors: [(name: String, path: WritableKeyPath<State, Tensor?>)] {
      [("square_avg", \.squareAverage), ("grad_avg", \.gradientAverage), ("momentum_buffer", \.momentum)]
    }
  }

  /// What is wrong with the options; nil if nothing is.
  public var problem: String? {
    Self.problem("learningRate", learningRate) ?? Self.problem("alpha", alpha) ?? Self.problem("epsilon", epsilon)
      ?? Self.problem("weightDecay", weightDecay) ?? Self.problem("momentum", momentum)
  }

  /// `lr`, `alpha`, `eps`, `weight_decay`, `momentum`.
  public static var numbers: [(name: String, path: WritableKeyPath<RMSpropRule, Double>)] {
    [
      ("lr", \.learningRate), ("alpha", \.alpha), ("eps", \.epsilon), ("weight_decay", \.weightDecay),
      ("momentum", \.momentum),
    ]
  }

  /// `centered`, `maximize`.
  public static var flags: [(name: String, path: WritableKeyPath<RMSpropRule, Bool>)] {
    [("centered", \.centered), ("maximize", \.maximize)]
  }

  /// One step of one parameter.
  public func step(_ parameter: Tensor, _ gradient: Tensor, _ state: inout State) {
    let squareAverage = remembered(&state.squareAverage, like: parameter)
    let gradientAverage = centered ? remembered(&state.gradientAverage, like: parameter) : nil
    let direction = momentum == 0 ? nil : remembered(&state.momentum, like: parameter)
    parameter.backend.step(
      .init(
        learningRate: learningRate, alpha: alpha, epsilon: epsilon, weightDecay: weightDecay, momentum: momentum,
        maximize: maximize),
      parameter.operand, gradient.operand, squareAverage: squareAverage.pointer,
      gradientAverage: gradientAverage?.pointer, momentum: direction?.pointer)
  }
}
