import Kernels

/// The processor: vectorised C++ kernels, and OpenBLAS for products with a vector.
final class CPUBackend: Backend {
  static let shared = CPUBackend()

  var device: Device { .cpu }

  /// Up to this size the elements are kept in the storage's object: one request for memory less.
  private static let largestInObject = 64

  func allocate(byteCount: Int) throws(KindlingError) -> Storage {
    if byteCount <= CPUBackend.largestInObject { return .inObject(byteCount: byteCount, self) }
    guard let pointer = KindlingAllocate(byteCount) else { throw .machineIsTooSmall }
    return .at(pointer, byteCount: byteCount, self)
  }

  func deallocate(_ pointer: UnsafeMutableRawPointer, byteCount: Int) { KindlingDeallocate(pointer, byteCount) }

  func copyIn(from host: UnsafeRawPointer, to pointer: UnsafeMutableRawPointer, byteCount: Int) {
    pointer.copyMemory(from: host, byteCount: byteCount)
  }

  func copyOut(from pointer: UnsafeRawPointer, to host: UnsafeMutableRawPointer, byteCount: Int) {
    host.copyMemory(from: pointer, byteCount: byteCount)
  }

  func synchronize() {}

  // MARK: Elementwise

  func fill(_ out: borrowing Operand, _ value: Scalar) {
    withKernelShape(out.layout.shape) { KindlingFill(out.dtype.kernelType, $0, out.kernel, value.kernel) }
  }

  func unary(_ operation: UnaryOperation, _ x: borrowing Operand, _ p: Scalar, _ q: Scalar, into out: borrowing Operand)
  {
    if x.matches(out) {
      KindlingUnaryContiguous(
        operation, x.dtype.kernelType, Int64(out.layout.elementCount), x.pointer, out.pointer, p.kernel, q.kernel)
    } else {
      withKernelShape(out.layout.shape) {
        KindlingUnary(
          operation, x.dtype.kernelType, $0, x.kernel(broadcastTo: out.layout.shape), out.kernel, p.kernel, q.kernel)
      }
    }
  }

  func binary(
    _ operation: BinaryOperation, _ x: borrowing Operand, _ y: borrowing Operand, _ p: Scalar, _ q: Scalar,
    into out: borrowing Operand
  ) {
    if x.matches(out) && y.matches(out) {
      KindlingBinaryContiguous(
        operation, out.dtype.kernelType, Int64(out.layout.elementCount), x.pointer, y.pointer, out.pointer, p.kernel,
        q.kernel)
    } else {
      withKernelShape(out.layout.shape) {
        KindlingBinary(
          operation, out.dtype.kernelType, $0, x.kernel(broadcastTo: out.layout.shape),
          y.kernel(broadcastTo: out.layout.shape),
          out.kernel, p.kernel, q.kernel)
      }
    }
  }

  func compare(
    _ operation: CompareOperation, _ x: borrowing Operand, _ y: borrowing Operand, into out: borrowing Operand
  ) {
    withKernelShape(out.layout.shape) {
      KindlingCompare(
        operation, x.dtype.kernelType, $0, x.kernel(broadcastTo: out.layout.shape),
        y.kernel(broadcastTo: out.layout.shape),
        out.kernel)
    }
  }

  func compare(_ operation: CompareOperation, _ x: borrowing Operand, _ y: Scalar, into out: borrowing Operand) {
    withKernelShape(out.layout.shape) {
      KindlingCompareScalar(
        operation, x.dtype.kernelType, $0, x.kernel(broadcastTo: out.layout.shape), y.kernel, out.kernel)
    }
  }

  func select(
    _ condition: borrowing Operand, _ x: borrowing Operand, _ y: borrowing Operand, into out: borrowing Operand
  ) {
    withKernelShape(out.layout.shape) {
      KindlingSelect(
        out.dtype.kernelType, $0, condition.kernel(broadcastTo: out.layout.shape),
        x.kernel(broadcastTo: out.layout.shape),
        y.kernel(broadcastTo: out.layout.shape), out.kernel)
    }
  }

  // MARK: Reductions

  func reduce(
    _ operation: ReduceOperation, _ x: borrowing Operand, _ dimensions: DimensionSet, into out: borrowing Operand
  ) {
    withKernelShape(x.layout.shape) {
      KindlingReduce(
        operation, x.dtype.kernelType, $0, dimensions.rawValue, x.kernel, out.kernel(broadcastTo: x.layout.shape))
    }
  }

  func cumulate(_ operation: ReduceOperation, _ x: borrowing Operand, dimension: Int, into out: borrowing Operand) {
    withKernelShape(x.layout.shape) {
      KindlingCumulate(operation, x.dtype.kernelType, $0, Int32(dimension), x.kernel, out.kernel)
    }
  }

  func softmax(_ x: borrowing Operand, _ kind: SoftmaxKind, into out: borrowing Operand) {
    let columns = x.layout.shape[x.layout.shape.count - 1]
    let rows = columns == 0 ? 0 : x.layout.elementCount / columns
    KindlingSoftmax(x.dtype.kernelType, Int64(rows), Int64(columns), x.pointer, out.pointer, kind)
  }

  func argsort(_ x: borrowing Operand, descending: Bool, into out: borrowing Operand) {
    let columns = x.layout.shape[x.layout.shape.count - 1]
    let rows = columns == 0 ? 0 : x.layout.elementCount / columns
    KindlingArgsort(x.dtype.kernelType, Int64(rows), Int64(columns), descending, x.pointer, out.pointer)
  }

  // MARK: Products

  var addsBias: Bool { true }

  func matmul(
    _ x: borrowing Operand, _ y: borrowing Operand, bias: UnsafeMutableRawPointer?, into out: borrowing Operand
  ) {
    KindlingMatmul(
      out.dtype.kernelType, Int64(out.layout.shape[0]), Int64(out.layout.shape[1]), Int64(out.layout.shape[2]),
      Int64(x.layout.shape[2]), x.matrix, y.matrix, bias, out.matrix)
  }

  // MARK: Convolution and pools

  func convolve(
    _ part: ConvolutionPart, _ geometry: KernelConvolution, _ first: borrowing Operand, _ second: borrowing Operand,
    bias: UnsafeMutableRawPointer?, into out: borrowing Operand
  ) {
    withUnsafePointer(to: geometry) {
      KindlingConvolve(part, out.dtype.kernelType, $0, first.pointer, second.pointer, bias, out.pointer)
    }
  }

  func pool(
    _ operation: PoolOperation, _ pool: KernelPool, _ x: borrowing Operand, places: UnsafeMutableRawPointer?,
    into out: borrowing Operand
  ) {
    let places = places?.assumingMemoryBound(to: Int64.self)
    withUnsafePointer(to: pool) { KindlingPool(operation, out.dtype.kernelType, $0, x.pointer, places, out.pointer) }
  }

  // MARK: Normalizations

  func normalize(_ type: DType, _ normalization: KernelNormalization, _ arrays: KernelNormalizationArrays) {
    withUnsafePointer(to: normalization) { normalization in
      withUnsafePointer(to: arrays) { KindlingNormalize(type.kernelType, normalization, $0) }
    }
  }

  func normalizeGradient(_ type: DType, _ normalization: KernelNormalization, _ arrays: KernelNormalizationArrays) {
    withUnsafePointer(to: normalization) { normalization in
      withUnsafePointer(to: arrays) { KindlingNormalizeGradient(type.kernelType, normalization, $0) }
    }
  }

  // MARK: Attention

  var fusesAttention: Bool { true }

  func attention(_ type: DType, _ attention: KernelAttention, _ arrays: KernelAttentionArrays) {
    withUnsafePointer(to: attention) { attention in
      withUnsafePointer(to: arrays) { KindlingAttention(type.kernelType, attention, $0) }
    }
  }

  func attentionGradient(
    _ type: DType, _ attention: KernelAttention, _ arrays: KernelAttentionArrays, _ gradients: KernelAttentionGradients
  ) {
    withUnsafePointer(to: attention) { attention in
      withUnsafePointer(to: arrays) { arrays in
        withUnsafePointer(to: gradients) { KindlingAttentionGradient(type.kernelType, attention, arrays, $0) }
      }
    }
  }

  // MARK: Movement

  func copy(_ x: borrowing Operand, into out: borrowing Operand) {
    withKernelShape(out.layout.shape) {
      KindlingCopy(x.dtype.kernelType, out.dtype.kernelType, $0, x.kernel(broadcastTo: out.layout.shape), out.kernel)
    }
  }

  func gather(_ x: borrowing Operand, dimension: Int, _ index: borrowing Operand, into out: borrowing Operand) -> Int? {
    let bad = withKernelShape(out.layout.shape) {
      KindlingGather(
        x.dtype.kernelType, $0, Int32(dimension), Int64(x.layout.shape[dimension]), x.kernel, index.kernel, out.kernel)
    }
    return badIndex(bad)
  }

  func scatter(
    _ source: borrowing Operand, dimension: Int, _ index: borrowing Operand, into out: borrowing Operand, add: Bool
  ) -> Int? {
    let bad = withKernelShape(index.layout.shape) {
      KindlingScatter(
        out.dtype.kernelType, add, $0, Int32(dimension), Int64(out.layout.shape[dimension]), source.kernel,
        index.kernel,
        out.kernel)
    }
    return badIndex(bad)
  }

  private func badIndex(_ returned: Int64) -> Int? {
    if returned == -1 { return nil }
    return returned == .min ? -1 : Int(returned)
  }

  // MARK: Random numbers

  func random(_ distribution: Generator.Distribution, _ generator: Generator, into out: borrowing Operand) {
    let (pointer, count) = (out.pointer, out.layout.elementCount)
    if out.dtype == .float32 {
      let values = UnsafeMutableBufferPointer(start: pointer.assumingMemoryBound(to: Float.self), count: count)
      switch distribution {
      case .uniform(let low, let high): generator.fillUniform(values, from: low, to: high)
      case .normal(let mean, let deviation): generator.fillNormal(values, mean: mean, standardDeviation: deviation)
      case .bernoulli(let probability): generator.fillBernoulli(values, probability: probability)
      }
    } else {
      let values = UnsafeMutableBufferPointer(start: pointer.assumingMemoryBound(to: Double.self), count: count)
      switch distribution {
      case .uniform(let low, let high): generator.fillUniform(values, from: low, to: high)
      case .normal(let mean, let deviation): generator.fillNormal(values, mean: mean, standardDeviation: deviation)
      case .bernoulli(let probability): generator.fillBernoulli(values, probability: probability)
      }
    }
  }

  func step(
    _ step: OptimizerStep, _ options: UnsafeRawPointer, _ parameter: borrowing Operand, _ gradient: borrowing Operand,
    _ memory: KernelMemory
  ) {
    KindlingOptimizerStep(
      step, options, parameter.dtype.kernelType, Int64(parameter.layout.elementCount), parameter.pointer,
      gradient.pointer, memory)
  }
}
