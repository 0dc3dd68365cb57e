import Foundation
import Kindling

// exercise                      lists the exercises, each with whether it is done
// exercise NUMBER               checks one; status 0 if it is done, 1 if not
// exercise NUMBER --here        the same in this process, for the one above
// exercise --prove done|notYet  checks that all of them are; status 1 if not

@main
struct Main {
  static func main() throws {
    let arguments = Array(CommandLine.arguments.dropFirst())
    if !arguments.contains("--here") { StandardOutput.begin("exercise") }
    if arguments.isEmpty { return try list() }
    if arguments == ["--prove", "done"] { exit(try prove(areDone: true)) }
    if arguments == ["--prove", "notYet"] { exit(try prove(areDone: false)) }
    guard let exercise = Exercise.all.first(where: { "\($0.number)" == arguments[0] }) else {
      StandardError.print("There is no exercise \(arguments[0]).")
      exit(2)
    }
    if arguments.dropFirst() == ["--here"] { Attempt.run(exercise) }
    let attempt = try Attempt(exercise, shown: true)
    print(report(attempt))
    exit(attempt.outcome == .done ? 0 : 1)
  }

  static func list() throws {
    for exercise in Exercise.all {
      let attempt = try Attempt(exercise)
      let count = exercise.checks.count
      let state = attempt.outcome == .done ? "done" : "not yet, \(attempt.passed) of \(count)"
      let columns = ["\(exercise.number)", padded(state, 15), padded(exercise.title, 48), exercise.path]
      print(columns.joined(separator: "  "))
    }
  }

  static func report(_ attempt: Attempt) -> String {
    let exercise = attempt.exercise
    let name = "Exercise \(exercise.number), \(exercise.title)"
    if attempt.outcome == .done {
      let next = Exercise.usesSolutions ? "" : "\nA solution to compare with: \(exercise.solution)"
      return "\(name): done, \(exercise.checks.count) checks passed.\(next)"
    }
    return """
      \(name): not yet, \(attempt.passed) of \(exercise.checks.count) checks passed.

      Check \(attempt.passed + 1): \(exercise.checks[attempt.passed].subject)
      \(wrapped(attempt.words))

      \(exercise.path)
      """
  }

  /// Checks that every exercise is done, or that every one says in words of its own what is missing. The exit status.
  static func prove(areDone: Bool) throws -> Int32 {
    var (status, heard): (Int32, Set<String>) = (0, [])
    for exercise in Exercise.all {
      let attempt = try Attempt(exercise)
      let (wanted, state): (Attempt.Outcome, String) = areDone ? (.done, "solved") : (.notYet, "unsolved")
      if attempt.outcome == wanted && (areDone || heard.insert(attempt.words).inserted) {
        print("Exercise \(exercise.number), \(state): \(areDone ? "\(attempt.passed) checks passed" : attempt.words)")
      } else {
        print("Exercise \(exercise.number), \(state), is not as it should be:\n\(report(attempt))")
        status = 1
      }
    }
    return status
  }

  private static func padded(_ text: String, _ width: Int) -> String {
    text.padding(toLength: max(width, text.count), withPad: " ", startingAt: 0)
  }

  /// The text in lines that fit a terminal, each indented.
  private static func wrapped(_ text: String) -> String {
    var lines: [String] = []
    for paragraph in text.split(separator: "\n") {
      var line = ""
      for word in paragraph.split(separator: " ") {
        if !line.isEmpty && line.count + word.count > 98 {
          lines.append(line)
          line = ""
        }
        line += (line.isEmpty ? "" : " ") + word
      }
      lines.append(line)
    }
    return lines.map { "  \($0)" }.joined(separator: "\n")
  }
}
