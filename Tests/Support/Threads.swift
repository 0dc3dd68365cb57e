import Foundation
import Kernels
import Kindling

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
