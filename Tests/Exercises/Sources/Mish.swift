import ExerciseKit
import Exercises
import Foundation
import Kindling

extension Exercise {
  static let mish = Exercise(
    number: 2, title: "an elementwise operation with its derivative", file: "Exercise2Mish.swift",
    checks: [
      Check("the value") {
        let x = float64(points)
        try expect(
          "mish(x)", Mish.apply(x), float64(points.map(reference)),
          mistakes: [
            (x, "That is x itself: nothing is computed yet."),
            (x * x.tanh(), "That is x · tanh(x); the softplus is missing."),
            (x * x.sigmoid(), "That is x · sigmoid(x), another operation; sigmoid is the derivative of softplus."),
            (x.softplus().tanh(), "That is tanh(softplus(x)); the factor x is missing."),
            (x * x.softplus(), "That is x · softplus(x); the tanh is missing."),
          ],
          hint: "It is x · tanh(ln(1 + eˣ)).", place: { "mish(\(points[$0]))" })
      },
      Check("the gradient, against finite differences") {
        let x = float64(points)
        let (t, s) = (x.softplus().tanh(), x.sigmoid())
        let dy = float64(points.map { 1.25 + $0 })
        try expect(
          "the gradient", gradient(at: points, dy), dy * float64(points.map(slope)),
          mistakes: [
            (dy, "That is the gradient of the result, passed on unchanged: no derivative is computed yet."),
            (
              t + x * (1 - t.square()) * s,
              "That is the derivative alone. It must be multiplied by the gradient that arrives: the chain rule."
            ),
            (
              dy * t, "That is tanh(softplus(x)) alone. The product rule has a second term: x changes the tanh as well."
            ),
            (dy * x * (1 - t.square()) * s, "The product rule's first term is missing: tanh(softplus(x)) · 1."),
            (
              dy * (t + x * (1 - t.square())),
              "The derivative of softplus, sigmoid(x), is missing: the chain rule goes one step further."
            ),
            (dy * (t + x * s), "The derivative of tanh, 1 - tanh², is missing."),
            (dy * (t + (1 - t.square()) * s), "The second term of the product rule lacks its factor x."),
            (dy * (t + x * (1 - t) * s), "tanh' is 1 - tanh², and here the square is missing."),
            (
              dy * (t + x * (1 - x.tanh().square()) * s),
              "The derivative of tanh is taken at x. It must be taken at softplus(x), where tanh is."
            ),
          ],
          hint: "With t = tanh(softplus(x)) it is the arriving gradient times (t + x · t'); what is t'?",
          place: { "Where x is \(points[$0]) and \(dy.toArray()[$0]) arrives, the gradient of x" })
      },
      Check("the gradient at 100 and -100, in float32") {
        let x = Tensor([100.0, -100.0, 1000, -1000], dtype: .float32, requiresGrad: true)
        Mish.apply(x).sum().backward()
        for (gradient, (point, expected)) in zip(x.grad!.toArray(), [(100, 1.0), (-100, 0), (1000, 1), (-1000, 0)])
        where !(abs(gradient - expected) < 1e-6) {
          throw Wrong(
            "At x = \(point) the gradient is \(short(gradient)), and it should be \(short(expected)). e to the power of 100 "
              + "is more than float32 can hold, and infinity divided by infinity is no number: sigmoid() avoids it.")
        }
      },
      Check("the second derivative, against finite differences") {
        let x = float64(points, requiresGrad: true)
        let first = grad(of: Mish.apply(x).sum(), wrt: [x], createGraph: true)[0]
        let missing =
          "forward records nothing, so what is computed there and saved is a mere number for backward, and its own "
          + "derivative is lost. Save the input, and compute the rest again in backward, with tensor operations."
        if !first.requiresGrad { throw Wrong("The gradient cannot be differentiated: it has no history. \(missing)") }
        let second = grad(of: first.sum(), wrt: [x])[0].toArray()
        let h = 1e-4
        for (i, point) in points.enumerated() {
          let expected = (slope(point + h) - slope(point - h)) / (2 * h)
          // Two differences of float64 numbers leave about 6 digits.
          if abs(second[i] - expected) < 1e-4 { continue }
          throw Wrong("At x = \(point) it is \(short(second[i])), and it should be \(short(expected)). \(missing)")
        }
      },
    ])
}

private func float64(_ numbers: [Double], requiresGrad: Bool = false) -> Tensor {
  Tensor(numbers, dtype: .float64, requiresGrad: requiresGrad)
}

private let points = [-3.0, -1.0, -0.25, 0.5, 1.5, 4.0]

private func reference(_ x: Double) -> Double { x * tanh(log1p(exp(x))) }

/// The derivative, of no formula: by the five-point rule, whose error here is below 1e-11.
private func slope(_ x: Double) -> Double {
  let h = 1e-3
  return (8 * (reference(x + h) - reference(x - h)) - (reference(x + 2 * h) - reference(x - 2 * h))) / (12 * h)
}

private func gradient(at points: [Double], _ dy: Tensor) throws -> Tensor {
  let x = float64(points, requiresGrad: true)
  Mish.apply(x).backward(gradient: dy)
  guard let gradient = x.grad else { throw Wrong("backward returns nil for its input: no gradient arrives at x.") }
  return gradient
}
