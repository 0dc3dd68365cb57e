// Exercise 13, solved: SGD with momentum.

import Kindling
import KindlingOptim

/// Gradient descent with momentum, from its formula.
public final class MomentumByHand: Optimizer {
  /// η: the size of a step.
  public let learningRate: Double
  /// μ: how much of b is kept from step to step.
  public let momentum: Double
  /// τ: how much of the gradient is left out of b.
  public let dampening: Double
  /// λ: how strongly parameters are drawn towards 0.
  public let weightDecay: Double
  /// Whether the step looks ahead to where b will lead.
  public let nesterov: Bool
  private var b: [Tensor?]  // nil: this parameter has made no step yet

  /// Gradient descent on these parameters.
  public init(
    _ parameters: [Tensor], learningRate: Double = 1e-3, momentum: Double = 0, dampening: Double = 0,
    weightDecay: Double = 0, nesterov: Bool = false
  ) {
    self.learningRate = learningRate
    self.momentum = momentum
    self.dampening = dampening
    self.weightDecay = weightDecay
    self.nesterov = nesterov
    b = parameters.map { _ in nil }
    super.init(parameters)
  }

  /// One step of each parameter that has a gradient.
  public override func step() {
    noGrad {
      for (i, p) in parameters.enumerated() {
        guard let gradient = p.grad else { continue }
        let g = gradient + weightDecay * p  // a new tensor: p.grad stays as it is
        if momentum == 0 {
          p -= learningRate * g
          continue
        }
        let average = b[i].map { momentum * $0 + (1 - dampening) * g } ?? g
        b[i] = average
        p -= learningRate * (nesterov ? g + momentum * average : average)
      }
    }
  }
}
