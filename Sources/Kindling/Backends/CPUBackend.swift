import Kernels

/// The processor: vectorised C++ kernels, and OpenBLAS for products with a vector.
final class CPUBackend: Backend {
  static let shared = CPUBackend()

  var device: Device { .cpu }

  func allocate(byteCount: Int) throws(KindlingError) -> UnsafeMutableRawPointer {
    guard let pointer = kernels_allocate(byteCount) else { throw .machineIsTooSmall }
    return pointer
  }

  func deallocate(_ pointer: UnsafeMutableRawPointer, byteCount: Int) { kernels_deallocate(pointer, byteCount) }

  func copyIn(from host: UnsafeRawPointer, to pointer: UnsafeMutableRawPointer, byteCount: Int) {
    pointer.copyMemory(from: host, byteCount: byteCount)
  }

  func copyOut(from pointer: UnsafeRawPointer, to host: UnsafeMutableRawPointer, byteCount: Int) {
    host.copyMemory(from: pointer, byteCount: byteCount)
  }

  func synchronize() {}

  // MARK: Elementwise

  func fill(_ out: Tensor, _ value: Scalar) {
    withKernelShape(out.shape) { kernels_fill(out.dtype.kernelType, $0, out.operand, value.kernel) }
  }

  func unary(_ operation: UnaryOperation, _ x: Tensor, _ p: Scalar, _ q: Scalar, into out: Tensor) {
    if x.isContiguous && out.isContiguous && x.shape == out.shape {
      kernels_unary_contiguous(
        operation, x.dtype.kernelType, Int64(out.elementCount), x.pointer, out.pointer, p.kernel, q.kernel)
    } else {
      withKernelShape(out.shape) {
        kernels_unary(
          operation, x.dtype.kernelType, $0, x.operand(broadcastTo: out.shape), out.operand, p.kernel, q.kernel)
      }
    }
  }

  func binary(_ operation: BinaryOperation, _ x: Tensor, _ y: Tensor, _ p: Scalar, _ q: Scalar, into out: Tensor) {
    if x.isContiguous && y.isContiguous && out.isContiguous && x.shape == out.shape && y.shape == out.shape {
      kernels_binary_contiguous(
        operation, out.dtype.kernelType, Int64(out.elementCount), x.pointer, y.pointer, out.pointer, p.kernel, q.kernel)
    } else {
      withKernelShape(out.shape) {
        kernels_binary(
          operation, out.dtype.kernelType, $0, x.operand(broadcastTo: out.shape), y.operand(broadcastTo: out.shape),
          out.operand, p.kernel, q.kernel)
      }
    }
  }

  func compare(_ operation: CompareOperation, _ x: Tensor, _ y: Tensor, into out: Tensor) {
    withKernelShape(out.shape) {
      kernels_compare(
        operation, x.dtype.kernelType, $0, x.operand(broadcastTo: out.shape), y.operand(broadcastTo: out.shape),
        out.operand)
    }
  }

  func compare(_ operation: CompareOperation, _ x: Tensor, _ y: Scalar, into out: Tensor) {
    withKernelShape(out.shape) {
      kernels_compare_scalar(
        operation, x.dtype.kernelType, $0, x.operand(broadcastTo: out.shape), y.kernel, out.operand)
    }
  }

  func select(_ condition: Tensor, _ x: Tensor, _ y: Tensor, into out: Tensor) {
    withKernelShape(out.shape) {
      kernels_select(
        out.dtype.kernelType, $0, condition.operand(broadcastTo: out.shape), x.operand(broadcastTo: out.shape),
        y.operand(broadcastTo: out.shape), out.operand)
    }
  }

  // MARK: Reductions

  func reduce(_ operation: ReduceOperation, _ x: Tensor, _ dimensions: DimensionSet, into out: Tensor) {
    withKernelShape(x.shape) {
      kernels_reduce(
        operation, x.dtype.kernelType, $0, dimensions.rawValue, x.operand, out.operand(broadcastTo: x.shape))
    }
  }

  func cumulativeSum(_ x: Tensor, dimension: Int, into out: Tensor) {
    withKernelShape(x.shape) {
      kernels_cumulative_sum(x.dtype.kernelType, $0, Int32(dimension), x.operand, out.operand)
    }
  }

  func softmax(_ x: Tensor, logarithm: Bool, into out: Tensor) {
    let columns = x.shape[x.shape.count - 1]
    let rows = columns == 0 ? 0 : x.elementCount / columns
    kernels_softmax(x.dtype.kernelType, Int64(rows), Int64(columns), x.pointer, out.pointer, logarithm)
  }

  // MARK: Products

  func matmul(_ x: Tensor, _ y: Tensor, into out: Tensor, accumulate: Bool) {
    kernels_matmul(
      out.dtype.kernelType, Int64(out.shape[0]), Int64(out.shape[1]), Int64(out.shape[2]), Int64(x.shape[2]),
      x.matrix, y.matrix, out.matrix, accumulate)
  }

  // MARK: Movement

  func copy(_ x: Tensor, into out: Tensor) {
    withKernelShape(out.shape) {
      kernels_copy(x.dtype.kernelType, out.dtype.kernelType, $0, x.operand(broadcastTo: out.shape), out.operand)
    }
  }

  func gather(_ x: Tensor, dimension: Int, _ index: Tensor, into out: Tensor) -> Int? {
    let bad = withKernelShape(out.shape) {
      kernels_gather(
        x.dtype.kernelType, $0, Int32(dimension), Int64(x.shape[dimension]), x.operand, index.operand, out.operand)
    }
    return badIndex(bad)
  }

  func scatter(_ source: Tensor, dimension: Int, _ index: Tensor, into out: Tensor, add: Bool) -> Int? {
    let bad = withKernelShape(index.shape) {
      kernels_scatter(
        out.dtype.kernelType, add, $0, Int32(dimension), Int64(out.shape[dimension]), source.operand, index.operand,
        out.operand)
    }
    return badIndex(bad)
  }

  private func badIndex(_ returned: Int64) -> Int? {
    if returned == -1 { return nil }
    return returned == .min ? -1 : Int(returned)
  }

  // MARK: Optimizer steps

  func step(_ options: KernelSGD, _ parameter: Tensor, _ gradient: Tensor, momentum: Tensor?) {
    kernels_sgd_step(
      parameter.dtype.kernelType, Int64(parameter.elementCount), parameter.pointer, gradient.pointer,
      momentum?.pointer, options)
  }

  func step(_ options: KernelAdagrad, _ parameter: Tensor, _ gradient: Tensor, sum: Tensor) {
    kernels_adagrad_step(
      parameter.dtype.kernelType, Int64(parameter.elementCount), parameter.pointer, gradient.pointer, sum.pointer,
      options)
  }

  func step(
    _ options: KernelRMSprop, _ parameter: Tensor, _ gradient: Tensor, squareAverage: Tensor,
    gradientAverage: Tensor?, momentum: Tensor?
  ) {
    kernels_rmsprop_step(
      parameter.dtype.kernelType, Int64(parameter.elementCount), parameter.pointer, gradient.pointer,
      squareAverage.pointer, gradientAverage?.pointer, momentum?.pointer, options)
  }

  func step(
    _ options: KernelAdam, _ parameter: Tensor, _ gradient: Tensor, average: Tensor, squareAverage: Tensor,
    maximumSquareAverage: Tensor?
  ) {
    kernels_adam_step(
      parameter.dtype.kernelType, Int64(parameter.elementCount), parameter.pointer, gradient.pointer,
      average.pointer, squareAverage.pointer, maximumSquareAverage?.pointer, options)
  }
}
