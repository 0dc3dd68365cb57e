import Foundation
import TestSupport
import Testing

/// One process fails, or is another than the rest: all end, soon, and somebody says which it was.
@Suite(.enabled(if: MPI.isThere, "\(MPI.missing)"), .serialized, .onThreadsOfTheirOwn)
struct ProcessFailureTests {
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

  /// Killed while it joins the others, before it has printed anything, or in the midst of its steps; started as Lessons/run does.
  @Test(arguments: [0, 50, 150, nil]) func oneOfALessonIsKilled(_ milliseconds: UInt32?) throws {
    try Program.withFolder { folder in
      let arguments = ["--steps=100000000", "--record=\(folder)/record"]
      let running = try MPI.startAsLessonsDo(2, "lesson5", arguments)
      if let milliseconds {
        #expect(eventually { MPI.processes(with: folder, of: "lesson5").count == 2 })
        usleep(1000 * milliseconds)
      } else {
        #expect(eventually { running.printed.split(separator: "\n").count > 2 })
      }
      kill(try #require(MPI.processes(with: folder, of: "lesson5").max()), SIGKILL)
      let result = try end(of: running, folder, "lesson5")
      #expect(result.error.contains(/Lessons\/run: rank [01] was ended by SIGKILL\.\n/), "\(result.error)")
      #expect(!result.error.contains("Killed  "), "the shell is silent")
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
    for start in [
      { try MPI.start(3, "process-checks", [what]) }, { try MPI.startAsLessonsDo(3, "process-checks", [what]) },
    ] {
      let result = try end(of: start(), what, "process-checks")
      #expect(result.error.contains(message), "\(result.error)")
      if what == "abort" { #expect(result.status == 7) }
    }
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

/// Two hosts that are namespaces of this one: what they say to each other goes through a network.
@Suite(
  .enabled(if: MPI.isThere, "\(MPI.missing)"),
  .enabled(if: MPI.hasNamespaces, "no namespaces for two hosts: unshare and ip are missing, or not permitted"),
  .serialized, .onThreadsOfTheirOwn)
struct HostTests {
  @Test(arguments: [("lesson5", ["--steps=100"]), ("practice", ["--epochs=1", "--model=cnn"])])
  func twoHostsAreTwoShardsBitForBit(_ program: String, _ arguments: [String]) throws {
    let result = try MPI.startOnTwoHosts(program, arguments).ending()
    #expect(result.status == 0, "\(result.error)")
    #expect(try result.output == Program.run(program, arguments + ["--shards=2", "--threads=1"]).output)
    // In each step one host sends the other the gradients of half of the parameters at least.
    let bytes = try #require(result.error.firstMatch(of: /hosts: (\d+) bytes from first to second/)?.1)
    #expect(try #require(Int(bytes)) > 1_000_000)
  }

  @Test func oneOfTheOtherHostIsKilled() throws {
    try Program.withFolder { folder in
      let running = try MPI.startOnTwoHosts("lesson5", ["--steps=100000000", "--record=\(folder)/record"])
      #expect(eventually { running.printed.split(separator: "\n").count > 2 })
      let start = ContinuousClock.now
      kill(try #require(MPI.processes(with: folder, of: "lesson5").max()), SIGKILL)
      let result = try running.ending()
      #expect(ContinuousClock.now - start < .seconds(10) && result.status != 0)
      #expect(result.error.contains(/process rank \d with PID \d+ on node (first|second) exited on signal 9/))
      #expect(eventually { MPI.processes(with: folder, of: "lesson5").isEmpty }, "none is left over")
    }
  }
}

/// What needs no library.
@Suite struct ProcessOptionTests {
  /// Open MPI's mpirun may hang when one of its processes has died early; this one always does.
  @Test func anMpirunThatDoesNotEndIsEnded() throws {
    try Program.withFolder { folder in
      let mpirun = """
        #!/bin/bash
        if [ "$1" = --version ]; then echo 'mpirun (Open MPI) 4.1.4'; exit; fi
        bash -c 'sleep 0.5; true' rank &
        wait
        exec sleep 100
        """
      try mpirun.write(toFile: "\(folder)/mpirun", atomically: true, encoding: .utf8)
      chmod("\(folder)/mpirun", 0o755)
      let start = ContinuousClock.now
      let path = ProcessInfo.processInfo.environment["PATH"]!
      let running = try MPI.startAsLessonsDo(2, "lesson5", [], environment: ["PATH": "\(folder):\(path)"])
      let result = try running.ending()
      #expect(ContinuousClock.now - start < .seconds(10))
      #expect(result.status == 128 + SIGKILL)
      #expect(result.error.contains("Lessons/run: all processes have ended, but mpirun has not; it is ended too.\n"))
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
