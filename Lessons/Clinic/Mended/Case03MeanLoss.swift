// Tests a network, which is to add up twenty numbers, with a thousand batches, and reports the mean loss so far.

import Kindling
import KindlingNN
import LessonKit

package func case03() {
  let model = Sequential(Linear(20, 50), ReLU(), Linear(50, 1))
  let lossFunction = MSELoss()
  var totalLoss = Tensor(0.0)

  for batch in 1...1000 {
    let x = Tensor.randn(16, 20)  // [16, 20]
    let y = x.sum(dim: 1, keepDim: true)  // [16, 1]
    let loss = lossFunction(model(x), y)
    totalLoss += loss.item()

    if [1, 10, 100, 1000].contains(batch) {
      let mean = totalLoss.item() / Double(batch)
      let operations = ComputationGraph(of: totalLoss).vertices.count { $0.kind == .operation }
      print("batch \(batch): mean loss \(rounded(mean, 1)), operations remembered: \(operations)")
    }
  }
}
