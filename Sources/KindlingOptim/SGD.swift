import Kindling

extension SGDRule {
  /// One step of gradient descent: a parameter θ goes against its gradient g, or along an average of its gradients.
  ///
  /// With learning rate η, weight decay λ, momentum μ, dampening τ:
  ///
  ///     g ← g + λ θ                        (-g + λ θ to maximize)
  ///     b ← μ b + (1 - τ) g                (b ← g at the first step)
  ///     θ ← θ - η b                        (θ - η (g + μ b) for Nesterov;
  ///                                         θ - η g without momentum)
  ///
  /// Sources: Sutskever and others, "On the importance of initialization and momentum in deep learning", 2013; torch.optim.SGD
  /// for where μ and η stand.
  public func step(_ theta: Tensor, _ gradient: Tensor, _ state: inout ParameterState) {
    var g = maximize ? -gradient : gradient
    if weightDecay != 0 { g = g + weightDecay * theta }
    if momentum != 0 {
      let isFirst = state["momentum_buffer"] == nil
      let b = state.tensor("momentum_buffer", like: theta)
      b.copy_(isFirst ? g : momentum * b + (1 - dampening) * g)
      g = nesterov ? g + momentum * b : b
    }
    theta -= learningRate * g
  }
}

/// Gradient descent, plain or with momentum. The formula stands at `SGDRule.step`.
///
/// The same numbers as `p -= learningRate * p.grad` come out where nothing but the learning rate is given.
public final class SGD: GroupedOptimizer<SGDRule> {
  /// Gradient descent on these parameters, or groups of parameters.
  public init(
    _ parameters: [some ParameterOrGroup], learningRate: Double = 1e-3, momentum: Double = 0, dampening: Double = 0,
    weightDecay: Double = 0, nesterov: Bool = false, maximize: Bool = false
  ) {
    super.init(
      parameters,
      SGDRule(
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

  /// Their names and bounds.
  public static var options: [RuleOption<SGDRule>] {
    [
      .init("learningRate", "lr", \.learningRate),
      .init("momentum", "momentum", \.momentum),
      .init("dampening", "dampening", \.dampening, .finite),
      .init("weightDecay", "weight_decay", \.weightDecay),
      .init("nesterov", "nesterov", \.nesterov),
      .init("maximize", "maximize", \.maximize),
    ]
  }

  /// θ ← θ - η g, or with momentum.
  public var formula: String {
    let gradient = (maximize ? "g ← -g;  " : "") + (weightDecay == 0 ? "" : "g ← g + λ θ;  ")
    if momentum == 0 { return gradient + "θ ← θ - η g" }
    return gradient + "b ← μ b + (1 - τ) g;  " + (nesterov ? "θ ← θ - η (g + μ b)" : "θ ← θ - η b")
  }

  /// η, and what else is not 0.
  public func numbers(at step: Int) -> [(name: String, value: Double)] {
    [("η", learningRate), ("μ", momentum), ("τ", dampening), ("λ", weightDecay)].filter { $0.0 == "η" || $0.1 != 0 }
  }

  /// b.
  public static let memory = ["momentum_buffer"]

  /// Nesterov's momentum needs a momentum, undampened.
  public var problem: String? {
    if !nesterov || momentum > 0 && dampening == 0 { return nil }
    return "nesterov needs a momentum above 0 and a dampening of 0, and they are \(momentum) and \(dampening)"
  }
}
