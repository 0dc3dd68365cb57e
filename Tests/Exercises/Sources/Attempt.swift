import Foundation

/// The answer to an exercise, tried out in a process of its own: it may stop the program, or never end.
struct Attempt {
  enum Outcome: Equatable {
    case done
    case notYet
    /// The process has not come to its end, for the reason given.
    case broken(String)
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

  private static func tell(_ line: String) { FileHandle.standardError.write(Data((line + "\n").utf8)) }

  // MARK: In the parent

  /// Starts the process and waits for it. What the answer prints goes to standard output if `shown`.
  init(_ exercise: Exercise, shown: Bool = false) throws {
    let process = Process()
    process.executableURL = Bundle.main.executableURL
    process.arguments = ["\(exercise.number)", "--here"]
    // Swift's own crash report is pages long.
    process.environment = ProcessInfo.processInfo.environment.merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 }
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
    passed = process.terminationStatus == 0 && !signalled ? exercise.checks.count : reached
    switch process.terminationStatus {
    case 0 where !signalled: (outcome, words) = (.done, "")
    case 1 where !signalled: (outcome, words) = (.notYet, rest)
    case SIGALRM where signalled:
      let check = exercise.checks[reached]
      (outcome, words) = (.broken("did not end"), "Your code was still running after \(Self.seconds) seconds. \(check.ifEndless)")
    default: (outcome, words) = (.broken("stopped"), Self.explain(rest))
    }
  }

  /// What a program leaves behind that has been stopped, in words.
  private static func explain(_ errors: String) -> String {
    if let message = errors.range(of: "Fatal error: ") {
      return "Your code stopped the program: \(errors[message.upperBound...])"
    }
    return "Your code stopped the program without a word: an index out of range, a nil unwrapped with !, an overflow, or a "
      + "recursion without an end." + (errors.isEmpty ? "" : "\n\(errors)")
  }
}
