/// An input of a recorded operation, as it was when it was read.
struct Edge {
  let tensor: Tensor
  /// The operation that had computed it. `tensor.node` may have moved on, by a write in place.
  let node: Node?
  let version: UInt32
  let wantsGradient: Bool

  init(_ tensor: Tensor) {
    self.tensor = tensor
    wantsGradient = tensor.isTracked  // first: a view may have to follow its base
    node = tensor.node
    version = tensor.storage.version
  }

  /// Whether this run of the engine wants a gradient along this edge.
  var isWanted: Bool { wantsGradient && (node?.isNeeded ?? true) }
}

/// The inputs of an operation. Nearly every one has one or two, kept in place: an array would be one allocation more for
/// each operation. (It cannot be copied, so that nothing counts references by accident.)
struct Edges: ~Copyable {
  private var first: Edge?
  private var second: Edge?
  private var others: [Edge] = []

  @inline(__always)
  init(_ x: Tensor) { first = Edge(x) }

  @inline(__always)
  init(_ x: Tensor, _ y: Tensor) {
    first = Edge(x)
    second = Edge(y)
  }

  init(_ tensors: [Tensor]) {
    first = tensors.first.map { Edge($0) }
    second = tensors.count > 1 ? Edge(tensors[1]) : nil
    if tensors.count > 2 { others = tensors[2...].map { Edge($0) } }
  }

  /// 0 once they have been dropped.
  var count: Int { first == nil ? 0 : second == nil ? 1 : 2 + others.count }

  subscript(i: Int) -> Edge {
    switch i {
    case 0: first!
    case 1: second!
    default: others[i - 2]
    }
  }

  // What is asked most, without a copy of the edge, which would count references to its tensor and its node.

  func wantsGradient(_ i: Int) -> Bool {
    switch i {
    case 0: first!.wantsGradient
    case 1: second!.wantsGradient
    default: others[i - 2].wantsGradient
    }
  }

  /// The operation that computed input `i`.
  func node(_ i: Int) -> Node? {
    switch i {
    case 0: first!.node
    case 1: second!.node
    default: others[i - 2].node
    }
  }

  /// Drops the edges; of the nodes that they led to, adds those to `orphans` that nobody else holds.
  @inline(never)
  mutating func drop(_ orphans: inout [Node]) {
    // The node is held here while the tensor goes, which holds it too.
    if var node = first?.node {
      first = nil
      if isKnownUniquelyReferenced(&node) { orphans.append(node) }
    }
    if var node = second?.node {
      second = nil
      if isKnownUniquelyReferenced(&node) { orphans.append(node) }
    }
    while let edge = others.popLast() {
      guard var node = edge.node else { continue }
      withExtendedLifetime(consume edge) {}
      if isKnownUniquelyReferenced(&node) { orphans.append(node) }
    }
    first = nil
    second = nil
  }
}

/// What the inputs of an operation get, in order; nil for one that wants nothing.
struct Gradients: ~Copyable {
  private var first: Tensor?
  private var second: Tensor?
  private var others: [Tensor?] = []

  init(_ first: Tensor?, _ second: Tensor? = nil) {
    self.first = first
    self.second = second
  }

  init(_ gradients: [Tensor?]) {
    first = gradients.first ?? nil
    second = gradients.count > 1 ? gradients[1] : nil
    if gradients.count > 2 { others = Array(gradients[2...]) }
  }

  subscript(i: Int) -> Tensor? {
    switch i {
    case 0: first
    case 1: second
    default: i - 2 < others.count ? others[i - 2] : nil
    }
  }

  /// Hands out what input `i` gets, and keeps no reference to it.
  mutating func take(_ i: Int) -> Tensor? {
    switch i {
    case 0: first.take()
    case 1: second.take()
    default: i - 2 < others.count ? others[i - 2].take() : nil
    }
  }
}
