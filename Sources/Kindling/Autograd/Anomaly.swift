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

  final func checkBackward(_ node: Node) {
    if hasNaN {
      fail("detectAnomaly", "the derivative of \(node.name) made a NaN (shape of the gradient: \(shape))")
    }
  }

  private final var hasNaN: Bool {
    if !dtype.isFloatingPoint { return false }
    // Unrecorded, and not checked in its turn.
    let state = kernels_thread_state()
    state.pointee.detectsAnomaly = false
    defer { state.pointee.detectsAnomaly = true }
    return noGrad { isNaN().any().item(as: Bool.self) }
  }
}
