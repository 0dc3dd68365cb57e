import ArgumentParser
import ClinicMended
import ClinicWrong
import Kindling
import LessonKit

/// A program with a mistake, and the same without it.
private struct Case: Sendable {
  /// What it is meant to do. What is wrong with it is for the reader to find.
  let aim: String
  let wrong: @Sendable () throws -> Void
  let mended: @Sendable () throws -> Void
}

private let cases = [
  Case(aim: "Fit a line", wrong: ClinicWrong.case01, mended: ClinicMended.case01),
  Case(aim: "Learn prices from sizes", wrong: ClinicWrong.case02, mended: ClinicMended.case02),
  Case(aim: "Report the mean loss of a test", wrong: ClinicWrong.case03, mended: ClinicMended.case03),
  Case(aim: "Read digits, with probabilities", wrong: ClinicWrong.case04, mended: ClinicMended.case04),
  Case(aim: "Fit a parabola", wrong: ClinicWrong.case05, mended: ClinicMended.case05),
  Case(aim: "Fit a root", wrong: ClinicWrong.case06, mended: ClinicMended.case06),
  Case(aim: "Fit a slope, with momentum", wrong: ClinicWrong.case07, mended: ClinicMended.case07),
  Case(aim: "Move points onto a circle", wrong: ClinicWrong.case08, mended: ClinicMended.case08),
  Case(aim: "Test a network three times", wrong: ClinicWrong.case09, mended: ClinicMended.case09),
  Case(aim: "Fit a plane", wrong: ClinicWrong.case10, mended: ClinicMended.case10),
  Case(aim: "Learn XOR", wrong: ClinicWrong.case11, mended: ClinicMended.case11),
  Case(aim: "Read digits, with labels from a text", wrong: ClinicWrong.case12, mended: ClinicMended.case12),
  Case(aim: "Predict coins", wrong: ClinicWrong.case13, mended: ClinicMended.case13),
  Case(aim: "Read digits, each pixel scaled", wrong: ClinicWrong.case14, mended: ClinicMended.case14),
  Case(aim: "Find how fast tea cools", wrong: ClinicWrong.case15, mended: ClinicMended.case15),
]

private let list = cases.enumerated().map { index, one in
  "\(index < 9 ? " " : "")\(index + 1)  \(one.aim)"
}.joined(separator: "\n")

/// The command line.
@main
struct Clinic: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "clinic",
      abstract: "Run one of fifteen short programs, each with a mistake that people really make.",
      discussion: """
        The programs:
        \(list)

        Their files are in Lessons/Clinic/Wrong, and without the mistake in Lessons/Clinic/Mended. The same program prints the \
        same every time.

        Exit status: 0 it ran to its end, 64 a wrong option; otherwise Kindling found the mistake, and ended the program.
        """,
      version: "clinic (Kindling \(kindlingVersion))")
  }

  @Argument(help: "Which program; all are listed if not given.")
  var number: Int?

  @Flag(help: "Run it without the mistake.")
  var mended = false

  func validate() throws {
    if let number, !(1...cases.count).contains(number) {
      throw ValidationError("There is no program \(number) in the clinic. There are:\n\(list)")
    }
    if mended && number == nil { throw ValidationError("--mended goes with the number of a program.") }
  }

  static func main() {
    StandardOutput.begin("clinic")
    StandardOutput.flushEachLine()
    self.main(nil)
  }

  func run() throws {
    guard let number else { return print(list) }
    manualSeed(0)
    let one = cases[number - 1]
    try mended ? one.mended() : one.wrong()
  }
}
