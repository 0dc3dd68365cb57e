/// What is known about a lesson beside its code. The programs, `compare` and the tests read it here, so that a new lesson is
/// a row of this table and no list of its own anywhere else.
public struct LessonFacts: Sendable {
  /// 1, 2, 3, …
  public let number: Int
  /// Its folder in Lessons/, with the file Lesson.swift.
  public let folder: String
  /// What it trains on and with, as its `--help` begins.
  public let title: String
  /// What it is about, for tables.
  public let topic: Topic

  /// All lessons, in order.
  public static let all = [
    LessonFacts(
      number: 1, folder: "Lesson1RawArrays",
      title: "Train a two-layer network on raw arrays, with gradients by hand.",
      topic: Topic(
        name: "raw arrays", new: "nothing but arrays of numbers; every gradient by hand",
        removed: "nothing yet: this is all there is to do")),
    LessonFacts(
      number: 2, folder: "Lesson2Tensors",
      title: "Train a two-layer network on tensors, with gradients by hand.",
      topic: Topic(
        name: "tensors", new: "a tensor knows its shape and its device",
        removed: "the sizes beside every matrix, and the CPU as the only place to compute")),
    LessonFacts(
      number: 3, folder: "Lesson3Autograd",
      title: "Train a two-layer network with autograd.",
      topic: Topic(
        name: "autograd", new: "backward() works out the gradients",
        removed: "the backward half of the loop: every gradient that was worked out by hand")),
    LessonFacts(
      number: 4, folder: "Lesson4NNModule",
      title: "Train a two-layer network built from nn's modules.",
      topic: Topic(
        name: "nn", new: "modules hold the weights, and parameters() finds them",
        removed: "the weights by name: the loop no longer knows what the network looks like")),
    LessonFacts(
      number: 5, folder: "Lesson5OptimModule",
      title: "Train a two-layer network of your own class with an optimizer.",
      topic: Topic(
        name: "optim", new: "an optimizer knows how to update",
        removed: "the update itself: another way to learn is another name in one line")),
  ]

  /// The numbers of all lessons.
  public static let numbers = 1...all.count

  /// What is known about a lesson, by its number.
  public static func of(_ number: Int) -> LessonFacts { all[number - 1] }

  /// The path of its source in the package.
  public var source: String { "Lessons/\(folder)/Lesson.swift" }

  // From lesson to lesson there is more to stand on.

  /// Whether it computes on tensors, in float32, and not on arrays of float64, which live on the CPU.
  public var hasTensors: Bool { number >= 2 }
  /// Whether gradients come from `backward()`.
  public var hasAutograd: Bool { number >= 3 }
  /// Whether the weights are in modules: in the article with a bias, and on data of its own.
  public var hasModules: Bool { number >= 4 }
  /// Whether an optimizer updates the weights: in the article Adam.
  public var hasOptimizer: Bool { number >= 5 }
}

/// What a lesson is about, in a few words.
public struct Topic: Codable, Sendable {
  /// Names it in a table.
  public let name: String
  /// What is new since the lesson before.
  public let new: String
  /// What the learner no longer writes since then.
  public let removed: String
}
