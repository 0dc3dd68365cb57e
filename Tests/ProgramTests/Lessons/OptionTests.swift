import Foundation
import Kindling
import LessonKit
import TestSupport
import Testing

/// Options with numbers and names that nobody means, and how `compare` hands them on.
@Suite struct OptionTests {
  /// Nothing is reserved for steps that have not been taken.
  @Test(arguments: [1_000_000_000, Int.max]) func manyStepsTakeNoMemory(_ steps: Int) throws {
    let running = try Running(Program.path("lesson3"), ["--steps=\(steps)", "--print-every=1"])
    #expect(eventually { running.printed.contains("\n") })
    let reserved = running.status("VmPeak")?.split(separator: " ").first.flatMap { Int($0) }
    #expect(try #require(reserved) < 4 << 20, "in kilobytes")
    running.send(SIGTERM)
    #expect(try running.ending().status == 143)
  }

  @Test func compareReportsOnMoreStepsThanThereAre() throws {
    let script = Program.scratch("lesson2")
    defer { try? FileManager.default.removeItem(at: script) }
    try "#!/bin/bash\nkill -KILL $$\n".write(to: script, atomically: true, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: script.path())
    let result = try Program.run(
      "compare", ["--steps=\(Int.max)", "--lessons=2", "--lesson-binary=2=\(script.path())"])
    #expect(result.output.contains("step \(Int.max - 1)"))
    #expect(result.status == 0, "one stage alone has nothing to disagree with: \(result.error)")
  }

  @Test func handsOnNegativeNumbers() throws {
    let result = try Program.run("compare", ["--seed=-1", "--lessons=1,2,3", "--steps=2"])
    #expect(result.status == 0, "\(result.error)")
    #expect(result.output.hasPrefix("Problem shared, seed -1, 2 steps"))
  }

  @Test func takesAProgramBesideIt() throws {
    try Program.withFolder { folder in
      try FileManager.default.copyItem(atPath: Program.path("lesson2"), toPath: "\(folder)/mine")
      let result = try Program.shell(
        "cd \(folder); exec \"$0\" --lessons 2 --steps 2 --lesson-binary 2=mine", "compare")
      #expect(result.status == 0, "\(result.error)")
    }
  }

  static let names = "a device can be cpu, cuda, cuda:1, cuda-emulator or auto."
  static let refused: [(program: String, arguments: [String], message: String)] = [
    ("compare", ["--device", ""], "--device '' has a name too few; \(names)"),
    ("compare", ["--devices=,"], "--devices ',' has a name too few; \(names)"),
    ("compare", ["--devices=cpu,"], "--devices 'cpu,' has a name too few; \(names)"),
    ("compare", ["--lessons=,"], "--lessons ,: numbers from 1 to \(LessonFacts.all.count)"),
    ("compare", ["--lessons", ""], "--lessons : numbers from 1 to \(LessonFacts.all.count)"),
    ("lesson3", ["--threads=1000000000"], "--threads must be at most 1024, and is 1000000000."),
    ("benchmarks", ["--threads=1000000000"], "--threads takes numbers up to 1024"),
    ("benchmarks", ["--seconds=inf"], "--seconds must be above 0 and at most 3600, and is inf."),
  ].filter { FileManager.default.isExecutableFile(atPath: Program.path($0.program)) }

  @Test(arguments: refused.indices) func refusesWhatMeansNothing(_ number: Int) throws {
    let (program, arguments, message) = Self.refused[number]
    let result = try Program.run(program, arguments)
    #expect(result.status == 64 && result.output == "")
    #expect(result.error.contains(message), "\(result.error)")
  }

  @Test func theAdviceForALargeLearningRateIsANumber() throws {
    let result = try Program.run("lesson3", ["--learning-rate=1e300"])
    #expect(result.status == 1)
    #expect(result.error.replacing("\n", with: " ").contains("try --learning-rate 1e+299 (it was 1e+300)"))
  }

  // MARK: Threads

  @Test func goesOnWithTheThreadsThatThereAre() throws {
    let arguments = "--problem digits --steps 20 --print-every 1"
    let expected = try Program.shell("exec \"$0\" \(arguments) --threads 1", "lesson4")
    // A thread's stack takes 8 MB of what a process may reserve.
    let few = try Program.shell(
      "ulimit -v 2500000; exec \"$0\" \(arguments) --threads 1024", "lesson4",
      environment: ["OPENBLAS_NUM_THREADS": "1"])
    #expect(few.status == 0 && few.error == "", "\(few.error)")
    #expect(few.output == expected.output)
  }

  @Test func aNumberOfThreadsThatIsAMistakeStartsNoThousands() async {
    await #expect(processExitsWith: .success) {
      numThreads = .max
      let x = Tensor.ones(1 << 22)
      #expect(x.sum().item() == 0x1p22)
      let threads = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").count
      #expect(threads < 1200)
    }
  }
}
