/// What can be drawn of a graph: all of it, or the beginning and the end of one with too many vertices.
package struct GraphExcerpt: Sendable {
  /// The most vertices that are drawn.
  static let mostVertices = 3_000
  /// The most rows that lines of the drawing may pass, all lines together: where everything is read to the end, the lines
  /// would be more than the vertices by far.
  static let mostRows = 50_000

  /// For each vertex its number in the graph; nil for the one that stands for all that are left out.
  package private(set) var vertices: [Int?]
  /// Between places in `vertices`. An edge of the vertex that stands for others has a shape if all that it stands for agree.
  package private(set) var edges: [(from: Int, to: Int, shape: Shape?)]
  /// The vertices of the graph that are left out.
  package private(set) var leftOut: Range<Int>

  package init(_ graph: ComputationGraph) {
    var kept = min(graph.vertices.count, GraphExcerpt.mostVertices)
    self.init(graph, keeping: kept)
    while kept > 2 && rowsPassed > GraphExcerpt.mostRows {
      kept /= 2
      self.init(graph, keeping: kept)
    }
  }

  /// The first and the last vertices, half of `count` each. In between everything is one: no edge leads backwards from it,
  /// since each vertex comes after all that it reads from.
  private init(_ graph: ComputationGraph, keeping count: Int) {
    let all = graph.vertices.count
    let first = (count + 1) / 2
    leftOut = count == all ? all..<all : first..<(all - count / 2)
    vertices = Array(0..<leftOut.lowerBound) + (leftOut.isEmpty ? [] : [nil]) + Array(leftOut.upperBound..<all)
    edges = []
    let shift = max(leftOut.count - 1, 0)
    let (lower, upper) = (leftOut.lowerBound, leftOut.upperBound)
    func place(_ vertex: Int) -> Int { vertex < lower ? vertex : vertex < upper ? lower : vertex - shift }
    var known: [[Int]: Int] = [:]
    for edge in graph.edges {
      let (from, to) = (place(edge.from), place(edge.to))
      if !leftOut.contains(edge.from) && !leftOut.contains(edge.to) {
        edges.append((from, to, edge.shape))
      } else if from != to {
        let index = known[[from, to], default: edges.count]
        known[[from, to]] = index
        if index == edges.count {
          edges.append((from, to, edge.shape))
        } else if edges[index].shape != edge.shape {
          edges[index].shape = nil
        }
      }
    }
  }

  /// One line for all that read a vertex, as far as the last of them, and one more for each edge that there is already.
  private var rowsPassed: Int {
    let levels = GraphLayout.levels(of: vertices.count, edges: edges.map { ($0.from, $0.to) })
    var (longest, more) = ([Int](repeating: 0, count: vertices.count), 0)
    var known: Set<[Int]> = []
    for edge in edges {
      let rows = levels[edge.from] - levels[edge.to]
      if known.insert([edge.from, edge.to]).inserted {
        longest[edge.from] = max(longest[edge.from], rows)
      } else {
        more += rows
      }
    }
    return longest.reduce(more, +)
  }
}
