import Kindling

extension PageData.Graph {
  /// The most vertices that are drawn.
  private static let mostVertices = 200

  /// The operations of a step up to the loss and the tensors that they begin with, laid out; nil if there are none, or more
  /// than can be looked at.
  init?(_ step: Walkthrough.Step, _ tensors: [Walkthrough.Snapshot]) {
    let operations = step.operations.indices.filter {
      step.operations[$0].phase == .forward && !step.operations[$0].isRule
    }
    if operations.isEmpty || operations.count > PageData.Graph.mostVertices { return nil }
    let trained = Set(
      step.operations.filter { $0.phase == .update && $0.writes }.compactMap { tensors[$0.results[0].tensor].name })
    self.init(width: 0, height: 0, vertices: [], edges: [])
    var makers: [Int: Int] = [:]  // of a tensor, the vertex that it comes from
    for i in operations {
      let operation = step.operations[i]
      for input in operation.inputs where makers[input] == nil {
        let name = tensors[input].name
        makers[input] = vertices.count
        vertices.append(
          Vertex(
            label: name ?? "\(tensors[input].values.shape)",
            kind: name.map(trained.contains) == true ? "leaf" : "constant",
            operation: nil, tensor: input))
      }
      let output = operation.results[0].tensor
      for input in operation.inputs {
        edges.append(
          Edge(from: makers[input]!, to: vertices.count, label: "\(tensors[input].values.shape)", points: []))
      }
      makers[output] = vertices.count
      vertices.append(Vertex(label: operation.name, kind: "operation", operation: i, tensor: output))
    }
    place()
  }

  /// Lays out vertices and edges.
  private mutating func place() {
    let layout = GraphLayout(
      sizes: vertices.map { GraphLayout.Size(width: max(48, 8 * Double($0.label.count) + 20), height: 28) },
      edges: edges.map {
        .init(
          from: $0.from, to: $0.to,
          label: .init($0.label, size: GraphLayout.Size(width: 7 * Double($0.label.count) + 8, height: 16)))
      })
    (width, height) = (layout.width, layout.height)
    for (i, box) in layout.boxes.enumerated() {
      (vertices[i].x, vertices[i].y, vertices[i].width, vertices[i].height) = (box.x, box.y, box.width, box.height)
    }
    for (i, route) in layout.routes.enumerated() {
      edges[i].points = route.points.map { [$0.x, $0.y] }
      edges[i].at = route.label.map { [$0.x, $0.y + $0.height / 2] }
    }
  }
}
