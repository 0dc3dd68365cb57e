// Exercise 11: a training loop, and what it has learnt.
//
// The digits of lesson 5: x [samples, 64], y [samples] with the classes 0 to 9. The model's output is one score for each
// class, [samples, 10], and the loss is `CrossEntropyLoss()`, which takes scores, and classes as numbers. It has softmax in
// it, and is a mean over the samples.
//
// trainEpoch goes once through all samples, shuffled, in batches, and makes a step for each:
//
//   forward      scores of this batch, and their loss
//   zero         forget the gradients of the batch before
//   backward     the gradients of this batch
//   step         the optimizer changes the parameters
//
// It returns the mean loss over the samples. The last batch may be smaller, and then counts for less.
//
// accuracy says which share of samples is read right: those whose largest score is at their class. The model must be told
// that this is no training, with `eval()`: layers such as Dropout behave differently then. Nothing needs to be recorded.
//
// From the library: `for (x, y) in DataLoader(TensorDataset(x, y), batchSize: 32, shuffle: true)` gives batches,
// `model.train()` and `model.eval()` switch, `loss.item()` is the number in a loss, `noGrad { … }` records nothing,
// `scores.argmax(dim: 1)` finds the largest of each row, and `(a == b).to(.float64).mean().item()` the share of equals.
//
//   Tests/run exercise 11

import Kindling
import KindlingData
import KindlingNN
import KindlingOptim

/// Once through all samples, with a step for each batch.
///
/// - Parameters:
///   - model: What is trained, on the parameters that the optimizer holds.
///   - x: The samples, [samples, features].
///   - y: Their classes, [samples].
/// - Returns: The mean of the loss over the samples.
public func trainEpoch(_ model: Module, _ optimizer: Optimizer, _ x: Tensor, _ y: Tensor, batchSize: Int) -> Double {
  // Your code here.
  0
}

/// The share of samples whose class has the largest score, from 0 to 1.
public func accuracy(of model: Module, _ x: Tensor, _ y: Tensor) -> Double {
  // Your code here.
  0
}
