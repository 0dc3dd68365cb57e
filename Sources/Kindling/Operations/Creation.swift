// New tensors: from numbers, from rules, from chance. Sizes are given as in PyTorch, `zeros(64, 784)`, or as a shape.

extension Tensor {
  /// A tensor of the numbers in `values`, in row-major order.
  ///
  /// The type is PyTorch's for such numbers (float32 for Swift's `Double`, int64 for `Int`), unless `dtype` says another.
  /// Ends the program if the numbers do not fill the shape.
  public convenience init<S: TensorScalar>(
    _ values: [S], shape: Shape, dtype: DType? = nil, device: Device = .cpu, requiresGrad: Bool = false
  ) {
    let dtype = dtype ?? S.dtype
    if shape.elementCount != values.count || shape.contains(where: { $0 < 0 }) {
      fail("Tensor", "\(values.count) numbers do not fill shape \(shape)")
    }
    // What the type holds for certain need not be looked at.
    if (dtype.isInteger && S.dtype == .float32) || (dtype == .int32 && S.dtype == .int64) {
      for value in values { _ = value.scalar.element(of: dtype, in: "Tensor") }
    }
    self.init(uninitialized: shape, dtype, device.backend)
    // Converted where the numbers are, on the host.
    let source = dtype == S.storageDType ? self : Tensor(uninitialized: shape, S.storageDType, Device.cpu.backend)
    values.withUnsafeBytes { bytes in
      if let base = bytes.baseAddress, !values.isEmpty {
        source.backend.copyIn(from: base, to: source.pointer, byteCount: bytes.count)
      }
    }
    if source !== self && device == .cpu {
      backend.copy(source.operand, into: operand)
    } else if source !== self {
      let converted = Tensor(uninitialized: shape, dtype, Device.cpu.backend)
      converted.backend.copy(source.operand, into: converted.operand)
      backend.copyIn(from: converted.pointer, to: pointer, byteCount: elementCount * dtype.byteCount)
    }
    self.requiresGrad = requiresGrad
  }

  /// A vector of numbers.
  public convenience init<S: TensorScalar>(
    _ values: [S], dtype: DType? = nil, device: Device = .cpu, requiresGrad: Bool = false
  ) {
    self.init(values, shape: [values.count], dtype: dtype, device: device, requiresGrad: requiresGrad)
  }

  /// A matrix, given row by row. Ends the program if the rows are not equally long.
  public convenience init<S: TensorScalar>(
    _ rows: [[S]], dtype: DType? = nil, device: Device = .cpu, requiresGrad: Bool = false
  ) {
    let columns = Tensor.commonCount(rows)
    self.init(
      rows.flatMap { $0 }, shape: [rows.count, columns], dtype: dtype, device: device, requiresGrad: requiresGrad)
  }

  /// A tensor of three dimensions, given as nested arrays. Ends the program if they are ragged.
  public convenience init<S: TensorScalar>(
    _ blocks: [[[S]]], dtype: DType? = nil, device: Device = .cpu, requiresGrad: Bool = false
  ) {
    let rows = Tensor.commonCount(blocks)
    let columns = Tensor.commonCount(blocks.flatMap { $0 })
    self.init(
      blocks.flatMap { $0.flatMap { $0 } }, shape: [blocks.count, rows, columns], dtype: dtype, device: device,
      requiresGrad: requiresGrad)
  }

  /// A tensor of no dimensions that holds one number.
  public convenience init<S: TensorScalar>(
    _ value: S, dtype: DType? = nil, device: Device = .cpu, requiresGrad: Bool = false
  ) {
    self.init([value], shape: [], dtype: dtype, device: device, requiresGrad: requiresGrad)
  }

  private static func commonCount<T>(_ arrays: [[T]]) -> Int {
    let count = arrays.first?.count ?? 0
    for (i, array) in arrays.enumerated() where array.count != count {
      fail("Tensor", "nested arrays are ragged: the first has \(count) entries, and number \(i) has \(array.count)")
    }
    return count
  }

  // MARK: One number everywhere

  /// Zeros, in float32 unless `dtype` says another type.
  public static func zeros(
    _ sizes: Int..., dtype: DType = .float32, device: Device = .cpu, requiresGrad: Bool = false
  ) -> Tensor { zeros(Shape(sizes), dtype: dtype, device: device, requiresGrad: requiresGrad) }

  /// Zeros, in float32 unless `dtype` says another type.
  public static func zeros(
    _ shape: Shape, dtype: DType = .float32, device: Device = .cpu, requiresGrad: Bool = false
  ) -> Tensor { filled("zeros", shape, Scalar(Int64(0)), dtype, device, requiresGrad) }

  /// Ones, in float32 unless `dtype` says another type.
  public static func ones(
    _ sizes: Int..., dtype: DType = .float32, device: Device = .cpu, requiresGrad: Bool = false
  ) -> Tensor { ones(Shape(sizes), dtype: dtype, device: device, requiresGrad: requiresGrad) }

  /// Ones, in float32 unless `dtype` says another type.
  public static func ones(
    _ shape: Shape, dtype: DType = .float32, device: Device = .cpu, requiresGrad: Bool = false
  ) -> Tensor { filled("ones", shape, Scalar(Int64(1)), dtype, device, requiresGrad) }

  /// A tensor whose elements are whatever lay in its memory: for one that will be written over.
  public static func empty(
    _ sizes: Int..., dtype: DType = .float32, device: Device = .cpu, requiresGrad: Bool = false
  ) -> Tensor { empty(Shape(sizes), dtype: dtype, device: device, requiresGrad: requiresGrad) }

  /// A tensor whose elements are whatever lay in its memory: for one that will be written over. Bools are false.
  public static func empty(
    _ shape: Shape, dtype: DType = .float32, device: Device = .cpu, requiresGrad: Bool = false
  ) -> Tensor {
    // A byte that is neither 0 nor 1 would be no bool.
    if dtype == .bool { return zeros(shape, dtype: .bool, device: device) }
    shape.checkIsPossible(dtype, device, in: "empty")
    let out = Tensor(uninitialized: shape, dtype, device.backend)
    out.requiresGrad = requiresGrad
    return out
  }

  /// `value` everywhere, in the type of the number unless `dtype` says another. Ends the program where that type cannot hold
  /// the number, such as infinity in int64.
  public static func full<S: TensorScalar>(
    _ shape: Shape, _ value: S, dtype: DType? = nil, device: Device = .cpu, requiresGrad: Bool = false
  ) -> Tensor { filled("full", shape, value.scalar, dtype ?? S.dtype, device, requiresGrad) }

  private static func filled(
    _ name: StaticString, _ shape: Shape, _ value: Scalar, _ dtype: DType, _ device: Device, _ requiresGrad: Bool
  ) -> Tensor {
    shape.checkIsPossible(dtype, device, in: "\(name)")
    let out = Tensor(uninitialized: shape, dtype, device.backend)
    out.backend.fill(out.operand, value.element(of: dtype, in: "\(name)"))
    out.requiresGrad = requiresGrad
    return out
  }

  /// Zeros in the shape, type and place of `other`.
  public static func zerosLike(_ other: Tensor) -> Tensor {
    zeros(other.shape, dtype: other.dtype, device: other.device)
  }

  /// Ones in the shape, type and place of `other`.
  public static func onesLike(_ other: Tensor) -> Tensor { ones(other.shape, dtype: other.dtype, device: other.device) }

  /// `value` everywhere, in the shape, type and place of `other`.
  public static func fullLike<S: TensorScalar>(_ other: Tensor, _ value: S) -> Tensor {
    full(other.shape, value, dtype: other.dtype, device: other.device)
  }

  // MARK: Sequences

  /// The integers from 0 up to, and without, `end`.
  public static func arange(_ end: Int, dtype: DType = .int64, device: Device = .cpu) -> Tensor {
    arange(0, end, dtype: dtype, device: device)
  }

  /// The integers from `start` in steps of `step`, up to and without `end`.
  public static func arange(
    _ start: Int, _ end: Int, step: Int = 1, dtype: DType = .int64, device: Device = .cpu
  ) -> Tensor {
    if step == 0 { fail("arange", "a step of 0") }
    // Wrapping, and without a sign: two Ints may be farther apart than an Int can say.
    let isEmpty = step > 0 ? start >= end : start <= end
    let distance = UInt(bitPattern: step > 0 ? end &- start : start &- end)
    let count = isEmpty ? 0 : Int(clamping: (distance - 1) / step.magnitude + 1)
    return sequence("arange", count, dtype, device) { Int64(start &+ $0 &* step) }
  }

  /// The numbers from `start` in steps of `step`, up to and without `end`. For integers all three are cut towards 0 first.
  public static func arange(
    _ start: Double, _ end: Double, step: Double = 1, dtype: DType = .float32, device: Device = .cpu
  ) -> Tensor {
    if dtype.isInteger {
      func whole(_ number: Double) -> Int { Int(Scalar(number).element(of: .int64, in: "arange").kernel.integer) }
      return arange(whole(start), whole(end), step: whole(step), dtype: dtype, device: device)
    }
    if step == 0 { fail("arange", "a step of 0") }
    let count = ((end - start) / step).rounded(.up)
    if !count.isFinite {
      fail("arange", "there is no end to the numbers from \(start) to \(end) in steps of \(step)")
    }
    return sequence("arange", Int(exactly: Swift.max(0, count)) ?? .max, dtype, device) { start + Double($0) * step }
  }

  /// `steps` numbers at equal distances, the first `start` and the last `end`. For integers these two are cut towards 0 first,
  /// and then the others.
  public static func linspace(
    _ start: Double, _ end: Double, steps: Int, dtype: DType = .float32, device: Device = .cpu
  ) -> Tensor {
    if steps < 0 { fail("linspace", "\(steps) steps") }
    let (start, end) = dtype.isInteger ? (start.rounded(.towardZero), end.rounded(.towardZero)) : (start, end)
    let step = (end - start) / Double(Swift.max(steps - 1, 1))
    // From both ends, as PyTorch does, so that the last number is exactly `end`.
    return sequence("linspace", steps, dtype, device) { i in
      i < (steps + 1) / 2 || steps == 1 ? start + step * Double(i) : end - step * Double(steps - 1 - i)
    }
  }

  /// A vector of what `number` gives for 0, 1, 2, …
  private static func sequence<S: TensorScalar>(
    _ name: String, _ count: Int, _ dtype: DType, _ device: Device, _ number: (Int) -> S
  ) -> Tensor {
    Shape([count]).checkIsPossible(S.storageDType, in: name)
    let out = Tensor(uninitialized: [count], S.storageDType, Device.cpu.backend)
    let elements = out.pointer.assumingMemoryBound(to: S.self)
    for i in 0..<count { elements[i] = number(i) }
    return out.to(dtype).to(device)
  }

  /// The matrix with 1 on the diagonal and 0 elsewhere.
  public static func eye(_ rows: Int, _ columns: Int? = nil, dtype: DType = .float32, device: Device = .cpu) -> Tensor {
    let out = filled("eye", [rows, columns ?? rows], Scalar(Int64(0)), dtype, device, false)
    out.diagonal().fill_(1)
    return out
  }
}
