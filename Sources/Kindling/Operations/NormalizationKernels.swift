import Kernels

// Normalizations in one pass: what the formula in Normalization.swift gives, without a tensor for each of its steps. A
// derivative that is itself to be differentiated is the formula's.

extension Normalization {
  /// What a normalization makes of x; mean and variance have no history.
  func apply(
    _ name: StaticString, to x: Tensor, _ weight: Tensor?, _ bias: Tensor?
  ) -> (y: Tensor, mean: Tensor, variance: Tensor) {
    let parameters = [weight, bias].compactMap { $0 }
    if !suitsKernel(x, parameters) { return formula(x, weight, bias) }
    let groups = Statistics(self, x)
    let y = x.uninitialized(x.shape, x.dtype)
    var arrays = within { Arrays(x, weight, groups) }
    arrays.bias = bias.map { bias in within { bias.contiguous() } }
    arrays.y = y
    arrays.withPointers { x.backend.normalize(x.dtype, kernel(x), $0) }

    let (hasWeight, hasBias) = (weight != nil, bias != nil)
    let recorded = y.recorded(name, [x] + parameters, numbers: [eps]) { dy, saved in
      let weight = hasWeight ? saved[1] : nil
      let wantsBias = hasBias && saved.wants(hasWeight ? 2 : 1)
      let (dx, dWeight, dBias) =
        isGradEnabled
        ? self.kept(groups).gradientFormula(dy, saved[0], weight)
        : gradients(
          dy, saved[0], weight, groups, wants: (saved.wants(0), hasWeight && saved.wants(1), wantsBias))
      return [dx] + (hasWeight ? [dWeight] : []) + (hasBias ? [dBias] : [])
    }
    return (recorded, groups.mean, groups.variance)
  }

  /// Whether a kernel takes these: all of one type on one device, some elements, and nothing that autograd would miss.
  private func suitsKernel(_ x: Tensor, _ parameters: [Tensor]) -> Bool {
    if x.elementCount == 0 || (given.map { $0.mean.isTracked || $0.variance.isTracked } ?? false) { return false }
    let others = parameters + (given.map { [$0.mean, $0.variance] } ?? [])
    return others.allSatisfy { $0.dtype == x.dtype && $0.backend === x.backend }
  }

  /// The gradients that are wanted.
  private func gradients(
    _ dy: Tensor, _ x: Tensor, _ weight: Tensor?, _ groups: Statistics, wants: (x: Bool, weight: Bool, bias: Bool)
  ) -> (dx: Tensor?, dWeight: Tensor?, dBias: Tensor?) {
    func parameter() -> Tensor { x.uninitialized(isByChannel ? [x.shape[1]] : parameterShape, x.dtype) }
    var arrays = within { Arrays(x, weight, groups) }
    arrays.dy = within { dy.contiguous() }
    arrays.dx = wants.x ? x.uninitialized(x.shape, x.dtype) : nil
    arrays.dWeight = wants.weight ? parameter() : nil
    arrays.dBias = wants.bias ? parameter() : nil
    arrays.withPointers { x.backend.normalizeGradient(x.dtype, kernel(x), $0) }
    return (arrays.dx, arrays.dWeight, arrays.dBias)
  }

  /// The same with the given numbers as they were: whoever gave them may have changed them since.
  private func kept(_ groups: Statistics) -> Normalization {
    var copy = self
    if given != nil {
      copy.given = (groups.mean.reshape(parameterShape), groups.variance.reshape(parameterShape))
    }
    return copy
  }

  /// The sizes, as the kernel has them: rows for groups of last dimensions.
  private func kernel(_ x: Tensor) -> KernelNormalization {
    var kernel = KernelNormalization()
    let columns = isByChannel ? x.shape[1] : parameterShape.elementCount
    kernel.channels = Int64(columns)
    kernel.batch = Int64(isByChannel ? x.shape[0] : x.elementCount / columns)
    kernel.places = isByChannel ? Int64(x.elementCount) / (kernel.batch * kernel.channels) : 1
    kernel.byRows = isByChannel ? 0 : 1
    kernel.keepsMean = keepsMean ? 1 : 0
    kernel.isGiven = given == nil ? 0 : 1
    kernel.eps = eps
    return kernel
  }

  /// What the gradient needs of each group.
  private struct Statistics {
    let mean, variance, scale: Tensor

    init(_ n: Normalization, _ x: Tensor) {
      let count = n.isByChannel ? x.shape[1] : x.elementCount / n.parameterShape.elementCount
      func numbers(_ given: Tensor?) -> Tensor {
        given.map { given in within { given.reshape([count]).clone() } } ?? x.uninitialized([count], x.dtype)
      }
      mean = numbers(n.given?.mean)
      variance = numbers(n.given?.variance)
      scale = x.uninitialized([count], x.dtype)
    }
  }

  /// The tensors that a kernel reads and writes.
  private struct Arrays {
    let x: Tensor
    let weight: Tensor?
    let groups: Statistics
    var bias, y, dy, dx, dWeight, dBias: Tensor?

    init(_ x: Tensor, _ weight: Tensor?, _ groups: Statistics) {
      (self.x, self.weight, self.groups) = (x.contiguous(), weight?.contiguous(), groups)
    }

    /// Keeps the tensors alive while `body` has their pointers.
    func withPointers(_ body: (KernelNormalizationArrays) -> Void) {
      withExtendedLifetime(self) {
        body(
          KernelNormalizationArrays(
            x: x.pointer, weight: weight?.pointer, bias: bias?.pointer, mean: groups.mean.pointer,
            variance: groups.variance.pointer, scale: groups.scale.pointer, y: y?.pointer, dy: dy?.pointer,
            dx: dx?.pointer, dWeight: dWeight?.pointer, dBias: dBias?.pointer))
      }
    }
  }
}
