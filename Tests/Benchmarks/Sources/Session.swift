import FoundationEssentials
import Kindling

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Measures with one number of threads: keeps both sides running, and asks them in turn.
final class Session {
  private let threads: Int
  private let settings: Settings
  private let ours: Child
  private let floor: Child
  private var theirs: [Work.Peer: Child] = [:]
  /// What each side says of itself: its version, and the matrix kernels it runs.
  private(set) var descriptions: [String] = []

  struct Settings {
    /// Where the lessons' programs lie, and this one.
    var programs: String
    /// nil: measure our side only.
    var python: String?
    var rounds: Int
    /// How long each measurement should take at least.
    var seconds: Double
    /// A folder for records.
    var folder: String
  }

  static let script = "Tests/Benchmarks/theirs.py"

  init(threads: Int, peers: Set<Work.Peer>, settings: Settings) throws {
    self.threads = threads
    self.settings = settings
    ours = try Child("\(settings.programs)/benchmarks", ["worker", "\(threads)"])
    floor = try Child("\(settings.programs)/benchmarks", ["worker", "\(threads)"])
    descriptions.append("ours: \(ours.readLine() ?? "the worker did not start")")
    _ = floor.readLine()
    for child in [ours, floor] { child.takeTurns() }
    guard let python = settings.python else { return }
    for peer in Work.Peer.allCases where peers.contains(peer) {
      let child = try Child(python, [Session.script, "worker", peer.argument, "\(threads)"], environment: variables)
      let answer = child.readLine() ?? "missing"
      if answer.hasPrefix("missing") {
        descriptions.append("\(peer.rawValue): not measured, \(answer)")
      } else {
        descriptions.append("theirs: \(answer)")
        child.takeTurns()
        theirs[peer] = child
      }
    }
  }

  /// What the libraries of the other side read their number of threads from.
  private var variables: [String: String] {
    ["OMP", "MKL", "OPENBLAS"].reduce(into: [:]) { $0["\($1)_NUM_THREADS"] = "\(threads)" }
  }

  // MARK: In turn

  /// Ours, theirs and the floor in turn, round by round.
  func measure(_ work: Work) -> Row {
    var row = Row(work: work, threads: threads)
    if work.outcome != nil, let child = theirs[work.peer] {
      let line = "outcome \(work.name)"
      row.outcomes = (ours.ask(line).flatMap(Double.init), child.ask(line).flatMap(Double.init))
    }
    for _ in 0..<rounds(of: work) {
      row.ours.add(ours(work))
      if let child = theirs[work.peer] { row.theirs.add(theirs(work, child)) }
      var floors = Figure()
      for variant in work.floors.indices {
        floors.add(seconds(floor.ask("floor \(variant) \(settings.seconds) \(work.name)"), work))
      }
      row.floor.add(floors.best)
    }
    return row
  }

  /// Starting a program with PyTorch takes seconds, and the memory that it needs is the same each time.
  private func rounds(of work: Work) -> Int {
    switch work.ours {
    case .call, .step, .gptStep: settings.rounds
    case .start: min(settings.rounds, 3)
    case .memory: 1
    }
  }

  private func seconds(_ answer: String?, _ work: Work) -> Double? {
    answer.flatMap(Double.init).map { $0 / Double(work.repetitions) }
  }

  private func ours(_ work: Work) -> Double? {
    switch work.ours {
    case .call: seconds(ours.ask("ours \(settings.seconds) \(work.name)"), work)
    case .step(let lesson, let problem): recordedStep("lesson\(lesson)", ["--problem=\(problem)", "--quiet"])
    case .gptStep: recordedStep("gpt", ["--steps=200", "--sample=0"])
    case .start(let lesson): lessonProgram(lesson, ["--steps=1", "--print-every=1"]).flatMap(startTime)
    case .memory(let lesson): lessonProgram(lesson, ["--quiet"]).flatMap { $0().peakMemory() }
    }
  }

  private func theirs(_ work: Work, _ child: Child) -> Double? {
    switch work.ours {
    case .call, .step, .gptStep: seconds(child.ask("\(settings.seconds) \(work.name)"), work)
    case .start(let lesson): theirProgram(lesson, steps: 1).flatMap(startTime)
    case .memory(let lesson): theirProgram(lesson, steps: 500).flatMap { $0().peakMemory() }
    }
  }

  // MARK: Programs

  /// A program that is ready to be started; nil, with a note, where it cannot be.
  private func lessonProgram(_ lesson: Int, _ options: [String]) -> (() -> Child)? {
    starting("\(settings.programs)/lesson\(lesson)", ["--threads=\(threads)"] + options)
  }

  private func theirProgram(_ lesson: Int, steps: Int) -> (() -> Child)? {
    settings.python.flatMap { starting($0, [Session.script, "program", "\(lesson)", "\(steps)", "\(threads)"]) }
  }

  private func starting(_ program: String, _ arguments: [String]) -> (() -> Child)? {
    { [variables] in
      do {
        return try Child(program, arguments, environment: variables, isQuiet: true)
      } catch {
        // Found a moment ago, gone now: there is nothing left to measure.
        fatalError("\(error)")
      }
    }
  }

  /// Seconds until the first line comes out.
  private func startTime(_ start: () -> Child) -> Double? {
    let begin = ContinuousClock.now
    let child = start()
    let line = child.readLine()
    let seconds = (ContinuousClock.now - begin) / .seconds(1)
    child.drain()
    return line != nil && child.wait() == 0 ? seconds : nil
  }

  /// The mean over the run's steps, as the program records it.
  private func recordedStep(_ program: String, _ options: [String]) -> Double? {
    struct Record: Decodable { let secondsPerStep: Double }
    let path = "\(settings.folder)/record.json"
    let arguments = options + ["--threads=\(threads)", "--record=\(path)"]
    let child = starting("\(settings.programs)/\(program)", arguments)?()
    child?.drain()
    guard child?.wait() == 0, let data = try? Data(contentsOf: URL(filePath: path)) else { return nil }
    return (try? JSONDecoder().decode(Record.self, from: data))?.secondsPerStep
  }

  /// How often the system is asked for memory in 100 steps of training; nil where our worker has ended.
  func systemAllocations(_ name: String) -> Int? { ours.ask("allocations \(name)").flatMap(Int.init) }
}

/// What several rounds gave: the best of them counts, and the slowest says how far it can be trusted.
struct Figure {
  private(set) var best, slowest: Double?

  mutating func add(_ value: Double?) {
    guard let value else { return }
    best = min(best ?? value, value)
    slowest = max(slowest ?? value, value)
  }
}

/// What was measured of one piece of work with one number of threads: seconds for one, or bytes.
struct Row {
  let work: Work
  let threads: Int
  var ours = Figure(), theirs = Figure(), floor = Figure()
  /// What both sides have made of the same numbers, where it is compared.
  var outcomes: (ours: Double?, theirs: Double?)?

  init(work: Work, threads: Int) { (self.work, self.threads) = (work, threads) }

  var ratio: Double? { Row.ratio(ours.best, theirs.best) }
  var distance: Double? { Row.ratio(ours.best, floor.best) }
  var goal: Double? { work.goal?.ratio(threads: threads) }
  var floorGoal: Double? { work.floorGoal?.ratio(threads: threads) }

  /// Whether both sides have computed the same; nil where that is not asked. In an epoch float32's rounding adds up.
  var agrees: Bool? {
    guard let outcomes else { return nil }
    guard let ours = outcomes.ours, let theirs = outcomes.theirs else { return false }
    return abs(ours - theirs) <= 1e-3 * abs(theirs)
  }

  private static func ratio(_ x: Double?, _ y: Double?) -> Double? {
    if let x, let y { x / y } else { nil }
  }
}
