// Practice: a network that learns from real data, and is tested on what it has never seen.
//
// The lessons trained on all their samples at once. Here the samples are divided. From the training samples the network learns
// in small batches, in another order each epoch; the test samples tell how well it does on what is new to it. A network that is
// large enough can learn its training samples by heart, and only the test shows that.
//
// New: data sets and a DataLoader, layers for pictures, a learning rate that changes, and a training that can be stopped and
// goes on another day.

import Kindling
import KindlingData
import KindlingNN
import KindlingOptim

/// Trains as the options say; `run` knows them, and is shown what happens.
func practice(_ run: PracticeRun) throws {
  // The data: x is [n, 1, height, width] for images and [n, features] for tables, y the number of each sample's class, [n]
  let (training, test) = try run.data()
  let loader = DataLoader(
    training.dataset, batchSize: run.batchSize, shuffle: true)

  // The model: numbers in, and a score for each class out
  let model = run.model(for: training)
  model.to(run.device)
  let lossFunction = CrossEntropyLoss()
  let optimizer = run.optimizer(model.parameters())
  let schedule = run.schedule(optimizer, loader)  // changes the learning rate as the training goes on, if asked for

  // Go on where a run before this one stopped, if it is asked for
  try run.resume(model, optimizer, schedule, loader)

  for epoch in run.epochs {
    model.train()
    for (x, y) in loader {
      guard try run.begin(x, y) else { continue }  // replayed (--graph-step)

      // Forward pass: a score for each class
      let scores = model(x)  // [batch, classes]
      let loss = lossFunction(scores, y)

      // Backward pass, and a step of the optimizer
      optimizer.zeroGrad()
      loss.backward()
      optimizer.step()
      schedule?.step()

      try run.report(loss, scores, y)
    }

    // What it has not learned from
    model.eval()
    let scores = run.scores(of: model, test.x)  // [n, classes]
    try run.endEpoch(epoch, scores, test.y)
  }

  model.eval()
  try run.finish(run.scores(of: model, test.x), test)
}
