import Kernels

/// What a device must be able to do, one requirement for each family of kernels.
///
/// This is the whole border between tensors and devices: a new elementwise operation is a new row of a family and
/// crosses nothing here; a new device is a new conformance. The caller has checked the operands: same device, the family's
/// element types, shapes that broadcast to `out`'s. `out` is never another operand unless the two are the same, and may
/// have strides of its own.
package protocol Backend: AnyObject, Sendable {
  var device: Device { get }
  /// The backend that does the work, where this one only looks at its times.
  var unprofiled: any Backend { get }

  /// A block for elements. Throws where there is no room, with how much there is.
  func allocate(byteCount: Int) throws(KindlingError) -> Storage
  /// Takes back what a block that is let go of pointed to, unless that lay in the object.
  func deallocate(_ pointer: UnsafeMutableRawPointer, byteCount: Int)
  func copyIn(from host: UnsafeRawPointer, to pointer: UnsafeMutableRawPointer, byteCount: Int)
  func copyOut(from pointer: UnsafeRawPointer, to host: UnsafeMutableRawPointer, byteCount: Int)
  /// Waits until everything asked for so far is done.
  func synchronize()

  func fill(_ out: borrowing Operand, _ value: Scalar)
  func unary(_ operation: UnaryOperation, _ x: borrowing Operand, _ p: Scalar, _ q: Scalar, into out: borrowing Operand)
  func binary(
    _ operation: BinaryOperation, _ x: borrowing Operand, _ y: borrowing Operand, _ p: Scalar, _ q: Scalar,
    into out: borrowing Operand)
  func compare(
    _ operation: CompareOperation, _ x: borrowing Operand, _ y: borrowing Operand, into out: borrowing Operand)
  func compare(_ operation: CompareOperation, _ x: borrowing Operand, _ y: Scalar, into out: borrowing Operand)
  func select(
    _ condition: borrowing Operand, _ x: borrowing Operand, _ y: borrowing Operand, into out: borrowing Operand)

  /// Folds the dimensions of x that `dimensions` holds; `out` keeps them with size 1.
  func reduce(
    _ operation: ReduceOperation, _ x: borrowing Operand, _ dimensions: DimensionSet, into out: borrowing Operand)
  /// Running sums or products of x along a dimension.
  func cumulate(_ operation: ReduceOperation, _ x: borrowing Operand, dimension: Int, into out: borrowing Operand)
  /// Along the last dimension; x and out are contiguous.
  func softmax(_ x: borrowing Operand, _ kind: SoftmaxKind, into out: borrowing Operand)
  /// The places, int64, that would put x in order along the last dimension; x and out are contiguous.
  func argsort(_ x: borrowing Operand, descending: Bool, into out: borrowing Operand)

  /// x [b, m, k] times y [b, k, n] into the contiguous out [b, m, n]; then, where `addsBias`, plus the n numbers of a bias
  /// in each row.
  func matmul(
    _ x: borrowing Operand, _ y: borrowing Operand, bias: UnsafeMutableRawPointer?, into out: borrowing Operand)
  /// Whether `matmul` takes a bias.
  var addsBias: Bool { get }

  /// A part of a convolution, of the two others; all are contiguous.
  func convolve(
    _ part: ConvolutionPart, _ geometry: KernelConvolution, _ first: borrowing Operand, _ second: borrowing Operand,
    bias: UnsafeMutableRawPointer?, into out: borrowing Operand)
  /// A pool, or the gradient of one; all are contiguous. `places` are int64, written or read by those of maxima.
  func pool(
    _ operation: PoolOperation, _ pool: KernelPool, _ x: borrowing Operand, places: UnsafeMutableRawPointer?,
    into out: borrowing Operand)

  /// A normalization, of contiguous arrays of one type (see KindlingNormalize).
  func normalize(_ type: DType, _ normalization: KernelNormalization, _ arrays: KernelNormalizationArrays)
  func normalizeGradient(_ type: DType, _ normalization: KernelNormalization, _ arrays: KernelNormalizationArrays)

  /// Whether this device has the kernels for attention, which are asked for nowhere else.
  var fusesAttention: Bool { get }
  /// Attention of each head by itself (see KindlingAttention).
  func attention(_ type: DType, _ attention: KernelAttention, _ arrays: KernelAttentionArrays)
  func attentionGradient(
    _ type: DType, _ attention: KernelAttention, _ arrays: KernelAttentionArrays, _ gradients: KernelAttentionGradients)

  /// x's elements, converted to out's type.
  func copy(_ x: borrowing Operand, into out: borrowing Operand)
  /// Returns an index that is out of range, where the device can tell at once.
  func gather(_ x: borrowing Operand, dimension: Int, _ index: borrowing Operand, into out: borrowing Operand) -> Int?
  func scatter(
    _ source: borrowing Operand, dimension: Int, _ index: borrowing Operand, into out: borrowing Operand, add: Bool
  ) -> Int?

  /// Fills the contiguous `out`, of float elements, with numbers of a generator that draws on this device.
  func random(_ distribution: Generator.Distribution, _ generator: Generator, into out: borrowing Operand)

  /// One step of an optimizer: all arrays are contiguous, and of the parameter's type and shape. `options` points to the
  /// structure of that row of optimizers.h.
  func step(
    _ step: OptimizerStep, _ options: UnsafeRawPointer, _ parameter: borrowing Operand, _ gradient: borrowing Operand,
    _ memory: KernelMemory)
}

// What a device can leave out: the formula is there as well.
extension Backend {
  package var addsBias: Bool { false }
  package var fusesAttention: Bool { false }
  package func attention(_ type: DType, _ attention: KernelAttention, _ arrays: KernelAttentionArrays) {
    fail("scaledDotProductAttention", "\(device) has no kernel for it")
  }
  package func attentionGradient(
    _ type: DType, _ attention: KernelAttention, _ arrays: KernelAttentionArrays, _ gradients: KernelAttentionGradients
  ) {
    fail("scaledDotProductAttention", "\(device) has no kernel for it")
  }
}

extension Scalar {
  /// For operations that take no number.
  package static let none = Scalar(Int64(0))
}
