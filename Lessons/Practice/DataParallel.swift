// Practice with several processes: data parallelism.
//
// The same training as in Practice.swift. Of each batch every process has a share, and computes the gradients that it leads to;
// the mean of all of them is the gradient of the whole batch.
//
// New: a DistributedSampler deals out the samples, and DistributedDataParallel brings the gradients together.

import Kindling
import KindlingData
import KindlingDistributed
import KindlingNN
import KindlingOptim

/// Trains as the options say, together with the other processes of `group`.
func practice(_ run: PracticeRun, _ group: ProcessGroup) throws {
  let (training, test) = try run.data()
  group.requireSame("inputs", training.x)
  group.requireSame("targets", training.y)
  // The share of this process; with --shards those of all ranks
  let loaders = run.loaders(training.dataset, group)

  let model = run.model(for: training)
  model.to(run.device)
  let parallel = DistributedDataParallel(model, group)
  let lossFunction = CrossEntropyLoss()
  let optimizer = run.optimizer(model.parameters())
  let schedule = run.schedule(optimizer, loaders[0])

  try run.resume(model, optimizer, schedule, loaders)

  for epoch in run.epochs {
    model.train()
    let shares = loaders.map { $0.makeIterator() }
    while true {
      let batches = shares.compactMap { $0.next() }
      if batches.isEmpty { break }

      optimizer.zeroGrad()
      for (x, y) in batches {
        _ = try run.begin(x, y)

        // Forward pass: a score for each class
        let scores = parallel(x)  // [batch / size, classes]
        let loss = lossFunction(scores, y)

        // Backward pass; here the gradients become the mean of those of all shares
        loss.backward()
        run.note(loss, scores, y)
      }

      // The same step everywhere
      optimizer.step()
      schedule?.step()
      try run.endStep()
    }

    // What it has not learned from
    model.eval()
    let scores = run.scores(of: model, test.x)  // [n, classes]
    try run.endEpoch(epoch, scores, test.y)
  }

  model.eval()
  try run.finish(run.scores(of: model, test.x), test)
}
