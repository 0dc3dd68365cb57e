import Kernels

// Tensors as the kernels see them: places, sizes and strides.

@inline(__always)
func withKernelShape<R>(_ shape: Shape, _ body: (UnsafePointer<KernelShape>) -> R) -> R {
  var kernelShape = KernelShape()
  kernelShape.rank = Int32(shape.count)
  withUnsafeMutableBytes(of: &kernelShape.sizes) { raw in
    let sizes = raw.bindMemory(to: Int64.self)
    for i in 0..<shape.count { sizes[i] = Int64(shape.sizes[i]) }
  }
  return withUnsafePointer(to: kernelShape, body)
}

extension Tensor {
  final var operand: KernelOperand { operand(broadcastTo: shape) }

  /// This tensor's place and strides, with a stride of 0 along every dimension that it lacks or has once.
  final func operand(broadcastTo target: Shape) -> KernelOperand {
    var operand = KernelOperand(data: pointer, strides: (0, 0, 0, 0, 0, 0, 0, 0))
    let missing = target.count - shape.count
    withUnsafeMutableBytes(of: &operand.strides) { raw in
      let out = raw.bindMemory(to: Int64.self)
      for i in 0..<shape.count where shape.sizes[i] == target.sizes[i + missing] {
        out[i + missing] = Int64(strides.sizes[i])
      }
    }
    return operand
  }

  /// This tensor of three dimensions as a batch of matrices.
  final var matrix: KernelMatrix {
    KernelMatrix(
      data: pointer, rowStride: Int64(strides[1]), columnStride: Int64(strides[2]),
      batchStride: shape[0] == 1 ? 0 : Int64(strides[0]))
  }
}
