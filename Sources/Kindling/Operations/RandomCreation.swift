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
    Tensor(uninitializedLike: other).uniform_(generator: generator)
  }

  /// Normally distributed numbers, in the shape, type and place of `other`.
  public static func randnLike(_ other: Tensor, generator: Generator? = nil) -> Tensor {
    Tensor(uninitializedLike: other).normal_(generator: generator)
  }

  /// A tensor to be filled, in the shape, type and place of `other`; its elements lie in the order of the other's if that
  /// has no gaps. PyTorch draws in the order in which they lie, and so the same numbers come to the same places.
  convenience init(uninitializedLike other: Tensor) {
    let layout = other.layout
    let order = layout.isContiguous || layout.hasGaps ? layout.packed : Layout(layout.shape, strides: layout.strides)
    self.init(uninitialized: order, other.dtype, other.backend)
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
  public func uniform_(from: Double = 0, to: Double = 1, generator: Generator? = nil) -> Tensor {
    drawn("uniform_", .uniform(from: from, to: to), generator ?? .default)
  }

  /// Fills the tensor with normally distributed numbers, and returns it.
  @discardableResult
  public func normal_(mean: Double = 0, std: Double = 1, generator: Generator? = nil) -> Tensor {
    if std < 0 { fail("normal_", "a standard deviation of \(std)") }
    return drawn("normal_", .normal(mean: mean, deviation: std), generator ?? .default)
  }

  /// Fills the tensor with 1 where a draw falls under `probability` and with 0 elsewhere, and returns it.
  @discardableResult
  public func bernoulli_(_ probability: Double, generator: Generator? = nil) -> Tensor {
    if !(0...1).contains(probability) { fail("bernoulli_", "\(probability) is no probability; it must be 0 to 1") }
    let generator = generator ?? .default
    if generator.device != .cpu {
      return copy_(Tensor.rand(shape, dtype: dtype, device: device, generator: generator) < probability)
    }
    return drawn("bernoulli_", .bernoulli(probability: probability), generator)
  }

  /// Fills the tensor with numbers of a generator, which draws on the CPU or on this tensor's device.
  private func drawn(
    _ name: StaticString, _ distribution: Generator.Distribution, _ generator: Generator
  ) -> Tensor {
    if !dtype.isFloatingPoint {
      fail("\(name)", "random numbers for a tensor of \(dtype); it must be float32 or float64")
    }
    if generator.device != .cpu && generator.device != device {
      fail("\(name)", "the generator draws on \(generator.device), and the tensor is on \(device)")
    }
    if generator.device == .cpu && !isContiguous { return drawnInMemoryOrder(name, distribution, generator) }
    let isDirect = isContiguous && generator.device == device && !(writesAreTracked && isGradEnabled)
    let target = isDirect ? self : Tensor(uninitialized: shape, dtype, generator.device.backend)
    target.backend.random(distribution, generator, into: target.operand)
    if isDirect { storage.version &+= 1 } else { write(target, as: name) }
    return self
  }

  /// Elements that lie in another order, or with gaps, are filled as PyTorch fills them: in the order in which they lie, and
  /// one by one. A generator that is asked for fewer than 16 normal numbers draws them one by one.
  private func drawnInMemoryOrder(
    _ name: StaticString, _ distribution: Generator.Distribution, _ generator: Generator
  ) -> Tensor {
    let order = (0..<rank).sorted { (strides[$0], $1) > (strides[$1], $0) }
    let numbers = Tensor(uninitialized: Shape(order.map { shape[$0] }), dtype, Device.cpu.backend)
    for start in stride(from: 0, to: elementCount, by: 15) {
      let part = Layout([Swift.min(15, elementCount - start)], strides: [1], offset: start)
      numbers.backend.random(distribution, generator, into: numbers.operand.with(part))
    }
    write(numbers.permute((0..<rank).map { order.firstIndex(of: $0)! }), as: name)
    return self
  }
}
