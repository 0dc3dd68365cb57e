// Tensors of random numbers, in PyTorch's stream: after the same `manualSeed` the same numbers.

extension Tensor {
  /// Numbers evenly distributed over [0, 1).
  public static func rand(
    _ sizes: Int..., dtype: DType = .float32, device: Device = .cpu, requiresGrad: Bool = false,
    generator: Generator? = nil
  ) -> Tensor { rand(Shape(sizes), dtype: dtype, device: device, requiresGrad: requiresGrad, generator: generator) }

  /// Numbers evenly distributed over [0, 1).
  public static func rand(
    _ shape: Shape, dtype: DType = .float32, device: Device = .cpu, requiresGrad: Bool = false,
    generator: Generator? = nil
  ) -> Tensor {
    random(shape, dtype, device, requiresGrad, "rand") { $0.uniform_(from: 0, to: 1, generator: generator) }
  }

  /// Normally distributed numbers of mean 0 and standard deviation 1.
  public static func randn(
    _ sizes: Int..., dtype: DType = .float32, device: Device = .cpu, requiresGrad: Bool = false,
    generator: Generator? = nil
  ) -> Tensor { randn(Shape(sizes), dtype: dtype, device: device, requiresGrad: requiresGrad, generator: generator) }

  /// Normally distributed numbers of mean 0 and standard deviation 1.
  public static func randn(
    _ shape: Shape, dtype: DType = .float32, device: Device = .cpu, requiresGrad: Bool = false,
    generator: Generator? = nil
  ) -> Tensor {
    random(shape, dtype, device, requiresGrad, "randn") { $0.normal_(mean: 0, std: 1, generator: generator) }
  }

  /// Integers evenly distributed from `low` up to, and without, `high`.
  public static func randint(
    _ low: Int, _ high: Int, _ shape: Shape, dtype: DType = .int64, device: Device = .cpu, generator: Generator? = nil
  ) -> Tensor {
    if low >= high { fail("randint", "there is no integer from \(low) up to and without \(high)") }
    shape.checkIsPossible(.int64, in: "randint")
    return integers(shape, dtype, device) {
      (generator ?? .default).fillIntegers($0, from: Int64(low), to: Int64(high))
    }
  }

  /// The integers from 0 to n - 1 in random order.
  public static func randperm(
    _ n: Int, dtype: DType = .int64, device: Device = .cpu, generator: Generator? = nil
  ) -> Tensor {
    if n < 0 { fail("randperm", "a permutation of \(n) numbers") }
    Shape([n]).checkIsPossible(.int64, in: "randperm")
    return integers([n], dtype, device) { (generator ?? .default).fillPermutation($0) }
  }

  private static func integers(
    _ shape: Shape, _ dtype: DType, _ device: Device, _ fill: (UnsafeMutableBufferPointer<Int64>) -> Void
  ) -> Tensor {
    let out = Tensor(uninitialized: shape, .int64, Device.cpu.backend)
    fill(UnsafeMutableBufferPointer(start: out.pointer.assumingMemoryBound(to: Int64.self), count: out.elementCount))
    return out.to(dtype).to(device)
  }

  /// Numbers evenly distributed over [0, 1), in the shape, type and place of `other`.
  public static func randLike(_ other: Tensor, generator: Generator? = nil) -> Tensor {
    rand(other.shape, dtype: other.dtype, device: other.device, generator: generator)
  }

  /// Normally distributed numbers, in the shape, type and place of `other`.
  public static func randnLike(_ other: Tensor, generator: Generator? = nil) -> Tensor {
    randn(other.shape, dtype: other.dtype, device: other.device, generator: generator)
  }

  private static func random(
    _ shape: Shape, _ dtype: DType, _ device: Device, _ requiresGrad: Bool, _ name: String, _ fill: (Tensor) -> Void
  ) -> Tensor {
    shape.checkIsPossible(dtype, device, in: name)
    let out = Tensor(uninitialized: shape, dtype, device.backend)
    fill(out)
    out.requiresGrad = requiresGrad
    return out
  }

  // MARK: In place

  /// Fills the tensor with numbers evenly distributed over [from, to), and returns it.
  @discardableResult
  public final func uniform_(from: Double = 0, to: Double = 1, generator: Generator? = nil) -> Tensor {
    let generator = generator ?? .default
    if generator.device != .cpu { return fill(from: generator, .uniform(from: from, to: to), "uniform_") }
    return fillRandomly("uniform_", { generator.fillUniform($0, from: from, to: to) }) {
      generator.fillUniform($0, from: from, to: to)
    }
  }

  /// Fills the tensor with normally distributed numbers, and returns it.
  @discardableResult
  public final func normal_(mean: Double = 0, std: Double = 1, generator: Generator? = nil) -> Tensor {
    let generator = generator ?? .default
    if std < 0 { fail("normal_", "a standard deviation of \(std)") }
    if generator.device != .cpu { return fill(from: generator, .normal(mean: mean, deviation: std), "normal_") }
    return fillRandomly("normal_", { generator.fillNormal($0, mean: mean, standardDeviation: std) }) {
      generator.fillNormal($0, mean: mean, standardDeviation: std)
    }
  }

  /// Fills the tensor with 1 where a draw falls under `probability` and with 0 elsewhere, and returns it.
  @discardableResult
  public final func bernoulli_(_ probability: Double, generator: Generator? = nil) -> Tensor {
    if !(0...1).contains(probability) { fail("bernoulli_", "\(probability) is no probability; it must be 0 to 1") }
    let generator = generator ?? .default
    if generator.device != .cpu {
      return copy_(Tensor.rand(shape, dtype: dtype, device: device, generator: generator) < probability)
    }
    return fillRandomly("bernoulli_", { generator.fillBernoulli($0, probability: probability) }) {
      generator.fillBernoulli($0, probability: probability)
    }
  }

  /// Numbers of a generator that draws on this tensor's device.
  private final func fill(
    from generator: Generator, _ distribution: Generator.Distribution, _ name: StaticString
  ) -> Tensor {
    checkIsReal(name)
    let isDirect = isContiguous && !(writesAreTracked && isGradEnabled)
    let target = isDirect ? self : uninitialized(shape, dtype)
    generator.fill(target, with: distribution, name)
    if isDirect { storage.version &+= 1 } else { write(target, as: name) }
    return self
  }

  private final func checkIsReal(_ name: StaticString) {
    if !dtype.isFloatingPoint {
      fail("\(name)", "random numbers for a tensor of \(dtype); it must be float32 or float64")
    }
  }

  /// Numbers of a generator that draws on the CPU, whatever this tensor's device.
  private final func fillRandomly(
    _ name: StaticString, _ single: (UnsafeMutableBufferPointer<Float>) -> Void,
    _ double: (UnsafeMutableBufferPointer<Double>) -> Void
  ) -> Tensor {
    checkIsReal(name)
    if !isContiguous { return fillInMemoryOrder(name, single, double) }
    let isDirect = device == .cpu && !(writesAreTracked && isGradEnabled)
    let target = isDirect ? self : Tensor(uninitialized: shape, dtype, Device.cpu.backend)
    target.withElements(single, double)
    if isDirect { storage.version &+= 1 } else { write(target, as: name) }
    return self
  }

  /// Elements that lie in another order, or with gaps, are filled as PyTorch fills them: in the order in which they lie, and
  /// one by one. A generator that is asked for fewer than 16 normal numbers draws them one by one.
  private final func fillInMemoryOrder(
    _ name: StaticString, _ single: (UnsafeMutableBufferPointer<Float>) -> Void,
    _ double: (UnsafeMutableBufferPointer<Double>) -> Void
  ) -> Tensor {
    let order = (0..<rank).sorted { (strides[$0], $1) > (strides[$1], $0) }
    let numbers = Tensor(uninitialized: Shape(order.map { shape[$0] }), dtype, Device.cpu.backend)
    for start in stride(from: 0, to: elementCount, by: 15) {
      numbers.flatten().narrow(0, start, Swift.min(15, elementCount - start)).withElements(single, double)
    }
    write(numbers.permute((0..<rank).map { order.firstIndex(of: $0)! }), as: name)
    return self
  }

  /// Hands the elements of a contiguous float tensor on the CPU to the body for its type.
  private final func withElements(
    _ single: (UnsafeMutableBufferPointer<Float>) -> Void, _ double: (UnsafeMutableBufferPointer<Double>) -> Void
  ) {
    if dtype == .float32 {
      single(UnsafeMutableBufferPointer(start: pointer.assumingMemoryBound(to: Float.self), count: elementCount))
    } else {
      double(UnsafeMutableBufferPointer(start: pointer.assumingMemoryBound(to: Double.self), count: elementCount))
    }
  }
}
