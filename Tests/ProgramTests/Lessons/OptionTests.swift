import Foundation
import Kernels
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

  private static var threads: Int {
    get throws { try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").count }
  }

  @Test func goesOnWithTheThreadsThatThereAre() async {
    await #expect(processExitsWith: .success) {
      KindlingSetProcessors(1024)
      numThreads = 1024
      // A thread's stack takes 8 MiB of what a process may reserve.
      let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
      let reserved = try #require(status.firstMatch(of: #/VmSize:\s+(\d+) kB/#).flatMap { UInt($0.1) }) * 1024
      var most = rlimit(rlim_cur: reserved + 2 << 30, rlim_max: reserved + 2 << 30)
      #expect(setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &most) == 0)
      #expect(Tensor.ones(1 << 22).sum().item() == 0x1p22)
      let threads = try Self.threads
      #expect((3..<1024).contains(threads))
    }
  }

  @Test func aNumberOfThreadsThatIsAMistakeStartsNoThousands() async {
    await #expect(processExitsWith: .success) {
      KindlingSetProcessors(.max)
      numThreads = .max
      #expect(Tensor.ones(1 << 22).sum().item() == 0x1p22)
      let threads = try Self.threads
      #expect((1000..<1200).contains(threads))
    }
  }

  @Test func noMoreThreadsAreUsedThanThereAreProcessors() async {
    await #expect(processExitsWith: .success) {
      let before = try Self.threads
      KindlingSetProcessors(3)
      numThreads = 16
      #expect(Tensor.ones(1 << 22).sum().item() == 0x1p22)
      let threads = try Self.threads
      #expect(threads - before <= 2)
    }
  }
}
