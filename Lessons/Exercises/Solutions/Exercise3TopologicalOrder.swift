// Exercise 3, solved: the order in which backward() walks.

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
public func backwardOrder(from result: GraphNode) -> [GraphNode] {
  var visited: Set<ObjectIdentifier> = []
  var order: [GraphNode] = []
  func visit(_ node: GraphNode) {
    guard visited.insert(ObjectIdentifier(node)).inserted else { return }
    for input in node.inputs { visit(input) }
    order.append(node)  // after everything that it needs
  }
  visit(result)
  // Inputs before their users: the order of the forward pass, and the other way round that of backward. The library's
  // engine does the same on a stack of its own, since a recursion as deep as a long chain would overflow the program's.
  return order.reversed()
}
