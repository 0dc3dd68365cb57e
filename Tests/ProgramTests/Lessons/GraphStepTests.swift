import Foundation
import LessonKit
import TestSupport
import Testing

/// `--graph-step`: a training that replays its step from a CUDA graph is the training that it stands for.
@Suite struct GraphStepTests {
  /// What a program prints and writes, without the time that it took.
  private static func outcome(_ program: String, _ arguments: [String]) throws -> [String] {
    var outcome: [String] = []
    try Program.withFolder { folder in
      let files = ["record.json", "saved.safetensors"].map { "\(folder)/\($0)" }
      let result = try Program.run(program, arguments + ["--record=\(files[0])", "--save=\(files[1])"])
      #expect(result.status == 0, "\(result.error)")
      let record = try #require(
        try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: files[0]))) as? [String: Any])
      let saved = try Data(contentsOf: URL(filePath: files[1])).base64EncodedString()
      outcome = [result.output, "\(record["losses"] ?? "none")", saved]
    }
    return outcome
  }

  @Test(arguments: LessonFacts.numbers.dropFirst(), CUDALessonTests.problems)
  func theLossesAndWeightsAreTheSame(_ lesson: Int, _ problem: [String]) throws {
    let arguments = ["--device=cuda-emulator", "--steps=8", "--print-every=1", "--problem"] + problem
    let plain = try Self.outcome("lesson\(lesson)", arguments)
    #expect(try Self.outcome("lesson\(lesson)", arguments + ["--graph-step"]) == plain, "bit for bit")
    #expect(plain[0].split(separator: "\n").count >= 8)
  }

  @Test(arguments: 1...3) func fewStepsAreEnough(_ steps: Int) throws {
    let arguments = ["--device=cuda-emulator", "--problem=paper", "--steps=\(steps)", "--print-every=1"]
    let plain = try Self.outcome("lesson5", arguments)
    #expect(try Self.outcome("lesson5", arguments + ["--graph-step"]) == plain)
  }

  /// The last batch of an epoch is smaller, so that plain steps and replays take turns; the optimizer's count of its steps,
  /// which is saved, goes on through both.
  @Test(arguments: [
    ["--optimizer=sgd"], ["--optimizer=adam"], ["--optimizer=adamw"], ["--optimizer=rmsprop"], ["--optimizer=adagrad"],
    ["--model=cnn", "--batch=300"],
  ])
  func practiceIsTheSame(_ options: [String]) throws {
    let arguments = options + ["--device=cuda-emulator", "--epochs=2", "--threads=1"]
    let plain = try Self.outcome("practice", arguments)
    #expect(try Self.outcome("practice", arguments + ["--graph-step"]) == plain, "bit for bit")
  }

  static let refused: [(program: String, arguments: [String], message: String)] = [
    (
      "lesson3", [],
      "--graph-step replays a CUDA graph, and the CPU has none; add --device cuda or --device cuda-emulator."
    ),
    (
      "practice", [],
      "--graph-step replays a CUDA graph, and the CPU has none; add --device cuda or --device cuda-emulator."
    ),
    (
      "lesson5", ["--device=cuda-emulator", "--shards=2"],
      "--graph-step replays the steps of one process; leave --processes and --shards out."
    ),
    (
      "practice", ["--device=cuda-emulator", "--shards=2"],
      "--graph-step replays the steps of one process; leave --processes and --shards out."
    ),
    ("lesson1", [], "--graph-step replays a CUDA graph, and lesson 1 computes on the CPU; see lesson 2."),
    (
      "lesson4", ["--device=cuda-emulator", "--page=/tmp/page.html"],
      "--graph-step replays the steps as a whole, and --page looks into them; give one of the two."
    ),
    (
      "lesson4", ["--device=cuda-emulator", "--profile=/tmp/profile.json"],
      "--graph-step replays the steps as a whole, and --profile looks into them; give one of the two."
    ),
    (
      "practice", ["--device=cuda-emulator", "--page=/tmp/page.html"],
      "--graph-step replays the steps as a whole, and --page looks into them; give one of the two."
    ),
    (
      "practice", ["--device=cuda-emulator", "--schedule=cosine"],
      "--graph-step repeats a step with the step size that it was recorded with, and --schedule cosine changes it; "
        + "take --schedule none."
    ),
  ]

  @Test(arguments: refused.indices) func saysWhatAGraphCannotDo(_ number: Int) throws {
    let (program, arguments, message) = Self.refused[number]
    let result = try Program.run(program, arguments + ["--graph-step"])
    #expect(result.status == 64 && result.output == "")
    #expect(result.error.hasPrefix("Error: \(message)\n"), "\(result.error)")
  }

  /// With a driver that finds no GPU, and with one that does: Tests/FakeDriver.
  @Test(arguments: ["cuInit 1 100", ""]) func automaticDevicesMayHaveNone(_ failing: String) throws {
    let result = try Program.run(
      "lesson3", ["--device=auto", "--graph-step", "--steps=3", "--print-every=1"],
      environment: ["LD_LIBRARY_PATH": FakeDriver.folder.get().path(), "FAKE_CUDA": failing])
    if failing.isEmpty {
      #expect(result.status == 0 && result.output.contains("\n2 "), "\(result.output)\(result.error)")
    } else {
      #expect(result.status == 1 && result.error.contains("--graph-step replays a CUDA graph, and the CPU has none"))
    }
  }

  @Test func aLossThatIsNoNumberEndsTheReplays() throws {
    let arguments = ["--device=cuda-emulator", "--learning-rate=1", "--graph-step", "--print-every=1"]
    let result = try Program.run("lesson3", arguments)
    #expect(result.status == 1)
    #expect(result.error.contains("the training stops here"), "\(result.error)")
  }

  @Test func aSignalEndsTheReplays() throws {
    let running = try Running(
      Program.path("lesson3"),
      ["--device=cuda-emulator", "--problem=paper", "--steps=1000000000", "--print-every=1", "--graph-step"])
    #expect(eventually { running.printed.contains("\n5 ") })
    running.send(SIGTERM)
    let result = try running.ending()
    #expect(result.status == 143 && result.error.contains("stopped by SIGTERM after "), "\(result.error)")
  }
}
