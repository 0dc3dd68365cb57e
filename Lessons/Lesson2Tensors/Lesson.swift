// Lesson 2: tensors.
//
// The same network, the same gradients by hand: y = max(x w1, 0) w2, with weights that make the sum of the squared errors
// small.
//
// New: a Tensor carries its own shape, so that sizes no longer travel beside the numbers, t() transposes without moving
// any, and the same lines run on another device. The numbers are float32 now.

import Kindling
import LessonKit

@main
struct Lesson2: Lesson {
  static let number = 2

  static func train(_ run: Run) {
    // What goes through run is the article's, unless an option asks for something else
    let (n, inputDim, hiddenDim, outputDim) = run.sizes(64, 784, 100, 10)

    // Create random input and output data
    let x = run.data("x", Tensor.randn(n, inputDim))
    let y = run.data("y", Tensor.randn(n, outputDim))

    // Randomly initialize weights
    let w1 = run.weight("w1", Tensor.randn(inputDim, hiddenDim))
    let w2 = run.weight("w2", Tensor.randn(hiddenDim, outputDim))

    let learningRate = run.learningRate(1e-6)

    for t in 0..<run.steps {
      // Forward pass: compute predicted y
      let h = x.mm(w1)  // [n, hiddenDim]
      let hRelu = h.clamp(min: 0)  // [n, hiddenDim]
      let yPred = hRelu.mm(w2)  // [n, outputDim]

      // Compute and print loss
      let loss = (yPred - y).pow(2).sum()
      run.report(t, loss.item(), yPred)

      // Backprop to compute gradients of w1 and w2 with respect to loss
      let gradYPred = 2.0 * (yPred - y)  // [n, outputDim]
      let gradW2 = hRelu.t().mm(gradYPred)  // [hiddenDim, outputDim]
      let gradHRelu = gradYPred.mm(w2.t())  // [n, hiddenDim]
      let gradH = gradHRelu.clone()
      gradH[h < 0] = 0  // [n, hiddenDim]
      let gradW1 = x.t().mm(gradH)  // [inputDim, hiddenDim]
      run.observe(t, weights: [w1, w2], gradients: [gradW1, gradW2])

      // Update weights using gradient descent
      w1 -= learningRate * gradW1
      w2 -= learningRate * gradW2
    }
    run.finish([w1, w2])
  }
}
