import Kindling

/// A file of a training that goes on another day: the state of each of its parts under a name of its own, and in the metadata
/// the program and the options that decide the numbers. Written whole or not at all, as all safetensors files are.
package struct SavedTraining {
  private let path: String
  private var tensors: [String: Tensor]

  /// Writes parts, such as model and optimizer, and single tensors.
  package static func save(
    _ parts: [(name: String, state: [String: Tensor])], _ tensors: [String: Tensor], by program: String,
    options: [(name: String, value: String)], to path: String
  ) throws {
    var all = tensors
    for (part, state) in parts {
      for (name, tensor) in state { all["\(part).\(name)"] = tensor }
    }
    var metadata = ["kind": "kindling-\(program)"]
    for (name, value) in options { metadata[name] = value }
    try Safetensors.save(all, to: path, metadata: metadata)
  }

  /// Reads a file.
  ///
  /// - Throws: `KindlingError` that names the file where it is none of this program, or of a run with other options.
  package init(reading path: String, savedBy program: String, options: [(name: String, value: String)]) throws {
    self.path = path
    let content = try Safetensors.load(path)
    tensors = content.tensors
    if content.metadata["kind"] != "kindling-\(program)" {
      throw failure("this is no file that \(program) has saved")
    }
    let processes = options.first { $0.name == "processes" }?.value
    try checkProcesses(saved: content.metadata["processes"], now: processes, program)
    for (name, value) in options {
      guard let saved = content.metadata[name], saved != value else { continue }
      if name == "characters" { throw failure("it was saved by a run with a text of other characters") }
      throw failure("it was saved by a run with --\(name) \(saved), and this one has --\(name) \(value)")
    }
  }

  /// Several processes, or shards, deal out the samples in an order of their own; one alone saves no number of them.
  private func checkProcesses(saved: String?, now: String?, _ program: String) throws {
    if saved == now { return }
    let others = now.map { ", and not with \($0)" } ?? ""
    switch saved {
    case nil: throw failure("it was saved by one process alone; go on without --processes and --shards")
    case "1": throw failure("it was saved by a run with --shards 1; go on with that\(others)")
    case let saved?:
      throw failure(
        "it was saved by \(saved) processes or shards; go on with as many\(others): Lessons/run \(program) --processes "
          + "\(saved), mpirun -n \(saved) …, or --shards \(saved) in one process")
    }
  }

  /// What is wrong with the file.
  package func failure(_ problem: String) -> KindlingError { KindlingError("--resume \(path): \(problem)") }

  /// The state of a part.
  package mutating func part(_ name: String) -> [String: Tensor] {
    let names = tensors.keys.filter { $0.hasPrefix("\(name).") }
    return Dictionary(
      uniqueKeysWithValues: names.map { (String($0.dropFirst(name.count + 1)), tensors.removeValue(forKey: $0)!) })
  }

  /// A tensor of that name, type and number of elements.
  package mutating func tensor(_ name: String, _ dtype: DType, count: Int? = nil) throws -> Tensor {
    guard let tensor = tensors.removeValue(forKey: name) else { throw failure("\(name) is missing") }
    if tensor.dtype != dtype { throw failure("\(name) is \(tensor.dtype), and should be \(dtype)") }
    if let count, tensor.elementCount != count {
      throw failure("\(name) has \(tensor.elementCount) elements, and should have \(count)")
    }
    return tensor
  }

  /// Puts things where they were; what a part finds wrong is told with the file's name.
  package func restore(_ body: () throws -> Void) throws {
    do { try body() } catch let error as KindlingError { throw failure("\(error)") }
  }
}
