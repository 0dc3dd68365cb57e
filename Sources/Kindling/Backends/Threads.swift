import Kernels

/// Lets large operations and matrix products use up to `count` threads. At first they use all processors there are.
///
/// No result depends on it, not in its last digit. More than 1024 are never started, and where the system gives fewer, the
/// work is done with those.
public func setNumThreads(_ count: Int) {
  if count < 1 { fail("setNumThreads", "\(count) threads; there must be at least 1") }
  KindlingSetThreads(Int32(clamping: count))
}

/// How many threads large operations and matrix products may use.
public func getNumThreads() -> Int { Int(KindlingThreads()) }
