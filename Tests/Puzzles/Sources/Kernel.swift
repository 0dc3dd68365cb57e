import CUDAEmulator
import ExerciseKit
import Foundation
import PuzzleKernel

/// A learner's kernel, and how it is launched.
struct Kernel {
  let puzzle: Int
  let name: String
  /// What is most likely wrong where a thread of a block reads what another one of it writes.
  var ifRace = "A __syncthreads() is missing between the two."

  /// Where Tests/Puzzles/run has put the compiled puzzles: NUMBER.so for the emulator, or NUMBER.ptx for a GPU.
  private static let folder = ProcessInfo.processInfo.environment["KINDLING_PUZZLES"] ?? ".build/puzzles/compiled"
  private var library: String { "\(Self.folder)/\(puzzle).so" }

  /// Whether it runs on a GPU, where nobody sees what each thread does.
  var isOnGPU: Bool { !FileManager.default.fileExists(atPath: library) }

  /// Blocks of a launch, or threads of a block.
  struct Size {
    let x, y: Int
    init(_ x: Int, _ y: Int = 1) { (self.x, self.y) = (x, y) }
    /// As many blocks of this size as it takes to cover so many elements.
    func covering(_ columns: Int, _ rows: Int = 1) -> Size { Size((columns + x - 1) / x, (rows + y - 1) / y) }
  }

  /// Launches it on the inputs, on memory that holds `out`, and on numbers, which it takes in this order. Returns what it has
  /// left in `out`. Throws `Wrong` with what the emulator or the driver has against it.
  func launch<Input: BitwiseCopyable, Output: BitwiseCopyable>(
    _ grid: Size, of block: Size, _ inputs: [[Input]], out: [Output], _ numbers: [Int] = []
  ) throws -> [Output] {
    KindlingEmulatorSetChecking(true)
    let memory = inputs.map(copied) + [copied(out)]
    defer { memory.forEach { $0.deallocate() } }
    let arguments =
      memory.map { KindlingPuzzleArgument(memory: $0.baseAddress, byteCount: $0.count, number: 0) }
      + numbers.map { KindlingPuzzleArgument(memory: nil, byteCount: 0, number: Int32($0)) }
    let complaint = KindlingPuzzleLaunch(
      isOnGPU ? "\(Self.folder)/\(puzzle).ptx" : library, name, UInt32(grid.x), UInt32(grid.y), UInt32(block.x),
      UInt32(block.y), arguments, Int32(arguments.count))
    if let complaint {
      let words = String(cString: complaint)
      throw Wrong("The \(isOnGPU ? "driver" : "emulator") says: \(words).\(advice(words, ifRace))")
    }
    return Array(memory[inputs.count].bindMemory(to: Output.self))
  }

  private func copied<T: BitwiseCopyable>(_ values: [T]) -> UnsafeMutableRawBufferPointer {
    values.withUnsafeBytes {
      let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: $0.count, alignment: 16)
      copy.copyMemory(from: $0)
      return copy
    }
  }

  /// Runs the threads of a block and the blocks of a launch in other orders than that of their numbers. A GPU has its own.
  func inOtherOrders(_ check: () throws -> Void) throws {
    if isOnGPU { return try check() }
    defer { KindlingEmulatorSetOrder(.forward, 0) }
    for (order, seed) in [(KindlingEmulatorOrder.reverse, 0), (.shuffled, 1), (.shuffled, 2)] {
      KindlingEmulatorSetOrder(order, UInt64(seed))
      try check()
    }
  }
}

/// What the emulator's sentence means for somebody who writes a first kernel.
private func advice(_ words: String, _ ifRace: String) -> String {
  if words.contains("barrier divergence") {
    return
      " A barrier waits for all threads of the block. It must not stand in an if, in a loop or after a return that some "
      + "threads take and others do not; threads without an element have to come too."
  }
  if words.contains("warp deadlock") { return " Every lane that the mask names must come to the shuffle." }
  if words.contains("at the start, which no thread has written") {
    return
      " Shared memory holds anything at the start. Either nobody writes this place, or the thread has not waited for the "
      + "one that does: then a __syncthreads() is missing."
  }
  if words.contains("which no thread has written") {
    return " Who should have put something there? Shared memory holds anything at the start."
  }
  if words.contains(": a race") {
    let isBetweenBlocks = words.contains(" of block ")
    if isBetweenBlocks && (words.contains(" reads ") || words.contains(" adds to ")) {
      return
        " Blocks run in any order and cannot wait for each other. Where all of them add to one element, each has to do so "
        + "with atomicAdd."
    }
    if isBetweenBlocks {
      return " Two threads of different blocks write one element. Does the index say which block the thread is in?"
    }
    if words.contains(" adds to ") { return " A __syncthreads() is missing between the two." }
    return words.contains(" reads ")
      ? " \(ifRace)" : " Two threads write one element. Should only one of them, or is the index wrong?"
  }
  if words.contains("with an unsigned index") {
    return
      " threadIdx.x and its like have no sign: below 0 they go on from 4294967295. Put them into an int before you subtract, "
      + "and keep out the threads whose index would be below 0."
  }
  if words.contains(", but ") && words.contains(" element") {
    return
      " A thread without an element must not touch memory: compare its index with the size. Or is the index itself wrong?"
  }
  return ""
}
