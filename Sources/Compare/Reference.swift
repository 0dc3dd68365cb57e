import FoundationEssentials
import Kindling
import LessonKit

/// Curves from elsewhere to hold the lessons against.
enum Reference: String, CaseIterable, Sendable {
  /// Those of Tests/Reference, made by NumPy and PyTorch and committed.
  case reference
  /// The article's Python, run now.
  case pytorch

  /// The curves for the stages of a run.
  ///
  /// - Throws: `KindlingError` where there is none, saying what can be done.
  func rows(_ outcomes: [Outcome], settings: Settings, python: String?, folder: String) throws -> [Report.ReferenceRow]
  {
    switch self {
    case .reference: try Reference.committed(outcomes, settings, folder)
    case .pytorch: try Reference.pytorch(outcomes, settings, python, folder)
    }
  }

  private static func row(
    _ outcome: Outcome, _ source: String, _ losses: [Double], _ secondsPerStep: Double?, _ settings: Settings
  ) -> Report.ReferenceRow {
    let record = Record(
      lesson: outcome.stage.lesson, problem: settings.problem.rawValue, device: source, seed: settings.seed,
      steps: losses.count, learningRate: outcome.record.learningRate, losses: losses,
      secondsPerStep: secondsPerStep ?? 0)
    let other = Outcome(stage: Stage(lesson: outcome.stage.lesson, device: source), record: record, tensors: [:])
    let comparison = Comparison(
      outcome, against: other, scope: .everything,
      tolerance: Tolerance.reference(outcome.stage, problem: settings.problem))
    return Report.ReferenceRow(
      source: source, losses: losses, secondsPerStep: secondsPerStep, comparison: comparison)
  }

  // MARK: The committed curves

  private static func committed(
    _ outcomes: [Outcome], _ settings: Settings, _ folder: String
  ) throws -> [Report.ReferenceRow] {
    if settings.learningRate != nil {
      throw KindlingError(
        "--against reference: the committed curves have the problem's own learning rate, so leave out --learning-rate")
    }
    // Safetensors reads files, and this program may have only the bytes.
    let path = "\(folder)/curves.safetensors"
    try FileAccess.store([EmbeddedFile.bytes(EmbeddedFile.curves)], at: path, for: "curves")
    let curves = try Safetensors.load(path).tensors
    // Without one for any lesson it is said; a lesson that has none beside others that have is left out.
    let kept = outcomes.filter { outcome in
      curves.keys.contains { $0.hasPrefix("\(settings.problem.rawValue)/lesson\(outcome.stage.lesson)/") }
    }
    return try (kept.isEmpty ? outcomes : kept).map { outcome in
      let problem = "\(settings.problem.rawValue)/lesson\(outcome.stage.lesson)/seed"
      guard let curve = curves["\(problem)\(settings.seed)"]?.toArray() else {
        let seeds = curves.keys.filter { $0.hasPrefix(problem) }.compactMap { Int($0.dropFirst(problem.count)) }
          .sorted()
        throw KindlingError(
          "--against reference: there is no committed curve of lesson \(outcome.stage.lesson) for the problem "
            + "\(settings.problem.rawValue) and seed \(settings.seed); "
            + (seeds.isEmpty
              ? "there is none for this problem" : "there are seeds \(seeds.map(String.init).joined(separator: ", "))")
            + ". --against pytorch makes one, where PyTorch is installed.")
      }
      if settings.steps > curve.count {
        throw KindlingError(
          "--against reference: the committed curves have \(curve.count) steps, and \(settings.steps) are asked for")
      }
      let source = outcome.stage.isDouble ? "NumPy (committed)" : "PyTorch (committed)"
      return row(outcome, source, Array(curve.prefix(settings.steps)), nil, settings)
    }
  }

  // MARK: PyTorch, now

  private struct Request: Encodable {
    let problem: String
    let seed: Int
    let steps: Int
    let lessons: [Int]
    let learningRate: Double?
    let data: String?
  }

  private struct Answer: Decodable {
    struct Curve: Decodable {
      let losses: [Double]
      let secondsPerStep: Double
    }
    let torch: String
    let numpy: String
    let curves: [String: Curve]
  }

  private static func pytorch(
    _ outcomes: [Outcome], _ settings: Settings, _ python: String?, _ folder: String
  ) throws -> [Report.ReferenceRow] {
    let named = ProcessInfo.processInfo.environment["KINDLING_PYTHON"] ?? ""
    let python = python ?? (named.isEmpty ? "python3" : named)
    let script = "\(folder)/programs.py"
    try FileAccess.store([EmbeddedFile.bytes(EmbeddedFile.programs)], at: script, for: "programs")
    let lessons = outcomes.reduce(into: [Int]()) { if !$0.contains($1.stage.lesson) { $0.append($1.stage.lesson) } }
    let request = Request(
      problem: settings.problem.rawValue, seed: settings.seed, steps: settings.steps, lessons: lessons,
      learningRate: builtIn.contains(settings.problem) ? outcomes[0].record.learningRate : settings.learningRate,
      data: try data(outcomes, settings, folder))
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let argument = String(decoding: try encoder.encode(request), as: UTF8.self)
    StandardError.show(progress: "the article's programs in PyTorch …")
    defer { StandardError.clearProgress() }
    let ending = try ChildProcess.run(python, [script, argument])
    guard ending.status == 0 else { throw failure(python, ending) }
    guard let answer = try? JSONDecoder().decode(Answer.self, from: Data(ending.output.utf8)) else {
      throw KindlingError(
        "--against pytorch: \(python) printed something else than the curves: \(ending.output.prefix(200))")
    }
    return outcomes.compactMap { outcome in
      guard let curve = answer.curves["\(outcome.stage.lesson)"] else { return nil }
      let source = outcome.stage.isDouble ? "NumPy \(answer.numpy)" : "PyTorch \(answer.torch)"
      return row(outcome, source, curve.losses, curve.secondsPerStep, settings)
    }
  }

  /// Problems whose numbers are built into the lessons, so that PyTorch gets them from a lesson; others it draws itself.
  private static let builtIn: Set<Problem> = [.digits, .paper]

  private static func data(_ outcomes: [Outcome], _ settings: Settings, _ folder: String) throws -> String? {
    if !builtIn.contains(settings.problem) { return nil }
    let path = "\(folder)/data.safetensors"
    var tensors: [String: Tensor] = [:]
    for name in ["x", "y", "first.w1", "first.w2"] {
      guard let saved = outcomes.lazy.compactMap({ $0.tensors[name] }).first else { continue }
      tensors[name] = saved.to(.float32)
    }
    try Safetensors.save(tensors, to: path)
    return path
  }

  private static func failure(_ python: String, _ ending: ChildProcess.Ending) -> KindlingError {
    let last = ending.errors.split(separator: "\n").last.map(String.init) ?? "it said nothing"
    if ending.errors.contains("No module named") {
      return KindlingError(
        "--against pytorch: \(python) has no PyTorch (\(last)). Install it with `pip install torch numpy`, or name a "
          + "Python that has it: --python PATH, or KINDLING_PYTHON=PATH.")
    }
    return KindlingError("--against pytorch: \(python) ended with status \(ending.status): \(last)")
  }
}
