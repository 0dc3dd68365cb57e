import Foundation
import TestSupport
import Testing

/// One process fails, or is another than the rest: all end, soon, and somebody says which it was.
@Suite(.enabled(if: MPI.isThere, "\(MPI.missing)"), .serialized) struct ProcessFailureTests {
  /// Runs until the end, which must come soon and leave nobody behind.
  private func end(of running: Running, within seconds: Double = 10, _ word: String, _ name: String) throws
    -> Program.Result
  {
    let start = ContinuousClock.now
    let result = try running.ending()
    #expect(ContinuousClock.now - start < .seconds(seconds))
    #expect(result.status != 0)
    #expect(eventually { MPI.processes(with: word, of: name).isEmpty }, "none is left over")
    return result
  }

  @Test(arguments: ["lesson5", "practice"], [2, 3]) func oneIsKilled(_ program: String, _ count: Int) throws {
    try Program.withFolder { folder in
      let endless = program == "lesson5" ? "--steps=100000000" : "--epochs=100000000"
      let batch = program == "lesson5" ? [] : ["--batch=30"]
      let running = try MPI.start(count, program, [endless, "--record=\(folder)/record"] + batch)
      #expect(eventually { running.printed.split(separator: "\n").count > 2 })
      let victim = try #require(MPI.processes(with: folder, of: program).max())
      kill(victim, SIGKILL)
      let result = try end(of: running, folder, program)
      #expect(result.error.contains(/process rank \d with PID \d+ .* signal 9/), "\(result.error)")
    }
  }

  struct Stranger: Sendable, CustomTestStringConvertible {
    let program: String
    let arguments: [String]
    /// What the last one is given besides.
    let last: [String]
    let message: String
    var testDescription: String { last.joined(separator: " ") }
  }

  static let strangers = [
    Stranger(
      program: "lesson5", arguments: [], last: ["--seed=1"],
      message: "lesson5: rank 1 does not have the x of rank 0: float32 [64, 1000], fingerprint "),
    Stranger(
      program: "lesson5", arguments: ["--steps=5"], last: ["--problem=paper"],
      message: "lesson5: rank 1 does not have the options of rank 0: --problem paper instead of --problem article"),
    Stranger(
      program: "lesson5", arguments: ["--steps=5"], last: ["--steps=6"],
      message: "lesson5: rank 1 does not have the options of rank 0: --steps 6 instead of --steps 5"),
    Stranger(
      program: "practice", arguments: [], last: ["--model=cnn"],
      message: "practice: rank 1 does not have the model of rank 0: 0.weight [16, 1, 3, 3] of float32 instead of "
        + "1.weight [128, 64] of float32"),
    Stranger(
      program: "practice", arguments: ["--epochs=2"], last: ["--data=wine"],
      message: "practice: rank 1 does not have the inputs of rank 0: float32 [143, 13], fingerprint "),
  ]

  @Test(arguments: strangers) func oneIsAnother(_ stranger: Stranger) throws {
    let file = Program.scratch("record").path()
    let arguments = stranger.arguments + ["--record=\(file)"]
    let running = try MPI.start(2, stranger.program, arguments, last: stranger.last)
    let result = try end(of: running, file, stranger.program)
    #expect(result.error.contains(stranger.message), "\(result.error)")
    #expect(result.error.matches(of: /does not have the/).count == 1, "said once")
  }

  @Test(arguments: [
    ("model", "process-checks: rank 2 does not have the model of rank 0: 0.weight [5, 3] of float32 instead of "),
    ("type", "process-checks: rank 2 does not have the model of rank 0: 0.weight [4, 3] of float64 instead of "),
    ("data", "process-checks: rank 2 does not have the samples of rank 0: float32 [2], fingerprint "),
    ("abort", "process-checks: rank 1 of 3: no more"),
    ("mistake", "rank 1"),
    ("leaves", "rank 1 of 3 ends before the others, and takes them with it.\n"),
  ]) func oneGoesAnotherWay(_ what: String, _ message: String) throws {
    let result = try end(of: MPI.start(3, "process-checks", [what]), what, "process-checks")
    #expect(result.error.contains(message), "\(result.error)")
    if what == "abort" { #expect(result.status == 7) }
  }

  @Test(arguments: [SIGINT, SIGTERM]) func allStopAtTheSameStep(_ signal: Int32) throws {
    try Program.withFolder { folder in
      let arguments = ["--batch=2", "--save=\(folder)/a"]
      let running = try MPI.start(2, "practice", arguments + ["--epochs=100000"])
      #expect(eventually { running.printed.contains("epoch 2 ") })
      for process in MPI.processes(with: folder, of: "practice") { kill(process, signal) }
      let result = try end(of: running, folder, "practice")
      #expect(result.error.contains("practice: stopped by SIG"), "\(result.error)")
      #expect(!result.error.contains("ends before the others"), "\(result.error)")
      #expect(FileManager.default.fileExists(atPath: "\(folder)/a"))
    }
  }
}

/// What needs no library.
@Suite struct ProcessOptionTests {
  /// Files that are no libraries, in the place of those that may be there.
  @Test func whatIsMissingIsSaid() throws {
    try Program.withFolder { folder in
      for name in ["libmpi.so.40", "libmpi_abi.so.1", "libmpi_abi.so.0"] {
        try "no library".write(toFile: "\(folder)/\(name)", atomically: true, encoding: .utf8)
      }
      let result = try Program.run(
        "lesson5", [], environment: ["LD_LIBRARY_PATH": folder, "OMPI_COMM_WORLD_SIZE": "2"])
      #expect(result.status == 1)
      #expect(result.error.hasPrefix("lesson5: no MPI library: looked for libmpi.so.40 ("), "\(result.error)")
      #expect(result.error.contains("Install Open MPI (Debian, Ubuntu: sudo apt-get install openmpi-bin)"))
    }
  }

  @Test func oneShardIsTheLesson() throws {
    for problem in ["article", "shared", "digits", "paper"] {
      let arguments =
        ["--problem=\(problem)", "--samples=50"].prefix(problem == "digits" ? 2 : 1) + ["--print-every=7"]
      let plain = try Program.run("lesson5", Array(arguments))
      let one = try Program.run("lesson5", arguments + ["--shards=1"])
      #expect(one.output == plain.output && one.error == plain.error && one.status == 0)
    }
  }

  /// The sum of the shards' gradients is that of all samples, but for rounding.
  @Test(arguments: [2, 3, 8]) func shardsAreNearTheLesson(_ shards: Int) throws {
    let plain = try LessonTests.record(5, ["--steps=100"])
    let shared = try LessonTests.record(5, ["--steps=100", "--shards=\(shards)"])
    #expect(LessonTests.largestDifference(shared.losses[...], plain.losses[...]) <= 1e-4)
  }

  @Test(arguments: [
    (
      ["lesson3", "--shards", "2"], "Several processes, and --shards, begin with lesson 5: what they share is its step."
    ),
    (["lesson5", "--shards", "0"], "--shards must be at least 1, and is 0."),
    (["lesson5", "--ordered"], "--ordered says how processes add up; add --processes."),
    (
      ["lesson5", "--shards", "2", "--page", "x.html"],
      "--page looks into the steps of one process; leave --processes and --shards out."
    ),
    (
      ["practice", "--shards", "2", "--page", "x.html"],
      "--page looks into the steps of one process; leave --processes and --shards out."
    ),
    (
      ["practice", "--processes", "3"],
      "--processes 3: this one was started alone. Lessons/run starts them, or by hand: mpirun -n 3 PROGRAM."
    ),
  ]) func optionsThatDoNotFitAreRefused(_ words: [String], _ message: String) throws {
    let result = try Program.run(words[0], Array(words.dropFirst()))
    #expect(result.status == 64)
    #expect(result.error.hasPrefix("Error: \(message)"), "\(result.error)")
  }

  @Test func whatCannotBeSharedIsSaid() throws {
    let samples = try Program.run("lesson5", ["--shards=65"])
    #expect(samples.status == 1)
    #expect(samples.error == "lesson5: there are 64 samples, too few to share them among 65\n")
    let batch = try Program.run("practice", ["--shards=3"])
    #expect(batch.status == 1)
    #expect(
      batch.error == "practice: a batch of 32 cannot be shared evenly among 3; give --batch a multiple of it\n")
  }
}
