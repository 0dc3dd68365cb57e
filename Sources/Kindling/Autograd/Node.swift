// The graph that autograd walks. A tensor owns the node of the operation that computed it, a node owns the tensors that
// the operation read, and so on back to the leaves. Nothing points forward, so a graph frees itself with the last tensor
// that was computed by it.

/// Turns `dy`, the gradient of a result, into the gradient of one input.
///
/// A rule is written in tensor operations, so that it can be differentiated in its turn. It captures no tensor that may
/// have a history, above all not the result: that would be a cycle, and leak. It asks `saved` instead.
package typealias Rule = (_ dy: Tensor, _ saved: Saved) -> Tensor

/// How the gradient of a result reaches the inputs.
package enum Derivative {
  /// One input.
  case one(Rule)
  /// Two inputs; a rule is called only if its input wants a gradient.
  case two(Rule, Rule)
  /// Any number of inputs, in order; nil for one that wants none.
  case all((_ dy: Tensor, _ saved: Saved) -> [Tensor?])
  /// `backward()` has been here and let go of what was saved.
  case freed
}

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
}

/// One recorded operation. (Its variables go unchecked for overlapping access, as in `Tensor`.)
package final class Node {
  let name: StaticString
  @exclusivity(unchecked) var derivative: Derivative
  // Nearly every operation has one input or two; an array would be an allocation for each node. Empty once freed.
  @exclusivity(unchecked) private(set) var first: Edge?
  @exclusivity(unchecked) private(set) var second: Edge?
  @exclusivity(unchecked) private var others: [Edge] = []
  /// The result's storage version when it had just been computed.
  @exclusivity(unchecked) var outputVersion: UInt32 = 0
  @exclusivity(unchecked) var hooks: HookList?

  // What one run of the engine notes here; empty between runs.
  @exclusivity(unchecked) var gradient: Tensor?
  @exclusivity(unchecked) var output: Tensor?
  @exclusivity(unchecked) var visit: UInt64 = 0
  @exclusivity(unchecked) var isNeeded = true

  init(_ name: StaticString, _ x: Tensor, _ rule: @escaping Rule) {
    self.name = name
    derivative = .one(rule)
    first = Edge(x)
  }

  init(_ name: StaticString, _ x: Tensor, _ y: Tensor, _ dx: @escaping Rule, _ dy: @escaping Rule) {
    self.name = name
    derivative = .two(dx, dy)
    first = Edge(x)
    second = Edge(y)
  }

  /// `inputs` has at least one tensor.
  init(_ name: StaticString, _ inputs: [Tensor], _ derivative: Derivative) {
    self.name = name
    self.derivative = derivative
    first = Edge(inputs[0])
    second = inputs.count > 1 ? Edge(inputs[1]) : nil
    if inputs.count > 2 { others = inputs[2...].map { Edge($0) } }
  }

  var edgeCount: Int { first == nil ? 0 : second == nil ? 1 : 2 + others.count }

  func edge(_ i: Int) -> Edge {
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
  func parent(_ i: Int) -> Node? {
    switch i {
    case 0: first!.node
    case 1: second!.node
    default: others[i - 2].node
    }
  }

  /// Lets go of the rule, of all that it might have read, and of the hooks, which may hold the result.
  func free() {
    derivative = .freed
    hooks = nil
    freeChain()
  }

  deinit { freeChain() }

  /// Drops the edges, and frees the nodes that nobody else holds one after another: left to itself each would free the
  /// one before it from within its own `deinit`, and a long chain would overflow the stack.
  private func freeChain() {
    var orphans: [Node] = []
    dropEdges(&orphans)
    while let orphan = orphans.popLast() { orphan.dropEdges(&orphans) }
  }

  /// Drops the edges; of the nodes that they led to, adds those to `orphans` that would now be freed.
  private func dropEdges(_ orphans: inout [Node]) {
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

/// What a rule may look at: the operation's inputs and its result, as they were.
package struct Saved {
  let node: Node
  private let result: Tensor

  init(_ node: Node, output: Tensor) {
    self.node = node
    result = output
  }

  /// Input `i`. Ends the program if it has been written in place since.
  package subscript(i: Int) -> Tensor {
    let edge = node.edge(i)
    check(edge.tensor, edge.version)
    return edge.tensor
  }

  /// The result. Ends the program if it has been written in place since.
  package var output: Tensor {
    check(result, node.outputVersion)
    return result
  }

  /// The shape of input `i`, which a write in place does not change.
  package func shape(_ i: Int) -> Shape { node.edge(i).tensor.shape }

  /// Whether anybody asks for the gradient of input `i`.
  package func wants(_ i: Int) -> Bool { node.edge(i).isWanted }

  private func check(_ tensor: Tensor, _ version: UInt32) {
    if tensor.storage.version != version {
      fail(
        "backward",
        "the gradient of \(node.name) needs a tensor of shape \(tensor.shape) that has been written in place since: "
          + "it is at version \(tensor.storage.version), and was read at version \(version); write to a clone() instead"
      )
    }
  }
}

extension Edge {
  /// Whether this run of the engine wants a gradient along this edge.
  var isWanted: Bool { wantsGradient && (node?.isNeeded ?? true) }
}

// MARK: Recording

extension Tensor {
  /// This tensor, just computed from `x`, with the rule for x's gradient noted if anybody may ask for it.
  @inline(__always)
  final func recorded(_ name: StaticString, _ x: Tensor, _ rule: @escaping Rule) -> Tensor {
    if x.isTracked && isGradEnabled { attach(Node(name, x, rule)) }
    if isWatched { watched(name, [x]) }
    return self
  }

  /// This tensor, just computed from `x` and `y`.
  @inline(__always)
  final func recorded(
    _ name: StaticString, _ x: Tensor, _ y: Tensor, _ dx: @escaping Rule, _ dy: @escaping Rule
  ) -> Tensor {
    if (x.isTracked || y.isTracked) && isGradEnabled { attach(Node(name, x, y, dx, dy)) }
    if isWatched { watched(name, [x, y]) }
    return self
  }

  /// This tensor, just computed from `inputs`.
  final func recorded(
    _ name: StaticString, _ inputs: [Tensor], _ rule: @escaping (_ dy: Tensor, _ saved: Saved) -> [Tensor?]
  ) -> Tensor {
    if isGradEnabled && inputs.contains(where: \.isTracked) { attach(Node(name, inputs, .all(rule))) }
    if isWatched { watched(name, inputs) }
    return self
  }

  final func attach(_ node: Node) {
    if !dtype.isFloatingPoint { return }
    node.outputVersion = storage.version
    self.node = node
    tracksGradient = true
  }
}
