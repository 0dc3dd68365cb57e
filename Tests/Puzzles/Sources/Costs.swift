import CUDAEmulator
import ExerciseKit

/// What a launch has cost, as the emulator has seen it.
struct Costs {
  private struct Thread: Hashable { let block, thread: Int32 }

  private var events: [KindlingEmulatorEvent] = []

  /// Those of the launches in `body`; nil on a GPU, which does not tell.
  static func of(_ kernel: Kernel, _ body: () throws -> Void) throws -> Costs? {
    if kernel.isOnGPU {
      try body()
      return nil
    }
    KindlingEmulatorTraceBegin(1_000_000)
    defer { KindlingEmulatorTraceEnd() }
    try body()
    var count: Int64 = 0
    let events = KindlingEmulatorTraceEvents(&count)
    return Costs(events: Array(UnsafeBufferPointer(start: events, count: Int(count))))
  }

  /// Throws if a thread makes more than about as many steps in shared memory as there are rounds: one does the work, and the
  /// others wait for it.
  func expectShared(work rounds: Int) throws {
    let reads = events.filter { $0.kind == .read }
    let most = Dictionary(grouping: reads) { Thread(block: $0.block, thread: $0.thread) }.max {
      $0.value.count < $1.value.count
    }
    guard let most, most.value.count > 5 * rounds else { return }
    throw Wrong(
      "The result is right, but thread \(most.key.thread) reads \(most.value.count) numbers, one after the other, while "
        + "others wait. In \(rounds) rounds, each of which makes half as many or reaches twice as far, it would be "
        + "about \(2 * rounds).")
  }

  /// Throws if there are more reads of that memory.
  func expectReads(of name: String, atMost most: Int, _ which: String, _ hint: String) throws {
    let count = events.count { $0.kind == .read && String(cString: $0.name) == name && !$0.shared }
    if count <= most { return }
    throw Wrong(
      "The result is right, but \(name) is read \(count) times from global memory, and \(most) are enough: \(which). \(hint)"
    )
  }

  /// Throws if there are more atomic operations on that memory.
  func expectAtomics(on name: String, atMost most: Int, _ which: String) throws {
    let count = events.count { $0.kind == .atomic && String(cString: $0.name) == name && !$0.shared }
    if count <= most { return }
    throw Wrong(
      "The result is right, but there are \(count) atomic operations on \(name), which is far, and those on one element go "
        + "one after the other. \(most) are enough: \(which). Let each block put its part together in shared memory first."
    )
  }

  func expectNeighbours() throws {}
  func expectNoConflicts() throws {}
}
