// Reads digits. Each pixel is first brought to mean 0 and standard deviation 1.

import Kindling
import KindlingData
import KindlingNN
import KindlingOptim
import LessonKit

package func case14() {
  print("loss after 100 steps: \(rounded(train()))")
  print("once more, in anomaly mode")
  print("loss after 100 steps: \(rounded(detectAnomaly { train() }))")
}

private func train() -> Double {
  let digits = LabelledData.digits()
  let pixels = digits.x[..<500].flatten(startDim: 1)  // [500, 64]
  let y = digits.y[..<500]  // [500]

  let mean = pixels.mean(dim: 0)  // [64]
  let deviation = pixels.std(dim: 0)  // [64]
  let x = (pixels - mean) / deviation

  let model = Sequential(Linear(64, 32), ReLU(), Linear(32, 10))
  let optimizer = Adam(model.parameters(), learningRate: 0.01)
  var loss = Tensor(0.0)
  for _ in 0..<100 {
    loss = CrossEntropyLoss()(model(x), y)
    optimizer.zeroGrad()
    loss.backward()
    optimizer.step()
  }
  return loss.item()
}
