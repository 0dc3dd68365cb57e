import CUDAEmulator
import ExerciseKernel
import ExerciseKit
import Foundation

extension Exercise {
  static let transpose = Exercise(
    number: 6, title: "a CUDA kernel in the emulator", file: "Exercise6Transpose.cu",
    checks: [
      Check("one tile, 16 × 16", ifEndless: endless) { try expectTransposed(16, 16) },
      Check("2 × 3 tiles, 32 × 48", ifEndless: endless) { try expectTransposed(32, 48) },
      Check("a matrix that does not fill its last tiles, 20 × 37", ifEndless: endless) { try expectTransposed(20, 37) },
      Check("the threads of a block in another order", ifEndless: endless) {
        for (order, seed) in [(KindlingEmulatorOrder.reverse, 0), (.shuffled, 1), (.shuffled, 2)] {
          KindlingEmulatorSetOrder(order, UInt64(seed))
          try expectTransposed(20, 37)
        }
        KindlingEmulatorSetOrder(.forward, 0)
      },
      Check("neighbouring threads at neighbouring elements", ifEndless: endless) {
        KindlingEmulatorTraceBegin(100_000)
        defer { KindlingEmulatorTraceEnd() }
        try expectTransposed(16, 32)
        KindlingEmulatorTraceEnd()
        try expectNeighbours()
      },
    ])
}

private let endless = "Does every loop of the kernel come to its end, for every thread?"

private func expectTransposed(_ rows: Int, _ columns: Int) throws {
  KindlingEmulatorSetChecking(true)
  let x = (0..<rows * columns).map { Float($0) }
  var out = [Float](repeating: .nan, count: x.count)
  if let message = KindlingExerciseTranspose(x, &out, Int64(rows), Int64(columns)) {
    let message = String(cString: message)
    throw Wrong("The emulator says: \(message).\(advice(message))")
  }
  if out.allSatisfy(\.isNaN) { throw Wrong("The kernel has not written anything into out yet.") }
  if out == x { throw Wrong("out is x, element by element: it was copied, and not transposed.") }
  for c in 0..<columns {
    for r in 0..<rows where out[c * rows + r] != x[r * columns + c] {
      let expected = "out[\(c)][\(r)], element \(c * rows + r), should be x[\(r)][\(c)] = \(Int(x[r * columns + c]))"
      if out[c * rows + r].isNaN { throw Wrong("\(expected), and no thread has written it.\(unwritten(r, c))") }
      let found = Int(out[c * rows + r])
      throw Wrong(
        "\(expected), and it is x[\(found / columns)][\(found % columns)] = \(found).\(misplaced(found, r, c, columns))"
      )
    }
  }
}

/// What the emulator's sentence means for this kernel.
private func advice(_ message: String) -> String {
  if message.contains("barrier divergence") {
    return
      " A barrier waits for all threads of the block. It must not stand in an if, or after a return, that some take "
      + "and others do not; threads without an element have to come too."
  }
  if message.contains("at the start, which no thread has written") {
    return
      " That thread has not waited for the others: a __syncthreads() is missing before it reads the tile, or is not on "
      + "its way."
  }
  if message.contains("which no thread has written") {
    return
      " In a tile at the edge, that place holds no element of the matrix. Which thread has something to write? Compare "
      + "its row and its column in out with columns and rows."
  }
  if message.contains("a race") {
    return message.contains("reads")
      ? " A __syncthreads() is missing between the two."
      : " Two threads write one element: the index is wrong for one of them."
  }
  if message.contains(", but ") && message.contains(" elements") {
    return
      " Is it the size, or the order of the factors, in the index? A thread without an element must not touch memory: "
      + "compare its row and its column with rows and columns, in x for reading and in out for writing."
  }
  return ""
}

private func unwritten(_ r: Int, _ c: Int) -> String {
  r < 16 && c < 16 ? "" : " Only the first tile is there: blockIdx.x and blockIdx.y say which tile is a block's."
}

private func misplaced(_ found: Int, _ r: Int, _ c: Int, _ columns: Int) -> String {
  let (row, column) = (found / columns, found % columns)
  if row / 16 == r / 16 && column / 16 == c / 16 && row % 16 == c % 16 && column % 16 == r % 16 {
    return
      " The tile is in the right place, but within it rows and columns have not been exchanged: write tile[tx][ty] "
      + "where tile[ty][tx] was filled."
  }
  if row % 16 == r % 16 && column % 16 == c % 16 {
    return
      " Within a tile all is right, but the tile is another one: where it begins in out, rows and columns are exchanged "
      + "too."
  }
  return ""
}

/// Throws unless the threads of each row of a block read and write global memory side by side.
private func expectNeighbours() throws {
  var count: Int64 = 0
  guard let events = KindlingEmulatorTraceEvents(&count) else { return }
  var last: [String: KindlingEmulatorEvent] = [:]
  for event in UnsafeBufferPointer(start: events, count: Int(count)) where !event.shared {
    guard event.kind == .read || event.kind == .write else { continue }
    let (reads, name) = (event.kind == .read, String(cString: event.name))
    if let before = last[name], before.thread == event.thread - 1, event.thread % 16 != 0, before.block == event.block,
      before.element != event.element - 1
    {
      let verb = reads ? "reads" : "writes"
      throw Wrong(
        "All numbers are right, but thread \(before.thread) \(verb) \(name)[\(before.element)], and its neighbour, thread "
          + "\(event.thread), \(verb) \(name)[\(event.element)]. A GPU would need \(reads ? "a load" : "a store") for each "
          + "of the 16, in place of one for all. Through shared memory, a thread can write an element that another one has "
          + "read: let threadIdx.x run along a row both times.")
    }
    last[name] = event
  }
}
