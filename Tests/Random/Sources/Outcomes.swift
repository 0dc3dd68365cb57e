import FoundationEssentials
import Kindling

/// What became of a program in a worker.
enum Outcome {
  case report(Report)
  case ended(Ending)
}

/// How the library, or a crash, ended a worker's process.
struct Ending {
  var stage: Stage
  var statement: Int
  var signal: Int32
  /// The library's own words; nil for a crash.
  var message: String?

  /// Where it was, and why.
  var text: String { message ?? (signal == 0 ? "no answer" : "signal \(signal), with no message") }
}

/// A worker's process, started anew whenever it was ended.
final class WorkerProcess {
  private var child: Child?
  private let decoder = JSONDecoder()
  private let encoder = JSONEncoder()
  /// A program takes milliseconds. One that has not ended after so many seconds never will.
  private static let patience = 60

  deinit { _ = child?.end() }

  /// Draws and checks programs; calls `body` with each.
  func check(
    seeds: Range<UInt64>, checks: Set<Check>, observes: Bool, _ settings: Request.Settings,
    _ body: (UInt64, Outcome) throws -> Void
  ) throws {
    var next = seeds.lowerBound
    while next < seeds.upperBound {
      let work = Request.Work.seeds(first: next, count: Int(seeds.upperBound - next))
      let ending = try ask(Request(work: work, checks: checks, observes: observes, settings: settings)) { line in
        try body(next, .report(decoder.decode(Report.self, from: Data(line.utf8))))
        next += 1
      }
      guard let ending else { return }
      try body(next, .ended(ending))
      next += 1
    }
  }

  func check(_ program: Program, _ checks: Set<Check>, observes: Bool) throws -> Outcome {
    var report = Report()
    let ending = try ask(Request(work: .check(program), checks: checks, observes: observes)) {
      report = try decoder.decode(Report.self, from: Data($0.utf8))
    }
    return ending.map(Outcome.ended) ?? .report(report)
  }

  /// How it ends on the emulator; nil where it does not.
  func endingOnEmulator(_ program: Program) throws -> Ending? { try ask(Request(work: .emulator(program))) { _ in } }

  /// What comes of it with rounding errors; nothing where it ends.
  func noisyRuns(of program: Program) throws -> [Observation] {
    var runs: [Observation] = []
    _ = try ask(Request(work: .noise(program))) { runs = try decoder.decode([Observation].self, from: Data($0.utf8)) }
    return runs
  }

  /// Sends a request, calls `body` with each answer, and gives the ending where there was one.
  private func ask(_ request: Request, _ body: (String) throws -> Void) throws -> Ending? {
    let line = String(decoding: try encoder.encode(request), as: UTF8.self)
    // A report on a crash is for people; and with it on, the library leaves the signals to us.
    // And memory that nobody has written should not look like zeros.
    let environment = ["SWIFT_BACKTRACE": "enable=no", "MALLOC_PERTURB_": "165"]
    let running =
      try child ?? Child(CommandLine.arguments[0], ["--worker"], environment: environment, mixesErrors: true)
    child = running
    if !running.writeLine(line) { throw KindlingError("a worker ended before it was asked anything") }
    var ending = Ending(stage: .drawing, statement: 0, signal: 0)
    while let line = running.readLine(within: WorkerProcess.patience) {
      if line.hasPrefix("=") {
        try body(String(line.dropFirst()))
      } else if line == "." {
        return nil
      } else if let words = line.split(separator: "Fatal error: ", maxSplits: 1).last, line.contains("Fatal error: ") {
        ending.message = String(words)
      } else if line.hasPrefix("!") {
        let numbers = line.dropFirst().split(separator: " ").compactMap { Int32($0) }
        ending.stage = Stage(rawValue: numbers[0])!
        ending.statement = Int(numbers[1])
        ending.signal = numbers[2]
      }
    }
    child = nil
    _ = running.end()
    return ending
  }
}
