// Exercise 13: SGD with momentum, from its formula.
//
// Plain gradient descent forgets: each step follows the gradient of the moment. With momentum a step follows an average of
// the gradients, b, as a heavy ball does. For each parameter p with gradient g, as PyTorch's SGD has it:
//
//   g ← g + λ p                      weight decay λ: parameters are drawn towards 0
//   b ← g                            at the first step of this parameter
//   b ← μ b + (1 - τ) g              at every later one: momentum μ, dampening τ
//   p ← p - η b                      or, with Nesterov's variant, p ← p - η (g + μ b)
//
// Without momentum (μ = 0) there is no b, and dampening plays no part: p ← p - η g.
//
// `Optimizer` holds the parameters, as `parameters`. Yours to write are the memory and `step()`, which makes one step of
// every parameter that has a gradient and leaves the others alone, their b included. The parameters must change in place
// (`p -= …`), the gradient in `p.grad` must not, and the update is no part of the network.
//
//   Tests/run exercise 13
//
// Source: Sutskever and others, "On the importance of initialization and momentum in deep learning", 2013.

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
  // Your memory here, and its first values in init.

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
    super.init(parameters)
  }

  /// One step of each parameter that has a gradient.
  public override func step() {
    // Your code here.
  }
}
