import Foundation
import Kindling
import LessonKit
import TestSupport
import Testing

/// Several processes, as a user starts them: the numbers of one process that does their work.
@Suite(.enabled(if: MPI.isThere, "\(MPI.missing)"), .serialized) struct ProcessTests {
  /// A training of at least 100 steps.
  struct Training: Sendable, CustomTestStringConvertible {
    let program: String
    let arguments: [String]
    var testDescription: String { ([program] + arguments).joined(separator: " ") }
  }

  static let trainings = [
    Training(program: "lesson5", arguments: ["--steps=100"]),
    Training(program: "lesson5", arguments: ["--steps=100", "--problem=digits", "--samples=203"]),
    Training(program: "lesson5", arguments: ["--steps=100", "--problem=shared", "--device=cuda-emulator"]),
    Training(program: "practice", arguments: ["--epochs=3"]),
    Training(program: "practice", arguments: ["--epochs=1", "--batch=8", "--model=cnn"]),
    Training(program: "practice", arguments: ["--epochs=50", "--data=iris", "--batch=24", "--optimizer=sgd"]),
  ]

  /// The losses in full precision, the file that was saved, and what was printed but the numbers of processes.
  struct Outcome: Equatable {
    let losses: [Double]
    let saved: [String: [Double]]
    let output: String
  }

  private static func outcome(_ folder: String, _ training: Training, _ result: Program.Result) throws -> Outcome {
    #expect(result.status == 0, "\(result.error)")
    struct Losses: Decodable { let losses: [Double] }
    let losses = try JSONDecoder().decode(
      Losses.self, from: Data(contentsOf: URL(filePath: "\(folder)/record"))
    ).losses
    let saved = try Safetensors.load("\(folder)/saved").tensors.mapValues { $0.toArray() }
    return Outcome(losses: losses, saved: saved, output: result.output)
  }

  private static func processes(_ count: Int, _ training: Training, _ more: String...) throws -> Outcome {
    try withFiles(training) { folder, arguments in
      try outcome(folder, training, MPI.run(count, training.program, arguments + more))
    }
  }

  private static func alone(_ training: Training, _ more: String...) throws -> Outcome {
    try withFiles(training) { folder, arguments in
      try outcome(folder, training, Program.run(training.program, arguments + ["--threads=1"] + more))
    }
  }

  private static func withFiles<R>(_ training: Training, _ body: (String, [String]) throws -> R) throws -> R {
    var result: R?
    try Program.withFolder { folder in
      result = try body(folder, training.arguments + ["--record=\(folder)/record", "--save=\(folder)/saved"])
    }
    return try #require(result)
  }

  @Test(arguments: trainings) func twoProcessesAreTwoShardsBitForBit(_ training: Training) throws {
    let two = try Self.processes(2, training)
    #expect(two.losses.count >= 100)
    #expect(try two == Self.alone(training, "--shards=2"))
  }

  @Test(arguments: [trainings[0], trainings[4]]) func fourInOrderAreFourShardsBitForBit(_ training: Training) throws {
    #expect(try Self.processes(4, training, "--ordered") == Self.alone(training, "--shards=4"))
  }

  /// Adam divides by gradients that become small, and in lesson 5 it magnifies rounding up to 3e-3 in 400 steps (see LessonTests);
  /// in 100 steps to far less.
  @Test(arguments: [trainings[0], trainings[3]]) func fourInTheLibrarysOrderAreNearFourShards(_ training: Training)
    throws
  {
    let (four, shards) = try (Self.processes(4, training), Self.alone(training, "--shards=4"))
    let difference = zip(four.losses, shards.losses).map { abs($0 - $1) / $1 }.max()
    #expect(try #require(difference) <= 1e-3)
    #expect(four.losses.count == shards.losses.count)
  }

  /// One line an epoch, whoever else trains.
  @Test func onlyTheFirstPrints() throws {
    let result = try MPI.run(3, "practice", ["--epochs=2", "--batch=30"])
    #expect(result.output.matches(of: /epoch \d loss/).count == 2)
    #expect(result.output.matches(of: /test accuracy 0\.\d{4}\n(?!epoch)/).count == 2)
    #expect(result.error.matches(of: /practice: epoch \d: \d+ samples\/s/).count == 2, "\(result.error)")
  }

  @Test func theHostsCanBeListedInAFile() throws {
    try Program.withFolder { folder in
      try "localhost slots=2\n".write(toFile: "\(folder)/hosts", atomically: true, encoding: .utf8)
      let result = try MPI.run(2, "lesson5", ["--steps=100"], options: ["--hostfile", "\(folder)/hosts"])
      #expect(try result.output == Program.run("lesson5", ["--steps=100", "--shards=2"]).output, "\(result.error)")
    }
  }

  @Test func aTrainingGoesOnAnotherDay() throws {
    try Program.withFolder { folder in
      func run(_ more: String...) throws {
        let result = try MPI.run(2, "practice", ["--model=cnn", "--data=digits"] + more)
        #expect(result.status == 0, "\(result.error)")
      }
      try run("--epochs=1", "--save=\(folder)/a")
      try run("--epochs=2", "--save=\(folder)/b", "--resume=\(folder)/a")
      try run("--epochs=2", "--save=\(folder)/c")
      let files = ["b", "c"].map { FileManager.default.contents(atPath: "\(folder)/\($0)") }
      #expect(files[0] == files[1])
    }
  }

  // MARK: What the library does

  @Test(
    arguments: [["collectives"], ["collectives", "--ordered"], ["unused"], ["accumulation"], ["buffers"]], [2, 3])
  func together(_ check: [String], _ count: Int) throws {
    let result = try MPI.run(count, "process-checks", check)
    #expect(result.status == 0, "\(result.error)")
    #expect(!result.output.isEmpty)
  }

  @Test func aParameterWithoutGradientIsNamedOnce() throws {
    let result = try MPI.run(2, "process-checks", ["unused"])
    let says = "DistributedDataParallel: on rank"
    let said = Set(result.error.split(separator: "\n").filter { $0.contains(says) }.map(String.init))
    #expect(
      said == [
        "process-checks: \(says) 0 nothing led to never.weight; there its gradient counts as zeros.",
        "process-checks: \(says) 1 nothing led to right.weight, never.weight; there its gradient counts as zeros.",
      ])
  }
}
