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
  /// One input, of which the result is a part: outside it the gradient is 0.
  case part((Tensor) -> Tensor)
  /// Any number of inputs, in order; nil for one that wants none.
  case all((_ dy: Tensor, _ saved: Saved) -> [Tensor?])
  /// `backward()` has been here and let go of what was saved.
  case freed
}

/// One recorded operation. (Its variables go unchecked for overlapping access, as in `Tensor`.)
package final class Node {
  let name: StaticString
  @exclusivity(unchecked) var derivative: Derivative
  @exclusivity(unchecked) private(set) var edges: Edges
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
    edges = Edges(x)
  }

  init(_ name: StaticString, _ x: Tensor, part: @escaping (Tensor) -> Tensor) {
    self.name = name
    derivative = .part(part)
    edges = Edges(x)
  }

  init(_ name: StaticString, _ x: Tensor, _ y: Tensor, _ dx: @escaping Rule, _ dy: @escaping Rule) {
    self.name = name
    derivative = .two(dx, dy)
    edges = Edges(x, y)
  }

  init(_ name: StaticString, _ inputs: [Tensor], _ derivative: Derivative) {
    self.name = name
    self.derivative = derivative
    edges = Edges(inputs)
  }

  /// Whether nobody else sees the gradient that has arrived.
  func ownsGradient() -> Bool {
    isKnownUniquelyReferenced(&gradient) && gradient!.ownsStorageAlone() && !gradient!.layout.overlaps
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
    edges.drop(&orphans)
    while let orphan = orphans.popLast() { orphan.edges.drop(&orphans) }
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
    let edge = node.edges[i]
    check(edge.tensor, edge.version)
    return edge.tensor
  }

  /// The result. Ends the program if it has been written in place since.
  package var output: Tensor {
    check(result, node.outputVersion)
    return result
  }

  /// The shape of input `i`, which a write in place does not change.
  package func shape(_ i: Int) -> Shape { node.edges[i].tensor.shape }

  /// Whether anybody asks for the gradient of input `i`.
  package func wants(_ i: Int) -> Bool { node.edges[i].isWanted }

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
