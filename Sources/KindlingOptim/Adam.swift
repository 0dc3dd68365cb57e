import Kindling

extension AdamRule {
  /// One step of Adam: along an average of the gradients, and about η long for every number.
  ///
  /// With parameter θ, gradient g, learning rate η, weight decay λ, step t = 1, 2, …:
  ///
  ///     g ← g + λ θ                        (-g + λ θ to maximize)
  ///     m ← β₁ m + (1 - β₁) g
  ///     v ← β₂ v + (1 - β₂) g²
  ///     m̂ ← m / (1 - β₁ᵗ)
  ///     v̂ ← v / (1 - β₂ᵗ)                  (AMSGrad: from the largest v so far)
  ///     θ ← θ - η m̂ / (√v̂ + ε)
  ///
  /// AdamW takes the weight decay out of the gradient, so that it works on every number alike. The first line becomes
  ///
  ///     θ ← θ - η λ θ
  ///
  /// Sources: Kingma and Ba, "Adam: a method for stochastic optimization", arXiv:1412.6980; Reddi, Kale and Kumar, "On the
  /// convergence of Adam and beyond", arXiv:1904.09237, for AMSGrad; Loshchilov and Hutter, "Decoupled weight decay
  /// regularization", arXiv:1711.05101, for AdamW.
  public func step(_ theta: Tensor, _ gradient: Tensor, _ state: inout ParameterState) {
    let (beta1, beta2) = betas
    var g = maximize ? -gradient : gradient
    if isDecoupled {
      theta -= learningRate * weightDecay * theta
    } else if weightDecay != 0 {
      g = g + weightDecay * theta
    }
    let m = state.tensor("exp_avg", like: theta)
    let v = state.tensor("exp_avg_sq", like: theta)
    let vMax = amsgrad ? state.tensor("max_exp_avg_sq", like: theta) : v
    m.copy_(beta1 * m + (1 - beta1) * g)
    v.copy_(beta2 * v + (1 - beta2) * g.square())
    if amsgrad { vMax.copy_(vMax.maximum(v)) }
    let mHat = m / (1 - pow(beta1, state.step))
    let vHat = vMax / (1 - pow(beta2, state.step))
    theta -= learningRate * mHat / (vHat.sqrt() + epsilon)
  }
}

/// Gradient descent along an average of the gradients, in steps of about one size for every number. The formula stands at
/// `AdamRule.step`.
public final class Adam: GroupedOptimizer<AdamRule> {
  /// Adam on these parameters, or groups of parameters.
  public init(
    _ parameters: [some ParameterOrGroup], learningRate: Double = 1e-3, betas: (Double, Double) = (0.9, 0.999),
    epsilon: Double = 1e-8, weightDecay: Double = 0, amsgrad: Bool = false, maximize: Bool = false
  ) {
    super.init(
      parameters,
      AdamRule(
        learningRate: learningRate, betas: betas, epsilon: epsilon, weightDecay: weightDecay, amsgrad: amsgrad,
        maximize: maximize, isDecoupled: false))
  }
}

/// Adam with the weight decay taken out of the gradient. The formula stands at `AdamRule.step`.
public final class AdamW: GroupedOptimizer<AdamRule> {
  /// AdamW on these parameters, or groups of parameters.
  public init(
    _ parameters: [some ParameterOrGroup], learningRate: Double = 1e-3, betas: (Double, Double) = (0.9, 0.999),
    epsilon: Double = 1e-8, weightDecay: Double = 1e-2, amsgrad: Bool = false, maximize: Bool = false
  ) {
    super.init(
      parameters,
      AdamRule(
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

  /// Their names and bounds.
  public static var options: [RuleOption<AdamRule>] {
    [
      .init("learningRate", "lr", \.learningRate),
      .init("betas.0", "betas.0", \.betas.0, .fraction),
      .init("betas.1", "betas.1", \.betas.1, .fraction),
      .init("epsilon", "eps", \.epsilon),
      .init("weightDecay", "weight_decay", \.weightDecay),
      .init("amsgrad", "amsgrad", \.amsgrad),
      .init("maximize", "maximize", \.maximize),
    ]
  }

  /// Of averages, and corrected for their start at 0.
  public var formula: String {
    (maximize ? "g ← -g;  " : "") + (weightDecay == 0 ? "" : isDecoupled ? "θ ← θ - η λ θ;  " : "g ← g + λ θ;  ")
      + "m ← β₁ m + (1 - β₁) g;  v ← β₂ v + (1 - β₂) g²;  θ ← θ - η m/(1 - β₁ᵗ) / (√(v/(1 - β₂ᵗ)) + ε)"
  }

  /// All of them.
  public func numbers(at step: Int) -> [(name: String, value: Double)] {
    [("η", learningRate), ("β₁", betas.0), ("β₂", betas.1), ("ε", epsilon), ("t", Double(step))]
      + (weightDecay == 0 ? [] : [("λ", weightDecay)])
  }

  /// m, v, and the largest v.
  public static let memory = ["exp_avg", "exp_avg_sq", "max_exp_avg_sq"]
}
