import FoundationEssentials
import Kindling

/// What became of a program in PyTorch.
struct TorchOutcome: Codable {
  /// For each value: type, shape, elements with blanks between them.
  var values: [String: [String]]?
  var tracked: [String]?
  var gradients: [String: [String]]?
  /// The statement that raised, or their number for `backward()`; and what it said.
  var raisedAt: Int?
  var message: String?

  /// As the library's own, by the program's names.
  func observation(_ program: Program) -> Observation {
    var observation = Observation()
    let names = program.names
    for (id, name) in names {
      observation.values[id] = values?[name].map(Stored.init(text:))
      observation.gradients[id] = gradients?[name].map(Stored.init(text:))
      if tracked?.contains(name) ?? false { observation.tracked.insert(id) }
    }
    return observation
  }
}

extension Stored {
  fileprivate init(text: [String]) {
    let dtype = DType.allCases.first { "torch.\($0)" == text[0] } ?? .bool
    self.init(dtype, text[1].split(separator: " ").map { Int($0)! }, text[2].split(separator: " ").map { Double($0)! })
  }
}

/// Kinds of mistakes that both sides have words for.
enum Mistake: String {
  case savedValueWritten = "a value that the gradient needs was written"
  case leafWritten = "a leaf, or a view of one, is written"
  case expandedWritten = "an expanded tensor is written"
  case wrongType = "the result does not fit the type"
  case noHistory = "there is no history"

  /// Of the library's words, or PyTorch's; nil where there is no such kind.
  init?(_ message: String) {
    let words: [(Mistake, [String])] = [
      (.savedValueWritten, ["has been written in place since: it is at", "modified by an inplace operation"]),
      (
        .leafWritten,
        [
          "a leaf that requires a gradient cannot be written",
          "a leaf Variable that requires grad",
        ]
      ),
      (.expandedWritten, ["tensor was expanded", "more than one element of the written-to tensor"]),
      (.wrongType, ["which cannot be written into a tensor of", "can't be cast to the desired output type"]),
      (.noHistory, ["this tensor has no graph", "does not require grad and does not have a grad_fn"]),
    ]
    guard let found = words.first(where: { $0.1.contains { message.contains($0) } }) else { return nil }
    self = found.0
  }
}

/// Python with PyTorch, which runs programs many at a time.
final class Torch {
  private let child: Child
  let version: String

  /// - Throws: `KindlingError` where that Python has no PyTorch, or is not there.
  init(python: String) throws {
    let script = "Tests/Random/programs.py"
    child = try Child(python, [script], environment: ["OMP_NUM_THREADS": "1"], mixesErrors: false)
    guard let first = child.readLine(within: 120), first.hasPrefix("PyTorch") else {
      throw KindlingError("\(python) has no PyTorch: pip install torch==2.13.0, and name its Python in KINDLING_PYTHON")
    }
    version = first
  }

  deinit { _ = child.end() }

  func run(_ programs: [Program]) throws -> [TorchOutcome] {
    if programs.isEmpty { return [] }
    let text = String(decoding: try JSONEncoder().encode(programs.map(\.python)), as: UTF8.self)
    guard child.writeLine(text), let answer = child.readLine(within: 300) else {
      throw KindlingError("PyTorch ended at one of \(programs.count) programs, the first with seed \(programs[0].seed)")
    }
    return try JSONDecoder().decode([TorchOutcome].self, from: Data(answer.utf8))
  }
}
