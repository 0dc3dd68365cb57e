import Kernels

/// What is still to be done when a `backward()` that is under way has reached its end: `queue_callback` of PyTorch's engine,
/// by which its DistributedDataParallel knows that all gradients are there.
package enum AfterBackward {
  /// Has `body` called once this thread's `backward()` is at its end; never, if none is under way. For hooks.
  package static func add(_ body: @escaping () -> Void) {
    let waiting = KindlingThreadState().pointee.afterBackward?.assumingMemoryBound(to: [() -> Void].self)
    waiting?.pointee.append(body)
  }

  /// Runs `walk`, the whole of a `backward()`, and then what has been added meanwhile.
  static func run(_ walk: () -> Void) {
    let state = KindlingThreadState()
    // A hook may call backward() in its turn.
    let outer = state.pointee.afterBackward
    var waiting: [() -> Void] = []
    withUnsafeMutablePointer(to: &waiting) { pointer in
      state.pointee.afterBackward = UnsafeMutableRawPointer(pointer)
      walk()
      state.pointee.afterBackward = outer
    }
    for body in waiting { body() }
  }
}
