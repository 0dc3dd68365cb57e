// Tries to tell from twenty numbers about a person which side that person's coin will show. (Nobody can.)

import Kindling
import KindlingNN
import KindlingOptim
import LessonKit

package func case13() {
  let people = Tensor.randn(200, 20)  // [200, 20]
  let coins = Tensor.randint(0, 2, [200])  // [200]: heads or tails

  // Twice as many samples, and four fifths of them for training
  let training = twice(people[..<160], coins[..<160])  // [320, 20] and [320]
  let test = twice(people[160...], coins[160...])  // [80, 20] and [80]

  let model = Sequential(Linear(20, 64), ReLU(), Linear(64, 2))
  let optimizer = Adam(model.parameters(), learningRate: 0.01)
  let lossFunction = CrossEntropyLoss()
  for _ in 0..<100 {
    let loss = lossFunction(model(training.0), training.1)
    optimizer.zeroGrad()
    loss.backward()
    optimizer.step()
  }

  for (name, (x, y)) in [("training", training), ("test", test)] {
    let accuracy = (model(x).argmax(dim: 1) == y).to(.float32).mean()
    print("\(name): \(x.shape[0]) samples, accuracy \(rounded(accuracy.item(), 1))")
  }
}

/// The samples, and behind them each once more, with a little noise.
private func twice(_ x: Tensor, _ y: Tensor) -> (Tensor, Tensor) {
  (cat([x, x + 0.1 * Tensor.randn(x.shape[0], x.shape[1])]), cat([y, y]))
}
