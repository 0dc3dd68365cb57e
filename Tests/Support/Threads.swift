import Foundation
import Kernels
import Kindling
import Testing

/// What `body` makes with each of these numbers of threads, whatever the number of processors.
package func withThreads<Result>(_ counts: [Int], _ body: () throws -> Result) rethrows -> [Result] {
  let before = numThreads
  KindlingSetProcessors(Int32(counts.max() ?? 1))
  defer {
    numThreads = before
    KindlingSetProcessors(Int32(ProcessInfo.processInfo.activeProcessorCount))
  }
  return try counts.map { count in
    numThreads = count
    return try body()
  }
}

/// For suites that mostly wait, for programs that come to their end by themselves: their tests have threads of their own, and
/// the few that all others share are not kept waiting with them.
package struct OnThreadsOfTheirOwn: SuiteTrait, TestTrait, TestScoping {
  private final class Threads: TaskExecutor {
    func enqueue(_ job: consuming ExecutorJob) {
      let job = UnownedJob(job)
      Thread.detachNewThread { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
  }
  private static let threads = Threads()

  package func provideScope(
    for test: Test, testCase: Test.Case?, performing run: @concurrent @Sendable () async throws -> Void
  ) async throws {
    try await withTaskExecutorPreference(OnThreadsOfTheirOwn.threads) { try await run() }
  }
}

extension Trait where Self == OnThreadsOfTheirOwn {
  package static var onThreadsOfTheirOwn: Self { Self() }
}
