// Exercise 11, solved: a training loop, and what it has learnt.

import Kindling
import KindlingData
import KindlingNN
import KindlingOptim

/// Once through all samples, with a step for each batch.
public func trainEpoch(_ model: Module, _ optimizer: Optimizer, _ x: Tensor, _ y: Tensor, batchSize: Int) -> Double {
  let lossFunction = CrossEntropyLoss()
  model.train()  // the last call of accuracy() has left it in evaluation
  var total = 0.0
  for (x, y) in DataLoader(TensorDataset(x, y), batchSize: batchSize, shuffle: true) {
    let loss = lossFunction(model(x), y)
    optimizer.zeroGrad()
    loss.backward()
    optimizer.step()
    total += loss.item() * Double(y.size(0))  // a number: adding up tensors would keep the graph of every batch
  }
  return total / Double(y.size(0))
}

/// The share of samples whose class has the largest score, from 0 to 1.
public func accuracy(of model: Module, _ x: Tensor, _ y: Tensor) -> Double {
  model.eval()
  let scores = noGrad { model(x) }
  return (scores.argmax(dim: 1) == y).to(.float64).mean().item()
}
