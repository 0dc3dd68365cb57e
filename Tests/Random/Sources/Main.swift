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

/// Prints at once, though nobody is at a terminal.
func say(_ text: String) {
  print(text)
  fflush(nil)
}

@main
struct RandomPrograms: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "Tests/run random",
    abstract: "Draws random programs, and checks each four ways.",
    discussion: """
      A program is a few operations on a few tensors: views, broadcasts, writes in place, masks, products, and a gradient \
      at the end. Of each it is asked: do its gradients agree with finite differences; does the CUDA emulator give what \
      the CPU gives; do inputs that are transposed, strided, expanded or lie at an offset give what inputs in order give; \
      and, where there is a Python that has PyTorch, does PyTorch give the same, errors included. A program that fails is \
      made as short as it gets, and printed with its seed.

      Without options it takes the same \(fixedCount) programs each time. The status is 1 where one has failed.
      """)

  @Option(help: "The first program's seed; the others follow. With it alone, that program only.")
  var seed: UInt64?
  @Option(help: "How many programs.")
  var programs: Int?
  @Option(help: "For how many minutes, from a seed that is drawn and printed, or from --seed.")
  var minutes: Double?
  @Flag(help: "Insist on PyTorch: of $KINDLING_PYTHON, or python3. Without, it is asked where KINDLING_PYTHON is set.")
  var torch = false
  @Option(help: "How many processes at a time; as many as there are processors.")
  var jobs: Int?
  @Option(help: "Leave an operation out, as it is written in the table: '{a}.exp()'. Can be given again.")
  var without: [String] = []
  @Option(help: "Write what was checked to a file as JSON, too.")
  var json: String?
  @Option(help: "Stop after so many kinds of failures.")
  var failures = 10
  @Flag(help: "Prove that each check can fail: on operations that are wrong on purpose.")
  var selfTest = false
  @Flag(help: "Print the programs as Swift, and check nothing.")
  var show = false
  @Flag(help: .hidden)
  var worker = false

  func validate() throws {
    if let programs, programs < 1 { throw ValidationError("--programs must be at least 1, and is \(programs).") }
    if let minutes, !(minutes > 0) { throw ValidationError("--minutes must be above 0, and is \(minutes).") }
    if let jobs, jobs < 1 { throw ValidationError("--jobs must be at least 1, and is \(jobs).") }
    if failures < 1 { throw ValidationError("--failures must be at least 1, and is \(failures).") }
    for name in without where Table.rows[name] == nil {
      throw ValidationError("There is no operation \(name) in the table.")
    }
  }

  func run() throws {
    signal(SIGPIPE, SIG_IGN)
    if worker { return try Worker.run() }
    let settings = Request.Settings(without: Set(without))
    if show {
      for i in 0..<UInt64(programs ?? 1) { print(settings.program(seed: (seed ?? 1) &+ i).swift() + "\n") }
      return
    }
    let python = try self.python()
    if selfTest { throw ExitCode(try SelfTest(python: python).run() ? 0 : 1) }
    let start = seed ?? (minutes == nil ? 1 : UInt64.random(in: 1...999_999_999))
    let count = programs ?? (minutes != nil ? Int.max : seed != nil ? 1 : RandomPrograms.fixedCount)
    let session = Session(
      start: start, count: count, minutes: minutes, python: python, jobs: jobs ?? RandomPrograms.processors,
      settings: settings,
      mostFailures: failures)
    if minutes != nil { say("programs from seed \(start) on") }
    try session.run()
    let summary = Summary(session)
    print(summary.text)
    if let json { try summary.write(to: json) }
    throw ExitCode(session.tally.failures == 0 ? 0 : 1)
  }

  /// How many programs CI takes: well below two minutes on two processors.
  static let fixedCount = 30_000

  static var processors: Int { max(1, min(16, ProcessInfo.processInfo.activeProcessorCount)) }

  /// The Python that has PyTorch, if one was named or asked for.
  private func python() throws -> String? {
    let named = ProcessInfo.processInfo.environment["KINDLING_PYTHON"].flatMap { $0.isEmpty ? nil : $0 }
    return named ?? (torch ? "python3" : nil)
  }
}
