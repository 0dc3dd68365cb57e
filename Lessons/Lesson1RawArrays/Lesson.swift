// Lesson 1: raw arrays.
//
// A network of two layers learns to give ten numbers for each sample: y = max(x w1, 0) w2, with weights w1 and w2 that
// make the sum of the squared errors small.
//
// There is nothing here but arrays of numbers. Every matrix is a row-major [Double] whose size you carry along by hand,
// and every gradient is worked out by hand, on paper first.

import Kindling
import LessonKit

@main
struct Lesson1: Lesson {
  static let number = 1
  static let title = "Train a two-layer network on raw arrays, with gradients by hand."

  static func train(_ run: Run) throws {
    let (n, inputDim, hiddenDim, outputDim) = run.sizes
    let learningRate = run.learningRate

    // Data: random.randn(n, inputDim) and random.randn(n, outputDim)
    let (x, y) = try run.arrays()  // [n, inputDim], [n, outputDim]

    // First weights: random.randn(inputDim, hiddenDim) and random.randn(hiddenDim, outputDim)
    var (w1, w2) = try run.weightArrays()  // [inputDim, hiddenDim], [hiddenDim, outputDim]

    for t in 0..<run.steps {
      // Forward pass: compute predicted y
      let h = dot(x, (n, inputDim), w1, (inputDim, hiddenDim))  // [n, hiddenDim]
      let hRelu = maximum(h, 0)  // [n, hiddenDim]
      let yPred = dot(hRelu, (n, hiddenDim), w2, (hiddenDim, outputDim))  // [n, outputDim]

      // Compute and print loss
      let loss = sum(square(subtract(yPred, y)))
      run.report(t, loss, yPred)

      // Backprop to compute gradients of w1 and w2 with respect to loss
      let gradYPred = multiply(2, subtract(yPred, y))  // [n, outputDim]
      let gradW2 = dot(transposed: hRelu, (n, hiddenDim), gradYPred, (n, outputDim))  // [hiddenDim, outputDim]
      let gradHRelu = dot(gradYPred, (n, outputDim), transposed: w2, (hiddenDim, outputDim))  // [n, hiddenDim]
      var gradH = gradHRelu
      assign(0, to: &gradH, where: less(h, 0))  // [n, hiddenDim]
      let gradW1 = dot(transposed: x, (n, inputDim), gradH, (n, hiddenDim))  // [inputDim, hiddenDim]
      run.observe(t, weights: [w1, w2], gradients: [gradW1, gradW2])

      // Update weights using gradient descent
      subtract(learningRate, times: gradW1, from: &w1)
      subtract(learningRate, times: gradW2, from: &w2)
    }
    run.finish([w1, w2])
  }
}
