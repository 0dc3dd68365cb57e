// Exercise 5, solved: Adam from its formula.

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
  private var m: [Tensor]
  private var v: [Tensor]
  private var t: [Int]  // how many steps each parameter has made

  /// Adam on these parameters.
  public init(
    _ parameters: [Tensor], learningRate: Double = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999,
    epsilon: Double = 1e-8
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    m = parameters.map { Tensor.zerosLike($0) }
    v = parameters.map { Tensor.zerosLike($0) }
    t = parameters.map { _ in 0 }
    super.init(parameters)
  }

  /// One step of each parameter that has a gradient.
  public override func step() {
    noGrad {
      for (i, p) in parameters.enumerated() {
        guard let g = p.grad else { continue }
        t[i] += 1
        m[i] = beta1 * m[i] + (1 - beta1) * g
        v[i] = beta2 * v[i] + (1 - beta2) * g.square()
        let mHat = m[i] / (1 - pow(beta1, Double(t[i])))
        let vHat = v[i] / (1 - pow(beta2, Double(t[i])))
        p -= learningRate * mHat / (vHat.sqrt() + epsilon)
      }
    }
  }
}
