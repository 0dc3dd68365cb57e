import Kernels

var detectsAnomaly: Bool {
  @inline(__always) get { kernels_thread_state().pointee.detectsAnomaly }
}

// `detectAnomaly { }`: every result is looked at, and the first NaN ends the program with the name of what made it.
extension Tensor {
  final func checkForward(_ name: StaticString, _ inputs: [Tensor]) {
    if hasNaN && !inputs.contains(where: \.hasNaN) {
      let shapes = inputs.map(\.shape.description).joined(separator: ", ")
      fail("detectAnomaly", "\(name) made a NaN out of inputs that have none (shapes \(shapes))")
    }
  }

  /// This gradient, made by the rule of `node` from `dy`.
  final func checkBackward(_ node: Node, _ dy: Tensor) {
    if hasNaN && !dy.hasNaN {
      fail("detectAnomaly", "the derivative of \(node.name) made a NaN (shape of the gradient: \(shape))")
    }
  }

  private final var hasNaN: Bool {
    if !dtype.isFloatingPoint { return false }
    // Unrecorded, and not checked in its turn.
    return withAnomalyDetection(false) { noGrad { isNaN().any().item(as: Bool.self) } }
  }
}
