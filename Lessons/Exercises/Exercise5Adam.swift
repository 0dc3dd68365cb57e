// Exercise 5: an optimizer from its formula.
//
// Adam. For each parameter p with gradient g, and each element by itself, in its step t = 1, 2, …:
//
//   m ← β₁ m + (1 - β₁) g            an average of the gradients; m = 0 at first
//   v ← β₂ v + (1 - β₂) g²           an average of their squares; v = 0 at first
//   m̂ = m / (1 - β₁ᵗ)                in the first steps m and v are still close to their zeros; this makes up for it
//   v̂ = v / (1 - β₂ᵗ)
//   p ← p - η m̂ / (√v̂ + ε)
//
// `Optimizer` holds the parameters, as `parameters`, and has `zeroGrad()`. Yours to write are the memory and `step()`, which
// makes one step of every parameter that has a gradient and leaves the others alone: their m, v and t stay as they are. A
// parameter whose first gradient comes late begins with t = 1. The parameters must change in place (`p -= …`), and the
// update is no part of the network.
//
// The library's Adam has the same lines under the same formula, in Sources/KindlingOptim/Adam.swift, where it writes θ for p.
// Look at it afterwards. There the memory and the count of steps are handed to it; here they are yours too.
//
//   Tests/run exercise 5
//
// Source: Kingma and Ba, "Adam: a method for stochastic optimization", arXiv:1412.6980.

import Foundation  // pow
import Kindling
import KindlingOptim

/// Adam, from its formula.
public final class AdamByHand: Optimizer {
  /// η: the size of a step.
  public let learningRate: Double
  /// β₁: how much of m is kept from step to step.
  public let beta1: Double
  /// β₂: how much of v is kept from step to step.
  public let beta2: Double
  /// ε: keeps the divisor from 0.
  public let epsilon: Double
  // Your memory here, and its first values in init.

  /// Adam on these parameters.
  public init(
    _ parameters: [Tensor], learningRate: Double = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999,
    epsilon: Double = 1e-8
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    super.init(parameters)
  }

  /// One step of each parameter that has a gradient.
  public override func step() {
    // Your code here.
  }
}
