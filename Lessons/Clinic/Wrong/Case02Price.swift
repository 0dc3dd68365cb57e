// Learns prices from sizes: eight houses, all with price = 3 size + 1.

import Kindling
import KindlingNN
import KindlingOptim
import LessonKit

package func case02() {
  let size = Tensor.linspace(-1.0, 1.0, steps: 8)  // [8]
  let price = 3 * size + 1  // [8]
  let x = size.reshape(8, 1)  // [8, 1]: 8 samples with 1 feature
  let y = price

  let model = Linear(1, 1)
  let optimizer = SGD(model.parameters(), learningRate: 0.1)

  for t in 0..<200 {
    let loss = (model(x) - y).pow(2).mean()
    if t % 50 == 0 || t == 199 { print("step \(t): loss \(rounded(loss.item()))") }

    optimizer.zeroGrad()
    loss.backward()
    optimizer.step()
  }

  print("wanted:    \(rounded(price))")
  print("predicted: \(rounded(model(x).flatten()))")
}
