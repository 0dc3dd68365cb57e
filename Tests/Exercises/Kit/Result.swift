import Foundation

/// An attempt for a program that reads it, such as one that grades a class.
struct Result: Encodable {
  struct Question: Encodable {
    let subject: String
    /// nil for what comes after the first that failed: it was not asked.
    let passed: Bool?
    /// What is wrong, in words.
    let message: String?
  }
  /// Its number; the other one is nil, and left out.
  let exercise: Int?
  let puzzle: Int?
  let title: String
  let file: String
  let passed: Bool
  /// done, notYet, broken (it stopped or did not end), doesNotCompile.
  let outcome: String
  /// What the compiler said, where it does not compile.
  let compiler: String?
  let checks: [Question]

  init(_ attempt: Attempt, file: String) {
    let isPuzzle = attempt.exercise.kind == .puzzle
    exercise = isPuzzle ? nil : attempt.exercise.number
    puzzle = isPuzzle ? attempt.exercise.number : nil
    (title, self.file) = (attempt.exercise.title, file)
    (passed, outcome) = (attempt.outcome == .done, "\(attempt.outcome)")
    let isRefused = attempt.outcome == .doesNotCompile
    compiler = isRefused ? attempt.words : nil
    checks = attempt.exercise.checks.enumerated().map { i, check in
      if i < attempt.passed { return Question(subject: check.subject, passed: true, message: nil) }
      let isTold = i == attempt.passed && !isRefused
      return Question(subject: check.subject, passed: isTold ? false : nil, message: isTold ? attempt.words : nil)
    }
  }

  static func text(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }
}
