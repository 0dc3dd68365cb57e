import Kernels

/// What a device must be able to do, one requirement for each family of kernels.
///
/// This is the whole border between tensors and devices: a new elementwise operation is a new row of a family and
/// crosses nothing here; a new device is a new conformance. Operands arrive as tensors that the caller has checked:
/// same device, the family's element types, shapes that broadcast to `out`'s. `out` is never an operand unless it is
/// the very same tensor, and may be a view with strides of its own.
package protocol Backend: AnyObject, Sendable {
  var device: Device { get }

  /// Throws where there is no room, with how much there is.
  func allocate(byteCount: Int) throws(KindlingError) -> UnsafeMutableRawPointer
  func deallocate(_ pointer: UnsafeMutableRawPointer, byteCount: Int)
  func copyIn(from host: UnsafeRawPointer, to pointer: UnsafeMutableRawPointer, byteCount: Int)
  func copyOut(from pointer: UnsafeRawPointer, to host: UnsafeMutableRawPointer, byteCount: Int)
  /// Waits until everything asked for so far is done.
  func synchronize()

  func fill(_ out: Tensor, _ value: Scalar)
  func unary(_ operation: UnaryOperation, _ x: Tensor, _ p: Scalar, _ q: Scalar, into out: Tensor)
  func binary(_ operation: BinaryOperation, _ x: Tensor, _ y: Tensor, _ p: Scalar, _ q: Scalar, into out: Tensor)
  func compare(_ operation: CompareOperation, _ x: Tensor, _ y: Tensor, into out: Tensor)
  func compare(_ operation: CompareOperation, _ x: Tensor, _ y: Scalar, into out: Tensor)
  func select(_ condition: Tensor, _ x: Tensor, _ y: Tensor, into out: Tensor)

  /// Folds the dimensions of x that `dimensions` holds; `out` keeps them with size 1.
  func reduce(_ operation: ReduceOperation, _ x: Tensor, _ dimensions: DimensionSet, into out: Tensor)
  func cumulativeSum(_ x: Tensor, dimension: Int, into out: Tensor)
  /// Along the last dimension; x and out are contiguous.
  func softmax(_ x: Tensor, logarithm: Bool, into out: Tensor)

  /// x [b, m, k] times y [b, k, n] into the contiguous out [b, m, n], added to it where `accumulate`.
  func matmul(_ x: Tensor, _ y: Tensor, into out: Tensor, accumulate: Bool)

  /// x's elements, converted to out's type.
  func copy(_ x: Tensor, into out: Tensor)
  /// Returns an index that is out of range, where the device can tell at once.
  func gather(_ x: Tensor, dimension: Int, _ index: Tensor, into out: Tensor) -> Int?
  func scatter(_ source: Tensor, dimension: Int, _ index: Tensor, into out: Tensor, add: Bool) -> Int?

  // Optimizer steps: every tensor contiguous and of the parameter's type and shape.
  func step(_ options: KernelSGD, _ parameter: Tensor, _ gradient: Tensor, momentum: Tensor?)
  func step(_ options: KernelAdagrad, _ parameter: Tensor, _ gradient: Tensor, sum: Tensor)
  func step(
    _ options: KernelRMSprop, _ parameter: Tensor, _ gradient: Tensor, squareAverage: Tensor,
    gradientAverage: Tensor?, momentum: Tensor?)
  func step(
    _ options: KernelAdam, _ parameter: Tensor, _ gradient: Tensor, average: Tensor, squareAverage: Tensor,
    maximumSquareAverage: Tensor?)
}

extension Scalar {
  /// For operations that take no number.
  package static let none = Scalar(Int64(0))
}
