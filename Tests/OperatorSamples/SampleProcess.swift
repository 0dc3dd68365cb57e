import Foundation
import Kindling
import Testing

/// What happens in the process of one operator.
enum SampleProcess {
  /// Runs the cases of an entry, and prints before each its number, and what is wrong with it.
  static func run(_ name: String, from start: Int, onEmulator: Bool) {
    survive()
    let entry = SampleEntry.all.first { $0.name == name }!
    let cases = SampleFile(name).cases
    let layouts = onEmulator ? Array(entry.layouts.prefix(2)) : entry.layouts
    for number in start..<cases.count where cases[number]["error"] == nil {
      if onEmulator && number % max(1, cases.count / casesOnEmulator) != 0 { continue }
      let exception = Decision.of(name, cases[number])?.scope
      if exception == .everything { continue }
      let test = SampleCase(cases[number], except: exception)
      print("@begin \(number) \(test.origin)")
      fflush(nil)
      for layout in layouts {
        for problem in entry.problems(test, layout, on: onEmulator ? .cudaEmulator : .cpu) {
          print("@problem case \(number + 2), \(test.origin), \(layout): \(problem)")
        }
      }
    }
    print("@end")
    fflush(nil)
  }

  private static let casesOnEmulator = 6

  /// Does what PyTorch refuses.
  static func make(_ name: String, mistake number: Int) {
    survive()
    _ = SampleEntry.all.first { $0.name == name }!.body(Arguments(SampleFile(name).cases[number]))
    print("@end")
    fflush(nil)
  }

  /// Lets the process end well where the program is ended: the message tells, and the parent asks for it.
  private static func survive() {
    // With it set, a message leaves the handlers of signals alone.
    setenv("SWIFT_BACKTRACE", "enable=no", 1)
    for number in [SIGILL, SIGTRAP, SIGABRT, SIGSEGV, SIGBUS, SIGFPE] { signal(number) { _ in _exit(0) } }
  }

  /// What a process said.
  struct Report {
    private(set) var problems: [String] = []
    /// The case to go on with, if the program was ended by the one before.
    private(set) var next: Int?
    /// The line that it ended with, without the place in Kindling's source that Swift puts before it; nil if it went to its
    /// end.
    private(set) var message: String?

    init(_ result: ExitTest.Result?) {
      let lines = String(decoding: result?.standardOutputContent ?? [], as: UTF8.self).split(separator: "\n")
      problems = lines.filter { $0.hasPrefix("@problem ") }.map { String($0.dropFirst(9)) }
      if lines.last == "@end" { return }
      let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
      let start = text.range(of: "Fatal error: ")?.upperBound
      message = start.map { String(text[$0...].prefix { $0 != "\n" }) } ?? "no message, but \"\(text)\""
      let begun = lines.last { $0.hasPrefix("@begin ") }?.split(separator: " ", maxSplits: 2)
      if let begun, let number = Int(begun[1]) { next = number + 1 }
      problems.append("\(begun.map { "case \(next! + 1), \($0[2])" } ?? "at its start"): it ended with \(message!)")
    }
  }
}
