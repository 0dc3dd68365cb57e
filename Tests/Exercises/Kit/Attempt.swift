import Foundation
import Kindling

/// The answer to an exercise, tried out in a process of its own: it may stop the program, or never end.
struct Attempt {
  enum Outcome {
    case done
    case notYet
    /// The answer stopped the process, or had to be stopped.
    case broken
    /// There is no answer to try out.
    case doesNotCompile
  }
  let exercise: Exercise
  let outcome: Outcome
  /// How many checks were passed.
  let passed: Int
  /// What is wrong, where it is not done.
  let words: String

  /// Longer than any check takes on a slow machine.
  static let seconds: UInt32 = 20

  // MARK: In the process of its own

  /// Runs the checks up to the first that fails, and tells the parent through standard error which check it has
  /// come to, and at the end what is wrong.
  static func run(_ exercise: Exercise) -> Never {
    alarm(seconds)  // SIGALRM ends the process
    for (i, check) in exercise.checks.enumerated() {
      tell("\(marker)\(i)")
      do { try check.run() } catch {
        tell((error as? Wrong)?.words ?? "\(error)")
        exit(1)
      }
    }
    exit(0)
  }

  private static let marker = "\u{1}"

  private static func tell(_ line: String) { StandardError.print(line) }

  // MARK: In the parent

  /// An answer that the compiler has refused, with what it said.
  init(_ exercise: Exercise, refused words: String) {
    (self.exercise, outcome, passed, self.words) = (exercise, .doesNotCompile, 0, words)
  }

  /// Starts the process and waits for it. What the answer prints goes to standard output if `shown`.
  init(_ exercise: Exercise, shown: Bool = false) throws {
    let process = Process()
    process.executableURL = Bundle.main.executableURL
    process.arguments = ["\(exercise.number)", "--here"]
    process.environment = ProcessInfo.processInfo.environment.merging(["SWIFT_BACKTRACE": Self.crashReport]) { $1 }
    process.standardOutput = shown ? FileHandle.standardOutput : FileHandle.nullDevice
    let errors = Pipe()
    process.standardError = errors
    try process.run()
    let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()

    var lines = text.split(separator: "\n").map(String.init)
    let last = lines.lastIndex { $0.hasPrefix(Self.marker) }
    let reached = last.flatMap { Int(lines[$0].dropFirst(Self.marker.count)) } ?? 0
    lines.removeSubrange(...(last ?? -1))
    self.exercise = exercise
    let rest = lines.joined(separator: "\n")
    let signalled = process.terminationReason == .uncaughtSignal
    let isDone = process.terminationStatus == 0 && !signalled && reached == exercise.checks.count - 1
    passed = isDone ? exercise.checks.count : reached
    if isDone {
      (outcome, words) = (.done, "")
    } else if process.terminationStatus == 1 && !signalled {
      (outcome, words) = (.notYet, rest)
    } else if process.terminationStatus == SIGALRM && signalled {
      let late = "Your code was still running after \(Self.seconds) seconds."
      (outcome, words) = (.broken, "\(late) \(exercise.checks[reached].ifEndless)")
    } else {
      (outcome, words) = (.broken, Self.explain(rest, exercise))
    }
  }

  /// Swift's report on a crash, from which the line is taken.
  private static let crashReport =
    "enable=yes,color=no,interactive=no,symbolicate=full,threads=crashed,registers=none,images=none,output-to=stderr"

  /// What a program leaves behind that has been stopped, in words.
  private static func explain(_ errors: String, _ exercise: Exercise) -> String {
    /// What stands in a line behind some words, at the first place.
    func text(after words: String) -> Substring? {
      guard let start = errors.range(of: words)?.upperBound else { return nil }
      return errors[start...].prefix { $0 != "\n" }
    }
    var words = "Your code stopped the program"
    if let line = text(after: "\(exercise.file):")?.prefix(while: \.isNumber) { words += " in line \(line)" }
    let unknown =
      switch exercise.kind {
      case .exercise: "an index out of range, a nil unwrapped with !, an overflow, or a recursion without an end."
      case .puzzle:
        "an array of the thread's own that is too large or has no such index, a pointer to nowhere, or a division of integers by 0."
      }
    return "\(words): \(text(after: "Fatal error: ") ?? Substring(unknown))"
  }
}
