import Foundation
import LessonKit
import TestSupport
import Testing

/// Output that cannot be written is an error of every program, with one sentence, and never the end by a signal.
@Suite struct OutputTests {
  struct Call: Sendable, CustomTestStringConvertible {
    let program: String
    let arguments: [String]
    var status: Int32 = 1
    var testDescription: String { "\(program) \(arguments.joined(separator: " "))" }
  }

  static let calls = [
    Call(program: "lesson1", arguments: ["--steps=3"]),
    Call(program: "lesson2", arguments: ["--steps=100"]),
    Call(program: "lesson3", arguments: ["--steps=3", "--print-every=1"]),
    Call(program: "lesson4", arguments: ["--steps=1", "--trace"]),
    Call(program: "lesson5", arguments: ["--problem=digits", "--steps=2", "--samples=10"]),
    Call(program: "lesson5", arguments: ["--help"]),
    Call(program: "lesson5", arguments: ["--version"]),
    Call(program: "lesson2", arguments: ["--device=cuda-emulator", "--trace-kernel=sum"]),
    Call(program: "compare", arguments: ["--lessons=2,3", "--steps=3"], status: 2),
    Call(program: "compare", arguments: ["--sum-or-mean", "--steps=3"], status: 2),
    Call(program: "compare", arguments: ["--help"], status: 2),
    Call(program: "devices", arguments: []),
    Call(program: "devices", arguments: ["--json"]),
    Call(program: "exercise", arguments: ["1"]),
    Call(program: "benchmarks", arguments: ["--help"]),
  ].filter { FileManager.default.isExecutableFile(atPath: Program.path($0.program)) }

  @Test(arguments: calls.indices, ["/dev/full", "closed", "pipe"])
  func isSaidWhenItIsLost(_ number: Int, _ place: String) throws {
    let call = Self.calls[number]
    let (result, reason): (Program.Result, String)
    switch place {
    case "closed":
      let words = call.arguments.map { "'\($0)'" }.joined(separator: " ")
      (result, reason) = (try Program.shell("exec \"$0\" \(words) >&-", call.program), "Bad file descriptor")
    case "pipe":
      let pipe = Pipe()
      try pipe.fileHandleForReading.close()
      let running = try Running(
        Program.path(call.program), call.arguments, standardOutput: pipe.fileHandleForWriting)
      (result, reason) = (try running.ending(), "Broken pipe")
    default:
      let full = try FileHandle(forWritingTo: URL(filePath: place))
      let running = try Running(Program.path(call.program), call.arguments, standardOutput: full)
      (result, reason) = (try running.ending(), "No space left on device")
    }
    #expect(result.error == "\(call.program): standard output cannot be written: \(reason)\n")
    #expect(result.status == call.status)
  }

  @Test func aTrainingWithoutAReaderComesToItsEnd() throws {
    let record = Program.scratch("record.json")
    defer { try? FileManager.default.removeItem(at: record) }
    let result = try Program.shell(
      "\"$0\" --steps \(Int.max) --record \(record.path()) | head -n 1; exit ${PIPESTATUS[0]}", "lesson1")
    #expect(result.output.hasPrefix("0 ") && result.output.hasSuffix("\n"))
    #expect(result.error == "lesson1: standard output cannot be written: Broken pipe\n")
    #expect(result.status == 1)
    #expect(try JSONDecoder().decode(Record.self, from: Data(contentsOf: record)).losses.count >= 1)
  }

  @Test func aFileDoesNotGetWhatAClosedOutputShould() throws {
    let record = Program.scratch("record.json")
    defer { try? FileManager.default.removeItem(at: record) }
    let result = try Program.shell("exec \"$0\" --steps 3 --record \(record.path()) <&- >&- 2>&-", "lesson1")
    #expect(result.status == 1)
    #expect(try JSONDecoder().decode(Record.self, from: Data(contentsOf: record)).losses.count == 1)
    let quiet = try Program.shell("exec \"$0\" --steps 3 --quiet <&- >&- 2>&-", "lesson1")
    #expect(quiet.status == 0, "nothing was lost")
  }

  /// What the processes that a program starts do with a broken pipe is theirs.
  @Test func othersAreEndedByABrokenPipeAsEver() throws {
    let script = Program.scratch("lesson2")
    defer { try? FileManager.default.removeItem(at: script) }
    try "#!/bin/bash\nyes | head -n 1 > /dev/null; echo \"${PIPESTATUS[0]}\" >&2; exit 9\n"
      .write(to: script, atomically: true, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: script.path())
    let result = try Program.run("compare", ["--lessons=2", "--lesson-binary=2=\(script.path())"])
    #expect(result.error == "compare: lesson 2 ended with status 9: 141\n")
  }
}
