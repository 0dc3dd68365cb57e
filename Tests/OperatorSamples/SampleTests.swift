import Foundation
import Kindling
import Testing

/// PyTorch's samples of its own operators, modules and optimizers: every one must come out of Kindling as it came out of
/// PyTorch, value, gradient and second derivative, however its tensors lie in memory.
///
/// Each operator runs in a process of its own, so that a sample that ends the program is reported as one more difference.
@Suite struct SampleTests {
  @Test(arguments: SampleEntry.all) func agreesWithPyTorch(_ entry: SampleEntry) async {
    await check(entry, onEmulator: false)
  }
}

extension SampleTests {
  /// What PyTorch refuses ends the program here, with one of the library's own messages: those name the operation.
  @Test(arguments: SampleEntry.all) func refusesWhatPyTorchRefuses(_ entry: SampleEntry) async {
    let cases = SampleFile(entry.name).cases
    for number in cases.indices where cases[number]["error"] != nil {
      if Decision.of(entry.name, cases[number]) != nil { continue }
      let result = await #expect(
        processExitsWith: .success, observing: [\.standardOutputContent, \.standardErrorContent]
      ) { [name = entry.name as String, number = number as Int] in
        SampleProcess.make(name, mistake: number)
      }
      let output = String(decoding: result?.standardOutputContent ?? [], as: UTF8.self)
      let message = SampleProcess.fatalMessage(result)
      let isOurs = message.prefixMatch(of: #/[\w.]+: ./#) != nil
      if output.contains("@end") || !isOurs {
        let got = output.contains("@end") ? "went on" : "ended with \(message)"
        let refused = cases[number]["error"]!.text!
        Issue.record("\(entry.name): case \(number + 2), PyTorch refuses (\(refused)), and the program \(got)")
      }
    }
  }

  /// A few of each operator's cases on the emulator of CUDA, whose kernels are other code: evenly spread over the file.
  @Test(arguments: SampleEntry.all) func agreesWithPyTorchOnTheEmulator(_ entry: SampleEntry) async {
    await check(entry, onEmulator: true)
  }

  /// Runs an entry's cases in processes of their own, and records what is wrong.
  private func check(_ entry: SampleEntry, onEmulator: Bool) async {
    var next: Int? = 0
    while let start = next {
      let result = await #expect(
        processExitsWith: .success, observing: [\.standardOutputContent, \.standardErrorContent]
      ) { [name = entry.name as String, start = start as Int, onEmulator = onEmulator as Bool] in
        SampleProcess.run(name, from: start, onEmulator: onEmulator)
      }
      let report = SampleProcess.Report(result)
      for problem in report.problems { Issue.record("\(entry.name): \(problem)") }
      next = report.next
    }
  }
}

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
      let decision = Decision.of(name, cases[number])
      if decision?.scope == .everything { continue }
      let test = SampleCase(cases[number], withoutDerivatives: decision?.scope == .derivatives)
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
    var problems: [String] = []
    /// The case to go on with, if the program was ended by one.
    var next: Int?

    init(_ result: ExitTest.Result?) {
      let lines = String(decoding: result?.standardOutputContent ?? [], as: UTF8.self).split(separator: "\n")
      problems = lines.filter { $0.hasPrefix("@problem ") }.map { String($0.dropFirst(9)) }
      if lines.last == "@end" { return }
      guard let begun = lines.last(where: { $0.hasPrefix("@begin ") }) else {
        problems.append("the process ended before the first case")
        return
      }
      let words = begun.split(separator: " ", maxSplits: 2)
      let number = Int(words[1])!
      next = number + 1
      problems.append("case \(number + 2), \(words[2]): ended the program: \(fatalMessage(result))")
    }
  }

  /// The line that a program ended with, without the place in Kindling's source that Swift puts before it.
  static func fatalMessage(_ result: ExitTest.Result?) -> String {
    let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    guard let end = text.range(of: "Fatal error: ") else { return "no message, but: \(text)" }
    return String(text[end.upperBound...].prefix { $0 != "\n" })
  }
}
