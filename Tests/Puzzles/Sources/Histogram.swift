import ExerciseKit

extension Exercise {
  static let histogram = Exercise(
    .puzzle, number: 12, title: "a histogram", file: "Puzzle12Histogram.cu",
    checks: [
      Check("64 bins, as many numbers as threads: 1024", ifEndless: endless) { try expectCounts(1024, 64) },
      Check("10 bins, more numbers than threads: 3000", ifEndless: endless) { try expectCounts(3000, 10) },
      Check("10 bins, fewer: 100", ifEndless: endless) { try expectCounts(100, 10) },
      Check("threads and blocks in another order") {
        try Kernel.histogram.inOtherOrders { try expectCounts(1500, 10) }
      },
      Check("what it costs: an atomic for each block and bin") {
        try Costs.of(.histogram) { try expectCounts(3000, 10) }?.expectAtomics(
          on: "out", atMost: 4 * 10, "one for each bin of each block")
      },
    ])
}

extension Kernel {
  fileprivate static let histogram = Kernel(
    puzzle: 12, name: "puzzle_histogram",
    ifRace: "Both count the same number. Only atomicAdd reads, adds and writes as one.")
}

private func expectCounts(_ count: Int, _ bins: Int) throws {
  let x = (0..<count).map { Int32($0 * $0 % 101 % bins) }
  let out = try Kernel.histogram.launch(
    .init(4), of: .init(256), [x], out: Array(repeating: UInt32(0), count: bins), [count, bins])
  func counts(_ x: some Sequence<Int32>) -> [Double] {
    x.reduce(into: Array(repeating: 0.0, count: bins)) { $0[Int($1)] += 1 }
  }
  try Answer(
    values: counts(x), rule: { "how often \($0) is in x" },
    mistakes: [
      (counts(x.prefix(1024)), "Only the first 1024 were counted: after its first number, a thread has to go on."),
      (counts(x.prefix(256)), "Only the first 256 were counted, those of block 0."),
      (counts(x).map { 4 * $0 }, "Each number was counted 4 times, once by each block. Where does a thread begin?"),
    ], meetsInSharedMemory: true, tolerance: 0
  ).expect(out.map(Double.init), isWritten: { _ in out.contains { $0 != 0 } })
}
