import Kernels

/// How many threads large operations and matrix products may use; at first as many as there are processors.
///
/// No result depends on it, not in its last digit. No more are used than there are processors, never more than 1024, and
/// where the system gives fewer, the work is done with those. Ends the program if it is set to less than 1. These are PyTorch's `set_num_threads` and
/// `get_num_threads`.
public var numThreads: Int {
  get { Int(KindlingThreads()) }
  set {
    if newValue < 1 { fail("numThreads", "\(newValue) threads; there must be at least 1") }
    KindlingSetThreads(Int32(clamping: newValue))
  }
}
