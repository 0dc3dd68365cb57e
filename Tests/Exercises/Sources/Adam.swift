import ExerciseKit
import Exercises
import Foundation
import Kindling
import KindlingOptim

extension Exercise {
  static let adam = Exercise(
    number: 5, title: "an optimizer from its formula", file: "Exercise5Adam.swift",
    checks: [
      Check("the first step, from 1 with a gradient of 2") {
        let p = scalar(1, requiresGrad: true)
        let optimizer = answer([p])
        p.grad = scalar(2)
        optimizer.step()
        if p.item() == 1 { throw Wrong("The parameter has not moved: nothing is computed yet, or not in place.") }
        try expectNumbers([p.item()], gradients: [2], "p")
        if p.grad?.item() != 2 { throw Wrong("p is right, but step() has changed the gradient.") }
      },
      Check("five steps, from 1 with gradients \(gradients.map(short).joined(separator: ", "))") {
        let p = scalar(1, requiresGrad: true)
        let optimizer = answer([p])
        try expectNumbers(walk(optimizer, [p])[0], gradients: gradients, "p")
      },
      Check("two parameters, with the same gradients each") {
        let parameters = [scalar(1, requiresGrad: true), scalar(1, requiresGrad: true)]
        let optimizer = answer(parameters)
        let paths = walk(optimizer, parameters)
        for (path, name) in zip(paths, ["the first", "the second"]) {
          try expectNumbers(
            path, gradients: gradients, name,
            hint: "Alone it is right, so the two disturb each other: each needs an m, a v and a t of its own.")
        }
      },
      Check("a parameter without a gradient") {
        let (p, q) = (scalar(1, requiresGrad: true), scalar(1, requiresGrad: true))
        let optimizer = answer([p, q])
        p.grad = scalar(2)
        optimizer.step()
        if q.item() != 1 { throw Wrong("It has moved to \(short(q.item())). Where grad is nil, nothing may change.") }
        try expectNumbers([p.item()], gradients: [2], "the other")
      },
      Check("a parameter whose first gradient comes at step 11") {
        let (p, late) = (scalar(1, requiresGrad: true), scalar(1, requiresGrad: true))
        let optimizer = answer([p, late])
        for step in 1...11 {
          p.grad = scalar(2)
          if step == 11 { late.grad = scalar(2) }
          optimizer.step()
        }
        try expectNumbers(
          [late.item()], gradients: [2], "the late one, in its own first step,",
          hint:
            "Its m and v have just begun, so its t is 1 and not 11. Each parameter has a t of its own, as in PyTorch.")
      },
      Check("20 steps of a small network, against the library's Adam") {
        let (ours, theirs) = (SmallNetwork(), SmallNetwork())
        let optimizers = [
          answer(ours.weights), Adam(theirs.weights, learningRate: 0.05, betas: (0.8, 0.9), epsilon: 0.1),
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

/// Options that are far from each other and from the usual ones, so that each mistake shows.
private let (learningRate, beta1, beta2, epsilon) = (0.05, 0.8, 0.9, 0.1)
private let gradients = [2, -0.5, 3, 0.25, 1]

private func answer(_ parameters: [Tensor]) -> Optimizer {
  AdamByHand(parameters, learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon)
}

/// A tensor of one number, [1].
func scalar(_ value: Double, requiresGrad: Bool = false) -> Tensor {
  Tensor([value], dtype: .float64, requiresGrad: requiresGrad)
}

/// Where each parameter is after each of the steps.
private func walk(_ optimizer: Optimizer, _ parameters: [Tensor]) -> [[Double]] {
  var paths = parameters.map { _ in [Double]() }
  for gradient in gradients {
    for p in parameters { p.grad = scalar(gradient) }
    optimizer.step()
    for (i, p) in parameters.enumerated() { paths[i].append(p.item()) }
  }
  return paths
}

private func expectNumbers(
  _ path: [Double], gradients: [Double], _ name: String, hint: String = "Compare line by line with the formula."
) throws {
  let expected = Formula.right.path(gradients)
  guard let step = path.indices.first(where: { !isClose(path[$0], expected[$0]) }) else { return }
  let known = Formula.mistakes.first { mistake in
    zip(path, mistake.formula.path(gradients)).allSatisfy { isClose($0, $1) || $0.isNaN && $1.isNaN }
  }
  throw Wrong(
    "After step \(step + 1) \(name) is \(short(path[step])), and it should be \(short(expected[step])). "
      + "\(known?.words ?? hint)")
}

/// Adam on one number, with the mistakes that are easily made.
private struct Formula: Sendable {
  static let right = Formula()

  var uphill = false, correctsM = true, correctsV = true, remembers = true, squares = true, hasRoot = true
  var averages = true, divides = true
  var mShare = 1 - beta1, vShare = 1 - beta2
  var betas = (beta1, beta2)
  var divisor: @Sendable (_ v: Double, _ correction: Double) -> Double = { v, correction in
    (v / correction).squareRoot() + epsilon
  }
  var time: @Sendable (_ step: Int) -> Int = { $0 }

  func path(_ gradients: [Double]) -> [Double] {
    var (p, m, v) = (1.0, 0.0, 0.0)
    return gradients.enumerated().map { i, g in
      let t = Double(time(i + 1))
      if !remembers { (m, v) = (0, 0) }
      m = betas.0 * m + mShare * g
      v = betas.1 * v + vShare * (squares ? g * g : g)
      let mHat = correctsM ? m / (1 - pow(betas.0, t)) : m
      let correction = correctsV ? 1 - pow(betas.1, t) : 1
      let scale = !divides ? 1 : hasRoot ? divisor(v, correction) : v / correction + epsilon
      p -= (uphill ? -1 : 1) * learningRate * (averages ? mHat : g) / scale
      return p
    }
  }

  private static func with(_ change: (inout Formula) -> Void) -> Formula {
    var formula = Formula()
    change(&formula)
    return formula
  }

  static let mistakes: [(formula: Formula, words: String)] = [
    (with { $0.uphill = true }, "The step goes uphill: the sign is wrong."),
    (
      with { ($0.correctsM, $0.correctsV) = (false, false) },
      "The correction is missing: divide m by 1 - β₁ᵗ and v by 1 - β₂ᵗ."
    ),
    (with { $0.correctsM = false }, "m is not corrected: divide it by 1 - β₁ᵗ."),
    (with { $0.correctsV = false }, "v is not corrected: divide it by 1 - β₂ᵗ."),
    (
      with { $0.divisor = { v, correction in (v / correction + epsilon).squareRoot() } },
      "ε stands inside the root. It is added after the root has been taken."
    ),
    (
      with { $0.divisor = { v, correction in (v.squareRoot() + epsilon) / correction.squareRoot() } },
      "ε is added before v is corrected. First the correction, then the root, then ε."
    ),
    (with { $0.divisor = { v, correction in (v / correction).squareRoot() } }, "ε is missing."),
    (with { $0.hasRoot = false }, "The root is missing: divide by √v̂ + ε."),
    (
      with { ($0.averages, $0.divides) = (false, false) },
      "That is gradient descent, p ← p - η g: m and v take no part."
    ),
    (with { $0.averages = false }, "The step follows g, and should follow m̂."),
    (with { $0.divides = false }, "The step is η m̂; it is not divided by √v̂ + ε."),
    (with { $0.squares = false }, "v must average g², and here it averages g."),
    (with { $0.mShare = 1 }, "The gradient goes into m in full; its share is 1 - β₁."),
    (with { $0.vShare = 1 }, "The square goes into v in full; its share is 1 - β₂."),
    (
      with { ($0.betas, $0.mShare, $0.vShare) = ((beta2, beta1), 1 - beta2, 1 - beta1) },
      "β₁ and β₂ have changed places: β₁ is m's."
    ),
    (with { $0.remembers = false }, "m and v begin at 0 in every step. They must be kept from step to step."),
    (with { $0.time = { _ in 1 } }, "t stays at 1. It counts the steps."),
    (
      with { $0.time = { $0 - 1 } },
      "t is 0 in the first step, so that m / (1 - β₁ᵗ) is 0 / 0 or worse. It begins at 1."
    ),
    (with { $0.time = { $0 + 1 } }, "t is 2 in the first step. It begins at 1."),
    (
      with { $0.time = { 2 * $0 - 1 } },
      "One t counts for both, and grows by 2 in each step. Each parameter has a t of its own."
    ),
    (
      with { $0.time = { 2 * $0 } },
      "One t counts for both, and grows by 2 in each step. Each parameter has a t of its own."
    ),
  ]
}

/// Two layers, in float64.
struct SmallNetwork {
  let x, y: Tensor
  let weights: [Tensor]

  init() {
    manualSeed(3)
    (x, y) = (.randn(8, 4, dtype: .float64), .randn(8, 2, dtype: .float64))
    weights = [(4, 5), (5, 2)].map { Tensor.randn($0.0, $0.1, dtype: .float64, requiresGrad: true) }
  }

  func loss() -> Tensor { (x.mm(weights[0]).clamp(min: 0).mm(weights[1]) - y).square().sum() }
}
