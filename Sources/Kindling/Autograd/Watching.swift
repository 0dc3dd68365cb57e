import Kernels

// Watching operations run: for the first NaN (`detectAnomaly`), or to tell what happened (`trace`). One flag decides
// whether anybody looks, so that operations pay for nothing else.

var isWatched: Bool {
  @inline(__always) get {
    let state = KindlingThreadState()
    return state.pointee.detectsAnomaly || state.pointee.tracer != nil
  }
}

/// Runs `body` with nobody watching.
func unwatched<R: ~Copyable>(_ body: () throws -> R) rethrows -> R {
  let state = KindlingThreadState()
  let before = state.pointee
  state.pointee.detectsAnomaly = false
  state.pointee.tracer = nil
  defer {
    state.pointee.detectsAnomaly = before.detectsAnomaly
    state.pointee.tracer = before.tracer
  }
  return try body()
}

extension Tensor {
  /// Shows this result of an operation to whoever watches.
  func watched(_ name: StaticString, _ inputs: [Tensor]) {
    if KindlingThreadState().pointee.detectsAnomaly && hasNaN && !inputs.contains(where: \.hasNaN) {
      let shapes = inputs.map(\.shape.description).joined(separator: ", ")
      fail("detectAnomaly", "\(name) made a NaN out of inputs that have none (shapes \(shapes))")
    }
    if node != nil { Tracer.current?.forward(name, inputs, self) }
  }

  fileprivate var hasNaN: Bool {
    dtype.isFloatingPoint && unwatched { noGrad { isNaN().any().item(as: Bool.self) } }
  }
}

extension Engine {
  /// The gradients, shown to whoever watches: not the operations that the rules are made of, but what comes out, under the
  /// name of what it belongs to.
  func watchedGradients(of node: Node, _ dy: Tensor, _ output: Tensor) -> Gradients {
    Tracer.current?.backward(node, dy, output)
    let gradients = unwatched { self.gradients(of: node, dy, output) }
    for i in 0..<node.edges.count {
      guard let gradient = gradients[i], wants(node, i) else { continue }
      if KindlingThreadState().pointee.detectsAnomaly && gradient.hasNaN && !dy.hasNaN {
        fail("detectAnomaly", "the derivative of \(node.name) made a NaN (shape of the gradient: \(gradient.shape))")
      }
      Tracer.current?.delivered(gradient, input: i)
    }
    return gradients
  }
}
