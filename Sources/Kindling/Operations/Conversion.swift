// Copies: as they are, in another type, on another device.

extension Tensor {
  /// A copy with storage of its own. Gradients flow through it.
  public func clone() -> Tensor {
    let out = uninitialized(shape, dtype)
    backend.copy(operand, into: out.operand)
    return out.recorded("clone", self) { dy, _ in dy }
  }

  /// The tensor in another type; itself if it has that type. Floats are cut towards 0 to become integers; anything but 0
  /// becomes true. The gradient comes back in this tensor's own type.
  public func to(_ dtype: DType) -> Tensor {
    if dtype == self.dtype { return self }
    let out = uninitialized(shape, dtype)
    backend.copy(operand, into: out.operand)
    if !dtype.isFloatingPoint || !self.dtype.isFloatingPoint { return out }
    // The engine converts a gradient to the type of its input.
    return out.recorded("to", self) { dy, _ in dy }
  }

  /// The tensor on another device; itself if it is there. Ends the program if there is no such device.
  public func to(_ device: Device) -> Tensor {
    if device == self.device { return self }
    let source = within { contiguous() }
    let out = Tensor(uninitialized: shape, dtype, device.backend)
    let byteCount = elementCount * dtype.byteCount
    if self.device == .cpu {
      out.backend.copyIn(from: source.pointer, to: out.pointer, byteCount: byteCount)
    } else if device == .cpu {
      backend.copyOut(from: source.pointer, to: out.pointer, byteCount: byteCount)
    } else {
      // By way of the CPU, the one place that every device can reach.
      withUnsafeTemporaryAllocation(byteCount: byteCount, alignment: 64) { bytes in
        backend.copyOut(from: source.pointer, to: bytes.baseAddress!, byteCount: byteCount)
        out.backend.copyIn(from: bytes.baseAddress!, to: out.pointer, byteCount: byteCount)
      }
    }
    let origin = self.device
    return out.recorded("to", self) { dy, _ in dy.to(origin) }
  }
}
