// Lesson 1: raw arrays.
//
// A network of two layers learns to give ten numbers for each sample: y = max(x w1, 0) w2, with weights w1 and w2 that
// make the sum of the squared errors small.
//
// There is nothing here but arrays of numbers. Every matrix is a row-major [Double] whose size you carry along by hand,
// and every gradient is worked out by hand, on paper first.

import KindlingArrays
import LessonKit

@main
struct Lesson1: Lesson {
  static let number = 1

  static func train(_ run: Run) {
    // What goes through run is the article's, unless an option asks for something else
    let (n, inputDim, hiddenDim, outputDim) = run.sizes(64, 784, 100, 10)

    // Create random input and output data
    let x = run.data("x", run.random.randn(n, inputDim))
    let y = run.data("y", run.random.randn(n, outputDim))

    // Randomly initialize weights
    var w1 = run.weight("w1", run.random.randn(inputDim, hiddenDim))
    var w2 = run.weight("w2", run.random.randn(hiddenDim, outputDim))

    let learningRate = run.learningRate(1e-6)

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
