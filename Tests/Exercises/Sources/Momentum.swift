import ExerciseKit
import Exercises
import Foundation
import Kindling
import KindlingOptim

extension Exercise {
  static let momentum = Exercise(
    number: 13, title: "SGD with momentum from its formula", file: "Exercise13Momentum.swift",
    checks: [
      Check("no momentum: one step, from 1 with a gradient of 2") {
        let p = scalar(1, requiresGrad: true)
        let optimizer = MomentumByHand([p], learningRate: 0.05)
        p.grad = scalar(2)
        optimizer.step()
        if p.item() == 1 { throw Wrong("p is still 1: nothing is computed yet, or p does not change in place.") }
        try expectPath([p.item()], Formula(mu: 0, tau: 0, lambda: 0), [2], "p")
      },
      Check("momentum: five steps, with gradients \(gradients.map(short).joined(separator: ", "))") {
        try expectSteps(Formula(tau: 0, lambda: 0))
      },
      Check("dampening") { try expectSteps(Formula(lambda: 0)) },
      Check("weight decay") {
        try expectSteps(Formula(mu: 0, tau: 0))
        try expectSteps(Formula())
        let p = scalar(1, requiresGrad: true)
        p.grad = scalar(2)
        answer([p], Formula()).step()
        if p.grad?.item() != 2 {
          throw Wrong(
            "p is right, but step() has changed p.grad: λ p was added in place. Make a new tensor: g + λ p.")
        }
      },
      Check("Nesterov's variant") { try expectSteps(Formula(tau: 0, nesterov: true)) },
      Check("two parameters, one of which has its first gradient at step 3") {
        let (p, q) = (scalar(1, requiresGrad: true), scalar(1, requiresGrad: true))
        let formula = Formula()
        let optimizer = answer([p, q], formula)
        var paths: [[Double]] = [[], []]
        for (step, gradient) in gradients.enumerated() {
          p.grad = scalar(gradient)
          q.grad = step < 2 ? nil : scalar(gradient)
          optimizer.step()
          if step < 2 && q.item() != 1 {
            throw Wrong(
              "The one without a gradient has moved to \(short(q.item())). Where grad is nil, nothing may change.")
          }
          paths[0].append(p.item())
          if step >= 2 { paths[1].append(q.item()) }
        }
        let each = "Alone it is right, so the two disturb each other: each needs a b of its own."
        try expectPath(paths[0], formula, gradients, "the first", hint: each)
        try expectPath(
          paths[1], formula, Array(gradients.dropFirst(2)), "the second, counted from its first gradient,",
          hint: "\(each) The first step is that of the parameter, and not of the optimizer.")
      },
      Check("20 steps of a small network, against the library's SGD") {
        let (ours, theirs) = (SmallNetwork(), SmallNetwork())
        let optimizers: [Optimizer] = [
          MomentumByHand(
            ours.weights, learningRate: 1e-3, momentum: 0.8, dampening: 0.25, weightDecay: 0.1),
          SGD(theirs.weights, learningRate: 1e-3, momentum: 0.8, dampening: 0.25, weightDecay: 0.1),
        ]
        for step in 1...20 {
          for (network, optimizer) in zip([ours, theirs], optimizers) {
            optimizer.zeroGrad()
            network.loss().backward()
            optimizer.step()
          }
          for (w, expected) in zip(ours.weights, theirs.weights) {
            try expect(
              "After step \(step) the weight", w.detach(), expected.detach(),
              hint: "Is there anything in step() that holds for one number only?")
          }
        }
      },
    ])
}

private let gradients = [2, -0.5, 3, 0.25, 1]

private func answer(_ parameters: [Tensor], _ formula: Formula) -> Optimizer {
  MomentumByHand(
    parameters, learningRate: Formula.eta, momentum: formula.mu, dampening: formula.tau, weightDecay: formula.lambda,
    nesterov: formula.nesterov)
}

private func expectSteps(_ formula: Formula) throws {
  let p = scalar(1, requiresGrad: true)
  let optimizer = answer([p], formula)
  let path = gradients.map { gradient in
    p.grad = scalar(gradient)
    optimizer.step()
    return p.item()
  }
  try expectPath(path, formula, gradients, "p")
}

private func expectPath(
  _ path: [Double], _ formula: Formula, _ gradients: [Double], _ name: String,
  hint: String = "Compare line by line with the formula."
) throws {
  let expected = formula.path(gradients)
  guard let step = path.indices.first(where: { !isClose(path[$0], expected[$0]) }) else { return }
  let known = Formula.mistakes.first { mistake in
    var wrong = formula
    mistake.change(&wrong)
    return zip(path, wrong.path(gradients)).allSatisfy { isClose($0, $1) }
  }
  throw Wrong(
    "With \(formula.options), after step \(step + 1) \(name) is \(short(path[step])), and it should be "
      + "\(short(expected[step])). \(known?.words ?? hint)")
}

/// The formula on one number, with the mistakes that are easily made.
private struct Formula: Sendable {
  static let eta = 0.05

  var mu = 0.8, tau = 0.25, lambda = 0.3
  var nesterov = false

  var uphill = false, dampensFirst = false, isAverage = false, dampensB = false
  var decaySign = 1.0, decaysApart = false, looksAhead = true, addsG = true

  var options: String {
    let numbers = [("η", Formula.eta), ("μ", mu), ("τ", tau), ("λ", lambda)].filter { $0.1 != 0 }
    return numbers.map { "\($0) = \($1)" }.joined(separator: ", ") + (nesterov ? ", Nesterov's" : "")
  }

  func path(_ gradients: [Double]) -> [Double] {
    var p = 1.0
    var b: Double?
    return gradients.map { gradient in
      let decay = decaySign * lambda * p
      let g = decaysApart ? gradient : gradient + decay
      var direction = g
      if mu != 0 {
        let share = isAverage ? 1 - mu : 1 - tau
        let average = b.map { mu * $0 * (dampensB ? 1 - tau : 1) + share * g } ?? (dampensFirst ? share * g : g)
        b = average
        direction = nesterov && looksAhead ? (addsG ? g + mu * average : mu * average) : average
      }
      p -= (uphill ? -1 : 1) * Formula.eta * direction + (decaysApart ? Formula.eta * decay : 0)
      return p
    }
  }

  static let mistakes: [(change: @Sendable (inout Formula) -> Void, words: String)] = [
    ({ $0.uphill = true }, "The step goes uphill: the sign is wrong."),
    ({ $0.lambda = 0 }, "The weight decay is missing: g ← g + λ p."),
    ({ $0.decaySign = -1 }, "The weight decay has the wrong sign: it draws p towards 0, g + λ p."),
    (
      { $0.decaysApart = true },
      "The weight decay goes past b. In this formula λ p is added to g first, so that it is averaged too."
    ),
    ({ $0.mu = 0 }, "That is plain gradient descent: p does not follow b, or b is not kept from step to step."),
    (
      { $0.dampensFirst = true },
      "The first step is dampened, as if b had been 0 before. At first b is g itself; 1 - τ comes with the second step."
    ),
    ({ $0.tau = 0 }, "The dampening is missing: b ← μ b + (1 - τ) g."),
    ({ $0.tau = 1 - $0.tau }, "The gradient has the share τ in b; it is 1 - τ."),
    ({ $0.isAverage = true }, "The gradient has the share 1 - μ in b, as in Adam. Here it is 1 - τ."),
    (
      { ($0.isAverage, $0.dampensFirst) = (true, true) },
      "That is Adam's average, from 0, with the share 1 - μ. Here b begins as g, and g has the share 1 - τ."
    ),
    ({ $0.dampensB = true }, "The factor 1 - τ stands before all of it; it belongs to g alone."),
    ({ $0.looksAhead = false }, "Nesterov's variant is missing: the step is η (g + μ b), with the new b."),
    ({ $0.addsG = false }, "In Nesterov's variant g is missing: the step is η (g + μ b)."),
    ({ $0.nesterov.toggle() }, "That is Nesterov's step, which was not asked for."),
  ]
}
