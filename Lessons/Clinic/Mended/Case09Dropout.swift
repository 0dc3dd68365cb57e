// Trains a network with dropout on 500 digits, and tests it on 1000 others. To be sure, it tests three times.

import Kindling
import KindlingData
import KindlingNN
import KindlingOptim
import LessonKit

package func case09() {
  let digits = LabelledData.digits()
  let (x, y) = (digits.x[..<500], digits.y[..<500])  // [500, 1, 8, 8] and [500]
  let (testX, testY) = (digits.x[500..<1500], digits.y[500..<1500])

  let model = Sequential(
    Flatten(), Linear(64, 64), ReLU(), Dropout(0.5), Linear(64, 10))
  let optimizer = Adam(model.parameters(), learningRate: 0.01)
  let lossFunction = CrossEntropyLoss()

  for _ in 0..<60 {
    let loss = lossFunction(model(x), y)
    optimizer.zeroGrad()
    loss.backward()
    optimizer.step()
  }

  model.eval()
  for time in 1...3 {
    let right = model(testX).argmax(dim: 1) == testY
    let accuracy = right.to(.float32).mean().item()
    print("test \(time): accuracy \(rounded(accuracy, 3))")
  }
}
