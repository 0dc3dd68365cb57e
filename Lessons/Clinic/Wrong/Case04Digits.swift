// Reads handwritten digits: ten classes, and the network gives a probability to each.

import Kindling
import KindlingData
import KindlingNN
import KindlingOptim
import LessonKit

package func case04() {
  let digits = LabelledData.digits()
  let x = digits.x[..<500]  // [500, 1, 8, 8]
  let y = digits.y[..<500]  // [500]

  let model = Sequential(
    Flatten(),
    Linear(64, 32),
    ReLU(),
    Linear(32, 10),
    Softmax(dim: 1)
  )
  let optimizer = Adam(model.parameters(), learningRate: 0.01)
  let lossFunction = CrossEntropyLoss()

  for t in 0...150 {
    let output = model(x)  // [500, 10]
    let loss = lossFunction(output, y)
    if t % 50 == 0 {
      let accuracy = (output.argmax(dim: 1) == y).to(.float32).mean()
      print("step \(t): loss \(rounded(loss.item())), accuracy \(rounded(accuracy.item()))")
    }

    optimizer.zeroGrad()
    loss.backward()
    optimizer.step()
  }
}
