import CUDAEmulator
import ExerciseKit

/// What a launch would cost on a GPU, as far as the emulator can count it.
struct Costs {
  /// What each line of the kernel does with each array.
  private let rows: [KindlingEmulatorCounters]

  /// Those of the launch in `body`; nil on a GPU, which does not tell.
  static func of(_ kernel: Kernel, _ body: () throws -> Void) throws -> Costs? {
    if kernel.isOnGPU {
      try body()
      return nil
    }
    KindlingEmulatorCountBegin()
    let result = Result { try body() }
    KindlingEmulatorCountEnd()
    try result.get()
    var count: Int64 = 0
    let rows = KindlingEmulatorCounterRows(&count)
    return Costs(rows: Array(UnsafeBufferPointer(start: rows, count: Int(count))))
  }

  private static func sum(_ kind: KindlingEmulatorEventKind, of name: String) -> KindlingEmulatorCounters {
    KindlingEmulatorCountersOf(name, kind, false)
  }

  /// Throws if the warps make more requests to read memory: then one thread works and the others wait, or those that work
  /// are spread over all warps.
  func expectRequests(atMost most: Int64, _ hint: String) throws {
    let reads = rows.filter { $0.kind == .read }
    let requests = reads.reduce(0) { $0 + $1.requests }
    if requests <= most { return }
    let lanes = Double(reads.reduce(0) { $0 + $1.lanes }) / Double(requests)
    throw Wrong(
      "The result is right, but to read memory the warps make \(requests) requests, each with \(rounded(lanes)) of 32 threads on "
        + "average, and \(most) are enough. \(hint)")
  }

  /// Throws if elements of that array are read more often from global memory.
  func expectReads(of name: String, atMost most: Int64, _ which: String, _ hint: String) throws {
    let reads = Self.sum(.read, of: name).lanes
    if reads <= most { return }
    throw Wrong(
      "The result is right, but threads read an element of \(name) from global memory \(reads) times, and \(most) times are "
        + "enough: \(which). \(hint)")
  }

  /// Throws if there are more atomic operations on that array.
  func expectAtomics(on name: String, atMost most: Int64, _ which: String) throws {
    let atomics = Self.sum(.atomic, of: name)
    if atomics.lanes <= most { return }
    throw Wrong(
      "The result is right, but there are \(atomics.lanes) atomic operations on \(name) in global memory, and "
        + "\(atomics.busiestAddress) of them queue for one element. \(most) are enough: \(which). Let each block put its part "
        + "together in shared memory first.")
  }

  /// Throws if the threads of a warp touch elements of global memory that lie far apart.
  func expectNeighbours() throws {
    for row in rows where !row.shared && row.sectors > 2 * row.fewestSectors {
      let each = Double(row.sectors) / Double(row.requests)
      let fewest = Double(row.fewestSectors) / Double(row.requests)
      throw Wrong(
        "The result is right, but \(place(row)) a warp \(verb(row)) \(String(cString: row.array)) in \(rounded(each)) sectors "
          + "of 32 bytes where \(rounded(fewest)) would hold all that it asks for. Threads with neighbouring threadIdx.x should "
          + "touch neighbouring elements.")
    }
  }

  /// Throws if a bank of shared memory has to serve a warp more than once.
  func expectNoConflicts() throws {
    for row in rows where row.shared && row.conflicts > 0 {
      let turns = 1 + Double(row.conflicts) / Double(row.requests)
      throw Wrong(
        "The result is right, but \(place(row)) a warp \(verb(row)) \(String(cString: row.array)) in \(rounded(turns)) turns "
          + "in place of 1: so many of its threads want different places of one bank. How wide must a row of the array be for "
          + "the places of a column to lie in different banks?")
    }
  }

  private func place(_ row: KindlingEmulatorCounters) -> String { row.line > 0 ? "in line \(row.line)" : "somewhere" }

  private func verb(_ row: KindlingEmulatorCounters) -> String {
    switch row.kind {
    case .read: "reads"
    case .atomic: "adds to"
    default: "writes"
    }
  }

  private func rounded(_ number: Double) -> String {
    number == number.rounded() ? "\(Int(number))" : "\((10 * number).rounded() / 10)"
  }
}
