import ArgumentParser
import FoundationEssentials
import Kindling
import KindlingData
import KindlingNN
import KindlingOptim
import KindlingPage
import LessonKit

/// One run of `practice`, as the training sees it: what the options choose, and where it reports.
final class PracticeRun {
  let batchSize: Int
  let device: Device

  private let options: Practice
  private let choice: DataChoice
  private let epochCount: Int
  private let scheduleChoice: ScheduleChoice
  private let learningRate: Double
  private var classNames: [String] = []
  private var batchesPerEpoch = 0

  private var progress = Progress()
  private var checkpoint: Checkpoint?
  private var record: PracticeRecord
  private let walkthrough: Walkthrough?
  private var speed = Speed(program: "practice")
  private var graphStep: PracticeGraph?

  init(_ options: Practice) throws {
    self.options = options
    choice = DataChoice(options.data)
    batchSize = options.batch ?? choice.defaults.batch
    epochCount = options.epochs ?? choice.defaults.epochs
    scheduleChoice = options.schedule ?? choice.defaults.schedule
    learningRate = options.learningRate ?? options.optimizer.learningRate
    walkthrough = options.page.map { _ in Walkthrough() }
    device = try options.machine.prepare(program: "practice")
    if options.graphStep {
      try MachineOptions.checkGraphStep(on: device)
      graphStep = PracticeGraph(on: device, batchSize: batchSize)
    }
    record = PracticeRecord(
      data: options.data, model: options.model.rawValue, optimizer: options.optimizer.rawValue,
      schedule: scheduleChoice.rawValue, device: "\(device)", batch: batchSize, seed: options.seed,
      learningRate: learningRate)
    try FileAccess.checkWritable([("--save", options.save), ("--record", options.record), ("--page", options.page)])
    manualSeed(options.seed)
    Interruption.watch()
  }

  // MARK: What the options choose

  /// The samples to learn from and those to test with, on the run's device. Says how they were divided.
  func data() throws -> (training: LabelledData, test: LabelledData) {
    var (training, test, split) = try choice.load()
    if options.model.needsImages, let size = training.x.shape.dropFirst(2).min(), size < 4 {
      throw KindlingError(
        "--model \(options.model) halves the images twice, and those of --data \(options.data) are \(size) pixels high or "
          + "wide; they must be 4 or more. Take --model mlp.")
    }
    classNames = training.classNames
    batchesPerEpoch = (training.count + batchSize - 1) / batchSize
    print("\(options.data): \(training.count) training samples and \(test.count) test samples, divided \(split)")
    (training.x, training.y) = (training.x.to(device), training.y.to(device))
    (test.x, test.y) = (test.x.to(device), test.y.to(device))
    return (training, test)
  }

  func model(for data: LabelledData) -> Module { options.model.model(for: data.x.shape, data.classNames.count) }

  func optimizer(_ parameters: [Parameter]) -> any SavableOptimizer {
    let optimizer = options.optimizer.optimizer(parameters, learningRate)
    graphStep?.optimizer = optimizer
    return optimizer
  }

  func schedule(_ optimizer: Optimizer, _ loader: DataLoader<TensorDataset>) -> LRScheduler? {
    scheduleChoice.schedule(optimizer, learningRate, epochs: epochCount, stepsPerEpoch: loader.count)
  }

  /// The epochs that are left.
  var epochs: Range<Int> { progress.epoch..<epochCount }

  // MARK: Going on

  /// Remembers what is to be saved, and puts everything where the file of `--resume` says that it was.
  func resume(
    _ model: Module, _ optimizer: any SavableOptimizer, _ schedule: LRScheduler?, _ loader: DataLoader<TensorDataset>
  ) throws {
    let checkpoint = Checkpoint(
      model: model, optimizer: optimizer, schedule: schedule, loader: loader,
      options: [
        ("data", options.data), ("model", options.model.rawValue), ("batch", "\(batchSize)"),
        ("optimizer", options.optimizer.rawValue), ("learning-rate", "\(learningRate)"), ("seed", "\(options.seed)"),
        ("schedule", scheduleChoice.rawValue),
      ] + (scheduleChoice.dependsOnEpochs ? [("epochs", "\(epochCount)")] : []))
    self.checkpoint = checkpoint
    for (name, parameter) in model.namedParameters() { walkthrough?.setName(name, of: parameter) }
    guard let path = options.resume else { return }
    progress = try checkpoint.load(path)
    if progress.epoch > epochCount || (progress.epoch == epochCount && progress.seen > 0) {
      throw KindlingError(
        "--resume \(path): that run was in epoch \(progress.epoch + 1), and --epochs \(epochCount) counts from its beginning"
      )
    }
    StandardError.print("practice: goes on after \(progress.steps) steps, in epoch \(progress.epoch + 1).")
  }

  private func save() throws { if let path = options.save { try checkpoint?.save(progress, to: path) } }

  // MARK: A step

  /// A step begins, with a batch.
  ///
  /// - Returns: Whether the loop is to take it. If not, it has been taken by replaying a graph.
  func begin(_ x: Tensor, _ y: Tensor) throws -> Bool {
    speed.begin()
    if let results = graphStep?.begin(x, y) {
      try note(results.loss, results.scores, y)
      return false
    }
    look(x, y)
    return true
  }

  private func look(_ x: Tensor, _ y: Tensor) {
    guard let walkthrough, progress.steps == 0 || progress.steps == epochCount * batchesPerEpoch - 1 else { return }
    walkthrough.setName("x", of: x)
    walkthrough.setName("y", of: y)
    walkthrough.begin(progress.steps)
  }

  /// A step is done. Ends the run if the loss is no number any more, or if somebody asks for it.
  func report(_ loss: Tensor, _ scores: Tensor, _ y: Tensor) throws {
    walkthrough?.end()
    graphStep?.end(loss, scores)
    try note(loss, scores, y)
  }

  private func note(_ loss: Tensor, _ scores: Tensor, _ y: Tensor) throws {
    let value = loss.item()
    if !value.isFinite {
      speed.clear()
      // What led there is worth a look.
      try? writeRecordAndPage()
      throw KindlingError(
        "the loss became \(value) at step \(progress.steps), so the training stops here. The steps are too long: try "
          + "--learning-rate \(shorterStep(than: learningRate)) (it was \(learningRate)).")
    }
    let count = y.elementCount
    progress.steps += 1
    progress.seen += count
    progress.lossSum += value * Double(count)
    progress.right += noGrad { (scores.argmax(dim: 1) == y).to(.int64).sum().item(as: Int.self) }
    record.losses.append(value)
    speed.note(count)
    showProgress()
    try stopIfAsked()
  }

  private func showProgress() {
    speed.show { speed, columns in
      let done = (progress.seen + batchSize - 1) / batchSize
      let numbers = ["loss \(fixed(progress.loss))", "accuracy \(fixed(progress.accuracy))", speed]
      return progressLine(
        "epoch \(progress.epoch + 1)/\(epochCount)", done, of: batchesPerEpoch, numbers, columns: columns)
    }
  }

  /// Saves, says how to go on, and ends the program with the signal's status.
  private func stopIfAsked() throws {
    guard let status = Interruption.status else { return }
    speed.clear()
    try save()
    try writeRecordAndPage()
    let signal = Interruption.name.map { "by \($0) " } ?? ""
    var text = "practice: stopped \(signal)after \(progress.steps) steps, in epoch \(progress.epoch + 1)."
    if let path = options.save {
      text += " It is saved; go on with: \(commandToGoOn(from: path))"
    } else {
      text += " Nothing is saved; --save FILE would have kept it."
    }
    StandardError.print(text)
    throw ExitCode(status)
  }

  // MARK: The end of an epoch, and of all

  /// The model's scores for samples that it does not learn from, [n, classes].
  func scores(of model: Module, _ x: Tensor) -> Tensor {
    noGrad {
      // In parts, for what is computed on the way takes memory.
      cat(
        stride(from: 0, to: x.shape[0], by: 500).map { start in
          model(x[start..<min(start + 500, x.shape[0])])
        })
    }
  }

  private func accuracy(_ scores: Tensor, _ y: Tensor) -> Double {
    (scores.argmax(dim: 1) == y).to(.float64).mean().item()
  }

  /// An epoch is done: prints how it went, and keeps it.
  func endEpoch(_ epoch: Int, _ scores: Tensor, _ y: Tensor) throws {
    let test = accuracy(scores, y)
    speed.clear()
    print(
      "epoch \(epoch + 1) loss \(fixed(progress.loss)) accuracy \(fixed(progress.accuracy)) test accuracy \(fixed(test))"
    )
    speed.sayIfNobodyLooks("epoch \(epoch + 1)")
    record.epochs.append(.init(epoch: epoch + 1, loss: progress.loss, accuracy: progress.accuracy, testAccuracy: test))
    progress.beginEpoch(epoch + 1)
    try save()
    if StandardOutput.problem != nil { throw ExitCode(1) }
    if epoch + 1 < epochCount { try stopIfAsked() }
  }

  /// Prints how well the test samples are read, and writes the files.
  func finish(_ scores: Tensor, _ test: LabelledData) throws {
    try save()
    try writeRecordAndPage()
    print("test accuracy \(fixed(accuracy(scores, test.y)))")
    let report = TestReport(scores.argmax(dim: 1), test)
    print(report.confusion)
    print(report.mistakes)
  }

  private func writeRecordAndPage() throws {
    if let path = options.record { try record.write(to: path) }
    if let path = options.page { try walkthrough?.writePage(to: path, title: "practice") }
  }
}

/// What `--record` writes, as JSON.
struct PracticeRecord: Codable {
  struct Epoch: Codable {
    var epoch: Int
    var loss, accuracy, testAccuracy: Double
  }

  var data, model, optimizer, schedule, device: String
  var batch, seed: Int
  var learningRate: Double
  /// Of every step of this run, in full precision.
  var losses: [Double] = []
  var epochs: [Epoch] = []

  func write(to path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    try FileAccess.store([Array(encoder.encode(self)) + [UInt8(ascii: "\n")]], at: path, for: "--record")
  }
}
