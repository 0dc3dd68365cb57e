import ExerciseKit
import Foundation

extension Exercise {
  static let convolution = Exercise(
    .puzzle, number: 7, title: "a convolution in one dimension", file: "Puzzle7Convolution.cu",
    checks: [
      Check("one block, a window of 3", ifEndless: endless) { try expectConvolved(64, 3) },
      Check("two blocks, a window of 9", ifEndless: endless) { try expectConvolved(128, 9) },
      Check("a last block that is not needed whole: 150 elements", ifEndless: endless) { try expectConvolved(150, 5) },
      Check("the threads in another order") { try Kernel.convolution.inOtherOrders { try expectConvolved(150, 9) } },
      Check("what it costs: each element of x is loaded once by a block") {
        try Costs.of(.convolution) { try expectConvolved(256, 9) }?.expectReads(
          of: "x", atMost: 4 * (64 + 8), "64 + 8 by each of 4 blocks",
          "Load what the block needs into shared memory first, and multiply from there.")
      },
    ])

  static let softmax = Exercise(
    .puzzle, number: 9, title: "softmax of a row", file: "Puzzle9Softmax.cu",
    checks: [
      Check("2 rows of 128", ifEndless: endless) { try expectSoftmax(2, 128) },
      Check("rows longer than a block: 3 of 300", ifEndless: endless) { try expectSoftmax(3, 300) },
      Check("rows shorter than a block: 3 of 10", ifEndless: endless) { try expectSoftmax(3, 10) },
      Check("large numbers, 1000 and more", ifEndless: endless) { try expectSoftmax(2, 200, above: 1000) },
      Check("numbers below 0", ifEndless: endless) { try expectSoftmax(2, 60, above: -1000) },
      Check("the threads in another order") { try Kernel.softmax.inOtherOrders { try expectSoftmax(2, 300) } },
      Check("what it costs: neighbouring threads at neighbouring elements") {
        let costs = try Costs.of(.softmax) { try expectSoftmax(4, 1024) }
        try costs?.expectReads(
          of: "x", atMost: 3 * 4 * 1024, "three for each element",
          "Three passes are enough, the largest, the sum, the result, and each reads an element once: put it into a "
            + "variable if you need it twice.")
        try costs?.expectNeighbours()
      },
    ])
}

extension Kernel {
  fileprivate static let convolution = Kernel(puzzle: 7, name: "puzzle_convolution")
  fileprivate static let softmax = Kernel(puzzle: 9, name: "puzzle_softmax")
}

private func expectConvolved(_ count: Int, _ width: Int) throws {
  let (x, w) = (exact(numbers(count)), (0..<width).map { Double($0 + 1) })
  let block = Kernel.Size(64)
  let out = try Kernel.convolution.launch(
    block.covering(count), of: block, [x.map { Float($0) }, w.map { Float($0) }],
    out: Array(repeating: unwritten, count: count), [count, width])
  func slid(_ index: (_ i: Int, _ k: Int) -> Int, _ weight: (Int) -> Int = { $0 }) -> [Double] {
    x.indices.map { i in
      total((0..<width).map { k in x.indices.contains(index(i, k)) ? x[index(i, k)] * w[weight(k)] : 0 })
    }
  }
  try Answer(
    values: slid { $0 + $1 }, rule: { "w[0] · x[\($0)] + … + w[\(width - 1)] · x[\($0 + width - 1)]" },
    owner: inOneRow(64),
    mistakes: [
      (slid({ $0 + $1 }, { width - 1 - $0 }), "The weights are taken in reverse order."),
      (slid { $0 - $1 }, "The window reaches backwards: it should begin at x[i]."),
      (slid { $0 + $1 - width / 2 }, "The window has x[i] in its middle: it should begin there."),
      (
        x.indices.map { i in
          total((0..<width).map { k in i % 64 + k < 64 && i + k < count ? x[i + k] * w[k] : 0 })
        },
        "At the end of a block the window reaches into the next one's elements; these count as 0 here. They have to be "
          + "loaded too."
      ),
    ], meetsInSharedMemory: true
  ).expect(out)
}

private func expectSoftmax(_ rows: Int, _ columns: Int, above low: Float = 0) throws {
  let x = (0..<rows * columns).map { Float($0 * 7 % 31) / 10 + low }
  let out = try Kernel.softmax.launch(
    .init(rows), of: .init(128), [x], out: Array(repeating: unwritten, count: rows * columns), [columns])
  let wide = exact(x)
  func row(_ i: Int) -> ArraySlice<Double> { wide[i / columns * columns..<(i / columns + 1) * columns] }
  let largest = wide.indices.map { row($0).max()! }
  let sums = wide.indices.map { i in total(row(i).map { exp($0 - largest[i]) }) }
  let values = wide.indices.map { exp(wide[$0] - largest[$0]) / sums[$0] }
  try Answer(
    values: values, element: { cell("out", $0, columns) },
    rule: {
      "exp(\(cell("x", $0, columns)) - \(largest[$0] < 0 ? "(\(short(largest[$0])))" : short(largest[$0]))) / \(short(sums[$0]))"
    },
    owner: { "thread \($0 % columns % 128) of block \($0 / columns)" },
    mistakes: [
      (wide.indices.map { exp(wide[$0] - largest[$0]) }, "It has not been divided by the sum of the row."),
      (wide.indices.map { wide[$0] / total(row($0)) }, "It is x divided by the sum of x: exp is missing."),
    ],
    ifNaN:
      "exp of a large number is infinite, and of one far below 0 it is 0. Is the largest of the row subtracted first? "
      + "And does the search for it begin with -INFINITY?",
    meetsInSharedMemory: true, tolerance: 1e-6
  ).expect(out)
}
