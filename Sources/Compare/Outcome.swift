import FoundationEssentials
import Kindling
import LessonKit

/// What one lesson on one device came to.
struct Outcome {
  let stage: Stage
  let record: Record
  /// By the names that the lessons give them: x, y, first.w1, gradient.w1, last.w1, ….
  let tensors: [String: Tensor]
  /// What the lesson said when it ended early; nil where it went to its end.
  var failure: String?

  /// The names that every lesson saves.
  static let required =
    ["x", "y"] + ["first", "gradient", "last"].flatMap { stage in ["w1", "w2"].map { "\(stage).\($0)" } }

  /// The path of the record of a stage in a folder; `.safetensors` instead of `.json` holds its tensors.
  static func recordPath(_ stage: Stage, in folder: String) -> String { "\(folder)/\(stage.fileName).json" }
  static func tensorsPath(_ stage: Stage, in folder: String) -> String { "\(folder)/\(stage.fileName).safetensors" }
  static func pagePath(_ stage: Stage, in folder: String) -> String { "\(folder)/\(stage.fileName).html" }

  /// Reads the two files of a lesson that went to its end.
  ///
  /// - Throws: `KindlingError`, naming the file, for one that is missing, cut off, of another lesson, or not whole.
  static func read(_ stage: Stage, from folder: String) throws -> Outcome {
    let path = recordPath(stage, in: folder)
    let record = try readRecord(stage, path)
    if record.losses.count != record.steps {
      throw KindlingError(
        "\(path): \(record.losses.count) losses, and \(record.steps) steps; the lesson ended early. Run it again.")
    }
    let tensors = try readTensors(tensorsPath(stage, in: folder))
    return Outcome(stage: stage.on(record.device), record: record, tensors: tensors)
  }

  /// Reads what a lesson left that ended early: its losses so far if it wrote them, and nothing else.
  static func readRest(_ stage: Stage, from folder: String, settings: Settings, failure: String) -> Outcome {
    let record = try? readRecord(stage, recordPath(stage, in: folder))
    let none = Record(
      lesson: stage.lesson, problem: settings.problem.rawValue, device: stage.device, seed: settings.seed,
      steps: settings.steps, learningRate: settings.learningRate ?? 0, losses: [], secondsPerStep: 0)
    return Outcome(
      stage: stage.on(record?.device ?? stage.device), record: record ?? none, tensors: [:], failure: failure)
  }

  private static func readRecord(_ stage: Stage, _ path: String) throws -> Record {
    let bytes = try FileAccess.bytes(of: path, for: "record")
    let record: Record
    do {
      record = try JSONDecoder().decode(Record.self, from: Data(bytes))
    } catch DecodingError.keyNotFound(let key, _) {
      throw KindlingError("\(path): no \(key.stringValue) in it, so it is no record of a lesson")
    } catch {
      throw KindlingError("\(path): this cannot be read as JSON; it is cut off, or no record of a lesson")
    }
    if record.lesson != stage.lesson || !stage.canBe(on: record.device) {
      throw KindlingError(
        "\(path): a record of lesson \(record.lesson) on \(record.device), and not of lesson \(stage.lesson) on "
          + stage.device)
    }
    return record
  }

  private static func readTensors(_ path: String) throws -> [String: Tensor] {
    let tensors = try Safetensors.load(path).tensors
    if let missing = required.first(where: { tensors[$0] == nil }) {
      throw KindlingError("\(path): no \(missing) in it, so a lesson's --save did not write it")
    }
    return tensors
  }
}

/// Refuses records of runs that were not meant to be compared: with each other, or with what the options ask for.
func checkAlike(_ outcomes: [Outcome], problem: Problem?, seed: Int?, steps: Int?, learningRate: Double?) throws {
  guard let first = outcomes.first else { return }
  func check<Value: Equatable>(_ what: String, _ option: String, _ wanted: Value?, _ value: (Record) -> Value)
    throws
  {
    for outcome in outcomes where value(outcome.record) != wanted ?? value(first.record) {
      let expected = wanted.map { "\(option) asks for \($0)" } ?? "\(first.stage.fileName) has \(value(first.record))"
      throw KindlingError(
        "the record of \(outcome.stage.fileName) has \(what) \(value(outcome.record)), and \(expected)")
    }
  }
  try check("problem", "--problem", problem?.rawValue) { $0.problem }
  try check("seed", "--seed", seed) { $0.seed }
  try check("steps", "--steps", steps) { $0.steps }
  // The article changes its learning rate from lesson to lesson.
  if first.record.problem != Problem.article.rawValue || learningRate != nil {
    try check("learning rate", "--learning-rate", learningRate) { $0.learningRate }
  }
}
