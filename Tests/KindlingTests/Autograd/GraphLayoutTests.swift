import Kindling
import Testing

/// The picture of a graph can be read, whatever the graph: nothing stands on anything else.
@Suite struct GraphLayoutTests {
  /// Sizes and edges of a graph, as the layout takes them.
  struct Graph: Sendable, CustomTestStringConvertible {
    let name: String
    var sizes: [GraphLayout.Size] = []
    var edges: [GraphLayout.Edge] = []

    var testDescription: String { name }
    var layout: GraphLayout { GraphLayout(sizes: sizes, edges: edges) }

    /// A vertex that reads `inputs`. Its number.
    @discardableResult mutating func add(_ inputs: Int..., width: Double = 60) -> Int {
      add(inputs, width: width)
    }

    @discardableResult mutating func add(_ inputs: [Int], width: Double = 60) -> Int {
      sizes.append(.init(width: width, height: width > 100 ? 48 : 32))
      for input in inputs {
        let text = "[\(input % 7)]"
        edges.append(
          .init(from: input, to: sizes.count - 1, label: .init(text, size: .init(width: 30, height: 16))))
      }
      return sizes.count - 1
    }
  }

  static let graphs: [Graph] = {
    var one = Graph(name: "one vertex")
    one.add()
    var square = Graph(name: "the same tensor twice")
    let leaf = square.add()
    square.add(square.add(leaf, leaf), leaf, leaf)
    var parts = Graph(name: "parts without a connection")
    for _ in 0..<3 { parts.add(parts.add(parts.add(), parts.add())) }
    parts.add()
    var residual = Graph(name: "skips")
    var x = residual.add()
    for _ in 0..<4 { x = residual.add(x, residual.add(residual.add(x), residual.add(width: 140))) }
    var loop = Graph(name: "a weight that every step reads")
    let weight = loop.add()
    var state = loop.add()
    for _ in 0..<30 { state = loop.add(loop.add(state, weight), loop.add()) }
    return [one, square, parts, residual, loop] + (0..<40).map(random)
  }()

  /// Twenty vertices that read up to three earlier ones each.
  static func random(_ seed: Int) -> Graph {
    var graph = Graph(name: "random \(seed)")
    var state = UInt64(seed) &+ 1
    func next(_ limit: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % limit
    }
    for number in 0..<20 {
      let inputs = number == 0 ? [] : (0..<next(4)).map { _ in next(number) }
      graph.add(inputs, width: Double(48 + next(120)))
    }
    return graph
  }

  @Test(arguments: graphs) func noTwoBoxesOrLabelsOverlap(_ graph: Graph) {
    let layout = graph.layout
    #expect(layout.boxes.count == graph.sizes.count && layout.routes.count == graph.edges.count)
    let all = layout.boxes + layout.routes.compactMap(\.label)
    for (index, box) in all.enumerated() {
      #expect(box.x >= 0 && box.y >= 0)
      #expect(box.x + box.width <= layout.width && box.y + box.height <= layout.height)
      for other in all[(index + 1)...] { #expect(!overlap(box, other), "\(box) and \(other)") }
    }
  }

  @Test(arguments: graphs) func edgesCrossNoBoxAndNoLabel(_ graph: Graph) {
    let layout = graph.layout
    let obstacles = layout.boxes + layout.routes.compactMap(\.label)
    for route in layout.routes {
      for (from, to) in zip(route.points, route.points.dropFirst()) {
        #expect(from.y <= to.y, "an edge leads down")
        // Where it turns aside, a curve may go anywhere between the two corners.
        let (left, right) = (min(from.x, to.x), max(from.x, to.x))
        for box in obstacles {
          let isBeside = right <= box.x || left >= box.x + box.width
          #expect(isBeside || to.y <= box.y || from.y >= box.y + box.height, "\(from) to \(to) and \(box)")
        }
      }
    }
  }

  @Test(arguments: graphs) func edgesBeginAndEndAtTheirBoxes(_ graph: Graph) {
    let layout = graph.layout
    for (edge, route) in zip(graph.edges, layout.routes) {
      let (from, to) = (layout.boxes[edge.from], layout.boxes[edge.to])
      let (first, last) = (route.points.first!, route.points.last!)
      #expect(first.x == from.x + from.width / 2 && first.y == from.y + from.height)
      #expect(last.x == to.x + to.width / 2 && last.y == to.y)
    }
  }

  @Test(arguments: graphs) func theSameGraphGivesTheSamePicture(_ graph: Graph) {
    let (one, two) = (graph.layout, graph.layout)
    #expect(one.boxes == two.boxes && one.routes == two.routes)
  }

  @Test func aChainOfOperationsIsStraight() {
    var graph = Graph(name: "layers")
    var x = graph.add()
    var chain: [Int] = []
    for _ in 0..<5 {
      x = graph.add(x, graph.add(graph.add(width: 160)))
      chain.append(x)
    }
    let layout = graph.layout
    #expect(Set(chain.map { layout.boxes[$0].x }).count == 1)
  }

  @Test func aLabelIsGivenOnceForEdgesThatShareALine() {
    var graph = Graph(name: "fan out")
    let x = graph.add()
    graph.add(graph.add(x), graph.add(x), x)
    #expect(graph.layout.routes.map { $0.label != nil } == [true, false, true, true, false])
  }

  @Test func aTensorReadTwiceByOneOperationHasTwoEdges() {
    var graph = Graph(name: "square")
    let x = graph.add()
    graph.add(x, x)
    let routes = graph.layout.routes
    #expect(routes[0].points != routes[1].points && routes.allSatisfy { $0.label != nil })
  }

  private func overlap(_ a: GraphLayout.Box, _ b: GraphLayout.Box) -> Bool {
    a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height
  }
}
