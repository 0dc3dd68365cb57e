// Fits a slope, with momentum written by hand: the velocity remembers the gradients of the steps before.

import Kindling
import LessonKit

package func case07() {
  let x = Tensor([-2.0, -1.0, 0.0, 1.0, 2.0])  // [5]
  let y = 3 * x  // [5]
  let w = Tensor(0.0, requiresGrad: true)
  var velocity = Tensor(0.0)

  for t in 0...60 {
    let loss = (w * x - y).pow(2).mean()
    if t % 20 == 0 { print("step \(t): loss \(rounded(loss.item())), w \(rounded(w.item()))") }

    w.grad = nil
    loss.backward()
    velocity = 0.7 * velocity + w.grad!
    w -= 0.05 * velocity
  }
}
