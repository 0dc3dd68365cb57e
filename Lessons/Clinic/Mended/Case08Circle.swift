// Learns to move points onto a circle, in three small steps: each adds to the points what the network says.

import Kindling
import KindlingNN
import KindlingOptim
import LessonKit

package func case08() {
  let x = Tensor.randn(64, 2)  // [64, 2]
  let y = x / x.pow(2).sum(dim: 1, keepDim: true).sqrt()  // [64, 2]: as far from 0 as 1
  let model = Sequential(Linear(2, 16), Tanh(), Linear(16, 2))
  let optimizer = Adam(model.parameters(), learningRate: 0.01)

  for t in 0...600 {
    var points = x.clone()  // [64, 2]
    for _ in 0..<3 {
      points = points + model(points)
    }
    let loss = (points - y).pow(2).mean()
    if t % 200 == 0 { print("step \(t): loss \(rounded(loss.item()))") }

    optimizer.zeroGrad()
    loss.backward()
    optimizer.step()
  }
}
