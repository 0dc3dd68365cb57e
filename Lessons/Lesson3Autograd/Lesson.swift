// Lesson 3: autograd.
//
// The same network: y = max(x w1, 0) w2, with weights that make the sum of the squared errors small.
//
// New: tensors that require gradients remember how they were computed, and backward() walks that history and works out
// both gradients. The backward half of the loop is one line, whatever the network.

import Kindling
import LessonKit

@main
struct Lesson3: Lesson {
  static let number = 3
  static let title = "Train a two-layer network with autograd."

  static func train(_ run: Run) throws {
    let learningRate = run.learningRate

    // Data: Tensor.randn(n, inputDim) and Tensor.randn(n, outputDim)
    let (x, y) = try run.data()  // [n, inputDim], [n, outputDim]

    // First weights: Tensor.randn(inputDim, hiddenDim, requiresGrad: true) and Tensor.randn(hiddenDim, outputDim, …)
    let (w1, w2) = try run.weights(requiresGrad: true)  // [inputDim, hiddenDim], [hiddenDim, outputDim]

    for t in 0..<run.steps {
      // Forward pass: compute predicted y
      let yPred = x.mm(w1).clamp(min: 0).mm(w2)  // [n, outputDim]

      // Compute and print loss
      let loss = (yPred - y).pow(2).sum()
      run.report(t, loss.item(), yPred)

      // Backprop to compute gradients of w1 and w2 with respect to loss
      loss.backward()
      run.observe(t, [w1, w2])

      // Update weights using gradient descent; the update itself is no part of the network
      noGrad {
        w1 -= learningRate * w1.grad!
        w2 -= learningRate * w2.grad!

        // backward() adds to grad, so start the next step from zero
        w1.grad!.zero_()
        w2.grad!.zero_()
      }
    }
    run.finish([w1, w2])
  }
}
