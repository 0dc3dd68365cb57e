// Fits a plane to a hundred points: y = x1 - 2 x2 + 3.

import Kindling
import KindlingNN
import KindlingOptim
import LessonKit

package func case10() {
  let x = Tensor.randn(100, 2)  // [100, 2]
  let y = x.mm(Tensor([[1.0], [-2.0]])) + 3  // [100, 1]

  let model = Linear(2, 1)
  let optimizer = SGD(model.parameters(), learningRate: 0.1)
  let lossFunction = MSELoss(reduction: .sum)

  for t in 0...40 {
    let loss = lossFunction(model(x), y)
    if t < 4 || t % 10 == 0 { print("step \(t): loss \(rounded(loss.item()))") }

    optimizer.zeroGrad()
    loss.backward()
    optimizer.step()
  }
  print("weights \(rounded(model.weight.flatten())), bias \(rounded(model.bias!))")
}
