import ExerciseKit

extension Exercise {
  static let map = Exercise(
    .puzzle, number: 1, title: "a map", file: "Puzzle1Map.cu",
    checks: [
      Check("4 elements, 4 threads") { try expectMap(4) },
      Check("200 elements, 200 threads") { try expectMap(200) },
      Check("the threads in another order") { try Kernel.map.inOtherOrders { try expectMap(50) } },
    ])

  static let guarded = Exercise(
    .puzzle, number: 2, title: "a guard", file: "Puzzle2Guard.cu",
    checks: [
      Check("one block, all of it needed: 32 elements") { try expectSquares(32) },
      Check("three blocks, all of them needed: 96 elements") { try expectSquares(96) },
      Check("a last block that is not needed whole: 70 elements", ifEndless: endless) { try expectSquares(70) },
      Check("the threads in another order") { try Kernel.guarded.inOtherOrders { try expectSquares(70) } },
    ])

  static let twoDimensions = Exercise(
    .puzzle, number: 3, title: "two dimensions", file: "Puzzle3TwoDimensions.cu",
    checks: [
      Check("one block, 16 × 16") { try expectMirrored(16, 16) },
      Check("two rows of three blocks, 32 × 48") { try expectMirrored(32, 48) },
      Check("a matrix that does not fill its last blocks, 20 × 37") { try expectMirrored(20, 37) },
      Check("the threads in another order") { try Kernel.mirror.inOtherOrders { try expectMirrored(20, 37) } },
    ])

  static let broadcast = Exercise(
    .puzzle, number: 4, title: "a broadcast", file: "Puzzle4Broadcast.cu",
    checks: [
      Check("4 rows, 4 columns") { try expectOuterSum(4, 4) },
      Check("3 rows, 11 columns: two blocks") { try expectOuterSum(3, 11) },
      Check("40 rows, 7 columns: nine blocks") { try expectOuterSum(40, 7) },
      Check("the threads in another order") { try Kernel.broadcast.inOtherOrders { try expectOuterSum(3, 11) } },
    ])
}

let endless = "Does every loop of the kernel come to its end, for every thread?"

extension Kernel {
  fileprivate static let map = Kernel(puzzle: 1, name: "puzzle_map")
  fileprivate static let guarded = Kernel(puzzle: 2, name: "puzzle_guard")
  fileprivate static let mirror = Kernel(puzzle: 3, name: "puzzle_mirror")
  fileprivate static let broadcast = Kernel(puzzle: 4, name: "puzzle_broadcast")
}

private func expectMap(_ count: Int) throws {
  let x = numbers(count)
  let out = try Kernel.map.launch(.init(1), of: .init(count), [x], out: x.map { _ in unwritten })
  try Answer(
    values: exact(x).map { $0 + 10 }, rule: { "x[\($0)] + 10" }, owner: { "thread \($0)" },
    mistakes: [
      (exact(x), "It is x[0]: the 10 is missing."),
      ((0..<count).map { Double($0) + 10 }, "That is threadIdx.x + 10. Which number of x is the thread's?"),
    ]
  ).expect(out)
}

private func expectSquares(_ count: Int) throws {
  let x = numbers(count)
  let block = Kernel.Size(32)
  let out = try Kernel.guarded.launch(block.covering(count), of: block, [x], out: x.map { _ in unwritten }, [count])
  try Answer(
    values: exact(x).map { $0 * $0 }, rule: { "x[\($0)] · x[\($0)]" }, owner: inOneRow(32),
    mistakes: [
      (exact(x), "It is x itself, not its square."),
      (exact(x).map { 2 * $0 }, "It is 2 · x, not x · x."),
    ]
  ).expect(out)
}

private func expectMirrored(_ rows: Int, _ columns: Int) throws {
  let x = (0..<rows * columns).map { Float($0) }
  let block = Kernel.Size(16, 16)
  let out = try Kernel.mirror.launch(
    block.covering(columns, rows), of: block, [x], out: x.map { _ in unwritten }, [rows, columns])
  func taken(_ from: (_ r: Int, _ c: Int) -> (Int, Int)) -> [Double] {
    x.indices.map { i in
      let (r, c) = from(i / columns, i % columns)
      return Double(x[r * columns + c])
    }
  }
  try Answer(
    values: taken { ($0, columns - 1 - $1) }, element: { cell("out", $0, columns) },
    rule: { "x[\($0 / columns)][\(columns - 1 - $0 % columns)]" }, owner: inSquares(16, columns),
    mistakes: [
      (taken { ($0, $1) }, "It was copied, and not mirrored."),
      (taken { (rows - 1 - $0, $1) }, "The rows stand in reverse order. What should be reversed is each row."),
      (taken { (rows - 1 - $0, columns - 1 - $1) }, "Rows are right, but their order is reversed too."),
    ]
  ).expect(out)
}

private func expectOuterSum(_ rows: Int, _ columns: Int) throws {
  let x = (0..<rows).map { Float(100 * $0) }
  let y = (0..<columns).map { Float($0) + 0.5 }
  let block = Kernel.Size(32)
  let out = try Kernel.broadcast.launch(
    block.covering(rows * columns), of: block, [x, y], out: Array(repeating: unwritten, count: rows * columns),
    [rows, columns])
  func sums(_ indices: (Int) -> (x: Int, y: Int)) -> [Double] {
    out.indices.map { i in
      let (r, c) = indices(i)
      return r < rows && c < columns ? Double(x[r] + y[c]) : .nan
    }
  }
  try Answer(
    values: sums { ($0 / columns, $0 % columns) }, element: { cell("out", $0, columns) },
    rule: { "x[\($0 / columns)] + y[\($0 % columns)]" }, owner: inOneRow(32),
    mistakes: [
      (
        sums { ($0 % columns, $0 / columns) },
        "x and y have changed places: x goes down, and has an element for each row."
      ),
      (sums { ($0 % rows, $0 / rows) }, "out lies row by row. A row has as many elements as there are columns."),
      (sums { _ in (0, 0) }, "It is x[0] + y[0] everywhere."),
    ]
  ).expect(out)
}
