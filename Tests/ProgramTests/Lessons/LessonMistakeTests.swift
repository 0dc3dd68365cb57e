import Foundation
import LessonKit
import TestSupport
import Testing

/// What a lesson says to a wrong option, a file it cannot write, a loss that runs away.
@Suite struct LessonMistakeTests {
  struct Mistake: Sendable, CustomTestStringConvertible {
    let lesson: Int
    let arguments: [String]
    /// The first line on standard error.
    let message: String
    let status: Int32
    var testDescription: String { "lesson\(lesson) " + arguments.joined(separator: " ") }

    init(_ lesson: Int, _ arguments: [String], _ message: String, status: Int32 = 64) {
      (self.lesson, self.arguments, self.message, self.status) = (lesson, arguments, message, status)
    }
  }

  static let mistakes = [
    Mistake(2, ["--setps", "3"], "Error: Unknown option '--setps'. Did you mean '--steps'?"),
    Mistake(2, ["--steps", "0"], "Error: --steps must be at least 1, and is 0."),
    Mistake(2, ["--steps=-3"], "Error: --steps must be at least 1, and is -3."),
    Mistake(3, ["--print-every", "0"], "Error: --print-every must be at least 1, and is 0."),
    Mistake(3, ["--threads", "0"], "Error: --threads must be at least 1, and is 0."),
    Mistake(
      3, ["--learning-rate", "0"], "Error: --learning-rate must be a number above 0, and is 0.0."),
    Mistake(
      4, ["--samples", "10"],
      "Error: --samples goes with --problem digits; the other problems have as many as they have."),
    Mistake(
      4, ["--problem", "digits", "--samples", "2000"],
      "Error: --samples 2000 is more than there are; the digits problem has 1797."),
    Mistake(
      1, ["--seed=-1"], "Error: --seed must be 0 to 4294967295 here, the seeds that NumPy takes, and is -1."),
    Mistake(
      1, ["--device", "cuda"],
      "Error: --device cuda: lesson 1 computes on raw arrays, and those live on the CPU. That is its point; from "
        + "lesson 2 on a tensor can live elsewhere."),
    Mistake(2, ["--trace"], "Error: --trace and --graph show autograd at work, which begins with lesson 3."),
    Mistake(
      2, ["--device", "tpu"],
      "lesson2: no device is called tpu; it can be cpu, cuda, cuda:1, cuda-emulator or auto", status: 1),
    Mistake(
      2, ["--record", "/nowhere/record.json"],
      "lesson2: --record /nowhere/record.json: cannot write there: No such file or directory", status: 1),
    Mistake(2, ["--save", "/tmp"], "lesson2: --save /tmp: this is a folder; name a file", status: 1),
  ]

  @Test(arguments: mistakes.indices) func saysWhatIsWrong(_ number: Int) throws {
    let mistake = Self.mistakes[number]
    let result = try Program.run("lesson\(mistake.lesson)", mistake.arguments)
    #expect(String(result.error.prefix { $0 != "\n" }) == mistake.message)
    #expect(result.status == mistake.status)
    #expect(result.output == "", "nothing was trained")
  }

  @Test(arguments: LessonFacts.numbers) func stopsWhenTheLossRunsAway(lesson: Int) throws {
    let file = Program.scratch("record.json")
    defer { try? FileManager.default.removeItem(at: file) }
    let arguments = ["--problem", "shared", "--learning-rate", "1", "--record", file.path()]
    let result = try Program.run("lesson\(lesson)", arguments)
    #expect(result.status == 1)
    let expected =
      #/lesson(\d): the loss became (inf|-?nan) at step (\d+), so the training stops here. .*try --learning-rate 0\.1.*/#
    let match = try #require(result.error.replacing("\n", with: " ").firstMatch(of: expected), "\(result.error)")
    // The losses before it are kept.
    let record = try JSONDecoder().decode(Record.self, from: Data(contentsOf: file))
    #expect(record.losses.count == Int(match.3))
  }

  @Test func aFullDiskIsSaid() throws {
    let full = try Program.run("lesson2", ["--steps", "2", "--record", "/dev/full"])
    #expect(full.error == "lesson2: --record: /dev/full: cannot be written: No space left on device\n")
    #expect(full.status == 1)
  }

  @Test(arguments: LessonFacts.numbers) func explainsItself(lesson: Int) throws {
    let help = try Program.run("lesson\(lesson)", ["--help"])
    #expect(help.status == 0)
    for option in ["--problem", "--steps", "--seed", "--learning-rate", "--device", "--record", "--save"] {
      #expect(help.output.contains(option))
    }
    #expect(try Program.run("lesson\(lesson)", ["--version"]).output == "lesson\(lesson) (Kindling 0.1.0)\n")
  }
}
