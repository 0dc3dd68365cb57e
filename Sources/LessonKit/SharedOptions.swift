import ArgumentParser
import Kindling

/// Where to compute, and with how many threads: the same in every program that trains.
package struct MachineOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Where to compute: cpu, cuda, cuda:1, cuda-emulator, auto.", valueName: "name"))
  package var device = "cpu"

  @Option(help: ArgumentHelp("Threads for large operations; all processors if not given.", valueName: "count"))
  package var threads: Int?

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
  package func prepare(program: String) throws -> Device {
    if let threads { numThreads = threads }
    if device != "auto" { return try Device(device) }
    let (device, problem) = Device.automatic()
    if let problem { StandardError.print("\(program): --device auto computes on the CPU. \(problem)") }
    return device
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
