import ExerciseKit

extension Exercise {
  static let blockSum = Exercise(
    .puzzle, number: 5, title: "the sum of a block", file: "Puzzle5BlockSum.cu",
    checks: [
      Check("256 numbers", ifEndless: endless) { try expectBlockSum(256) },
      Check("fewer numbers than threads: 100", ifEndless: endless) { try expectBlockSum(100) },
      Check("one number", ifEndless: endless) { try expectBlockSum(1) },
      Check("the threads in another order") { try Kernel.blockSum.inOtherOrders { try expectBlockSum(200) } },
      Check("what it costs: 8 rounds") {
        try Costs.of(.blockSum) { try expectBlockSum(256) }?.expectRequests(
          atMost: 48,
          "There are 8 rounds, each with half as many threads as the one before. Those that still add should be neighbours, "
            + "from thread 0 on: then whole warps have nothing to do.")
      },
    ])

  static let gridSum = Exercise(
    .puzzle, number: 6, title: "a sum over blocks", file: "Puzzle6GridSum.cu",
    checks: [
      Check("as many numbers as threads: 1024", ifEndless: endless) { try expectGridSum(1024) },
      Check("more numbers than threads: 3000", ifEndless: endless) { try expectGridSum(3000) },
      Check("fewer: 100", ifEndless: endless) { try expectGridSum(100) },
      Check("threads and blocks in another order") { try Kernel.gridSum.inOtherOrders { try expectGridSum(1500) } },
      Check("what it costs: an atomic for each block") {
        try Costs.of(.gridSum) { try expectGridSum(3000) }?.expectAtomics(on: "out", atMost: 4, "one for each block")
      },
    ])

  static let prefixSum = Exercise(
    .puzzle, number: 8, title: "a prefix sum", file: "Puzzle8PrefixSum.cu",
    checks: [
      Check("256 numbers", ifEndless: endless) { try expectPrefixSum(256) },
      Check("fewer numbers than threads: 100", ifEndless: endless) { try expectPrefixSum(100) },
      Check("the threads in another order") { try Kernel.prefixSum.inOtherOrders { try expectPrefixSum(200) } },
      Check("what it costs: 8 rounds") {
        try Costs.of(.prefixSum) { try expectPrefixSum(256) }?.expectRequests(
          atMost: 160, "There are 8 rounds, and in each a thread needs only its own sum and one other.")
      },
    ])
}

extension Kernel {
  fileprivate static let blockSum = Kernel(puzzle: 5, name: "puzzle_block_sum")
  fileprivate static let gridSum = Kernel(puzzle: 6, name: "puzzle_grid_sum")
  fileprivate static let prefixSum = Kernel(puzzle: 8, name: "puzzle_prefix_sum")
}

private func expectBlockSum(_ count: Int) throws {
  let x = exact(numbers(count))
  let out = try Kernel.blockSum.launch(.init(1), of: .init(256), [numbers(count)], out: [unwritten], [count])
  let pairs = x[0] + (count > 128 ? x[128] : 0)
  try Answer(
    values: [total(x)], rule: { _ in "the sum of all \(count) numbers" }, owner: { _ in "thread 0" },
    mistakes: [
      ([x[0]], "That is x[0] alone: no round has added anything to it."),
      ([total(x.prefix(128))], "That is the sum of the first 128. The first distance is half of 256."),
      ([pairs], "That is x[0] + x[128]: there was only one round."),
      (
        [total(x) - total(x.dropFirst().enumerated().filter { $0.offset % 2 == 0 }.map(\.element))],
        "Every other number is missing. The last distance is 1."
      ),
    ], meetsInSharedMemory: true
  ).expect(out)
}

private func expectGridSum(_ count: Int) throws {
  let x = exact(numbers(count))
  let out = try Kernel.gridSum.launch(.init(4), of: .init(256), [numbers(count)], out: [Float(0)], [count])
  try Answer(
    values: [total(x)], rule: { _ in "the sum of all \(count) numbers" }, owner: { _ in "every block" },
    mistakes: [
      ([total(x.prefix(1024))], "That is the sum of the first 1024: after its first number, a thread has to go on."),
      ([total(x.prefix(256))], "That is the sum of the first 256 alone, those of block 0."),
      (
        [4 * total(x)],
        "That is 4 times as much: each block has added up everything. Where does a thread begin, and how far is its next "
          + "number?"
      ),
      ([4 * total(x.prefix(256))], "That is 4 times the sum of the first 256. Where does a block begin?"),
    ], meetsInSharedMemory: true
  ).expect(exact(out), isWritten: { _ in out[0] != 0 })
}

private func expectPrefixSum(_ count: Int) throws {
  let x = exact(numbers(count))
  let out = try Kernel.prefixSum.launch(
    .init(1), of: .init(256), [numbers(count)], out: Array(repeating: unwritten, count: count), [count])
  let sums = x.indices.map { total(x[...$0]) }
  try Answer(
    values: sums, rule: { $0 == 0 ? "x[0]" : "x[0] + … + x[\($0)]" }, owner: inOneRow(256),
    mistakes: [
      (x, "It is x itself: no round has added anything."),
      ([0] + sums.dropLast(), "Each is one place too late: x[i] itself belongs to out[i]."),
      (
        x.indices.map { $0 == 0 ? x[0] : x[$0 - 1] + x[$0] },
        "Each is the sum of two numbers: there was only one round. The distance doubles up to 128."
      ),
    ], meetsInSharedMemory: true
  ).expect(out)
}

func total(_ numbers: some Sequence<Double>) -> Double { numbers.reduce(0, +) }
