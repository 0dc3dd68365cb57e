// Reads digits. The labels come from a text, one a line; 1000 samples are for training, the rest for a test.

import Kindling
import KindlingData
import KindlingNN
import KindlingOptim
import LessonKit

package func case12() throws {
  let digits = LabelledData.digits()
  // As a file has it: "0\n1\n2\n…"
  let text = digits.y.toArray(of: Int.self).map { "\($0)\n" }.joined()
  let table = try CSV.table(from: text.utf8, hasHeader: false)
  let labels = table.values.flatten().to(.int64)

  let (x, y) = (digits.x[..<1000], labels[..<1000])  // [1000, 1, 8, 8] and [1000]
  let count = labels.shape[0]
  let (testX, testY) = (digits.x[1000..<count], labels[1000...])

  let model = Sequential(Flatten(), Linear(64, 64), ReLU(), Linear(64, 10))
  let optimizer = Adam(model.parameters(), learningRate: 0.01)
  let lossFunction = CrossEntropyLoss()

  for t in 0...200 {
    let scores = model(x)  // [1000, 10]
    let loss = lossFunction(scores, y)
    if t % 100 == 0 {
      let (training, test) = (accuracy(scores, y), accuracy(model(testX), testY))
      print("step \(t): loss \(rounded(loss.item())), accuracy \(training), test accuracy \(test)")
    }

    optimizer.zeroGrad()
    loss.backward()
    optimizer.step()
  }
}

/// The share of samples whose largest score is that of their label.
private func accuracy(_ scores: Tensor, _ labels: Tensor) -> String {
  rounded((scores.argmax(dim: 1) == labels).to(.float32).mean().item(), 1)
}
