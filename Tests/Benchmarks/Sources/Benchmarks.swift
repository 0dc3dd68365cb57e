import ArgumentParser
import FoundationEssentials
import Kindling

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

@main
struct Benchmarks: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "Tests/Benchmarks/run",
    abstract: "Measures Kindling beside NumPy, PyTorch and JAX, and prints one table.",
    subcommands: [Measure.self, Worker.self], defaultSubcommand: Measure.self)

  static func main() {
    StandardOutput.begin("benchmarks")
    main(nil)
  }
}

/// The whole of it: both sides and the floor, in turn, for each number of threads.
struct Measure: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "measure", shouldDisplay: false)

  @Option(help: "Measure only what this regular expression is found in, such as 'lesson [23]' or '10\\^7'.")
  var only: String?
  @Option(help: "How often both sides take their turn; the best counts.")
  var rounds = 5
  @Option(help: "Numbers of threads, such as 1,2.")
  var threads = "1,2"
  @Option(help: "How long one measurement takes at least, in seconds.")
  var seconds = 0.1
  @Option(help: "Write the table to a file as JSON, too.")
  var json: String?
  @Option(help: "The other side's Python; $KINDLING_PYTHON, or python3.")
  var python: String?
  @Flag(help: "Leave the other side out.")
  var ours = false
  @Flag(help: "Also measure how long the package takes to build from clean: minutes.")
  var build = false

  private var counts: [Int] { threads.split(separator: ",").compactMap { Int($0) }.filter((1...1024).contains) }

  func validate() throws {
    if rounds < 1 { throw ValidationError("--rounds must be at least 1, and is \(rounds).") }
    if !(seconds > 0 && seconds <= 3600) {
      throw ValidationError("--seconds must be above 0 and at most 3600, and is \(seconds).")
    }
    if counts.isEmpty || counts.count != threads.split(separator: ",").count {
      throw ValidationError(
        "--threads takes numbers up to 1024 with commas between them, such as 1,2, and is \(threads).")
    }
    if let only, (try? Regex(only)) == nil {
      throw ValidationError("--only \(only) is not a regular expression.")
    }
  }

  func run() throws {
    let works = try chosen()
    try FileAccess.checkWritable([("--json", json)])
    var report = Report()
    report.header = Measure.machine()
    let folder = FileManager.default.temporaryDirectory.appending(path: "kindling-benchmarks-\(getpid())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let settings = Session.Settings(
      programs: URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().path, python: usedPython,
      rounds: rounds, seconds: seconds, folder: folder.path)

    for count in counts {
      let session = try Session(threads: count, peers: Set(works.map(\.peer)), settings: settings)
      report.header += session.descriptions.map { "\(Report.threads(count)), \($0)" }
      for (i, work) in works.enumerated() {
        note("\(Report.threads(count)), \(i + 1) of \(works.count): \(work.name)")
        report.rows.append(session.measure(work))
      }
      if only == nil {
        for step in SteadySteps.steps {
          guard let number = session.systemAllocations(step.name) else { continue }
          report.allocations.append((step.name, count, number))
        }
      }
    }
    if build { report.buildSeconds = try buildTime(settings.folder) }
    report.header.append("load average \(Measure.load()) at the end (these measurements make 1 to 2 of it)")
    note("")
    print((report.header + ["", report.table, ""] + report.footer).joined(separator: "\n"))
    if let json { try FileAccess.store([Array(report.json)], at: json, for: "--json") }
  }

  private func chosen() throws -> [Work] {
    let all = Work.all()
    guard let only else { return all }
    let pattern = try Regex(only).ignoresCase()
    let found = all.filter { $0.name.contains(pattern) || "\($0.name), \($0.peer.rawValue)".contains(pattern) }
    if found.isEmpty && !build {
      throw ValidationError("--only \(only) is found in none of: \(all.map(\.name).joined(separator: "; "))")
    }
    return found
  }

  private var usedPython: String? {
    ours ? nil : python ?? ProcessInfo.processInfo.environment["KINDLING_PYTHON"] ?? "python3"
  }

  /// Progress, on a line that the next one overwrites; nothing where nobody looks.
  private func note(_ text: String) {
    if isatty(STDERR_FILENO) == 0 { return }
    StandardError.write("\r\u{1B}[K\(text)")
  }

  private func buildTime(_ folder: String) throws -> Double? {
    note("building from clean")
    // Not an option: this variable, where it is set, counts for more than --scratch-path.
    let scratch = ["SWIFTPM_BUILD_DIR": "\(folder)/build"]
    // Fetching what the package depends on is the network's time.
    let fetch = try Child("swift", ["package", "resolve"], environment: scratch, isQuiet: true)
    fetch.drain()
    if fetch.wait() != 0 { return nil }
    let start = ContinuousClock.now
    let child = try Child(
      "swift", ["build", "--configuration", "release", "--quiet"], environment: scratch, isQuiet: true)
    child.drain()
    return child.wait() == 0 ? (ContinuousClock.now - start) / .seconds(1) : nil
  }

  // MARK: The machine

  private static func machine() -> [String] {
    let cpu = lines(of: "/proc/cpuinfo").first { $0.hasPrefix("model name") }?.split(separator: ":").last
    let kernels = ["OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"].compactMap { name in
      ProcessInfo.processInfo.environment[name].map { "\(name)=\($0)" }
    }
    return [
      "\(cpu.map { String($0.drop { $0 == " " }) } ?? "this machine"), "
        + "\(ProcessInfo.processInfo.activeProcessorCount) processors, load average \(load()) at the start"
        + (kernels.isEmpty ? "" : "; \(kernels.joined(separator: ", "))")
    ]
  }

  private static func load() -> String {
    lines(of: "/proc/loadavg").first.flatMap { $0.split(separator: " ").first.map(String.init) } ?? "unknown"
  }

  private static func lines(of path: String) -> [String] {
    // Not by Foundation, which asks for the size first: files of the system say 0.
    guard let file = fopen(path, "r") else { return [] }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 16384)
    let count = fread(&bytes, 1, bytes.count, file)
    return String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n").map(String.init)
  }
}
