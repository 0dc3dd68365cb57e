import Kindling

extension RMSpropRule {
  /// One step of RMSprop: a learning rate for each number, the smaller the larger that number's gradients have been lately.
  ///
  /// With parameter θ, gradient g, learning rate η, smoothing α, weight decay λ, momentum μ:
  ///
  ///     g ← g + λ θ                        (-g + λ θ to maximize)
  ///     v ← α v + (1 - α) g²
  ///     m ← α m + (1 - α) g                (centered only)
  ///     d ← g / (√v + ε)                   (√(v - m²) if centered)
  ///     b ← μ b + d
  ///     θ ← θ - η b                        (θ - η d without momentum)
  ///
  /// Sources: Hinton, "Neural networks for machine learning", lecture 6e, 2012; Graves, arXiv:1308.0850, for the centered
  /// form; torch.optim.RMSprop for where ε stands.
  public func step(_ theta: Tensor, _ gradient: Tensor, _ state: inout ParameterState) {
    var g = maximize ? -gradient : gradient
    if weightDecay != 0 { g = g + weightDecay * theta }
    let v = state.tensor("square_avg", like: theta)
    v.copy_(alpha * v + (1 - alpha) * g.square())
    var variance = v
    if centered {
      let m = state.tensor("grad_avg", like: theta)
      m.copy_(alpha * m + (1 - alpha) * g)
      // Where all gradients are equal, rounding decides.
      variance = (v - m.square()).clamp(min: 0)
    }
    var d = g / (variance.sqrt() + epsilon)
    if momentum != 0 {
      let b = state.tensor("momentum_buffer", like: theta)
      b.copy_(momentum * b + d)
      d = b
    }
    theta -= learningRate * d
  }
}

/// Gradient descent with a learning rate for each number, the smaller the larger that number's gradients have been lately.
/// The formula stands at `RMSpropRule.step`.
public final class RMSprop: GroupedOptimizer<RMSpropRule> {
  /// RMSprop on these parameters, or groups of parameters.
  public init(
    _ parameters: [some ParameterOrGroup], learningRate: Double = 1e-2, alpha: Double = 0.99, epsilon: Double = 1e-8,
    weightDecay: Double = 0, momentum: Double = 0, centered: Bool = false, maximize: Bool = false
  ) {
    super.init(
      parameters,
      RMSpropRule(
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

  /// Their names and bounds.
  public static var options: [RuleOption<RMSpropRule>] {
    [
      .init("learningRate", "lr", \.learningRate),
      .init("alpha", "alpha", \.alpha),
      .init("epsilon", "eps", \.epsilon),
      .init("weightDecay", "weight_decay", \.weightDecay),
      .init("momentum", "momentum", \.momentum),
      .init("centered", "centered", \.centered),
      .init("maximize", "maximize", \.maximize),
    ]
  }

  /// With what was asked for.
  public var formula: String {
    let gradient = (maximize ? "g ← -g;  " : "") + (weightDecay == 0 ? "" : "g ← g + λ θ;  ")
    let averages = "v ← α v + (1 - α) g²;  " + (centered ? "m ← α m + (1 - α) g;  " : "")
    let step = centered ? "g / (√(v - m²) + ε)" : "g / (√v + ε)"
    return gradient + averages + (momentum == 0 ? "θ ← θ - η \(step)" : "b ← μ b + \(step);  θ ← θ - η b")
  }

  /// η, α and ε, and what else is not 0.
  public func numbers(at step: Int) -> [(name: String, value: Double)] {
    [("η", learningRate), ("α", alpha), ("ε", epsilon)] + [("μ", momentum), ("λ", weightDecay)].filter { $0.1 != 0 }
  }

  /// v, m and b.
  public static let memory = ["square_avg", "grad_avg", "momentum_buffer"]
}
