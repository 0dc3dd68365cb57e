#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The graph that `backward()` would walk: operations and the tensors they read, as text for two drawing programs.
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
  /// From the vertex that is read, to the one that reads.
  public private(set) var edges: [(from: Int, to: Int)] = []

  /// The graph of everything that `tensor` was computed from.
  ///
  /// - Parameters:
  ///   - tensor: Usually the loss.
  ///   - names: What to call the tensors that were not computed, such as `["w1": w1]`; others are called `leaf` and
  ///     `constant`.
  public init(of tensor: Tensor, names: [String: Tensor] = [:]) {
    var labels: [ObjectIdentifier: String] = [:]
    // A quote would end the label in either language.
    for (name, tensor) in names { labels[ObjectIdentifier(tensor)] = String(name.map { $0 == "\"" ? "'" : $0 }) }
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
      if let from = places[identity] { edges.append((from, vertices.count)) }
    }
    vertices.append(Vertex(kind: .operation, name: "\(node.name)", shape: edge.tensor.shape))
  }

  /// The graph in Graphviz's language.
  public var dot: String {
    var text = "digraph {\n  rankdir=TB\n  node [fontname=\"sans-serif\" fontsize=11 style=filled]\n"
    for (i, vertex) in vertices.enumerated() {
      let look =
        switch vertex.kind {
        case .operation: "shape=box fillcolor=\"#e8eef7\" color=\"#4a6fa5\""
        case .leaf: "shape=ellipse fillcolor=\"#fdeccf\" color=\"#c77d0a\""
        case .constant: "shape=ellipse fillcolor=\"#f3f3f3\" color=\"#8a8a8a\""
        }
      text += "  n\(i) [label=\"\(vertex.name)\\n\(vertex.shape)\" \(look)]\n"
    }
    for edge in edges { text += "  n\(edge.from) -> n\(edge.to)\n" }
    return text + "}\n"
  }

  /// The graph in Mermaid's language, which code hosts draw within a page.
  public var mermaid: String {
    var text = "flowchart TD\n"
    for (i, vertex) in vertices.enumerated() {
      let label = "\"\(vertex.name)<br>\(vertex.shape)\""
      text += vertex.kind == .operation ? "  n\(i)[\(label)]\n" : "  n\(i)([\(label)])\n"
    }
    for edge in edges { text += "  n\(edge.from) --> n\(edge.to)\n" }
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

  /// Writes the graph in the form that the end of `path` names: `.dot` and `.mmd` as text, `.svg` drawn by Graphviz.
  ///
  /// - Throws: `KindlingError` for another ending, a file that cannot be written, or a Graphviz that is not installed.
  public func write(to path: String) throws {
    if path.hasSuffix(".dot") {
      try write(dot, to: path)
    } else if path.hasSuffix(".mmd") {
      try write(mermaid, to: path)
    } else if path.hasSuffix(".svg") {
      try draw(to: path)
    } else {
      try ComputationGraph.checkEnding(of: path)
    }
  }

  /// Throws `KindlingError` unless `write(to:)` knows the ending of `path`, and finds Graphviz where it needs it: before the
  /// work of making a graph.
  public static func checkEnding(of path: String) throws {
    if ![".dot", ".mmd", ".svg"].contains(where: path.hasSuffix) {
      throw KindlingError("\(path): a graph is written as .dot, .mmd or .svg")
    }
    let folders = getenv("PATH").map { String(cString: $0).split(separator: ":") } ?? []
    if path.hasSuffix(".svg") && !folders.contains(where: { access("\($0)/dot", X_OK) == 0 }) {
      throw KindlingError(
        "\(path): drawing needs Graphviz, whose program dot was not found; on Debian or Ubuntu: apt-get install graphviz. "
          + "A .dot or .mmd file needs nothing.")
    }
  }

  private func write(_ text: String, to path: String) throws {
    try FileAccess.store([Array(text.utf8)], at: path, for: "ComputationGraph.write")
  }

  /// By way of two files beside `path`, so that what Graphviz has drawn is written like any other file: whole or not at all.
  private func draw(to path: String) throws {
    let purpose = "ComputationGraph.write"
    try ComputationGraph.checkEnding(of: path)
    guard let source = TemporaryFile(beside: path) else { throw FileAccess.failure("cannot be written", path, purpose) }
    defer { source.remove() }
    guard let picture = TemporaryFile(beside: path) else {
      throw FileAccess.failure("cannot be written", path, purpose)
    }
    defer { picture.remove() }
    try FileAccess.put([Array(dot.utf8)], into: source.file, path, purpose)
    let words: [String] = ["dot", "-Tsvg", "-o", picture.path, source.path]
    let arguments = words.map { strdup($0) }
    defer { for argument in arguments { free(argument) } }
    var process = pid_t()
    let error = posix_spawnp(&process, "dot", nil, nil, arguments + [nil], environ)
    if error != 0 { throw KindlingError("\(path): Graphviz cannot be started: \(String(cString: strerror(error)))") }
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 && errno == EINTR {}
    if status != 0 { throw KindlingError("\(path): Graphviz could not draw the graph; its message stands above") }
    try FileAccess.store([FileAccess.bytes(of: picture.path, for: purpose)], at: path, for: purpose)
  }
}
