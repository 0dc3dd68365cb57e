import Foundation

/// An exercise, and what is asked of its answer.
struct Exercise: Sendable {
  let number: Int
  let title: String
  /// The file that the learner writes in, without its folder.
  let file: String
  /// In an order in which the first that fails is the most useful to hear about.
  let checks: [Check]

  static let all = [
    linearGradient, mish, topologicalOrder, residualBlock, adam, transpose, storage, broadcasting, matrixProduct,
    backward,
    trainingLoop, convolution, momentum,
  ]

  /// The path from the package's root of the file that the learner writes in.
  var path: String { "Lessons/Exercises/\(file)" }

  /// That of the solution.
  var solution: String { "Lessons/Exercises/Solutions/\(file)" }
}

/// One question to an answer.
struct Check: Sendable {
  /// What is looked at, in a few words.
  let subject: String
  /// What may be the matter if it never ends.
  let ifEndless: String
  /// Throws `Wrong`.
  let run: @Sendable () throws -> Void

  init(
    _ subject: String, ifEndless: String = "Is there a loop or a recursion without an end?",
    run: @escaping @Sendable () throws -> Void
  ) {
    self.subject = subject
    self.ifEndless = ifEndless
    self.run = run
  }
}

/// What is wrong with an answer, in words for the person who wrote it.
struct Wrong: Error {
  let words: String
  init(_ words: String) { self.words = words }
}
