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
  static let title = "Train a two-layer network built from nn's modules."

  static func train(_ run: Run) throws {
    let (_, inputDim, hiddenDim, outputDim) = run.sizes
    let learningRate = run.learningRate

    // Data: Tensor.randn(n, inputDim) and Tensor.randn(n, outputDim)
    let (x, y) = try run.data()  // [n, inputDim], [n, outputDim]

    // Model; its first weights come from the layers, unless the problem is to start all lessons alike
    let model = Sequential(
      Linear(inputDim, hiddenDim, bias: run.hasBias),
      run.problem == .article ? ReLU() : ClampAtZero(),  // they differ at exactly 0, and the other lessons clamp
      Linear(hiddenDim, outputDim, bias: run.hasBias))
    model.to(run.device)
    try run.setFirstWeights(model.parameters())

    let lossFunction = MSELoss(reduction: .sum)

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
