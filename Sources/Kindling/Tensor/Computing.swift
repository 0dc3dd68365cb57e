import Kernels

/// What is computing on this thread, and what has called it: from it the message of a mistake says where in a model the
/// program is. Modules put themselves here while they compute.
package struct Computing {
  private unowned(unsafe) let object: AnyObject
  private let caller: UnsafeRawPointer?

  /// Runs `body` as what `object` computes. Nothing is allocated: the entry is on the stack.
  package static func by(_ object: AnyObject, _ body: () -> Tensor) -> Tensor {
    let state = KindlingThreadState()
    let caller = state.pointee.computing
    return withUnsafePointer(to: Computing(object: object, caller: caller)) { entry in
      state.pointee.computing = UnsafeRawPointer(entry)
      defer { state.pointee.computing = caller }
      return body()
    }
  }

  /// Makes a place such as `model.2 (Linear)` of the objects, outermost first; nil if there is nothing to say. Set once, by
  /// KindlingNN, which knows modules.
  package nonisolated(unsafe) static var describe: ([AnyObject]) -> String? = { _ in nil }

  /// Where in a model the program is, such as `model.2 (Linear)`; nil if it is in none.
  package static var place: String? {
    let state = KindlingThreadState()
    let innermost = state.pointee.computing
    var objects: [AnyObject] = []
    var next = innermost
    while let entry = next?.assumingMemoryBound(to: Computing.self) {
      objects.append(entry.pointee.object)
      next = entry.pointee.caller
    }
    // A mistake that is met while this one is described finds nothing, and so the program does end.
    state.pointee.computing = nil
    defer { state.pointee.computing = innermost }
    return describe(objects.reversed())
  }

  /// The end of a message: `; in model.2 (Linear)`, or nothing.
  static var endOfMessage: String { place.map { "; in \($0)" } ?? "" }
}
