import ExerciseKit
import Exercises
import Foundation
import Kindling
import KindlingData
import KindlingNN
import KindlingOptim

extension Exercise {
  static let trainingLoop = Exercise(
    number: 11, title: "a training loop on the digits", file: "Exercise11TrainingLoop.swift",
    checks: [
      Check("the batches of one epoch: 10 samples, in batches of 4") {
        let run = Epoch()
        let sizes = run.batches.map { $0.size(0) }
        if sizes.isEmpty { throw Wrong("The model was never called: nothing is computed yet.") }
        if sizes == [10] { throw Wrong("All 10 samples went through the model at once. A batch has 4.") }
        if sizes == [4, 4] { throw Wrong("The last batch, of 2 samples, is missing: those are never learnt from.") }
        if sizes.sorted() != [2, 4, 4] {
          throw Wrong("The batches should have 4, 4 and 2 samples, and have \(sizes).")
        }
        if run.samples.sorted() != Array(0..<10) {
          throw Wrong("Each sample comes once in an epoch, and here came the samples \(run.samples).")
        }
      },
      Check("a step for each batch") {
        let run = Epoch()
        if run.steps.count == 3 { return }
        let words = run.steps.count == 1 ? " It stands after the loop, and must stand in it." : ""
        throw Wrong("The optimizer made \(run.steps.count) steps for 3 batches.\(words)")
      },
      Check("the gradient at each step") { try expectGradients(Epoch()) },
      Check("the order of the samples") {
        manualSeed(4)
        let (first, second) = (Epoch(seed: nil), Epoch(seed: nil))
        if first.samples != Array(0..<10) && first.samples != second.samples { return }
        throw Wrong(
          "Two epochs bring the samples in the same order. Each is shuffled anew, or a batch is always the same few: "
            + "shuffle: true.")
      },
      Check("training mode") {
        let model = Spy()
        model.eval()
        let run = Epoch(model: model)
        if run.modes.allSatisfy({ $0 }) { return }
        throw Wrong(
          "The model came in evaluation, as accuracy() leaves it, and was trained so: its Dropout drops nothing. Begin with "
            + "model.train().")
      },
      Check("the mean loss") { try expectLoss(Epoch()) },
      Check("accuracy") { try expectAccuracy() },
      Check("the digits: 6 epochs on 1500 samples, then 297 that were held out") { try expectDigits() },
    ])
}

/// A layer that remembers how it was called.
private final class Spy: Module {
  let linear = Linear(3, 10, dtype: .float64)
  let log = Log()

  final class Log {
    var inputs: [Tensor] = []
    var modes: [Bool] = []
    var recorded: [Bool] = []
  }

  override func forward(_ x: Tensor) -> Tensor {
    log.inputs.append(x.detach().clone())
    log.modes.append(isTraining)
    log.recorded.append(isGradEnabled)
    return linear(x)
  }
}

/// Remembers the gradients at each step, and changes no parameter: then each batch can be computed again.
private final class StepSpy: Optimizer {
  var steps: [Tensor?] = []
  override func step() { steps.append(parameters[0].grad?.clone()) }
}

/// One epoch of ten samples, the number of each in its first feature.
private struct Epoch {
  let model: Spy
  let batches: [Tensor]
  let modes: [Bool]
  let steps: [Tensor?]
  let loss: Double
  let y: Tensor

  init(seed: Int? = 11, model given: Spy? = nil) {
    if let seed { manualSeed(seed) }
    let model = given ?? Spy()
    let numbers = Tensor((0..<10).map(Double.init), dtype: .float64)
    let x = stack([numbers, (numbers * 3).sin(), (numbers * 5).cos()]).t().contiguous()
    y = Tensor([3, 1, 4, 1, 5, 9, 2, 6, 5, 8].map(Double.init), dtype: .float64).to(.int64)
    let optimizer = StepSpy(model.parameters())
    loss = trainEpoch(model, optimizer, x, y, batchSize: 4)
    (self.model, batches, modes, steps) = (model, model.log.inputs, model.log.modes, optimizer.steps)
  }

  /// The numbers of the samples, in the order in which the model saw them.
  var samples: [Int] { batches.flatMap { numbers(in: $0) } }

  private func numbers(in batch: Tensor) -> [Int] { batch.select(dim: 1, index: 0).toArray().map { Int($0) } }

  /// The loss of a batch, by another function of the scores if that is given.
  func loss(of batch: Tensor, sum: Bool = false, _ change: (Tensor) -> Tensor = { $0 }) -> Tensor {
    let labels = y.toArray()
    let target = Tensor(numbers(in: batch).map { labels[$0] }, dtype: .float64).to(.int64)
    return CrossEntropyLoss(reduction: sum ? .sum : .mean)(change(model.linear(batch)), target)
  }

  func gradient(of batch: Tensor, sum: Bool = false, _ change: (Tensor) -> Tensor = { $0 }) -> Tensor {
    grad(of: loss(of: batch, sum: sum, change), wrt: [model.linear.weight])[0]
  }
}

private func expectGradients(_ run: Epoch) throws {
  var before = Tensor.zerosLike(run.model.linear.weight)
  for (i, (batch, step)) in zip(run.batches, run.steps).enumerated() {
    guard let step else {
      throw Wrong(
        "At step \(i + 1) the parameters have no gradient. Is backward() missing, or do they forget it between backward() and "
          + "step()? The order is zero, backward, step.")
    }
    let expected = run.gradient(of: batch)
    before = before + expected
    if isClose(step, expected) { continue }
    let known: [Mistake] = [
      (before, "It is the sum of all batches so far: gradients add up until zeroGrad() forgets them."),
      (
        Tensor.zerosLike(step),
        "They are zeros: they were forgotten between backward() and step(). The order is zero, backward, step."
      ),
      (
        run.gradient(of: batch) { $0.softmax(dim: 1) },
        "softmax was taken before the loss, which takes it itself: give it the scores."
      ),
      (
        run.gradient(of: batch) { $0.logSoftmax(dim: 1) },
        "The softmax was taken twice: CrossEntropyLoss has it already."
      ),
      (run.gradient(of: batch, sum: true), "The loss is a sum over the batch, and should be its mean."),
    ]
    let words = known.first { isClose(step, $0.answer) }?.words
    throw Wrong(
      "The gradient at step \(i + 1) is not that of this batch's loss. "
        + (words ?? "Do the classes belong to the samples? Is the loss CrossEntropyLoss()(scores, y)?"))
  }
}

private func expectLoss(_ run: Epoch) throws {
  let means = run.batches.map { run.loss(of: $0).item() }
  let sizes = run.batches.map { Double($0.size(0)) }
  let total = zip(means, sizes).map { $0 * $1 }.reduce(0, +)
  if isClose(run.loss, total / 10) { return }
  let known: [(answer: Double, words: String)] = [
    (0, "Nothing is computed yet."),
    (total, "That is the sum over the samples; divide it by their number."),
    (
      means.reduce(0, +) / 3,
      "That is the mean of the batches' means, in which the last one, of 2 samples, counts as much as those of 4. Weigh each "
        + "by its samples."
    ),
    (
      means.reduce(0, +), "That is the sum of the batches' means. Weigh each by its samples, and divide by all samples."
    ),
    (
      means.reduce(0, +) / 10,
      "The batches' means were divided by the number of samples. Weigh each by its samples first."
    ),
    (means.last!, "That is the loss of the last batch alone."),
  ]
  let words = known.first { isClose(run.loss, $0.answer) }?.words ?? "It is the mean over all samples."
  throw Wrong("It should be \(short(total / 10)), and it is \(short(run.loss)). \(words)")
}

private func expectAccuracy() throws {
  manualSeed(5)
  let model = Spy()
  let x = Tensor.randn(8, 3, dtype: .float64)
  let found = noGrad { model.linear(x).argmax(dim: 1) }.toArray()
  // Five right, three wrong.
  let labels = found.enumerated().map { $0 < 5 ? $1 : (Int($1) == 9 ? 0 : $1 + 1) }
  model.train()
  let share = accuracy(of: model, x, Tensor(labels, dtype: .float64).to(.int64))
  if model.log.inputs.isEmpty { throw Wrong("The model was never called: nothing is computed yet.") }
  let known: [(answer: Double, words: String)] = [
    (0.375, "That is the share of the wrong ones."),
    (5, "That is how many are right; divide by the number of samples."),
    (62.5, "That is in percent; the share is from 0 to 1."),
    (0, "Whole numbers divide to whole numbers: 5 / 8 is 0. Make them Double first."),
  ]
  if !isClose(share, 0.625) {
    let words =
      known.first { isClose(share, $0.answer) }?.words ?? "Is the largest score of each row taken, by argmax(dim: 1)?"
    throw Wrong("Five of eight are right, so it should be 0.625, and it is \(short(share)). \(words)")
  }
  if model.log.modes.contains(true) {
    throw Wrong("The model was in training mode: its Dropout would drop numbers in the test. Begin with model.eval().")
  }
  if model.log.recorded.contains(true) {
    throw Wrong("The number is right, but a graph was recorded that nobody will use. Call the model in noGrad { … }.")
  }
}

private func expectDigits() throws {
  manualSeed(0)
  let digits = LabelledData.digits()
  let x = digits.x.view(-1, 64)
  let model = Sequential(Linear(64, 48), ReLU(), Dropout(0.2), Linear(48, 10))
  let optimizer = Adam(model.parameters(), learningRate: 5e-3)
  let (training, labels) = (x.narrow(dim: 0, start: 0, length: 1500), digits.y.narrow(dim: 0, start: 0, length: 1500))
  var losses: [Double] = []
  for _ in 0..<6 { losses.append(trainEpoch(model, optimizer, training, labels, batchSize: 32)) }
  let count = digits.count - 1500
  let share = accuracy(
    of: model, x.narrow(dim: 0, start: 1500, length: count), digits.y.narrow(dim: 0, start: 1500, length: count))
  if losses.last! < 0.5 && share > 0.85 { return }
  throw Wrong(
    "The losses are \(losses.map(short).joined(separator: ", ")), and \(short(100 * share))% of the held-out digits are read "
      + "right. A loss below 0.5 and more than 85% were expected.")
}
