/// Times a piece of work: the mean of a batch of calls, the best of several batches.
///
/// theirs.py has the same, line by line, so that both sides are timed alike.
struct Stopwatch {
  /// A batch is at least this long, so that reading the clock does not count.
  private static let batchSeconds = 2e-3
  private var callsPerBatch: Int?

  /// - Parameter callsPerBatch: nil: as many as fill a batch of a good length.
  init(callsPerBatch: Int? = nil) { self.callsPerBatch = callsPerBatch }

  /// Seconds for one call, over at least `seconds`.
  mutating func time(atLeast seconds: Double, _ call: () -> Void) -> Double {
    let calls = callsPerBatch ?? calibrate(call)
    callsPerBatch = calls
    var best = Double.infinity
    var total = 0.0
    repeat {
      let batch = Stopwatch.seconds(calls, call)
      best = min(best, batch)
      total += batch
    } while total < seconds
    return best / Double(calls)
  }

  /// Also warms up: caches, pages, the threads of the pool.
  private func calibrate(_ call: () -> Void) -> Int {
    var calls = 1
    while true {
      let seconds = Stopwatch.seconds(calls, call)
      if seconds >= Stopwatch.batchSeconds { return calls }
      calls *= seconds < Stopwatch.batchSeconds / 16 ? 8 : 2
    }
  }

  private static func seconds(_ calls: Int, _ call: () -> Void) -> Double {
    let start = ContinuousClock.now
    for _ in 0..<calls { call() }
    return (ContinuousClock.now - start) / .seconds(1)
  }
}
