/// The graph that `backward()` would walk: operations and the tensors they read, as a picture or as text for two drawing
/// programs.
///
/// In all three forms a vertex has its name, and an edge the shape of the tensor that is read along it. The shape of a
/// result that nothing reads, such as the loss, stands under its name.
public struct ComputationGraph: Sendable {
  /// An operation, a leaf that collects a gradient, or a tensor that does not.
  public struct Vertex: Sendable {
    /// What a vertex is.
    public enum Kind: Sendable {
      /// A recorded operation.
      case operation
      /// A leaf that requires a gradient.
      case leaf
      /// A tensor that requires none.
      case constant
    }
    /// What it is.
    public let kind: Kind
    /// The operation's name, or the name given to the tensor.
    public let name: String
    /// The shape of the result, or of the tensor.
    public let shape: Shape
  }

  /// The vertices, each after all that it reads from.
  public private(set) var vertices: [Vertex] = []
  /// From the vertex that is read, to the one that reads, with the shape of what is read.
  public private(set) var edges: [(from: Int, to: Int, shape: Shape)] = []

  /// The graph of everything that `tensor` was computed from.
  ///
  /// - Parameters:
  ///   - tensor: Usually the loss.
  ///   - names: What to call the tensors that were not computed, such as `["w1": w1]`; others are called `leaf` and
  ///     `constant`.
  public init(of tensor: Tensor, names: [String: Tensor] = [:]) {
    var labels: [ObjectIdentifier: String] = [:]
    for (name, tensor) in names { labels[ObjectIdentifier(tensor)] = name }
    var places: [ObjectIdentifier: Int] = [:]

    // On a stack of our own, as in the engine: first what an operation reads, then the operation.
    var stack: [(edge: Edge, next: Int)] = [(Edge(tensor), 0)]
    while let (edge, next) = stack.last {
      let identity = edge.node.map(ObjectIdentifier.init) ?? ObjectIdentifier(edge.tensor)
      if places[identity] != nil {
        stack.removeLast()
      } else if let node = edge.node, next < node.edges.count {
        stack[stack.count - 1].next += 1
        stack.append((node.edges[next], 0))
      } else {
        places[identity] = vertices.count
        add(edge, label: labels[ObjectIdentifier(edge.tensor)], places)
        stack.removeLast()
      }
    }
  }

  private mutating func add(_ edge: Edge, label: String?, _ places: [ObjectIdentifier: Int]) {
    guard let node = edge.node else {
      let kind: Vertex.Kind = edge.wantsGradient ? .leaf : .constant
      vertices.append(
        Vertex(kind: kind, name: label ?? (kind == .leaf ? "leaf" : "constant"), shape: edge.tensor.shape))
      return
    }
    for i in 0..<node.edges.count {
      let input = node.edges[i]
      let identity = input.node.map(ObjectIdentifier.init) ?? ObjectIdentifier(input.tensor)
      if let from = places[identity] { edges.append((from, vertices.count, input.tensor.shape)) }
    }
    vertices.append(Vertex(kind: .operation, name: "\(node.name)", shape: edge.tensor.shape))
  }

  /// For each vertex, whether nothing reads it.
  var results: [Bool] {
    var results = vertices.map { _ in true }
    for edge in edges { results[edge.from] = false }
    return results
  }

  /// The names of the vertices, with the shape of a result after `separator`.
  private func labels(_ separator: String, escaping escapes: [Unicode.Scalar: String]) -> [String] {
    zip(vertices, results).map { vertex, isResult in
      withControlsShown(vertex.name, escaping: escapes) + (isResult ? "\(separator)\(vertex.shape)" : "")
    }
  }

  /// The graph in Graphviz's language.
  public var dot: String {
    var text = "digraph {\n  rankdir=TB\n  node [fontname=\"sans-serif\" fontsize=11 style=filled]\n"
    text += "  edge [fontname=\"sans-serif\" fontsize=9]\n"
    let labels = labels("\\n", escaping: ["\\": "\\\\", "\"": "\\\""])
    for (i, vertex) in vertices.enumerated() {
      let look =
        switch vertex.kind {
        case .operation: "shape=box fillcolor=\"#e8eef7\" color=\"#4a6fa5\""
        case .leaf: "shape=ellipse fillcolor=\"#fdeccf\" color=\"#c77d0a\""
        case .constant: "shape=ellipse fillcolor=\"#f3f3f3\" color=\"#8a8a8a\""
        }
      text += "  n\(i) [label=\"\(labels[i])\" \(look)]\n"
    }
    for edge in edges { text += "  n\(edge.from) -> n\(edge.to) [label=\"\(edge.shape)\"]\n" }
    return text + "}\n"
  }

  /// The graph in Mermaid's language, which code hosts draw within a page.
  public var mermaid: String {
    var text = "flowchart TD\n"
    // Mermaid takes a label for HTML or Markdown, and has an escape of its own.
    let labels = labels(
      "<br>", escaping: ["#": "#35;", "\"": "#34;", "<": "#60;", ">": "#62;", "&": "#38;", "`": "#96;"])
    for (i, vertex) in vertices.enumerated() {
      text += vertex.kind == .operation ? "  n\(i)[\"\(labels[i])\"]\n" : "  n\(i)([\"\(labels[i])\"])\n"
    }
    for edge in edges { text += "  n\(edge.from) -->|\"\(edge.shape)\"| n\(edge.to)\n" }
    for (name, kind, colors) in [
      ("leaf", Vertex.Kind.leaf, "fill:#fdeccf,stroke:#c77d0a,color:#000"),
      ("constant", .constant, "fill:#f3f3f3,stroke:#8a8a8a,color:#000"),
    ] {
      let members = vertices.indices.filter { vertices[$0].kind == kind }.map { "n\($0)" }
      if !members.isEmpty {
        text += "  classDef \(name) \(colors)\n  class \(members.joined(separator: ",")) \(name)\n"
      }
    }
    return text
  }

  /// The graph as a picture, which needs no other program: boxes for operations, rounded ones for the tensors that nobody
  /// computed, with a solid outline for those that collect a gradient; light or dark as the reader's screen is.
  ///
  /// Of a graph with more than some thousand vertices it shows the beginning and the end, and says what it leaves out.
  public var svg: String { GraphDrawing(self).svg }

  /// Writes the graph in the form that the end of `path` names: `.svg` as a picture, `.dot` and `.mmd` as text.
  ///
  /// - Throws: `KindlingError` for another ending, or a file that cannot be written.
  public func write(to path: String) throws {
    try ComputationGraph.checkEnding(of: path)
    let text = path.hasSuffix(".svg") ? svg : path.hasSuffix(".dot") ? dot : mermaid
    try FileAccess.store([Array(text.utf8)], at: path, for: "ComputationGraph.write")
  }

  /// Throws `KindlingError` unless `write(to:)` knows the ending of `path`: before the work of making a graph.
  public static func checkEnding(of path: String) throws {
    if ![".dot", ".mmd", ".svg"].contains(where: path.hasSuffix) {
      throw KindlingError("\(path): a graph is written as .dot, .mmd or .svg")
    }
  }
}
