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
  static let title = "Train a two-layer network on tensors, with gradients by hand."

  static func train(_ run: Run) throws {
    let learningRate = run.learningRate

    // Data: Tensor.randn(n, inputDim) and Tensor.randn(n, outputDim)
    let (x, y) = try run.data()  // [n, inputDim], [n, outputDim]

    // First weights: Tensor.randn(inputDim, hiddenDim) and Tensor.randn(hiddenDim, outputDim)
    let (w1, w2) = try run.weights()  // [inputDim, hiddenDim], [hiddenDim, outputDim]

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
