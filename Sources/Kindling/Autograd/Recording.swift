// Recording: a result is noted with what it was computed from, and with the rule for the way back.

extension Tensor {
  /// This tensor, just computed from `x`, with the rule for x's gradient noted if anybody may ask for it.
  @inline(__always)
  func recorded(
    _ name: StaticString, _ x: Tensor, numbers: @autoclosure () -> [Double?]? = nil, _ rule: @escaping Rule
  ) -> Tensor {
    if x.isTracked && isGradEnabled { attach(Node(name, x, rule)) }
    if isWatched { watched(name, [x], numbers: numbers()) }
    return self
  }

  /// This tensor, which `part` has just made of `x`: a view of some of its elements.
  func recorded(_ name: StaticString, _ x: Tensor, part: @escaping (Tensor) -> Tensor) -> Tensor {
    if x.isTracked && isGradEnabled { attach(Node(name, x, part: part)) }
    if isWatched { watched(name, [x]) }
    return self
  }

  /// This tensor, just computed from `x` and `y`.
  @inline(__always)
  func recorded(
    _ name: StaticString, _ x: Tensor, _ y: Tensor, numbers: @autoclosure () -> [Double?]? = nil,
    _ dx: @escaping Rule, _ dy: @escaping Rule
  ) -> Tensor {
    if (x.isTracked || y.isTracked) && isGradEnabled { attach(Node(name, x, y, dx, dy)) }
    if isWatched { watched(name, [x, y], numbers: numbers()) }
    return self
  }

  /// This tensor, just computed from `inputs`.
  func recorded(
    _ name: StaticString, _ inputs: [Tensor], numbers: @autoclosure () -> [Double?]? = nil,
    _ rule: @escaping (_ dy: Tensor, _ saved: Saved) -> [Tensor?]
  ) -> Tensor {
    if isGradEnabled && inputs.contains(where: \.isTracked) { attach(Node(name, inputs, .all(rule))) }
    if isWatched { watched(name, inputs, numbers: numbers()) }
    return self
  }

  func attach(_ node: Node) {
    if !dtype.isFloatingPoint { return }
    node.outputVersion = storage.version
    self.node = node
    tracksGradient = true
  }
}
