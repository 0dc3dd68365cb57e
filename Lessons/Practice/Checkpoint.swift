import Kindling
import KindlingData
import KindlingNN
import KindlingOptim
import LessonKit

/// How far a training has come.
struct Progress {
  /// The epoch that it is in, or that begins next.
  var epoch = 0
  /// How many steps have been taken.
  var steps = 0
  /// Of the epoch so far: how many samples were seen, how many were read right, and the sum of their losses.
  var seen = 0
  var right = 0
  var lossSum = 0.0

  var loss: Double { seen == 0 ? 0 : lossSum / Double(seen) }
  var accuracy: Double { seen == 0 ? 0 : Double(right) / Double(seen) }

  mutating func beginEpoch(_ epoch: Int) {
    (self.epoch, seen, right, lossSum) = (epoch, 0, 0, 0)
  }
}

/// All that a training needs to go on as if it had never stopped, in one safetensors file: the numbers of model, optimizer,
/// schedule, loader and generator, each under its own name, and the options in the file's metadata.
struct Checkpoint {
  let model: Module
  let optimizer: any SavableOptimizer
  let schedule: LRScheduler?
  /// Where the training samples come from: one, or one for each rank whose work is done here, all at the same place.
  let loaders: [DataLoader<TensorDataset>]
  /// The options that decide the numbers: a run that goes on must have the same.
  let options: [(name: String, value: String)]

  /// Writes the file, whole or not at all: a run that is killed meanwhile leaves the one before it.
  func save(_ progress: Progress, to path: String) throws {
    var parts = [("model", model.stateDict()), ("optimizer", optimizer.stateDict())]
    parts.append(("loader", loaders[0].stateDict()))
    if let schedule { parts.append(("schedule", schedule.stateDict())) }
    let tensors = [
      "generator": Tensor(Generator.default.getState()),
      "progress": Tensor([progress.epoch, progress.steps, progress.seen, progress.right]),
      "progress.loss": Tensor([progress.lossSum], dtype: .float64),
    ]
    try SavedTraining.save(parts, tensors, by: "practice", options: options, to: path)
  }

  /// Reads a file, and puts everything where it was.
  ///
  /// - Throws: `KindlingError` that names the file where it is none of these, or of another training.
  func load(_ path: String) throws -> Progress {
    var saved = try SavedTraining(reading: path, savedBy: "practice", options: options)
    let generator = try saved.tensor("generator", .int64).toArray(of: Int64.self)
    let counts = try saved.tensor("progress", .int64).toArray(of: Int.self)
    let lossSum = try saved.tensor("progress.loss", .float64, count: 1).item()
    if counts.count != 4 || counts.contains(where: { $0 < 0 }) {
      throw saved.failure("progress has \(counts), and four whole numbers from 0 on are expected")
    }
    let parts = (saved.part("model"), saved.part("optimizer"), saved.part("schedule"), saved.part("loader"))
    try saved.restore {
      try model.load(stateDict: parts.0)
      try optimizer.load(stateDict: parts.1)
      try schedule?.load(stateDict: parts.2)
      for loader in loaders { try loader.load(stateDict: parts.3) }
      try Generator.default.setState(generator)
    }
    return Progress(epoch: counts[0], steps: counts[1], seen: counts[2], right: counts[3], lossSum: lossSum)
  }
}
