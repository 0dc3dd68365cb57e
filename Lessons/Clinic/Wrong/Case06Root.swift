// Fits a in y = √(a x) to four measurements. Where x is negative there is no root, and y is 0. The right a is 4.

import Kindling
import LessonKit

package func case06() {
  let x = Tensor([-1.0, 1.0, 4.0, 9.0])  // [4]
  let y = Tensor([0.0, 2.0, 4.0, 6.0])  // [4]
  let a = Tensor(1.0, requiresGrad: true)

  for t in 0..<10 {
    let root = (a * x).sqrt()
    let prediction = Tensor.where(x > 0, root, 0.0)  // [4]
    let loss = (prediction - y).pow(2).mean()

    a.grad = nil
    loss.backward()
    if t % 3 == 0 {
      print("step \(t): loss \(rounded(loss.item())), gradient \(rounded(a.grad!.item())), a \(rounded(a.item()))")
    }
    noGrad { a -= 0.5 * a.grad! }
  }
}
