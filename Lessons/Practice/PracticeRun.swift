import ArgumentParser
import FoundationEssentials
import Kindling
import KindlingData
import KindlingDistributed
import KindlingNN
import KindlingOptim
import KindlingPage
import LessonKit

/// One run of `practice`, as the training sees it: what the options choose, and where it reports.
final class PracticeRun {
  let batchSize: Int
  let device: Device

  private let options: Practice
  /// Those who train together; nil for one alone.
  private let group: ProcessGroup?
  private let choice: DataChoice
  private let epochCount: Int
  private let scheduleChoice: ScheduleChoice
  private let learningRate: Double
  private var classNames: [String] = []
  private var batchesPerEpoch = 0

  private var progress = Progress()
  private var step = StepSums()
  private var checkpoint: Checkpoint?
  private var record: PracticeRecord
  private let walkthrough: Walkthrough?
  private var speed: Speed
  private var graphStep: PracticeGraph?

  init(_ options: Practice, _ group: ProcessGroup? = nil) throws {
    (self.options, self.group) = (options, group)
    speed = Speed(program: "practice", isShown: group?.rank ?? 0 == 0)
    choice = DataChoice(options.data)
    batchSize = options.batch ?? choice.defaults.batch
    epochCount = options.epochs ?? choice.defaults.epochs
    scheduleChoice = options.schedule ?? choice.defaults.schedule
    learningRate = options.learningRate ?? options.optimizer.learningRate
    walkthrough = options.page.map { _ in Walkthrough() }
    device = try options.machine.prepare(program: "practice", for: group)
    if options.graphStep {
      try MachineOptions.checkGraphStep(on: device)
      graphStep = PracticeGraph(on: device, batchSize: batchSize)
    }
    record = PracticeRecord(
      data: options.data, model: options.model.rawValue, optimizer: options.optimizer.rawValue,
      schedule: scheduleChoice.rawValue, device: "\(device)", batch: batchSize, seed: options.seed,
      learningRate: learningRate)
    if isFirst {
      try FileAccess.checkWritable([("--save", options.save), ("--record", options.record), ("--page", options.page)])
    }
    manualSeed(options.seed)
    Interruption.watch()
    group?.requireSame("options", decisive.map { "--\($0) \($1)" }.joined(separator: "\n"))
  }

  /// Of several processes the first one prints and writes for all.
  private var isFirst: Bool { group?.rank ?? 0 == 0 }

  /// The options that decide the numbers, beside data and model, which several processes compare themselves.
  private var decisive: [(name: String, value: String)] {
    [
      ("batch", "\(batchSize)"), ("optimizer", options.optimizer.rawValue), ("learning-rate", "\(learningRate)"),
      ("seed", "\(options.seed)"), ("schedule", scheduleChoice.rawValue), ("epochs", "\(epochCount)"),
      ("ordered", "\(options.sharing.ordered)"), ("resume", "\(options.resume != nil)"),
    ]
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

  /// A loader for each rank whose work is done here, which hands out its share of every batch.
  func loaders(_ data: TensorDataset, _ group: ProcessGroup) -> [DataLoader<TensorDataset>] {
    if batchSize % group.size != 0 {
      group.endTogether(
        "a batch of \(batchSize) cannot be shared evenly among \(group.size); give --batch a multiple of it")
    }
    return group.ranks.map { rank in
      let sampler = DistributedSampler(
        data.count, rank: rank, of: group.size, seed: options.seed)
      return DataLoader(data, batchSize: batchSize / group.size, sampler: sampler)
    }
  }

  func schedule(_ optimizer: Optimizer, _ loader: DataLoader<TensorDataset>) -> LRScheduler? {
    scheduleChoice.schedule(optimizer, learningRate, epochs: epochCount, stepsPerEpoch: loader.count)
  }

  /// The epochs that are left.
  var epochs: Range<Int> { progress.epoch..<epochCount }

  // MARK: Going on

  /// Remembers what is to be saved, and puts everything where the file of `--resume` says that it was.
  func resume(
    _ model: Module, _ optimizer: any SavableOptimizer, _ schedule: LRScheduler?,
    _ loaders: DataLoader<TensorDataset>...
  ) throws { try resume(model, optimizer, schedule, loaders) }

  /// The same with a loader for each rank.
  func resume(
    _ model: Module, _ optimizer: any SavableOptimizer, _ schedule: LRScheduler?, _ loaders: [DataLoader<TensorDataset>]
  ) throws {
    let checkpoint = Checkpoint(
      model: model, optimizer: optimizer, schedule: schedule, loaders: loaders,
      options: [
        ("data", options.data), ("model", options.model.rawValue), ("batch", "\(batchSize)"),
        ("optimizer", options.optimizer.rawValue), ("learning-rate", "\(learningRate)"), ("seed", "\(options.seed)"),
        ("schedule", scheduleChoice.rawValue),
      ] + (scheduleChoice.dependsOnEpochs ? [("epochs", "\(epochCount)")] : [])
        + (group.map { [("processes", "\($0.size)")] } ?? []))
    self.checkpoint = checkpoint
    for (name, parameter) in model.namedParameters() { walkthrough?.setName(name, of: parameter) }
    guard let path = options.resume else { return }
    progress = try checkpoint.load(path)
    if progress.epoch > epochCount || (progress.epoch == epochCount && progress.seen > 0) {
      throw KindlingError(
        "--resume \(path): that run was in epoch \(progress.epoch + 1), and --epochs \(epochCount) counts from its beginning"
      )
    }
    say("goes on after \(progress.steps) steps, in epoch \(progress.epoch + 1).")
  }

  private func save() throws { if isFirst, let path = options.save { try checkpoint?.save(progress, to: path) } }

  private func say(_ message: String) { if isFirst { StandardError.print("practice: \(message)") } }

  // MARK: A step

  /// A step begins, with a batch.
  ///
  /// - Returns: Whether the loop is to take it. If not, it has been taken by replaying a graph.
  func begin(_ x: Tensor, _ y: Tensor) throws -> Bool {
    speed.begin()
    if let results = graphStep?.begin(x, y) {
      note(results.loss, results.scores, y)
      try endStep()
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
    graphStep?.end(loss, scores)
    note(loss, scores, y)
    try endStep()
  }

  /// The shares of a step that are computed here, one after the other.
  func note(_ loss: Tensor, _ scores: Tensor, _ y: Tensor) {
    walkthrough?.end()
    step.lossSum += loss.item()
    step.count += y.elementCount
    step.right += noGrad { (scores.argmax(dim: 1) == y).to(.int64).sum().item(as: Int.self) }
  }

  /// A step is done, of which all shares have been noted. All of them have as many samples.
  func endStep() throws {
    if let group, group.size > group.ranks.count { step.add(up: group) }
    let value = step.lossSum / Double(group?.size ?? 1)
    if !value.isFinite { try stop(value) }
    progress.steps += 1
    progress.seen += step.count
    progress.lossSum += value * Double(step.count)
    progress.right += step.right
    record.losses.append(value)
    speed.note(step.count)
    step = StepSums()
    showProgress()
    try stopIfAsked()
  }

  private func stop(_ loss: Double) throws {
    speed.clear()
    // What led there is worth a look.
    try? writeRecordAndPage()
    let message =
      "the loss became \(loss) at step \(progress.steps), so the training stops here. The steps are too long: try "
      + "--learning-rate \(shorterStep(than: learningRate)) (it was \(learningRate))."
    if let group { group.endTogether(message) }
    throw KindlingError(message)
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
    guard let status = Interruption.status(in: group) else { return }
    speed.clear()
    try save()
    try writeRecordAndPage()
    let signal = Interruption.name.map { "by \($0) " } ?? ""
    var text = "practice: stopped \(signal)after \(progress.steps) steps, in epoch \(progress.epoch + 1)."
    if let path = options.save {
      let launcher = group.map { $0.size > $0.ranks.count ? "mpirun -n \($0.size) " : "" } ?? ""
      text += " It is saved; go on with: \(launcher)\(commandToGoOn(from: path))"
    } else {
      text += " Nothing is saved; --save FILE would have kept it."
    }
    if isFirst { StandardError.print(text) }
    group?.end()
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
    if !isFirst { return }
    if let path = options.record { try record.write(to: path) }
    if let path = options.page { try walkthrough?.writePage(to: path, title: "practice") }
  }
}

/// What the shares of a step come to.
private struct StepSums {
  var lossSum = 0.0
  var count = 0
  var right = 0

  /// Adds up those of all processes.
  mutating func add(up group: ProcessGroup) {
    let sums = group.allReduce([lossSum, Double(count), Double(right)])
    (lossSum, count, right) = (sums[0], Int(sums[1]), Int(sums[2]))
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
