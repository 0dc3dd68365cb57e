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

  static func train(_ run: Run) {
    // What goes through run is the article's, unless an option asks for something else
    let (n, inputDim, hiddenDim, outputDim) = run.sizes(64, 784, 100, 10)

    // Create random input and output data
    let x = run.data("x", Tensor.randn(n, inputDim))
    let y = run.data("y", Tensor.randn(n, outputDim))

    // Randomly initialize weights
    let w1 = run.weight("w1", Tensor.randn(inputDim, hiddenDim, requiresGrad: true))
    let w2 = run.weight("w2", Tensor.randn(hiddenDim, outputDim, requiresGrad: true))

    let learningRate = run.learningRate(1e-6)

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
