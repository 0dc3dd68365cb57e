import Kindling

/// Gradient descent: every parameter goes a step against its gradient.
///
/// With gradient g, parameter p, learning rate η, weight decay λ, momentum μ, dampening τ:
///
///     g ← g + λ p                        (-g + λ p to maximize)
///     b ← μ b + (1 - τ) g                (b ← g at the first step)
///     p ← p - η b                        (p - η (g + μ b) for Nesterov; p - η g without momentum)
///
/// The same numbers as `p -= learningRate * p.grad` come out where nothing but the learning rate is given.
///
/// Sources: Sutskever and others, "On the importance of initialization and momentum in deep learning", 2013; torch.optim.SGD
/// for where μ and η stand.
public final class SGD: GroupedOptimizer<SGDRule> {
  /// Gradient descent on these parameters.
  public convenience init(
    _ parameters: [Tensor], learningRate: Double = 1e-3, momentum: Double = 0, dampening: Double = 0,
    weightDecay: Double = 0, nesterov: Bool = false, maximize: Bool = false
  ) {
    self.init(
      groups: [ParameterGroup(parameters)], learningRate: learningRate, momentum: momentum, dampening: dampening,
      weightDecay: weightDecay, nesterov: nesterov, maximize: maximize)
  }

  /// Gradient descent on groups of parameters that may have options of their own.
  public init(
    groups: [ParameterGroup], learningRate: Double = 1e-3, momentum: Double = 0, dampening: Double = 0,
    weightDecay: Double = 0, nesterov: Bool = false, maximize: Bool = false
  ) {
    super.init(
      groups: groups,
      rule: SGDRule(
        learningRate: learningRate, momentum: momentum, dampening: dampening, weightDecay: weightDecay,
        nesterov: nesterov, maximize: maximize))
  }
}

/// The options of `SGD`, and its step.
public struct SGDRule: UpdateRule {
  /// η: the size of a step.
  public var learningRate: Double
  /// μ: how much of the last step's direction is kept.
  public var momentum: Double
  /// τ: how much of the gradient is left out of the direction.
  public var dampening: Double
  /// λ: how strongly parameters are drawn towards 0.
  public var weightDecay: Double
  /// Whether the gradient is taken to be that at the place where momentum alone would lead.
  public var nesterov: Bool
  /// Whether to go up instead of down.
  public var maximize: Bool

  /// What is remembered of a parameter: the direction b.
  public struct State: UpdateState {
    /// How many steps the parameter has made.
    public var step = 0
    var momentum: Tensor?

    /// Nothing yet.
    public init() {}

    /// `momentum_buffer`.
    public static var tensors: [(name: String, path: WritableKeyPath<State, Tensor?>)] {
      [("momentum_buffer", \.momentum)]
    }
  }

  /// What is wrong with the options; nil if nothing is.
  public var problem: String? {
    if nesterov && (momentum <= 0 || dampening != 0) {
      return "nesterov needs a momentum above 0 and a dampening of 0, and they are \(momentum) and \(dampening)"
    }
    return Self.problem("learningRate", learningRate) ?? Self.problem("momentum", momentum)
      ?? Self.problem("weightDecay", weightDecay) ?? (dampening.isFinite ? nil : "dampening is \(dampening)")
  }

  /// `lr`, `momentum`, `dampening`, `weight_decay`.
  public static var numbers: [(name: String, path: WritableKeyPath<SGDRule, Double>)] {
    [
      ("lr", \.learningRate), ("momentum", \.momentum), ("dampening", \.dampening), ("weight_decay", \.weightDecay),
    ]
  }

  /// `nesterov`, `maximize`.
  public static var flags: [(name: String, path: WritableKeyPath<SGDRule, Bool>)] {
    [("nesterov", \.nesterov), ("maximize", \.maximize)]
  }

  /// One step of one parameter.
  public func step(_ parameter: Tensor, _ gradient: Tensor, _ state: inout State) {
    let isFirst = state.momentum == nil
    let direction = momentum == 0 ? nil : remembered(&state.momentum, like: parameter)
    parameter.backend.step(
      .init(
        learningRate: learningRate, momentum: momentum, dampening: dampening, weightDecay: weightDecay,
        nesterov: nesterov, firstStep: isFirst, maximize: maximize),
      parameter.operand, gradient.operand, momentum: direction?.pointer)
  }
}
