import Kernels

/// What a kernel is given of a tensor: the memory, how the elements lie in it, and what they are.
///
/// A tensor keeps one and lends it to the kernels. It cannot be copied, so that lending costs nothing.
package struct Operand: ~Copyable {
  package var storage: Storage
  package let layout: Layout
  package let dtype: DType

  @inline(__always)
  init(_ storage: Storage, _ layout: Layout, _ dtype: DType) {
    self.storage = storage
    self.layout = layout
    self.dtype = dtype
  }

  /// The same memory, otherwise laid out.
  func with(_ layout: Layout) -> Operand { Operand(storage, layout, dtype) }

  /// The first element, in the device's address space.
  package var pointer: UnsafeMutableRawPointer {
    @inline(__always) get { storage.pointer + layout.offset * dtype.byteCount }
  }

  /// Whether the elements of both lie one after another and belong together in that order.
  @inline(__always)
  func matches(_ other: borrowing Operand) -> Bool {
    layout.isContiguous && (layout === other.layout || other.layout.isContiguous && layout.shape == other.layout.shape)
  }
}

// Operands as the kernels see them: places, sizes and strides.

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

extension Operand {
  var kernel: KernelOperand { kernel(broadcastTo: layout.shape) }

  /// The place and strides, with a stride of 0 along every dimension that it lacks or has once.
  func kernel(broadcastTo target: Shape) -> KernelOperand {
    var operand = KernelOperand(data: pointer, strides: (0, 0, 0, 0, 0, 0, 0, 0))
    let layout = layout
    let missing = target.count - layout.rank
    withUnsafeMutableBytes(of: &operand.strides) { raw in
      let out = raw.bindMemory(to: Int64.self)
      for i in 0..<layout.rank where layout.shape.sizes[i] == target.sizes[i + missing] {
        out[i + missing] = Int64(layout.strides.sizes[i])
      }
    }
    return operand
  }

  /// An operand of three dimensions as a batch of matrices.
  var matrix: KernelMatrix {
    KernelMatrix(
      data: pointer, rowStride: Int64(layout.strides[1]), columnStride: Int64(layout.strides[2]),
      batchStride: layout.shape[0] == 1 ? 0 : Int64(layout.strides[0]))
  }
}
