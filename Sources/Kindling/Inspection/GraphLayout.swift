/// Where the vertices and edges of a graph stand in a picture: boxes in rows, each below all that it reads from.
///
/// The layout is Sugiyama's, and knows sizes alone: neither tensors nor how anything is drawn. A vertex stands in the row
/// that its longest way to the end asks for. Between two rows of boxes lies a row of labels, and an edge takes a place of
/// its own in every row that it passes, so that it runs through no box and no label. The same graph gives the same picture.
package struct GraphLayout: Sendable {
  /// What a box or a label needs.
  package struct Size: Equatable, Sendable {
    package var width, height: Double
    package init(width: Double, height: Double) { (self.width, self.height) = (width, height) }
  }

  /// What stands beside an edge.
  package struct Label: Equatable, Sendable {
    package var text: String
    package var size: Size
    package init(_ text: String, size: Size) { (self.text, self.size) = (text, size) }
  }

  /// From a vertex to a later one.
  package struct Edge: Sendable {
    package var from, to: Int
    package var label: Label?
    package init(from: Int, to: Int, label: Label?) { (self.from, self.to, self.label) = (from, to, label) }
  }

  package struct Point: Equatable, Sendable {
    package var x, y: Double
  }

  /// A rectangle; `x` and `y` are its upper left corner.
  package struct Box: Equatable, Sendable {
    package var x, y, width, height: Double
  }

  /// The way of an edge, from the lower side of one box to the upper side of another.
  package struct Route: Equatable, Sendable {
    /// Corners from above to below. Between two that differ in `x` lies nothing, so a straight line fits there as well as
    /// a curve that leaves and arrives vertically.
    package var points: [Point]
    /// The room for its label, to the right of a vertical part. Nil for an edge without a label, and for one that shares a
    /// line with an edge before it, since their label is the same.
    package var label: Box?
  }

  /// One for each vertex, in their order.
  package private(set) var boxes: [Box] = []
  /// One for each edge, in their order.
  package private(set) var routes: [Route] = []
  /// Of the whole picture, without a margin.
  package private(set) var width = 0.0, height = 0.0

  /// Lays out vertices of these sizes.
  ///
  /// - Parameters:
  ///   - sizes: One for each vertex.
  ///   - edges: The order of those that end in one vertex is kept from left to right where that costs no crossing.
  package init(sizes: [Size], edges: [Edge]) {
    if sizes.isEmpty { return }
    var rows = GraphRows(sizes: sizes, edges: edges)
    rows.order()
    let x = GraphColumns(rows).x
    place(rows, x, sizes, edges)
  }

  /// How many rows of boxes lie between each vertex and the last row.
  package static func levels(of count: Int, edges: [(from: Int, to: Int)]) -> [Int] {
    // Edges by where they begin, so that one walk from the last vertex to the first is enough.
    var start = [Int](repeating: 0, count: count + 1)
    for edge in edges { start[edge.from + 1] += 1 }
    for i in 0..<count { start[i + 1] += start[i] }
    var (next, readers) = (start, [Int](repeating: 0, count: edges.count))
    for edge in edges {
      readers[next[edge.from]] = edge.to
      next[edge.from] += 1
    }
    var levels = [Int](repeating: 0, count: count)
    for vertex in (0..<count).reversed() {
      for reader in readers[start[vertex]..<start[vertex + 1]] {
        levels[vertex] = max(levels[vertex], levels[reader] + 1)
      }
    }
    return levels
  }

  // MARK: From rows and columns to points

  /// Room above a row of labels, and below it; of the latter, what an arrow goes straight down before it arrives.
  private static let above = 12.0, below = 24.0, arrival = 9.0

  private mutating func place(_ rows: GraphRows, _ x: [Double], _ sizes: [Size], _ edges: [Edge]) {
    let (tops, heights) = GraphLayout.heights(rows, x, sizes, edges)
    height = tops.last! + heights.last!
    for row in rows.rows {
      if let last = row.last { width = max(width, x[last] + rows.items[last].right) }
    }
    boxes = sizes.indices.map { vertex in
      let row = rows.items[vertex].row
      let (size, top) = (sizes[vertex], tops[row] + (heights[row] - sizes[vertex].height) / 2)
      return Box(x: x[vertex] - size.width / 2, y: top, width: size.width, height: size.height)
    }
    var isLabelled = [Bool](repeating: false, count: rows.lines.count)
    routes = zip(edges, rows.passages).map { edge, passage in
      var points = [Point(x: x[edge.from], y: boxes[edge.from].y + boxes[edge.from].height)]
      func go(_ x: Double, _ y: Double) {
        let count = points.count
        if count > 1 && points[count - 1].x == x && points[count - 2].x == x { points.removeLast() }
        points.append(Point(x: x, y: y))
      }
      for item in [edge.from] + rows.lines[passage.line].prefix(passage.count) {
        let row = rows.items[item].row
        if item != edge.from { go(x[item], tops[row]) }
        go(x[item], tops[row] + heights[row])
      }
      go(x[edge.to], tops[rows.items[edge.to].row] - GraphLayout.arrival)
      go(x[edge.to], boxes[edge.to].y)
      defer { isLabelled[passage.line] = true }
      guard let size = edge.label?.size, !isLabelled[passage.line] else { return Route(points: points, label: nil) }
      let first = rows.lines[passage.line][0]
      let row = rows.items[first].row
      let y = tops[row] + (heights[row] - size.height) / 2
      let label = Box(x: x[first] + GraphRows.besideLine, y: y, width: size.width, height: size.height)
      return Route(points: points, label: label)
    }
  }

  /// The upper side and the height of each row. Edges that go far to the side get more room to do it in.
  private static func heights(
    _ rows: GraphRows, _ x: [Double], _ sizes: [Size], _ edges: [Edge]
  ) -> (tops: [Double], heights: [Double]) {
    var heights = [Double](repeating: 0, count: rows.rows.count)
    for (vertex, size) in sizes.enumerated() {
      heights[rows.items[vertex].row] = max(heights[rows.items[vertex].row], size.height)
    }
    for edge in edges {
      let row = rows.items[edge.from].row + 1
      heights[row] = max(heights[row], edge.label?.size.height ?? 0)
    }
    var (tops, top) = ([Double](), 0.0)
    for (number, row) in rows.rows.enumerated() {
      tops.append(top)
      var sideways = 0.0
      for item in row { for lower in rows.lower[item] { sideways = max(sideways, abs(x[item] - x[lower])) } }
      let room = number % 2 == 0 ? above : below
      top += heights[number] + max(room, min(room + 80, room / 2 + sideways / 6)).rounded()
    }
    return (tops, heights)
  }
}
