// Learns XOR with eight hidden units: 1 if one of two inputs is 1, and 0 if both or none are.

import Kindling
import KindlingNN
import KindlingOptim
import LessonKit

package func case11() {
  let x = Tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])  // [4, 2]
  let y = Tensor([[0.0], [1.0], [1.0], [0.0]])  // [4, 1]

  let hidden = Linear(2, 8)
  let output = Linear(8, 1)
  let model = Sequential(hidden, Tanh(), output)
  let optimizer = Adam(model.parameters(), learningRate: 0.05)

  for t in 0...600 {
    let loss = (model(x) - y).pow(2).mean()
    if t % 200 == 0 { print("step \(t): loss \(rounded(loss.item()))") }

    optimizer.zeroGrad()
    loss.backward()
    optimizer.step()
  }
  print("answers: \(rounded(model(x).flatten()))")
  print("first weight of each hidden unit: \(rounded(hidden.weight[.all, 0], 1))")
}
