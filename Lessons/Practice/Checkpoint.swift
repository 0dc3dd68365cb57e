import Kindling
import KindlingData
import KindlingNN
import KindlingOptim

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
  let loader: DataLoader<TensorDataset>
  /// The options that decide the numbers: a run that goes on must have the same.
  let options: [(name: String, value: String)]

  private static let kind = "kindling-practice"

  /// Writes the file, whole or not at all: whoever is killed meanwhile leaves the one before it.
  func save(_ progress: Progress, to path: String) throws {
    var tensors: [String: Tensor] = [:]
    func add(_ part: String, _ state: [String: Tensor]) {
      for (name, tensor) in state { tensors["\(part).\(name)"] = tensor }
    }
    add("model", model.stateDict())
    add("optimizer", optimizer.stateDict())
    if let schedule { add("schedule", schedule.stateDict()) }
    add("loader", loader.stateDict())
    tensors["generator"] = Tensor(Generator.default.getState())
    tensors["progress"] = Tensor([progress.epoch, progress.steps, progress.seen, progress.right])
    tensors["progress.loss"] = Tensor([progress.lossSum], dtype: .float64)
    var metadata = ["kind": Checkpoint.kind]
    for (name, value) in options { metadata[name] = value }
    try Safetensors.save(tensors, to: path, metadata: metadata)
  }

  /// Reads a file, and puts everything where it was.
  ///
  /// - Throws: `KindlingError` that names the file where it is none of these, or of another training.
  func load(_ path: String) throws -> Progress {
    let content = try Safetensors.load(path)
    func failure(_ problem: String) -> KindlingError { KindlingError("--resume \(path): \(problem)") }
    if content.metadata["kind"] != Checkpoint.kind { throw failure("this is no file that practice has saved") }
    for (name, value) in options {
      guard let saved = content.metadata[name], saved != value else { continue }
      throw failure("it was saved by a run with --\(name) \(saved), and this one has --\(name) \(value)")
    }
    var tensors = content.tensors
    func take(_ part: String) -> [String: Tensor] {
      let names = tensors.keys.filter { $0.hasPrefix("\(part).") }
      return Dictionary(
        uniqueKeysWithValues: names.map { (String($0.dropFirst(part.count + 1)), tensors.removeValue(forKey: $0)!) })
    }
    func tensor(_ name: String, _ dtype: DType) throws -> Tensor {
      guard let tensor = tensors.removeValue(forKey: name) else { throw failure("\(name) is missing") }
      if tensor.dtype != dtype { throw failure("\(name) is \(tensor.dtype), and should be \(dtype)") }
      return tensor
    }
    do {
      let generator = try tensor("generator", .int64).toArray(of: Int64.self)
      let counts = try tensor("progress", .int64).toArray(of: Int.self)
      let lossSum = try tensor("progress.loss", .float64).toArray()
      if counts.count != 4 || lossSum.count != 1 || counts.contains(where: { $0 < 0 }) {
        throw failure("progress has \(counts), and four whole numbers from 0 on are expected")
      }
      try model.load(stateDict: take("model"))
      try optimizer.load(stateDict: take("optimizer"))
      try schedule?.load(stateDict: take("schedule"))
      try loader.load(stateDict: take("loader"))
      try Generator.default.setState(generator)
      return Progress(epoch: counts[0], steps: counts[1], seen: counts[2], right: counts[3], lossSum: lossSum[0])
    } catch let error as KindlingError {
      if error.description.hasPrefix("--resume") { throw error }
      throw failure("\(error)")
    }
  }
}
