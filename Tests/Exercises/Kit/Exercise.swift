import Foundation

/// An exercise or a puzzle, and what is asked of its answer.
package struct Exercise: Sendable {
  package enum Kind: String, Sendable {
    case exercise = "Exercise"
    case puzzle = "Puzzle"
  }
  let kind: Kind
  let number: Int
  let title: String
  /// The file that the learner writes in, without its folder.
  let file: String
  /// In an order in which the first that fails is the most useful to hear about.
  let checks: [Check]

  package init(_ kind: Kind = .exercise, number: Int, title: String, file: String, checks: [Check]) {
    (self.kind, self.number, self.title, self.file, self.checks) = (kind, number, title, file, checks)
  }

  /// The path from the package's root of the file that the learner writes in.
  var path: String { "Lessons/\(kind.rawValue)s/\(file)" }

  /// That of the solution.
  var solution: String { "Lessons/\(kind.rawValue)s/Solutions/\(file)" }
}

/// One question to an answer.
package struct Check: Sendable {
  /// What is looked at, in a few words.
  let subject: String
  /// What may be the matter if it never ends.
  let ifEndless: String
  /// Throws `Wrong`.
  let run: @Sendable () throws -> Void

  package init(
    _ subject: String, ifEndless: String = "Is there a loop or a recursion without an end?",
    run: @escaping @Sendable () throws -> Void
  ) {
    self.subject = subject
    self.ifEndless = ifEndless
    self.run = run
  }
}

/// What is wrong with an answer, in words for the person who wrote it.
package struct Wrong: Error {
  let words: String
  package init(_ words: String) { self.words = words }
}
