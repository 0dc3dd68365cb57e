// Fits a parabola with a network of two layers. The network is a list of steps, and forward() takes one after another.

import Kindling
import KindlingNN
import KindlingOptim
import LessonKit

private final class Network: Module {
  let steps: [Module]

  override init() {
    let hidden = Linear(1, 20)
    let output = Linear(20, 1)
    steps = [hidden, Tanh(), output]
  }

  override func forward(_ x: Tensor) -> Tensor {
    steps.reduce(x) { x, step in step(x) }
  }
}

package func case05() {
  let x = Tensor.linspace(-1.0, 1.0, steps: 21).reshape(21, 1)  // [21, 1]
  let y = x * x  // [21, 1]
  let network = Network()
  let last = Linear(1, 1)  // stretches and moves what the network says
  let parameters = network.parameters() + last.parameters()
  print("\(parameters.count) parameters, \(parameters.map(\.elementCount).reduce(0, +)) numbers in them")

  let optimizer = Adam(parameters, learningRate: 0.02)
  for t in 0...300 {
    let loss = (last(network(x)) - y).pow(2).mean()
    if t % 100 == 0 { print("step \(t): loss \(rounded(loss.item(), 3))") }

    optimizer.zeroGrad()
    loss.backward()
    optimizer.step()
  }
}
