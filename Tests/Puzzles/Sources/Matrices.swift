import ExerciseKit

extension Exercise {
  static let transpose = Exercise(
    .puzzle, number: 10, title: "a transpose without conflicts", file: "Puzzle10Transpose.cu",
    checks: [
      Check("one tile, 32 × 32", ifEndless: endless) { try expectTransposed(32, 32) },
      Check("2 × 3 tiles, 64 × 96", ifEndless: endless) { try expectTransposed(64, 96) },
      Check("a matrix that does not fill its last tiles, 40 × 75", ifEndless: endless) { try expectTransposed(40, 75) },
      Check("the threads in another order") { try Kernel.transpose.inOtherOrders { try expectTransposed(40, 75) } },
      Check("what it costs: neighbouring threads at neighbouring elements") {
        try Costs.of(.transpose) { try expectTransposed(64, 96) }?.expectNeighbours()
      },
      Check("what it costs: no two places of a warp in one bank") {
        try Costs.of(.transpose) { try expectTransposed(64, 96) }?.expectNoConflicts()
      },
    ])

  static let product = Exercise(
    .puzzle, number: 11, title: "a tiled product", file: "Puzzle11TiledProduct.cu",
    checks: [
      Check("one tile each, 16 × 16 times 16 × 16", ifEndless: endless) { try expectProduct(16, 16, 16) },
      Check("two steps along k, 16 × 32 times 32 × 16", ifEndless: endless) { try expectProduct(16, 16, 32) },
      Check("six blocks, 32 × 16 times 16 × 48", ifEndless: endless) { try expectProduct(32, 48, 16) },
      Check("tiles that are not full, 20 × 25 times 25 × 37", ifEndless: endless) { try expectProduct(20, 37, 25) },
      Check("the threads in another order") { try Kernel.product.inOtherOrders { try expectProduct(20, 37, 25) } },
      Check("what it costs: each element is loaded once by a block") {
        let costs = try Costs.of(.product) { try expectProduct(32, 48, 64) }
        for name in ["x", "y"] {
          try costs?.expectReads(
            of: name, atMost: 6 * 4 * 256, "256 in each of 4 steps of 6 blocks",
            "Load a tile of x and one of y into shared memory, and multiply from there.")
        }
      },
    ])
}

extension Kernel {
  fileprivate static let transpose = Kernel(puzzle: 10, name: "puzzle_transpose")
  fileprivate static let product = Kernel(puzzle: 11, name: "puzzle_product")
}

private func expectTransposed(_ rows: Int, _ columns: Int) throws {
  let x = (0..<rows * columns).map { Float($0) }
  let block = Kernel.Size(32, 32)
  let out = try Kernel.transpose.launch(
    block.covering(columns, rows), of: block, [x], out: x.map { _ in unwritten }, [rows, columns])
  /// Where an element of out comes from in x, and the element that lies where its tile's would if only one had turned.
  let values = x.indices.map { Double(x[$0 % rows * columns + $0 / rows]) }
  func tiles(_ from: (_ tile: (Int, Int), _ inside: (Int, Int)) -> (r: Int, c: Int)) -> [Double] {
    x.indices.map { i in
      let (c, r) = (i / rows, i % rows)  // row and column of out
      let place = from((c / 32, r / 32), (c % 32, r % 32))
      return place.r < rows && place.c < columns ? Double(x[place.r * columns + place.c]) : .nan
    }
  }
  try Answer(
    values: values, element: { cell("out", $0, rows) }, rule: { "x[\($0 % rows)][\($0 / rows)]" },
    owner: { i in
      let (c, r) = (i / rows, i % rows)
      return "thread (\(r % 32), \(c % 32)) of block (\(c / 32), \(r / 32)), if threadIdx.x runs along a row of out"
    },
    mistakes: [
      (exact(x), "It was copied, and not transposed."),
      (
        tiles { tile, inside in (tile.1 * 32 + inside.0, tile.0 * 32 + inside.1) },
        "The tile is in the right place, but within it rows and columns have not changed places: write tile[tx][ty] where "
          + "tile[ty][tx] was filled."
      ),
      (
        tiles { tile, inside in (tile.0 * 32 + inside.1, tile.1 * 32 + inside.0) },
        "Within a tile all is right, but the tile is another one: where it begins in out, rows and columns change places "
          + "too."
      ),
    ], meetsInSharedMemory: true
  ).expect(out)
}

private func expectProduct(_ m: Int, _ n: Int, _ k: Int) throws {
  let x = (0..<m * k).map { Float($0 * 7 % 31) }
  let y = (0..<k * n).map { Float($0 * 5 % 17) + 1 }
  let block = Kernel.Size(16, 16)
  let out = try Kernel.product.launch(
    block.covering(n, m), of: block, [x, y], out: Array(repeating: unwritten, count: m * n), [m, n, k])
  func products(of steps: Range<Int>) -> [Double] {
    out.indices.map { i in total(steps.map { Double(x[i / n * k + $0] * y[$0 * n + i % n]) }) }
  }
  try Answer(
    values: products(of: 0..<k), element: { cell("out", $0, n) },
    rule: { "x[\($0 / n)][0] · y[0][\($0 % n)] + … + x[\($0 / n)][\(k - 1)] · y[\(k - 1)][\($0 % n)]" },
    owner: inSquares(16, n),
    mistakes: [
      (products(of: 0..<min(16, k)), "That is the first step along k alone. Is the sum kept from step to step?"),
      (products(of: k / 17 * 16..<k), "That is the last step along k alone. Is the sum kept from step to step?"),
    ], meetsInSharedMemory: true
  ).expect(out)
}
