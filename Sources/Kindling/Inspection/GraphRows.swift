/// Which row of a layout holds what, from left to right: boxes in rows 0, 2, 4 and so on, labels in the rows between.
struct GraphRows {
  /// Something that takes up room in one row: a vertex, or a line that passes, with or without a label.
  struct Item {
    let row: Int
    /// What it needs on both sides of its axis, where edges arrive and leave.
    let left, right: Double
    /// For a line, the vertex that it comes from.
    let source: Int?
  }

  /// The vertices first, in their order.
  private(set) var items: [Item] = []
  /// The items of each row, from left to right.
  private(set) var rows: [[Int]] = []
  /// For each item those that it is linked to in the row above, and in the row below.
  private(set) var upper: [[Int]] = [], lower: [[Int]] = []
  /// What edges run along: for each line its items, one a row, from above to below. The label stands beside the first.
  private(set) var lines: [[Int]] = []
  /// For each edge its line, and how many items of it the edge follows before it turns to its end.
  private(set) var passages: [(line: Int, count: Int)] = []

  /// From an edge's line to its label.
  static let besideLine = 6.0

  /// Edges from one vertex that have the same label share a line, which each leaves where it arrives: a weight that every
  /// step of a loop reads is one line beside the steps, and not one for each. Only a second edge between the same two
  /// vertices has a line of its own, or it could not be seen.
  init(sizes: [GraphLayout.Size], edges: [GraphLayout.Edge]) {
    let levels = GraphLayout.levels(of: sizes.count, edges: edges.map { ($0.from, $0.to) })
    let last = levels.max()!
    rows = Array(repeating: [], count: 2 * last + 1)
    for (vertex, size) in sizes.enumerated() {
      add(Item(row: 2 * (last - levels[vertex]), left: size.width / 2, right: size.width / 2, source: nil))
    }
    var known: [Int: [(label: GraphLayout.Label?, line: Int, readers: Set<Int>)]] = [:]
    for edge in edges {
      let rowsBetween = items[edge.to].row - items[edge.from].row - 1
      var shared = known[edge.from]?.firstIndex { $0.label == edge.label && !$0.readers.contains(edge.to) }
      if shared == nil {
        shared = known[edge.from]?.count ?? 0
        known[edge.from, default: []].append((edge.label, lines.count, []))
        lines.append([])
      }
      let line = known[edge.from]![shared!].line
      known[edge.from]![shared!].readers.insert(edge.to)
      while lines[line].count < rowsBetween { extend(line, edge) }
      link(lines[line][rowsBetween - 1], edge.to)
      passages.append((line, rowsBetween))
    }
  }

  /// By one row.
  private mutating func extend(_ line: Int, _ edge: GraphLayout.Edge) {
    let above = lines[line].last ?? edge.from
    let label = lines[line].isEmpty ? edge.label : nil
    let right = label.map { GraphRows.besideLine + $0.size.width } ?? 4
    let item = add(Item(row: items[above].row + 1, left: 4, right: right, source: edge.from))
    link(above, item)
    lines[line].append(item)
  }

  @discardableResult private mutating func add(_ item: Item) -> Int {
    rows[item.row].append(items.count)
    items.append(item)
    upper.append([])
    lower.append([])
    return items.count - 1
  }

  private mutating func link(_ above: Int, _ below: Int) {
    lower[above].append(below)
    upper[below].append(above)
  }

  /// How far the axes of neighbours must be from each other.
  func distance(_ left: Int, _ right: Int) -> Double {
    let areBoxes = items[left].source == nil && items[right].source == nil
    return items[left].right + (areBoxes ? 20 : 12) + items[right].left
  }

  // MARK: Order within the rows

  /// Orders each row by where its neighbours stand, from below and from above in turn, and keeps the order with the fewest
  /// crossings.
  ///
  /// What comes out depends on where it begins. A graph of moderate size begins in four ways: vertices before lines or
  /// after them, from below or from above.
  mutating func order() {
    var (best, fewest) = (rows, Int.max)
    let verticesFirst = rows
    let linesFirst = rows.map { row in row.filter { items[$0].source != nil } + row.filter { items[$0].source == nil } }
    for (start, first) in [(verticesFirst, 0), (linesFirst, 0), (verticesFirst, 1), (linesFirst, 1)] {
      rows = start
      var place = [Int](repeating: 0, count: items.count)
      for row in rows { for (index, item) in row.enumerated() { place[item] = index } }
      for sweep in first..<first + 12 where fewest > 0 {
        let isUp = sweep % 2 == 0
        for number in isUp ? Array(rows.indices.reversed()) : Array(rows.indices) {
          rows[number] = GraphRows.sorted(rows[number], by: isUp ? lower : upper, place)
          for (index, item) in rows[number].enumerated() { place[item] = index }
        }
        let crossings = crossings(place)
        if crossings < fewest { (best, fewest) = (rows, crossings) }
      }
      if items.count > 4_000 { break }
    }
    rows = best
  }

  /// The row in the order of its neighbours' mean places. What has no neighbours stays where it is.
  private static func sorted(_ row: [Int], by neighbours: [[Int]], _ place: [Int]) -> [Int] {
    var (moving, slots) = ([(item: Int, mean: Double, index: Int)](), [Int]())
    for (index, item) in row.enumerated() where !neighbours[item].isEmpty {
      let sum = neighbours[item].reduce(0) { $0 + place[$1] }
      moving.append((item, Double(sum) / Double(neighbours[item].count), index))
      slots.append(index)
    }
    moving.sort { ($0.mean, $0.index) < ($1.mean, $1.index) }
    var result = row
    for (slot, next) in zip(slots, moving) { result[slot] = next.item }
    return result
  }

  /// How often links cross: pairs of links between two rows whose ends stand in opposite orders.
  private func crossings(_ place: [Int]) -> Int {
    var total = 0
    for (number, row) in rows.dropLast().enumerated() {
      // A Fenwick tree counts, for each link, those before it that end further right.
      var (tree, seen) = ([Int](repeating: 0, count: rows[number + 1].count + 1), 0)
      for item in row {
        let ends = lower[item].map { place[$0] }.sorted()
        for end in ends {
          var (i, notRight) = (end + 1, 0)
          while i > 0 {
            notRight += tree[i]
            i -= i & -i
          }
          total += seen - notRight
        }
        for end in ends {
          var i = end + 1
          while i < tree.count {
            tree[i] += 1
            i += i & -i
          }
        }
        seen += ends.count
      }
    }
    return total
  }
}
