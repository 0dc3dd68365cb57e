import Kernels

/// A backend that notes when each of its kernels begins and ends, and leaves the work to another.
///
/// Two backends would be two devices to an operation, so profiling begins before the first tensor is made, for all devices.
/// The times are those of the call: a GPU may still be at work when it returns. When the GPU was at work, its driver says.
final class ProfiledBackend: Backend {
  private let inner: any Backend

  private init(_ inner: any Backend) { self.inner = inner }

  fileprivate nonisolated(unsafe) static var all: [ProfiledBackend] = []

  /// What stands in for `backend`, the same each time. Backends live as long as the program.
  static func of(_ backend: any Backend) -> ProfiledBackend {
    if let known = all.first(where: { $0.inner === backend }) { return known }
    all.append(ProfiledBackend(backend))
    return all.last!
  }

  var device: Device { inner.device }
  var unprofiled: any Backend { inner }

  @inline(__always)
  private func timed<R>(_ name: StaticString, _ body: () -> R) -> R {
    if !KernelTimes.isRecording { return body() }
    let start = ContinuousClock.now
    let result = body()
    KernelTimes.events.append((name, start, .now))
    return result
  }

  func allocate(byteCount: Int) throws(KindlingError) -> Storage {
    let storage = try inner.allocate(byteCount: byteCount)
    storage.backend = self
    return storage
  }

  func deallocate(_ pointer: UnsafeMutableRawPointer, byteCount: Int) {
    inner.deallocate(pointer, byteCount: byteCount)
  }

  func copyIn(from host: UnsafeRawPointer, to pointer: UnsafeMutableRawPointer, byteCount: Int) {
    timed("copy in") { inner.copyIn(from: host, to: pointer, byteCount: byteCount) }
  }

  func copyOut(from pointer: UnsafeRawPointer, to host: UnsafeMutableRawPointer, byteCount: Int) {
    timed("copy out") { inner.copyOut(from: pointer, to: host, byteCount: byteCount) }
  }

  func synchronize() { timed("synchronize") { inner.synchronize() } }

  func fill(_ out: borrowing Operand, _ value: Scalar) { timed("fill") { inner.fill(out, value) } }

  func unary(_ operation: UnaryOperation, _ x: borrowing Operand, _ p: Scalar, _ q: Scalar, into out: borrowing Operand)
  {
    timed("unary") { inner.unary(operation, x, p, q, into: out) }
  }

  func binary(
    _ operation: BinaryOperation, _ x: borrowing Operand, _ y: borrowing Operand, _ p: Scalar, _ q: Scalar,
    into out: borrowing Operand
  ) {
    timed("binary") { inner.binary(operation, x, y, p, q, into: out) }
  }

  func compare(
    _ operation: CompareOperation, _ x: borrowing Operand, _ y: borrowing Operand, into out: borrowing Operand
  ) {
    timed("compare") { inner.compare(operation, x, y, into: out) }
  }

  func compare(_ operation: CompareOperation, _ x: borrowing Operand, _ y: Scalar, into out: borrowing Operand) {
    timed("compare") { inner.compare(operation, x, y, into: out) }
  }

  func select(
    _ condition: borrowing Operand, _ x: borrowing Operand, _ y: borrowing Operand, into out: borrowing Operand
  ) {
    timed("select") { inner.select(condition, x, y, into: out) }
  }

  func reduce(
    _ operation: ReduceOperation, _ x: borrowing Operand, _ dimensions: DimensionSet, into out: borrowing Operand
  ) {
    timed("reduce") { inner.reduce(operation, x, dimensions, into: out) }
  }

  func cumulate(_ operation: ReduceOperation, _ x: borrowing Operand, dimension: Int, into out: borrowing Operand) {
    timed("cumulate") { inner.cumulate(operation, x, dimension: dimension, into: out) }
  }

  func softmax(_ x: borrowing Operand, _ kind: SoftmaxKind, into out: borrowing Operand) {
    timed("softmax") { inner.softmax(x, kind, into: out) }
  }

  func argsort(_ x: borrowing Operand, descending: Bool, into out: borrowing Operand) {
    timed("argsort") { inner.argsort(x, descending: descending, into: out) }
  }

  var addsBias: Bool { inner.addsBias }

  func matmul(
    _ x: borrowing Operand, _ y: borrowing Operand, bias: UnsafeMutableRawPointer?, into out: borrowing Operand
  ) {
    timed("matmul") { inner.matmul(x, y, bias: bias, into: out) }
  }

  func convolve(
    _ part: ConvolutionPart, _ geometry: KernelConvolution, _ first: borrowing Operand, _ second: borrowing Operand,
    bias: UnsafeMutableRawPointer?, into out: borrowing Operand
  ) {
    timed("convolve") { inner.convolve(part, geometry, first, second, bias: bias, into: out) }
  }

  func pool(
    _ operation: PoolOperation, _ pool: KernelPool, _ x: borrowing Operand, places: UnsafeMutableRawPointer?,
    into out: borrowing Operand
  ) {
    timed("pool") { inner.pool(operation, pool, x, places: places, into: out) }
  }

  func normalize(_ type: DType, _ normalization: KernelNormalization, _ arrays: KernelNormalizationArrays) {
    timed("normalize") { inner.normalize(type, normalization, arrays) }
  }

  func normalizeGradient(_ type: DType, _ normalization: KernelNormalization, _ arrays: KernelNormalizationArrays) {
    timed("normalize gradient") { inner.normalizeGradient(type, normalization, arrays) }
  }

  var fusesAttention: Bool { inner.fusesAttention }

  func attention(_ type: DType, _ attention: KernelAttention, _ arrays: KernelAttentionArrays) {
    timed("attention") { inner.attention(type, attention, arrays) }
  }

  func attentionGradient(
    _ type: DType, _ attention: KernelAttention, _ arrays: KernelAttentionArrays, _ gradients: KernelAttentionGradients
  ) {
    timed("attention gradient") { inner.attentionGradient(type, attention, arrays, gradients) }
  }

  func copy(_ x: borrowing Operand, into out: borrowing Operand) { timed("copy") { inner.copy(x, into: out) } }

  func gather(_ x: borrowing Operand, dimension: Int, _ index: borrowing Operand, into out: borrowing Operand) -> Int? {
    timed("gather") { inner.gather(x, dimension: dimension, index, into: out) }
  }

  func scatter(
    _ source: borrowing Operand, dimension: Int, _ index: borrowing Operand, into out: borrowing Operand, add: Bool
  ) -> Int? {
    timed("scatter") { inner.scatter(source, dimension: dimension, index, into: out, add: add) }
  }

  func random(_ distribution: Generator.Distribution, _ generator: Generator, into out: borrowing Operand) {
    timed("random") { inner.random(distribution, generator, into: out) }
  }

  func step(
    _ step: OptimizerStep, _ options: UnsafeRawPointer, _ parameter: borrowing Operand, _ gradient: borrowing Operand,
    _ memory: KernelMemory
  ) {
    timed(name(of: step, options)) { inner.step(step, options, parameter, gradient, memory) }
  }

  /// The optimizer's name; Adam and AdamW have one kernel.
  private func name(of step: OptimizerStep, _ options: UnsafeRawPointer) -> StaticString {
    switch step {
    case .sgd: "SGD step"
    case .adagrad: "Adagrad step"
    case .rmsprop: "RMSprop step"
    case .adam: options.assumingMemoryBound(to: KernelAdam.self).pointee.decoupled ? "AdamW step" : "Adam step"
    }
  }
}

/// When kernels ran.
package enum KernelTimes {
  /// Whether tensors are made on profiled backends. To be set before the first tensor is made, and not taken back.
  package nonisolated(unsafe) static var isOn = false
  /// Whether kernels are noted now.
  package nonisolated(unsafe) static var isRecording = false
  /// What has been noted, in order.
  package nonisolated(unsafe) static var events:
    [(name: StaticString, start: ContinuousClock.Instant, end: ContinuousClock.Instant)] = []
  /// The devices whose own times are taken, with when they began.
  private nonisolated(unsafe) static var devices: [(backend: CUDABackend, beginning: ContinuousClock.Instant)] = []

  /// Begins to note kernels, and the times of the devices that tensors were made on. Waits for those.
  package static func begin() {
    events = []
    devices = ProfiledBackend.all.compactMap { $0.unprofiled as? CUDABackend }.map { backend in
      backend.beginTimes()
      return (backend, .now)
    }
    isRecording = true
  }

  /// Ends it.
  ///
  /// - Returns: When each device was at work on what, by its own clock; nothing of the CPU, whose kernels are calls.
  package static func end() -> [(name: String, start: ContinuousClock.Instant, duration: Double)] {
    isRecording = false
    defer { devices = [] }
    return devices.flatMap { backend, beginning in
      backend.endTimes().map { ($0.name, beginning + .seconds($0.start), $0.duration) }
    }
  }

  /// Runs `body` without noting its kernels.
  package static func paused<R>(_ body: () throws -> R) rethrows -> R {
    guard isRecording else { return try body() }
    func pause(_ pauses: Bool) {
      isRecording = !pauses
      for device in devices { device.backend.pauseTimes(pauses) }
    }
    pause(true)
    defer { pause(false) }
    return try body()
  }
}

extension Backend {
  /// The backend itself, without what looks at its times.
  var unprofiled: any Backend { self }
}
