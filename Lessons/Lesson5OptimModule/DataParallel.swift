// Lesson 5 with several processes: data parallelism.
//
// The same network, trained on the same samples as in Lesson.swift. Each process has the whole model and a share of the samples.
// The gradient of all samples is the sum of the gradients of the shares, so that all processes can make the same step.
//
// New: a ProcessGroup knows who else computes, and DistributedDataParallel adds up the gradients of all.

import Kindling
import KindlingDistributed
import KindlingNN
import KindlingOptim
import LessonKit

extension Lesson5 {
  static func train(_ run: Run, _ group: ProcessGroup) {
    let (n, inputDim, hiddenDim, outputDim) = run.sizes(64, 1000, 100, 10)

    // Create random input and output data: in every process the same, since all have the same seed
    let x = run.data("x", Tensor.randn(n, inputDim))
    let y = run.data("y", Tensor.randn(n, outputDim))
    group.requireSame("x", x)
    group.requireSame("y", y)

    // The rows of this process; with --shards those of all ranks, which it goes through one after the other
    let shares = group.ranks.map { rank in
      rank * n / group.size..<(rank + 1) * n / group.size
    }

    // Create the model, whose layers randomly initialize their weights
    let model = TwoLayerNet(inputDim, hiddenDim, outputDim, bias: run.hasBias)
    model.to(run.device)
    run.setFirstWeights(model.parameters())

    // The loss is a sum over the samples, and so the gradients of the shares are to be added up, and not averaged
    let parallel = DistributedDataParallel(model, group, gradients: .sum)

    let lossFunction = MSELoss(reduction: .sum)
    let learningRate = run.learningRate(1e-4)

    // Optimizer: the article's Adam; plain gradient descent where the lessons are to be compared
    let optimizer: Optimizer =
      run.usesAdam
      ? Adam(model.parameters(), learningRate: learningRate)
      : SGD(model.parameters(), learningRate: learningRate)

    for t in 0..<run.steps {
      optimizer.zeroGrad()
      var ownLoss = 0.0
      for share in shares {
        // Forward pass: compute predicted y
        let yPred = parallel(x[share])  // [n / size, outputDim]

        // Compute loss
        let loss = lossFunction(yPred, y[share])
        ownLoss += loss.item()

        // Backprop to compute gradients of all parameters with respect to loss; here they become those of all shares
        loss.backward()
      }

      // Print the loss of all shares
      run.report(t, group.allReduce(ownLoss), model(x))
      run.observe(t, model.parameters())

      // Update weights: the same step everywhere
      optimizer.step()
    }
    run.finish(model.parameters())
  }
}
