// Lesson 5: optim, and a module of your own.
//
// The same network, now as a class of its own: linear, clamp at 0, linear, with weights that make the sum of the squared
// errors small.
//
// New: forward() of a Module can compute anything, step by step, and an Optimizer knows how to update the parameters.
// Another way to learn is another name in one line.

import Kindling
import KindlingNN
import KindlingOptim
import LessonKit

final class TwoLayerNet: Module {
  let linear1: Linear
  let linear2: Linear

  init(_ dIn: Int, _ h: Int, _ dOut: Int, bias: Bool = true) {
    linear1 = Linear(dIn, h, bias: bias)
    linear2 = Linear(h, dOut, bias: bias)
  }

  override func forward(_ x: Tensor) -> Tensor {
    let hRelu = linear1(x).clamp(min: 0)  // [n, h]
    return linear2(hRelu)  // [n, dOut]
  }
}

@main
struct Lesson5: Lesson {
  static let number = 5

  static func train(_ run: Run) {
    // What goes through run is the article's, unless an option asks for something else
    let (n, inputDim, hiddenDim, outputDim) = run.sizes(64, 1000, 100, 10)

    // Create random input and output data
    let x = run.data("x", Tensor.randn(n, inputDim))
    let y = run.data("y", Tensor.randn(n, outputDim))

    // Create the model, whose layers randomly initialize their weights
    let model = TwoLayerNet(inputDim, hiddenDim, outputDim, bias: run.hasBias)
    model.to(run.device)
    run.setFirstWeights(model.parameters())

    let lossFunction = MSELoss(reduction: .sum)
    let learningRate = run.learningRate(1e-4)

    // Optimizer: the article's Adam; plain gradient descent where the lessons are to be compared
    let optimizer: Optimizer =
      run.usesAdam
      ? Adam(model.parameters(), learningRate: learningRate)
      : SGD(model.parameters(), learningRate: learningRate)

    for t in 0..<run.steps {
      // Forward pass: compute predicted y
      let yPred = model(x)  // [n, outputDim]

      // Compute and print loss
      let loss = lossFunction(yPred, y)
      run.report(t, loss.item(), yPred)

      // Backprop to compute gradients of all parameters with respect to loss
      optimizer.zeroGrad()
      loss.backward()
      run.observe(t, model.parameters())

      // Update weights
      optimizer.step()
    }
    run.finish(model.parameters())
  }
}
