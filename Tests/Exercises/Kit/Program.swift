import Foundation
import Kindling

// What Tests/run exercise and Tests/run puzzle ask of their programs:
//
//   exercise                      lists the exercises, each with whether it is done
//   exercise NUMBER               checks one; status 0 if it is done, 1 if not
//   exercise NUMBER --here        the same in this process, for the one above
//
//   --json            the results as JSON, and nothing else on standard output
//   --file PATH       where the code of the one exercise comes from, for the messages
//   --refused FOLDER  holds a file NUMBER for each exercise that does not compile, with what the compiler said

package enum Program {
  package static func main(_ all: [Exercise]) throws {
    var arguments = Array(CommandLine.arguments.dropFirst())
    func take(_ name: String) -> Bool {
      guard let i = arguments.firstIndex(of: name) else { return false }
      arguments.remove(at: i)
      return true
    }
    func value(of name: String) -> String? {
      guard let i = arguments.firstIndex(of: name), i + 1 < arguments.count else { return nil }
      defer { arguments.removeSubrange(i...i + 1) }
      return arguments[i + 1]
    }
    let (isHere, isJSON) = (take("--here"), take("--json"))
    let (file, refused) = (value(of: "--file"), value(of: "--refused"))
    let kind = all[0].kind.rawValue
    if !isHere { StandardOutput.begin(kind.lowercased()) }

    let asked = all.filter { arguments.isEmpty || "\($0.number)" == arguments[0] }
    if asked.isEmpty || arguments.count > 1 {
      StandardError.print("There is no \(kind.lowercased()) \(arguments.joined(separator: " ")).")
      exit(2)
    }
    if isHere { Attempt.run(asked[0]) }

    func attempt(_ exercise: Exercise) throws -> Attempt {
      if let refused, let words = try? String(contentsOfFile: "\(refused)/\(exercise.number)", encoding: .utf8) {
        return Attempt(exercise, refused: words.trimmingCharacters(in: .newlines))
      }
      return try Attempt(exercise, shown: asked.count == 1 && !isJSON)
    }
    if isJSON {
      let results = try asked.map { Result(try attempt($0), file: file ?? $0.path) }
      print(try arguments.isEmpty ? Result.text(results) : Result.text(results[0]))
      exit(results.allSatisfy(\.passed) || arguments.isEmpty ? 0 : 1)
    }
    if arguments.isEmpty { return try asked.forEach { print(line(try attempt($0))) } }
    let result = try attempt(asked[0])
    print(report(result, file: file ?? asked[0].path))
    exit(result.outcome == .done ? 0 : 1)
  }

  /// A line of the list.
  static func line(_ attempt: Attempt) -> String {
    let exercise = attempt.exercise
    let state =
      switch attempt.outcome {
      case .done: "done"
      case .doesNotCompile: "does not compile"
      case .notYet, .broken: "not yet, \(attempt.passed) of \(exercise.checks.count)"
      }
    let number = exercise.number < 10 ? " \(exercise.number)" : "\(exercise.number)"
    return [number, padded(state, 16), padded(exercise.title, 43), exercise.path].joined(separator: "  ")
  }

  static func report(_ attempt: Attempt, file: String) -> String {
    let exercise = attempt.exercise
    let name = "\(exercise.kind.rawValue) \(exercise.number), \(exercise.title)"
    if attempt.outcome == .done {
      let next = file == exercise.solution ? "" : "\nA solution to compare with: \(exercise.solution)"
      return "\(name): done, \(exercise.checks.count) checks passed.\(next)"
    }
    return """
      \(name): not yet, \(attempt.passed) of \(exercise.checks.count) checks passed.

      Check \(attempt.passed + 1): \(exercise.checks[attempt.passed].subject)
      \(wrapped(attempt.words))

      \(file)
      """
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
