import Synchronization

// The engine: order the graph, then walk it from the result back to the leaves, handing each operation's rule the
// gradient of its result and adding what comes out to the gradients of its inputs.

/// One run from a result back to the leaves, or back to the tensors in `targets`.
struct Engine {
  let createGraph: Bool
  let retainGraph: Bool
  /// Where the caller asked for certain tensors only: their places in `found`.
  private var targets: [ObjectIdentifier: Int]?
  private(set) var found: [Tensor?]

  /// Gradients of leaves that have hooks: a hook is called once, with the sum of all that arrives.
  private var hooked: [(leaf: Tensor, gradient: Tensor)] = []

  /// Numbers the runs of all threads.
  private static let visits = Atomic<UInt64>(0)

  init(targets: [Tensor]? = nil, createGraph: Bool, retainGraph: Bool) {
    self.createGraph = createGraph
    self.retainGraph = retainGraph
    found = Array(repeating: nil, count: targets?.count ?? 0)
    guard let targets else { return }
    var places: [ObjectIdentifier: Int] = [:]
    for (i, target) in targets.enumerated() { places[Engine.identity(target)] = i }
    self.targets = places
  }

  /// What stands for a tensor in the graph: the operation that computed it, or a leaf itself.
  private static func identity(_ tensor: Tensor) -> ObjectIdentifier {
    tensor.node.map(ObjectIdentifier.init) ?? ObjectIdentifier(tensor)
  }

  /// Starts with `gradient` at `root` and runs to the end.
  mutating func run(from root: Tensor, gradient: Tensor) {
    withGradMode(createGraph) {
      deliver(gradient, to: Edge(root))
      // Nothing is asked of a node before all who used its result have added their share.
      var order = root.node.map(topologicalOrder) ?? []
      while let node = order.popLast() {
        if let dy = node.gradient, let output = node.output {
          node.gradient = nil
          node.output = nil
          if node.isNeeded { differentiate(node, consume dy, output) }
          if !retainGraph { node.free() }
        }
      }
      for (leaf, gradient) in hooked { finish(leaf, leaf.leafHooks?.run(gradient, for: leaf) ?? gradient) }
    }
  }

  /// Every node that `start` reaches, each after all the nodes that it read from. On a stack of our own: a recursive
  /// walk would overflow the program's at some ten thousand operations.
  private func topologicalOrder(from start: Node) -> [Node] {
    let visit = Engine.visits.add(1, ordering: .relaxed).newValue
    var order: [Node] = []
    // `start` holds them all, so the stack need not count references.
    var stack: [(node: Unmanaged<Node>, next: Int)] = [(.passUnretained(start), 0)]
    start.visit = visit
    while let (reference, next) = stack.last {
      reference._withUnsafeGuaranteedRef { node in
        if next < node.edges.count {
          stack[stack.count - 1].next += 1
          if let parent = node.edges.node(next), parent.visit != visit {
            parent.visit = visit
            stack.append((.passUnretained(parent), 0))
          }
        } else {
          node.isNeeded = leadsToTarget(node)
          order.append(node)
          stack.removeLast()
        }
      }
    }
    return order
  }

  /// Whether a gradient is wanted of `node` or of anything before it. Its inputs have been answered for already.
  private func leadsToTarget(_ node: Node) -> Bool {
    guard let targets else { return true }
    // Where a freed one led nobody knows any more; it says so when it is asked for its gradients.
    if case .freed = node.derivative { return true }
    if targets[ObjectIdentifier(node)] != nil { return true }
    return (0..<node.edges.count).contains { i in
      let edge = node.edges[i]
      return edge.node?.isNeeded ?? (targets[ObjectIdentifier(edge.tensor)] != nil)
    }
  }

  /// Applies one operation's rules to the gradient of its result, and hands its inputs what comes out.
  private mutating func differentiate(_ node: Node, _ dy: consuming Tensor, _ output: Tensor) {
    if let hooks = node.hooks { dy = hooks.run(dy, for: output) }
    if let targets, let place = targets[ObjectIdentifier(node)] {
      found[place] = dy
      // Nothing else is asked for, so it does not matter where this one led, and whether it has been freed.
      if targets.count == 1 { return }
    }
    if case .part(let part) = node.derivative, !createGraph, !isWatched, node.edges.node(0) != nil {
      if wants(node, 0) { deliver(dy, toPart: part, of: node.edges[0]) }
      return
    }
    var gradients =
      isWatched ? watchedGradients(of: node, dy, output) : gradients(of: node, dy, output)
    // Let go before anything arrives: a leaf can keep a gradient that is a view of this one, without a copy.
    _ = consume dy
    for i in 0..<node.edges.count {
      if let gradient = gradients.take(i), wants(node, i) {
        deliver(gradient, to: node.edges[i])
      }
    }
  }

  /// What the rules of `node` make of `dy`.
  func gradients(of node: Node, _ dy: Tensor, _ output: Tensor) -> Gradients {
    let saved = Saved(node, output: output)
    switch node.derivative {
    case .one(let rule):
      return Gradients(wants(node, 0) ? rule(dy, saved) : nil)
    case .two(let first, let second):
      return Gradients(wants(node, 0) ? first(dy, saved) : nil, wants(node, 1) ? second(dy, saved) : nil)
    case .part(let part):
      if !wants(node, 0) { return Gradients(nil) }
      let whole = Tensor.zeros(saved.shape(0), dtype: dy.dtype, device: dy.device)
      return Gradients(whole.replacing(dy, in: part))
    case .all(let rule):
      return Gradients(rule(dy, saved))
    case .freed:
      fail(
        "backward",
        "the graph was freed by an earlier backward(); compute the result again, or keep the graph with "
          + "backward(retainGraph: true)")
    }
  }

  /// Whether this run wants the gradient of input `i` of `node`.
  func wants(_ node: Node, _ i: Int) -> Bool {
    if !node.edges.wantsGradient(i) { return false }
    guard let targets else { return true }
    return node.edges.node(i)?.isNeeded ?? (targets[ObjectIdentifier(node.edges[i].tensor)] != nil)
  }

  /// Adds a gradient to what has arrived at the end of an edge: an operation, or a leaf.
  private mutating func deliver(_ gradient: consuming Tensor, to edge: Edge) {
    // An input that was broadcast or converted gets its share back in its own shape and type, here, for all rules.
    if gradient.shape != edge.tensor.shape {
      gradient = gradient.summed(to: edge.tensor.shape)
    }
    if gradient.dtype != edge.tensor.dtype {
      gradient = gradient.to(edge.tensor.dtype)
    }
    if let node = edge.node {
      node.gradient = sum(node.gradient, gradient)
      // Of a result that was written in place there is also a copy from before. Either leads here; a rule wants the copy.
      if node.output == nil || edge.tensor.storage.version == node.outputVersion { node.output = edge.tensor }
    } else if edge.wantsGradient {
      if edge.tensor.leafHooks == nil { return finish(edge.tensor, gradient) }
      if let i = hooked.firstIndex(where: { $0.leaf === edge.tensor }) {
        hooked[i].gradient = sum(hooked[i].gradient, gradient)
      } else {
        hooked.append((edge.tensor, gradient))
      }
    }
  }

  /// The same for a part of an operation's result, written where it belongs: several parts then fill one tensor, and the
  /// rest of it is set to 0 once.
  private func deliver(_ gradient: Tensor, toPart part: (Tensor) -> Tensor, of edge: Edge) {
    let node = edge.node!
    if node.gradient == nil {
      let zeros = Tensor(uninitialized: edge.tensor.layout.dense, edge.tensor.dtype, gradient.backend)
      zeros.backend.fill(zeros.operand, Scalar(0.0))
      zeros.backend.copy(gradient.operand, into: part(zeros).operand)
      node.gradient = zeros
    } else {
      // What a hook or another edge holds is not written.
      if !node.ownsGradient() { node.gradient = node.gradient!.clone() }
      _ = part(node.gradient!).add_(gradient)
    }
    if node.output == nil || edge.tensor.storage.version == node.outputVersion { node.output = edge.tensor }
  }

  /// Hands a leaf its gradient, or a share of it.
  private mutating func finish(_ leaf: Tensor, _ gradient: consuming Tensor) {
    guard let targets else { return leaf.accumulate(gradient, createGraph: createGraph) }
    if let place = targets[ObjectIdentifier(leaf)] { found[place] = sum(found[place], gradient) }
  }

  /// What has arrived so far and one gradient more: a tensor used twice is moved twice by a change of it.
  private func sum(_ arrived: Tensor?, _ gradient: Tensor) -> Tensor {
    guard let arrived else { return gradient }
    return arrived + gradient
  }
}
