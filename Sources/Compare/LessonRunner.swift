import FoundationEssentials
import Kindling
import LessonKit

/// What is to be run: the options that all lessons get.
struct Settings: Sendable {
  var problem: Problem
  var seed: Int
  var steps: Int
  /// Nil: the problem's own.
  var learningRate: Double?
  /// The steps that a page is to show; nil where none is wanted.
  var pageSteps: String?
  /// How many indices of a dimension it shows of each stage: as many as five have room for. The digits have many samples.
  var pageIndices: Int { problem == .digits ? 5 : 20 }

  /// Each in one word: as a word of its own a seed of -1 would pass for an option.
  var arguments: [String] {
    let rate = learningRate.map { ["--learning-rate=\($0)"] } ?? []
    return ["--problem=\(problem.rawValue)", "--seed=\(seed)", "--steps=\(steps)"] + rate
  }
}

extension Settings {
  /// What makes a lesson write its page there.
  func pageArguments(at path: String) -> [String] {
    pageSteps.map { ["--page=\(path)", "--page-steps=\($0)", "--page-indices=\(pageIndices)"] } ?? []
  }
}

/// Runs the lessons as the programs they are.
struct LessonRunner: Sendable {
  /// Programs to run instead of those beside this one, by lesson.
  let binaries: [Int: String]

  /// Runs a stage, which leaves its two files in a folder.
  ///
  /// - Throws: `KindlingError` where it cannot be started or refuses its options. A lesson that starts to train and ends
  ///   early is an outcome: it does not agree with the others.
  func run(_ stage: Stage, _ settings: Settings, folder: String) throws -> Outcome {
    let (record, tensors) = (Outcome.recordPath(stage, in: folder), Outcome.tensorsPath(stage, in: folder))
    // What an earlier run left must not pass for this one's.
    for path in [record, tensors] { try? FileManager.default.removeItem(atPath: path) }
    let page =
      settings.pageArguments(at: Outcome.pagePath(stage, in: folder))
    let ending = try ChildProcess.run(
      try path(stage.lesson),
      settings.arguments + ["--device=\(stage.device)", "--quiet", "--record=\(record)", "--save=\(tensors)"] + page)
    if ending.status == 0 { return try Outcome.read(stage, from: folder) }
    let message = LessonRunner.shortened(ending.errors) ?? "it said nothing, and ended with status \(ending.status)"
    let outcome = Outcome.readRest(stage, from: folder, settings: settings, failure: message)
    // A trap ends with a signal, a loss that is no number with status 1 and a record of the steps before it. Anything else
    // never trained, or could not write what came of it.
    let recorded = FileManager.default.fileExists(atPath: record)
    if ending.status < 128 && (!recorded || outcome.record.losses.count == settings.steps) {
      throw KindlingError("lesson \(stage.lesson) ended with status \(ending.status): \(message)")
    }
    return outcome
  }

  /// The path of a lesson's program.
  func path(_ lesson: Int) throws -> String {
    let path = binaries[lesson] ?? "\(LessonRunner.ownFolder)/lesson\(lesson)"
    // A name alone would be looked up in PATH.
    if FileManager.default.isExecutableFile(atPath: path) { return path.contains("/") ? path : "./\(path)" }
    throw KindlingError(
      "\(path) is no program. `swift build -c release` builds the lessons beside compare; "
        + "--lesson-binary \(lesson)=PATH names another one.")
  }

  /// The folder of this program.
  static var ownFolder: String {
    let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
    return own.lastIndex(of: "/").map { String(own[..<$0]) } ?? "."
  }

  /// The first lines of a message, since a crash can be long; nil where there are none.
  private static func shortened(_ message: String) -> String? {
    // A trap begins with the place of `fail` in Kindling, which tells a learner nothing.
    let text = message.firstRange(of: "Fatal error: ").map { message[$0.upperBound...] } ?? message[...]
    let lines = text.split(separator: "\n")
    return lines.isEmpty ? nil : lines.prefix(3).joined(separator: "\n")
  }
}
