// Fits a line to five points, which lie on y = 2 x + 1. Slope and intercept begin at 0.

import Kindling
import LessonKit

package func case01() {
  let x = Tensor([-2.0, -1.0, 0.0, 1.0, 2.0])  // [5]
  let y = 2 * x + 1  // [5]
  let w = Tensor(0.0, requiresGrad: true)
  let b = Tensor(0.0, requiresGrad: true)
  let learningRate = 0.1

  for t in 0..<30 {
    // Forward pass
    let loss = (w * x + b - y).pow(2).mean()
    if t % 3 == 0 { print("step \(t): loss \(rounded(loss.item()))") }

    // Backward pass
    loss.backward()

    // Update
    noGrad {
      w -= learningRate * w.grad!
      b -= learningRate * b.grad!
    }
    w.grad = nil
    b.grad = nil
  }
  print("y = \(rounded(w.item())) x + \(rounded(b.item()))")
}
