// Lesson 4: nn.
//
// The same network, now as layers: Linear, ReLU, Linear, with weights that make the sum of the squared errors small.
//
// New: a Module holds its weights and makes their first values itself, and parameters() finds them all, however many
// layers there are. The loop no longer knows what the network looks like.

import Kindling
import KindlingNN
import LessonKit

@main
struct Lesson4: Lesson {
  static let number = 4

  static func train(_ run: Run) {
    // What goes through run is the article's, unless an option asks for something else
    let (n, inputDim, hiddenDim, outputDim) = run.sizes(64, 1000, 100, 10)

    // Create random input and output data
    let x = run.data("x", Tensor.randn(n, inputDim))
    let y = run.data("y", Tensor.randn(n, outputDim))

    // Create the model, whose layers randomly initialize their weights
    let model = Sequential(
      Linear(inputDim, hiddenDim, bias: run.hasBias),
      run.problem == .article ? ReLU() : ClampAtZero(),  // they differ at exactly 0, and the other lessons clamp
      Linear(hiddenDim, outputDim, bias: run.hasBias))
    model.to(run.device)
    run.setFirstWeights(model.parameters())

    let lossFunction = MSELoss(reduction: .sum)
    let learningRate = run.learningRate(1e-4)

    for t in 0..<run.steps {
      // Forward pass: compute predicted y
      let yPred = model(x)  // [n, outputDim]

      // Compute and print loss
      let loss = lossFunction(yPred, y)
      run.report(t, loss.item(), yPred)

      // Backprop to compute gradients of all parameters with respect to loss
      model.zeroGrad()
      loss.backward()
      run.observe(t, model.parameters())

      // Update weights using gradient descent
      noGrad {
        for parameter in model.parameters() {
          parameter -= learningRate * parameter.grad!
        }
      }
    }
    run.finish(model.parameters())
  }
}
