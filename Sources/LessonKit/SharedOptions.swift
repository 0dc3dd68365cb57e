import ArgumentParser
import FoundationEssentials
import Kindling
import KindlingDistributed

extension MatrixProducts: ExpressibleByArgument {}

/// Where to compute, with how many threads, and by whose products: the same in every program that trains.
package struct MachineOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Where to compute: \(Device.names).", valueName: "name"))
  package var device = "cpu"

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Threads for large operations; all processors if not given.", valueName: "count"))
  package var threads: Int?

  @Option(
    help: ArgumentHelp(
      "Who multiplies matrices on the CPU, this library's own kernels or OpenBLAS; what KINDLING_PRODUCTS says if not "
        + "given, else own.", valueName: "name"))
  package var products: MatrixProducts?

  /// More than any machine has processors; the library starts no more.
  private static let mostThreads = 1024

  package init() {}

  package func validate() throws {
    try checkAtLeast(1, threads, "--threads")
    if let threads, threads > MachineOptions.mostThreads {
      throw ValidationError("--threads must be at most \(MachineOptions.mostThreads), and is \(threads).")
    }
  }

  /// Refuses `--graph-step` where there are no graphs.
  package func checkGraphStep() throws {
    if device == "cpu" { throw ValidationError(MachineOptions.noGraphs) }
  }
  /// The same where `auto` has come to the CPU.
  package static func checkGraphStep(on device: Device) throws {
    if device == .cpu { throw KindlingError(noGraphs) }
  }
  private static let noGraphs =
    "--graph-step replays a CUDA graph, and the CPU has none; add --device cuda or --device cuda-emulator."

  /// Sets the threads and opens the device; says so where `auto` cannot use a GPU that is there.
  ///
  /// - Parameter group: Those who train together: one thread for each, if no other number is given.
  package func prepare(program: String, for group: ProcessGroup? = nil) throws -> Device {
    if let products { MatrixProducts.current = products } else { try MatrixProducts.checkEnvironment() }
    if let threads {
      numThreads = threads
    } else if let group, group.size > group.ranks.count {
      numThreads = 1
    }
    if device != "auto" { return try Device(device) }
    let (device, problem) = Device.automatic()
    if let problem { StandardError.print("\(program): --device auto computes on the CPU. \(problem)") }
    return device
  }
}

/// How many processes share the work: the same in every program that trains with several.
package struct ProcessOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Train in so many processes, each on its share of every batch. Lessons/run starts them, and so does mpirun -n.",
      valueName: "count"))
  package var processes: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Do in one process, one after the other, what so many processes would.", valueName: "count"))
  package var shards: Int?

  @Flag(help: "Add up by rank what several processes have, so that any number of them has the bits of --shards.")
  package var ordered = false

  package init() {}

  /// Whether the work is shared, by this process's options or by those who were started with it.
  package var areShared: Bool { shards != nil || isOneOfSeveral }

  /// A launcher that does not say how many it has started may have started several.
  private var isOneOfSeveral: Bool { ProcessGroup.launchedCount != 1 }

  package func validate() throws {
    try checkAtLeast(1, processes, "--processes")
    try checkAtLeast(1, shards, "--shards")
    if let processes, let launched = ProcessGroup.launchedCount, processes != launched {
      throw ValidationError(
        "--processes \(processes): \(launched == 1 ? "this one was started alone" : "\(launched) were started"). "
          + "Lessons/run starts them, or by hand: mpirun -n \(processes) PROGRAM.")
    }
    if shards != nil && isOneOfSeveral {
      let count = ProcessGroup.launchedCount.map { "are \($0)" } ?? "may be several"
      throw ValidationError("--shards does in one process what several would, and here \(count) processes.")
    }
    if ordered && !areShared { throw ValidationError("--ordered says how processes add up; add --processes.") }
  }

  /// For programs without these options, of which several would do the same and write the same files.
  package static func refuseSeveral(_ program: String) throws {
    if ProcessGroup.launchedCount != 1 {
      throw ValidationError("\(program) trains in one process, and \(launched)")
    }
  }

  /// That there are several, for programs of one process: what shows it, and the way out. A shell that a launcher has started
  /// hands the variables on to whatever is started in it; often there is more than one.
  package static var launched: String {
    let environment = ProcessInfo.processInfo.environment
    let names = ProcessGroup.launcherVariables.filter { environment[$0] != nil }
    let shown = names.map { "\($0)=\(environment[$0]!)" }.joined(separator: ", ")
    let started = ProcessGroup.launchedCount == nil ? "may have started" : "has started"
    let without = names.map { "-u \($0)" }.joined(separator: " ")
    return "a launcher \(started) several (\(shown)). To run this one alone: env \(without) PROGRAM."
  }

  package func checkGraphStep() throws {
    if areShared {
      throw ValidationError("--graph-step replays the steps of one process; leave --processes and --shards out.")
    }
  }

  /// Joins the others; nil if this process is alone, and does the work of one. All but the first print nothing from here on.
  ///
  /// - Throws: `KindlingError` if there are others, and they cannot be joined.
  package func group() throws -> ProcessGroup? {
    if let shards { return ProcessGroup(shards: shards) }
    if !isOneOfSeveral { return nil }
    let group = try ProcessGroup(isOrdered: ordered)
    if let processes, processes != group.size {
      group.abort("--processes \(processes): \(group.size) were started")
    }
    if group.rank > 0 { StandardOutput.silence() }
    return group
  }
}

/// Refuses a count that is too small.
package func checkAtLeast(_ minimum: Int, _ value: Int?, _ option: String) throws {
  if let value, value < minimum { throw ValidationError("\(option) must be at least \(minimum), and is \(value).") }
}

/// Refuses a step size that is no step forward.
package func checkLearningRate(_ rate: Double?) throws {
  if let rate, !(rate > 0 && rate.isFinite) {
    throw ValidationError("--learning-rate must be a number above 0, and is \(rate).")
  }
}

/// What to try where the steps were too long: a tenth. As a Float it has fewer digits, if a Float can hold it.
package func shorterStep(than rate: Double) -> String {
  Float(rate / 10).isNormal ? "\(Float(rate / 10))" : "\(rate / 10)"
}
