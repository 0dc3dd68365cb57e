import Dispatch
import Kindling
import Synchronization

/// Programs with one seed after another, in batches, on several workers at a time.
final class Session: Sendable {
  struct State {
    var next: UInt64
    var tally = Tally()
    var torchVersion: String?
    var error: String?
    /// The failures of each kind: a check, and the operations that are left when the program has been made short.
    var kinds: [String: [UInt64]] = [:]
  }
  let start: UInt64
  private let count: Int
  private let minutes: Double?
  private let python: String?
  private let jobs: Int
  private let settings: Request.Settings
  private let mostFailures: Int
  private let state: Mutex<State>
  private let begin = ContinuousClock.now

  init(
    start: UInt64, count: Int, minutes: Double?, python: String?, jobs: Int, settings: Request.Settings,
    mostFailures: Int
  ) {
    self.start = start
    self.count = count
    self.minutes = minutes
    self.python = python
    self.jobs = min(jobs, count)
    self.settings = settings
    self.mostFailures = mostFailures
    state = Mutex(State(next: start))
  }

  var tally: Tally { state.withLock(\.tally) }
  var torchVersion: String? { state.withLock(\.torchVersion) }
  var seconds: Double { (ContinuousClock.now - begin) / .seconds(1) }

  /// Runs to the end. Failures are printed as they are found.
  ///
  /// - Throws: `KindlingError` where a process cannot be started.
  func run() throws {
    DispatchQueue.concurrentPerform(iterations: jobs) { _ in
      do { try work() } catch { state.withLock { $0.error = $0.error ?? "\(error)" } }
    }
    if let error = state.withLock(\.error) { throw KindlingError(error) }
  }

  /// One worker's share.
  private func work() throws {
    let torch = try python.map { try Torch(python: $0) }
    if let torch { state.withLock { $0.torchVersion = torch.version } }
    let judge = Judge(torch: torch, checks: [.emulator, .layouts, .differences], settings: settings)
    while let seeds = nextBatch() {
      for verdict in try judge.judge(seeds: seeds) where !isOver {
        state.withLock { $0.tally.add(verdict.tally) }
        if let problem = verdict.problem { report(try Failure(verdict.program, problem, judge)) }
      }
    }
  }

  /// Prints a failure, if it is the first of its kind.
  private func report(_ failure: Failure) {
    let isFirst = state.withLock { state in
      state.tally.failures += 1
      state.kinds[failure.kind, default: []].append(failure.seed)
      return state.kinds[failure.kind]!.count == 1
    }
    if isFirst { say(failure.text) }
  }

  /// Of each kind of failure that came more than once, the seeds.
  var repeated: [[UInt64]] { state.withLock { $0.kinds.values.filter { $0.count > 1 }.map { $0.sorted() } } }

  /// Whether enough has failed.
  private var isOver: Bool { state.withLock { $0.error != nil || $0.kinds.count >= mostFailures } }

  private func nextBatch() -> Range<UInt64>? {
    if let minutes, seconds > 60 * minutes { return nil }
    if isOver { return nil }
    return state.withLock { state in
      let done = state.next &- start
      if done >= UInt64(count) { return nil }
      let first = state.next
      state.next &+= min(50, UInt64(count) - done)
      return first..<state.next
    }
  }
}

/// A failing program, made short.
struct Failure {
  let seed: UInt64
  let text: String
  let kind: String
  let shrunk: Program

  init(_ program: Program, _ problem: Problem, _ judge: Judge) throws {
    var shrinker = Shrinker(program, problem, judge)
    try shrinker.run()
    shrunk = shrinker.smallest
    seed = program.seed
    kind = ([problem.check.rawValue] + shrunk.statements.map(\.operation)).joined(separator: "; ")
    let device = problem.check == .emulator ? Device.cudaEmulator : .cpu
    text = """

      FAILED: \(problem.check.words), program \(program.seed), \(program.statements.count) statements
      Made short:

      \(shrunk.swift(layout: shrinker.problem.layout, device: device).split(separator: "\n").map { "    \($0)" }.joined(separator: "\n"))

      \(shrinker.problem.text)
      Again: Tests/run random --seed \(program.seed)\(problem.check == .torch ? " --torch" : "")
      """
  }
}
