import CUDADriver
import Kernels
import Synchronization

/// An NVIDIA GPU, or the emulator that runs the same kernels on the processor.
///
/// Calls queue work and return at once; nothing waits but reading a value. A kernel that went wrong is therefore
/// reported by the next read.
final class CUDABackend: Backend, @unchecked Sendable {
  let device: Device
  /// The driver's side of the device. It has a lock of its own.
  let handle: OpaquePointer

  private init(_ device: Device, _ handle: OpaquePointer) {
    self.device = device
    self.handle = handle
  }

  // MARK: Finding devices

  /// The backends that have been opened; they live as long as the program.
  private static let opened = Mutex<[Device: CUDABackend]>([:])

  /// The backend of a device, opened at the first call.
  ///
  /// - Throws: `KindlingError` that says what was looked for: no driver, a driver too old, no such device.
  static func backend(for device: Device) throws -> CUDABackend {
    try opened.withLock { opened in
      if let backend = opened[device] { return backend }
      var handle: OpaquePointer?
      try thrown(KindlingCUDAOpen(try driver(for: device), Int32(clamping: device.index), &handle), device)
      let backend = CUDABackend(device, handle!)
      opened[device] = backend
      return backend
    }
  }

  /// Whether there is a driver that sees a GPU, however old or broken either may be.
  static var hasGPU: Bool {
    var driver: UnsafePointer<KindlingCUDADriver>?
    let status = KindlingCUDALoadDriver(&driver)
    guard let driver else { return status != .noDriver && status != .noDevice }
    var count: Int32 = 0
    return KindlingCUDADeviceCount(driver, &count) != .success || count > 0
  }

  /// The table of driver functions that serves a device.
  static func driver(for device: Device) throws -> UnsafePointer<KindlingCUDADriver> {
    if device.kind == .cudaEmulator { return Emulator.driver }
    var driver: UnsafePointer<KindlingCUDADriver>?
    try thrown(KindlingCUDALoadDriver(&driver), device)
    return driver!
  }

  /// Throws what a call that failed had to say.
  static func thrown(_ status: KindlingCUDAStatus, _ device: Device) throws {
    if status != .success { throw KindlingError("\(device): \(String(cString: KindlingCUDAMessage()))") }
  }

  /// Ends the program over a call that failed: the device is in no state to go on.
  @inline(__always)
  func check(_ status: KindlingCUDAStatus, _ operation: String) {
    if status != .success { end(status, operation) }
  }

  @inline(never)
  private func end(_ status: KindlingCUDAStatus, _ operation: String) -> Never {
    let message = String(cString: KindlingCUDAMessage())
    // An index out of range and an operation that cannot be captured are mistakes in the program, and so is whatever the
    // emulator finds. A GPU that gives up is not.
    let isMistake = status == .indexOutOfRange || status == .unsupported || device.kind == .cudaEmulator
    if isMistake { fail("\(operation) on \(device)", message) }
    giveUp("\(operation) on \(device)", message)
  }

  // MARK: Memory

  func allocate(byteCount: Int) throws(KindlingError) -> Storage {
    var pointer: UnsafeMutableRawPointer?
    let status = KindlingCUDAAllocate(handle, byteCount, &pointer)
    if status == .outOfMemory { throw KindlingError(String(cString: KindlingCUDAMessage())) }
    check(status, "allocate")
    return .at(pointer!, byteCount: byteCount, self)
  }

  func deallocate(_ pointer: UnsafeMutableRawPointer, byteCount: Int) {
    check(KindlingCUDAFree(handle, pointer), "deallocate")
  }

  func copyIn(from host: UnsafeRawPointer, to pointer: UnsafeMutableRawPointer, byteCount: Int) {
    check(KindlingCUDACopyIn(handle, pointer, host, byteCount), "copy")
  }

  func copyOut(from pointer: UnsafeRawPointer, to host: UnsafeMutableRawPointer, byteCount: Int) {
    check(KindlingCUDACopyOut(handle, host, pointer, byteCount), "copy")
  }

  func synchronize() { check(KindlingCUDASynchronize(handle), "synchronize") }

  // MARK: Elementwise

  func fill(_ out: borrowing Operand, _ value: Scalar) {
    withKernelShape(out.layout.shape) {
      check(KindlingCUDAFill(handle, out.dtype.kernelType, $0, out.kernel, value.kernel), "fill")
    }
  }

  func unary(_ operation: UnaryOperation, _ x: borrowing Operand, _ p: Scalar, _ q: Scalar, into out: borrowing Operand)
  {
    withKernelShape(out.layout.shape) {
      check(
        KindlingCUDAUnary(
          handle, operation, x.dtype.kernelType, $0, x.kernel(broadcastTo: out.layout.shape), out.kernel, p.kernel,
          q.kernel), "unary")
    }
  }

  func binary(
    _ operation: BinaryOperation, _ x: borrowing Operand, _ y: borrowing Operand, _ p: Scalar, _ q: Scalar,
    into out: borrowing Operand
  ) {
    withKernelShape(out.layout.shape) {
      check(
        KindlingCUDABinary(
          handle, operation, out.dtype.kernelType, $0, x.kernel(broadcastTo: out.layout.shape),
          y.kernel(broadcastTo: out.layout.shape), out.kernel, p.kernel, q.kernel), "binary")
    }
  }

  func compare(
    _ operation: CompareOperation, _ x: borrowing Operand, _ y: borrowing Operand, into out: borrowing Operand
  ) {
    withKernelShape(out.layout.shape) {
      check(
        KindlingCUDACompare(
          handle, operation, x.dtype.kernelType, $0, x.kernel(broadcastTo: out.layout.shape),
          y.kernel(broadcastTo: out.layout.shape), out.kernel), "compare")
    }
  }

  func compare(_ operation: CompareOperation, _ x: borrowing Operand, _ y: Scalar, into out: borrowing Operand) {
    withKernelShape(out.layout.shape) {
      check(
        KindlingCUDACompareScalar(
          handle, operation, x.dtype.kernelType, $0, x.kernel(broadcastTo: out.layout.shape), y.kernel, out.kernel),
        "compare")
    }
  }

  func select(
    _ condition: borrowing Operand, _ x: borrowing Operand, _ y: borrowing Operand, into out: borrowing Operand
  ) {
    withKernelShape(out.layout.shape) {
      check(
        KindlingCUDASelect(
          handle, out.dtype.kernelType, $0, condition.kernel(broadcastTo: out.layout.shape),
          x.kernel(broadcastTo: out.layout.shape), y.kernel(broadcastTo: out.layout.shape), out.kernel), "select")
    }
  }

  // MARK: Reductions

  func reduce(
    _ operation: ReduceOperation, _ x: borrowing Operand, _ dimensions: DimensionSet, into out: borrowing Operand
  ) {
    var operation = operation
    if x.dtype == .bool {
      // The largest of false and true is true if any is, the smallest if all are: no kernels of their own.
      if operation == .maximum { operation = .any }
      if operation == .minimum { operation = .all }
    }
    withKernelShape(x.layout.shape) {
      check(
        KindlingCUDAReduce(
          handle, operation, x.dtype.kernelType, $0, dimensions.rawValue, x.kernel,
          out.kernel(broadcastTo: x.layout.shape)), "reduce")
    }
  }

  func cumulate(_ operation: ReduceOperation, _ x: borrowing Operand, dimension: Int, into out: borrowing Operand) {
    withKernelShape(x.layout.shape) {
      check(
        KindlingCUDACumulate(
          handle, operation, x.dtype.kernelType, $0, Int32(dimension), x.kernel, out.kernel), "cumulate")
    }
  }

  func softmax(_ x: borrowing Operand, _ kind: SoftmaxKind, into out: borrowing Operand) {
    let columns = x.layout.shape[x.layout.shape.count - 1]
    let rows = columns == 0 ? 0 : x.layout.elementCount / columns
    check(
      KindlingCUDASoftmax(
        handle, x.dtype.kernelType, Int64(rows), Int64(columns), x.pointer, out.pointer, kind), "softmax")
  }

  func argsort(_ x: borrowing Operand, descending: Bool, into out: borrowing Operand) {
    let columns = x.layout.shape[x.layout.shape.count - 1]
    let rows = columns == 0 ? 0 : x.layout.elementCount / columns
    check(
      KindlingCUDAArgsort(handle, x.dtype.kernelType, Int64(rows), Int64(columns), descending, x.pointer, out.pointer),
      "argsort")
  }

  // MARK: Products

  func matmul(
    _ x: borrowing Operand, _ y: borrowing Operand, bias: UnsafeMutableRawPointer?, into out: borrowing Operand
  ) {
    precondition(bias == nil, "no kernel adds a bias")
    check(
      KindlingCUDAMatrixProduct(
        handle, out.dtype.kernelType, Int64(out.layout.shape[0]), Int64(out.layout.shape[1]),
        Int64(out.layout.shape[2]),
        Int64(x.layout.shape[2]), x.matrix, y.matrix, out.matrix), "matmul")
  }

  // MARK: Convolution and pools

  func convolve(
    _ part: ConvolutionPart, _ geometry: KernelConvolution, _ first: borrowing Operand, _ second: borrowing Operand,
    bias: UnsafeMutableRawPointer?, into out: borrowing Operand
  ) {
    withUnsafePointer(to: geometry) {
      check(
        KindlingCUDAConvolve(
          handle, part, out.dtype.kernelType, $0, first.pointer, second.pointer, bias, out.pointer), "conv2d")
    }
  }

  func pool(
    _ operation: PoolOperation, _ pool: KernelPool, _ x: borrowing Operand, places: UnsafeMutableRawPointer?,
    into out: borrowing Operand
  ) {
    let places = places?.assumingMemoryBound(to: Int64.self)
    withUnsafePointer(to: pool) {
      check(
        KindlingCUDAPool(handle, operation, out.dtype.kernelType, $0, x.pointer, places, out.pointer), "pool")
    }
  }

  // MARK: Normalizations

  func normalize(_ type: DType, _ normalization: KernelNormalization, _ arrays: KernelNormalizationArrays) {
    withUnsafePointer(to: normalization) { normalization in
      withUnsafePointer(to: arrays) {
        check(KindlingCUDANormalize(handle, type.kernelType, normalization, $0), "normalize")
      }
    }
  }

  func normalizeGradient(_ type: DType, _ normalization: KernelNormalization, _ arrays: KernelNormalizationArrays) {
    withUnsafePointer(to: normalization) { normalization in
      withUnsafePointer(to: arrays) {
        check(KindlingCUDANormalizeGradient(handle, type.kernelType, normalization, $0), "normalize")
      }
    }
  }

  // MARK: Movement

  func copy(_ x: borrowing Operand, into out: borrowing Operand) {
    withKernelShape(out.layout.shape) {
      check(
        KindlingCUDACopy(
          handle, x.dtype.kernelType, out.dtype.kernelType, $0, x.kernel(broadcastTo: out.layout.shape), out.kernel),
        "copy")
    }
  }

  // An index that is out of range is met by the kernel, and reported by the next read.

  func gather(_ x: borrowing Operand, dimension: Int, _ index: borrowing Operand, into out: borrowing Operand) -> Int? {
    withKernelShape(out.layout.shape) {
      check(
        KindlingCUDAGather(
          handle, x.dtype.kernelType, $0, Int32(dimension), Int64(x.layout.shape[dimension]), x.kernel, index.kernel,
          out.kernel), "gather")
    }
    return nil
  }

  func scatter(
    _ source: borrowing Operand, dimension: Int, _ index: borrowing Operand, into out: borrowing Operand, add: Bool
  ) -> Int? {
    withKernelShape(index.layout.shape) {
      check(
        KindlingCUDAScatter(
          handle, out.dtype.kernelType, add, $0, Int32(dimension), Int64(out.layout.shape[dimension]), source.kernel,
          index.kernel, out.kernel), "scatter")
    }
    return nil
  }

  // MARK: Random numbers

  // A generator like the Mersenne Twister steps from one number to the next. Philox (Salmon and others, "Parallel random
  // numbers: as easy as 1, 2, 3", 2011) is a function: it scrambles a counter, so that thread i of a launch simply asks for
  // the i-th numbers. Sources/Kernels/Random/cuda.cu has it.
  //
  // These are not PyTorch's numbers on CUDA, which depend on how many threads it launches. Uniform ones are the same on every
  // device and on the emulator; normal ones go through a logarithm, a sine and a cosine, which differ in the last bits.
  func random(_ distribution: Generator.Distribution, _ generator: Generator, into out: borrowing Operand) {
    let (type, count) = (out.dtype.kernelType, Int64(out.layout.elementCount))
    let (seed, offset) = (UInt64(bitPattern: Int64(generator.initialSeed)), generator.philoxOffset)
    switch distribution {
    case .uniform(let low, let high):
      check(KindlingCUDAUniform(handle, type, count, out.pointer, low, high, seed, offset), "uniform_")
    case .normal(let mean, let deviation):
      check(KindlingCUDANormal(handle, type, count, out.pointer, mean, deviation, seed, offset), "normal_")
    case .bernoulli:
      fail("bernoulli_", "the generator draws on \(device); draw uniform numbers and compare them")
    }
    generator.philoxOffset += KindlingCUDARandomAdvance(type, count)
  }

  func step(
    _ step: OptimizerStep, _ options: UnsafeRawPointer, _ parameter: borrowing Operand, _ gradient: borrowing Operand,
    _ memory: KernelMemory
  ) {
    check(
      KindlingCUDAOptimizerStep(
        handle, step, options, parameter.dtype.kernelType, Int64(parameter.layout.elementCount), parameter.pointer,
        gradient.pointer, memory), "an optimizer's step")
  }
}
