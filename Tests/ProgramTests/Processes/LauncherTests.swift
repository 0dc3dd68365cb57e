import TestSupport
import Testing

/// A process that a launcher has started never goes on alone: what launchers write into the environment, and what is made of
/// it. None of it needs an MPI library.
@Suite struct LauncherTests {
  /// What the processes of several find, and what of it is shown.
  static let several: [(environment: [String: String], shown: String)] = [
    (["OMPI_COMM_WORLD_SIZE": "2", "OMPI_COMM_WORLD_RANK": "0", "PMIX_RANK": "0"], "OMPI_COMM_WORLD_SIZE=2"),
    (["PMI_SIZE": "2", "PMI_RANK": "0"], "PMI_SIZE=2"),
    (["MV2_COMM_WORLD_SIZE": "2", "MV2_COMM_WORLD_RANK": "0"], "MV2_COMM_WORLD_SIZE=2"),
    (["SLURM_STEP_NUM_TASKS": "2", "SLURM_PROCID": "0"], "SLURM_STEP_NUM_TASKS=2"),
    (["WORLD_SIZE": "2", "RANK": "0"], "WORLD_SIZE=2"),
    (["PMIX_RANK": "0"], "PMIX_RANK=0"),
    (["PMI_RANK": "1"], "PMI_RANK=1"),
    (["OMPI_COMM_WORLD_RANK": "1"], "OMPI_COMM_WORLD_RANK=1"),
    (["MV2_COMM_WORLD_RANK": "0"], "MV2_COMM_WORLD_RANK=0"),
    (["PALS_RANKID": "0"], "PALS_RANKID=0"),
    // Slurm has started one torchrun, and that has started eight.
    (["SLURM_STEP_NUM_TASKS": "1", "SLURM_PROCID": "0", "WORLD_SIZE": "8", "RANK": "3"], "WORLD_SIZE=8"),
    (["SLURM_STEP_NUM_TASKS": "1", "SLURM_PROCID": "0", "PMIX_RANK": "3"], "PMIX_RANK=3"),
    (["SLURM_STEP_NUM_TASKS": "1", "PMIX_RANK": "3"], "PMIX_RANK=3"),
    // Ranks that one process alone does not have.
    (["PMI_SIZE": "1", "PMI_RANK": "3"], "PMI_RANK=3"),
    (["SLURM_STEP_NUM_TASKS": "1", "SLURM_PROCID": "3"], "SLURM_PROCID=3"),
    // A launcher that Slurm has started: its own word counts.
    (["SLURM_STEP_NUM_TASKS": "1", "SLURM_PROCID": "0", "PMI_SIZE": "3"], "PMI_SIZE=3"),
  ]

  static let alone: [[String: String]] = [
    ["OMPI_COMM_WORLD_SIZE": "1", "OMPI_COMM_WORLD_RANK": "0", "PMIX_RANK": "0"],
    ["PMI_SIZE": "1", "PMI_RANK": "0"],
    ["SLURM_STEP_NUM_TASKS": "1", "SLURM_PROCID": "0", "PMIX_RANK": "0"],
    // A batch script of Slurm, whose tasks are yet to be started.
    ["SLURM_PROCID": "0", "SLURM_NTASKS": "8"],
    ["WORLD_SIZE": "1", "RANK": "0"],
    ["RANK": "3"],
    ["WORLD_SIZE": "8"],
  ]

  @Test(arguments: several.indices, ["lesson5", "practice"])
  func withoutALibraryItSaysWhatIsMissing(_ number: Int, _ program: String) throws {
    let (environment, shown) = Self.several[number]
    let folder = ["LD_LIBRARY_PATH": try MPI.none.get()]
    let result = try Program.run(program, [], environment: environment.merging(folder) { $1 })
    #expect(result.status == 1 && result.output.isEmpty)
    let isOpenMPI = ["OMPI_COMM_WORLD_SIZE", "PMIX_RANK"].contains { environment[$0] != nil }
    let first = isOpenMPI ? "libmpi.so.40" : "libmpi_abi.so.1"
    #expect(result.error.hasPrefix("\(program): no MPI library: looked for \(first) ("), "\(result.error)")
    for part in [
      "A launcher has started this process (\(shown))",
      "Install Open MPI (Debian, Ubuntu: sudo apt-get install openmpi-bin)", "Start with its own mpirun.",
    ] { #expect(result.error.contains(part), "\(result.error)") }
  }

  /// The commonest of all mistakes: the mpirun of one library and another library, which takes each process for the only one.
  @Test(arguments: several.indices.dropLast(), ["lesson5", "practice"])
  func aLibraryThatSeesNoOthersIsOfAnotherKind(_ number: Int, _ program: String) throws {
    let (environment, shown) = Self.several[number]
    let fake = ["LD_LIBRARY_PATH": try MPI.fake.get() + ":" + MPI.none.get(), "FAKE_MPI": "0 1"]
    let result = try Program.run(program, [], environment: environment.merging(fake) { $1 })
    #expect(result.status == 1 && result.output.isEmpty)
    let started = shown.contains("_SIZE=") || shown.contains("_TASKS=") ? "has started" : "may have started"
    let message =
      "\(program): a launcher \(started) several processes (\(shown)), but the MPI library that was found, "
      + "Fake MPI 1.0, takes this one for rank 0 of 1: launcher and library are not of one kind. Start with the mpirun "
      + "of that library"
    #expect(result.error.hasPrefix(message), "\(result.error)")
  }

  @Test func aLibraryThatSeesTheOthersWillDo() throws {
    let fake = ["LD_LIBRARY_PATH": try MPI.fake.get() + ":" + MPI.none.get()]
    for (environment, seen, fits) in [
      (["PMI_SIZE": "2"], "1 2", true), (["PMI_SIZE": "2"], "1 3", false), (["PMIX_RANK": "0"], "0 2", true),
      (["PMIX_RANK": "1"], "1 2", true), (["PMIX_RANK": "1"], "0 2", false),
    ] {
      let all = environment.merging(fake) { $1 }.merging(["FAKE_MPI": seen]) { $1 }
      let result = try Program.run("lesson5", ["--steps=2", "--print-every=1"], environment: all)
      #expect(result.status == (fits ? 0 : 1), "\(environment) \(seen): \(result.error)")
      #expect(result.output.isEmpty == (!fits || seen.hasPrefix("1")), "only rank 0 prints")
      #expect(result.error.isEmpty == fits)
    }
  }

  /// MPICH ends a process whose launcher it does not understand, and says nothing of a launcher.
  @Test func aLibraryThatEndsTheProcessIsNamed() throws {
    let fake = ["LD_LIBRARY_PATH": try MPI.fake.get() + ":" + MPI.none.get(), "FAKE_MPI": "0 0", "PMI_SIZE": "2"]
    let result = try Program.run("lesson5", [], environment: fake)
    #expect(result.status == 17 && result.output.isEmpty)
    let message =
      "the MPI library that was found, Fake MPI 1.0, has ended this process when it was to join the others (PMI_SIZE=2): "
      + "perhaps launcher and library are not of one kind. Start with the mpirun of that library"
    #expect(result.error.hasPrefix(message), "\(result.error)")
  }

  /// A launcher of one process, or none: the program itself, which looks for no library.
  @Test(arguments: alone) func oneProcessIsTheProgramItself(_ environment: [String: String]) throws {
    let folder = ["LD_LIBRARY_PATH": try MPI.none.get()]
    for (program, options) in [("lesson5", ["--steps=3", "--print-every=1"]), ("practice", ["--epochs=1"])] {
      let result = try Program.run(program, options, environment: environment.merging(folder) { $1 })
      #expect(result.status == 0, "\(result.error)")
      #expect(try result.output == Program.run(program, options).output)
    }
  }

  /// What several of them would do alone, each for itself.
  @Test(arguments: [
    (
      "lesson3", [],
      "Several processes, and --shards, begin with lesson 5: what they share is its step. Here a launcher may have started "
        + "several (PMIX_RANK=0). To run this one alone: env -u PMIX_RANK PROGRAM."
    ),
    (
      "gpt", [],
      "gpt trains in one process, and a launcher may have started several (PMIX_RANK=0). To run this one alone: "
        + "env -u PMIX_RANK PROGRAM."
    ),
    ("lesson5", ["--page=x.html"], "--page looks into the steps of one process"),
    ("practice", ["--shards=2"], "--shards does in one process what several would, and here may be several processes."),
  ]) func programsOfOneProcessRefuse(_ program: String, _ options: [String], _ message: String) throws {
    let result = try Program.run(program, options, environment: ["PMIX_RANK": "0"])
    #expect(result.status == 64)
    #expect(result.error.hasPrefix("Error: \(message)"), "\(result.error)")
  }

  /// Whatever launcher it was, the line that they name starts the program itself.
  @Test(arguments: several.indices) func theWayOutIsOne(_ number: Int) throws {
    let (environment, shown) = Self.several[number]
    let refusal = try Program.run("lesson3", [], environment: environment)
    #expect(refusal.status == 64 && refusal.error.contains(shown), "\(refusal.error)")
    let line = try #require(refusal.error.firstMatch(of: /env(?: -u \w+)+ PROGRAM/)?.output, "\(refusal.error)")
    let command = String(line).replacing("PROGRAM", with: "\"$0\" --steps=1")
    let result = try Program.shell(command, "lesson3", environment: environment)
    #expect(result.status == 0, "\(line): \(result.error)")
  }

  @Test func moreProcessesThanWereAskedForAreNoted() throws {
    let fake = ["LD_LIBRARY_PATH": try MPI.fake.get() + ":" + MPI.none.get(), "FAKE_MPI": "0 2", "PMIX_RANK": "0"]
    let result = try Program.run("lesson5", ["--processes=3"], environment: fake)
    #expect(result.status == 1 && result.output.isEmpty)
    #expect(result.error == "lesson5: rank 0 of 2: --processes 3: 2 were started\n")
  }
}
