import Kernels

// Whether there is room for a tensor, asked before any memory is. A system grants more than it has, and ends a program that
// goes on to use it without a word.

extension Shape {
  /// Ends the program where a new tensor cannot have this shape: a size is negative, or the elements would not fit into
  /// this machine's memory. How much other devices have they say themselves, when they are asked for it.
  package func checkIsPossible(_ dtype: DType, _ device: Device = .cpu, in operation: @autoclosure () -> String) {
    for i in 0..<count where sizes[i] < 0 { fail(operation(), "a size in \(self) is negative") }
    let byteCount = byteCount(dtype)
    if byteCount < 0x1p20 { return }
    if byteCount > (device == .cpu ? Double(KindlingMemoryLimit()) : Double(Int.max)) {
      Shape.failForMemory(self, dtype, in: operation())
    }
  }

  /// As a Double, which has no end.
  fileprivate func byteCount(_ dtype: DType) -> Double {
    var bytes = Double(dtype.byteCount)
    for i in 0..<count { bytes *= Double(sizes[i]) }
    return bytes
  }

  /// Ends the program over a tensor that there is no room for. A GPU that is full is no mistake of the program.
  static func failForMemory(
    _ shape: Shape, _ dtype: DType, in operation: String = "Tensor", _ reason: KindlingError = .machineIsTooSmall,
    on device: Device = .cpu
  ) -> Never {
    let message = "shape \(shape) of \(dtype) takes \(mebibytes(shape.byteCount(dtype))), and \(reason)"
    if device.kind == .cuda { giveUp("\(operation) on \(device)", message) }
    fail(operation, message)
  }
}

extension KindlingError {
  /// How much memory there is on this machine.
  static var machineIsTooSmall: KindlingError {
    let inUse = KindlingMemoryStatistics().bytesInUse
    return KindlingError(
      "this machine has \(mebibytes(Double(KindlingMemoryLimit()))), of which tensors hold \(mebibytes(Double(inUse)))"
    )
  }
}

private func mebibytes(_ bytes: Double) -> String { printed("%.*f", bytes / 0x1p20, 1) + " MiB" }
