// Exercise 3: the order in which backward() walks.
//
// A graph node stands for one result, and knows the nodes that it was computed from. For c = 2a, d = 5c, e = c², L = d + e:
//
//               ┌── d = 5c ──┐
//   a ── c = 2a ┤            ├── L = d + e        L.inputs is [d, e], c.inputs is [a], a.inputs is []
//               └── e = c² ──┘
//
// backward() goes from L to a. It may visit a node only when all nodes that use its result have been visited: c must have
// received the gradients from d and from e before it hands its own on to a. Lesson 3 shows what happens otherwise.
//
// Return all nodes that `result` was computed from, and itself, each once, in such an order: every node stands after all
// nodes that have it among their inputs. Here L, d, e, c, a is right, and so is L, e, d, c, a.
//
//   Tests/run exercise 3

/// A result in a graph, and what it was computed from.
public final class GraphNode {
  /// What it is called in messages.
  public let name: String
  /// The nodes whose results it read, in order. One that was read twice is there twice.
  public let inputs: [GraphNode]

  /// A node that has read `inputs`.
  public init(_ name: String, inputs: [GraphNode] = []) {
    self.name = name
    self.inputs = inputs
  }
}

/// The nodes that `result` depends on, and itself, each once and after all that use it.
///
/// `ObjectIdentifier(node)` tells nodes apart, and can be kept in a `Set`.
public func backwardOrder(from result: GraphNode) -> [GraphNode] {
  // Your code here.
  []
}
