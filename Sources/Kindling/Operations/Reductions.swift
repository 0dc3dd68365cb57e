import Kernels

// Sums, means, extremes: many elements to one, over all dimensions or some.
//
// `dim: 1` names one dimension, `dims: [0, 2]` several; -1 is the last. With `keepDim` a reduced dimension stays, with
// size 1, so that the result still broadcasts against the input.

extension Tensor {
  /// Folds `dimensions`, keeping them with size 1, unrecorded.
  private func reduced(_ operation: ReduceOperation, _ dimensions: DimensionSet, _ dtype: DType) -> Tensor {
    var shape = self.shape
    for i in 0..<rank where dimensions.contains(i) { shape.sizes[i] = 1 }
    let out = uninitialized(shape, dtype)
    backend.reduce(operation, operand, dimensions, into: out.operand)
    return out
  }

  /// This tensor without `dimensions`, which have size 1. Shares storage, unrecorded.
  private func dropping(_ dimensions: DimensionSet, unless keepDim: Bool) -> Tensor {
    if keepDim || dimensions.rawValue == 0 { return self }
    var kept = Shape(repeating: 0, rank: 0)
    for i in 0..<rank where !dimensions.contains(i) { kept = kept.inserting(shape.sizes[i], at: kept.count) }
    return window(Layout(kept, strides: kept.contiguousStrides, offset: offset))
  }

  /// The gradient of a reduction in the rank of its input, so that it broadcasts against it.
  private func keeping(_ dimensions: DimensionSet, rank: Int) -> Tensor {
    if self.rank == rank { return self }
    var full = shape
    for i in 0..<rank where dimensions.contains(i) { full = full.inserting(1, at: i) }
    return reshape(full)
  }

  // MARK: Sum and mean

  /// The sum over `dims`, or of all elements. Integers and bools sum to int64.
  ///
  /// On the CPU float32 is summed in double precision and rounded once; on a GPU in float32, in many partial sums.
  public func sum(dims: [Int] = [], keepDim: Bool = false) -> Tensor {
    let x = summable
    let dimensions = shape.dimensions(dims, in: "sum")
    let out = x.reduced(.sum, dimensions, x.dtype).dropping(dimensions, unless: keepDim)
    return out.recorded("sum", x) { dy, saved in
      let shape = saved.shape(0)
      return dy.keeping(dimensions, rank: shape.count).expand(shape)
    }
  }

  /// The sum over one dimension.
  public func sum(dim: Int, keepDim: Bool = false) -> Tensor { sum(dims: [dim], keepDim: keepDim) }

  /// This gradient, summed to the shape that was broadcast to its own.
  func summed(to shape: Shape) -> Tensor {
    let extra = rank - shape.count
    var dims: [Int] = []
    for i in 0..<rank where i < extra || (shape[i - extra] == 1 && self.shape[i] != 1) { dims.append(i) }
    let summed = dims.isEmpty ? self : sum(dims: dims, keepDim: true)
    return summed.shape == shape ? summed : summed.reshape(shape)
  }

  /// The mean over `dims`, or of all elements. Ends the program for integers, as in PyTorch: convert them first.
  public func mean(dims: [Int] = [], keepDim: Bool = false) -> Tensor {
    if !dtype.isFloatingPoint {
      fail("mean", "the mean of \(dtype) elements is no \(dtype); convert with to(.float32) first")
    }
    let dimensions = shape.dimensions(dims, in: "mean")
    let count = count(of: dimensions)
    let out = within { sum(dims: dims, keepDim: keepDim).div_(count) }
    return out.recorded("mean", self) { dy, saved in
      let shape = saved.shape(0)
      return (dy / count).keeping(dimensions, rank: shape.count).expand(shape)
    }
  }

  /// The mean over one dimension.
  public func mean(dim: Int, keepDim: Bool = false) -> Tensor { mean(dims: [dim], keepDim: keepDim) }

  /// How many elements are folded into one.
  private func count(of dimensions: DimensionSet) -> Double {
    (0..<rank).reduce(1) { dimensions.contains($1) ? $0 * Double(shape[$1]) : $0 }
  }

  /// The distance of each element from the mean over `dims`, in double precision: the square of a float32 may be out of its
  /// range, where the variance or its root is not.
  private func distances(_ dims: [Int]) -> Tensor {
    let x = to(.float64)
    let distances = x - x.mean(dims: dims, keepDim: true)
    if dtype != .float64 { return distances }
    // A mean of float64 is rounded, and equal elements lie as far from it as that; their own mean tells how far.
    let rest = distances.mean(dims: dims, keepDim: true)
    return distances - Tensor.where(rest.abs() < Double.infinity, rest, 0.0)
  }

  /// What the sum of the squared distances is divided by.
  private func spreadDivisor(_ dims: [Int], _ correction: Double, _ name: String) -> Double {
    if !dtype.isFloatingPoint {
      fail(name, "the \(name) of \(dtype) elements is no \(dtype); convert with to(.float32) first")
    }
    return Swift.max(0, count(of: shape.dimensions(dims, in: name)) - correction)
  }

  /// The variance over `dims`, or of all elements: the sum of squared distances from the mean, over n - `correction`.
  /// `var` of PyTorch.
  public func variance(dims: [Int] = [], correction: Double = 1, keepDim: Bool = false) -> Tensor {
    let divisor = spreadDivisor(dims, correction, "variance")
    let dimensions = shape.dimensions(dims, in: "variance")
    let out = within { (distances(dims).square().sum(dims: dims, keepDim: keepDim) / divisor).to(dtype) }
    return out.recorded("var", self) { dy, saved in
      dy.keeping(dimensions, rank: saved[0].rank) * (saved[0].distances(dims) * (2 / divisor))
    }
  }

  /// The variance over one dimension.
  public func variance(dim: Int, correction: Double = 1, keepDim: Bool = false) -> Tensor {
    variance(dims: [dim], correction: correction, keepDim: keepDim)
  }

  /// The standard deviation over `dims`, or of all elements: the square root of `variance`. As in PyTorch the gradient is 0
  /// where all elements are equal.
  public func std(dims: [Int] = [], correction: Double = 1, keepDim: Bool = false) -> Tensor {
    let divisor = spreadDivisor(dims, correction, "std")
    let dimensions = shape.dimensions(dims, in: "std")
    let out = within { (distances(dims).square().sum(dims: dims, keepDim: keepDim) / divisor).sqrt().to(dtype) }
    return out.recorded("std", self) { dy, saved in
      let std = saved.output.keeping(dimensions, rank: saved[0].rank).to(.float64)
      let isZero = std == 0
      // 1 in the place of 0, so that the second derivative meets no 0 / 0 either.
      let slope = saved[0].distances(dims) / (std.maskedFill(isZero, 1) * divisor)
      return (dy.keeping(dimensions, rank: saved[0].rank) * slope).maskedFill(isZero, 0)
    }
  }

  /// The standard deviation over one dimension.
  public func std(dim: Int, correction: Double = 1, keepDim: Bool = false) -> Tensor {
    std(dims: [dim], correction: correction, keepDim: keepDim)
  }

  /// The p-norm over `dims`, or of all elements: the p-th root of the sum of |x|ᵖ; the largest |x| for p = ∞, the number of
  /// elements that are not 0 for p = 0.
  ///
  /// As in PyTorch the gradient at a norm of 0 is 0.
  public func norm(_ p: Double = 2, dims: [Int] = [], keepDim: Bool = false) -> Tensor {
    let x = floating
    if p == .infinity { return x.abs().extreme("amax", .maximum, dims, keepDim, sharedByNaNs: true) }
    if p == -.infinity { return x.abs().extreme("amin", .minimum, dims, keepDim, sharedByNaNs: true) }
    if p == 1 { return x.abs().sum(dims: dims, keepDim: keepDim) }
    if p == 0 {
      let out = within { (x != 0).to(x.dtype).sum(dims: dims, keepDim: keepDim) }
      return out.recorded("norm", x) { dy, saved in
        Tensor.zeros(saved.shape(0), dtype: dy.dtype, device: dy.device)
      }
    }
    let dimensions = shape.dimensions(dims, in: "norm")
    let out = within {
      if p == 2 { return x.reduced(.norm, dimensions, x.dtype).dropping(dimensions, unless: keepDim) }
      // In double precision: the power of a float32 may be out of its range, where the norm is not.
      return x.to(.float64).abs().pow(p).sum(dims: dims, keepDim: keepDim).pow(1 / p).to(x.dtype)
    }
    return out.recorded("norm", x) { dy, saved in
      let x = saved[0]
      let norm = saved.output.keeping(dimensions, rank: x.rank)
      let dx = dy.keeping(dimensions, rank: x.rank) * x.slope(ofNorm: p, norm)
      // An infinite gradient times a slope of 0 is NaN, and PyTorch leaves it for these p only.
      return p < 1 || p == 2 ? dx : dx.maskedFill(norm == 0, 0)
    }
  }

  /// The derivative of a p-norm. 1 stands in the place of each 0 that would be divided by or raised to a negative power, in
  /// the second derivative too; what is made of it there is 0 in the end.
  private func slope(ofNorm p: Double, _ norm: Tensor) -> Tensor {
    let isZero = norm == 0
    let norm = norm.maskedFill(isZero, 1)
    if p == 2 { return (self / norm).maskedFill(isZero, 0) }
    // Only a finite norm: one of NaN has no slope, at a 0 as little as elsewhere.
    let size = (abs() / norm).maskedFill((self == 0).logicalAnd(norm < Double.infinity), 1)
    return (sign() * size.pow(p - 1)).maskedFill(isZero, 0)
  }

  /// The p-norm over one dimension.
  public func norm(_ p: Double = 2, dim: Int, keepDim: Bool = false) -> Tensor {
    norm(p, dims: [dim], keepDim: keepDim)
  }

  // MARK: Products

  /// The product of all elements.
  public func prod() -> Tensor { flatten().prod(dim: 0) }

  /// The product over one dimension. Its gradient is right also where elements are 0.
  public func prod(dim: Int, keepDim: Bool = false) -> Tensor {
    let x = summable
    let d = shape.dimension(dim, in: "prod")
    let dimensions = shape.dimensions(rank == 0 ? [] : [d], in: "prod")
    let out = x.reduced(.product, dimensions, x.dtype).dropping(dimensions, unless: keepDim)
    return out.recorded("prod", x) { dy, saved in
      let x = saved[0]
      if x.rank == 0 { return dy }
      // The product of all others: of those before, times those after.
      let others = x.productBefore(d) * x.flip([d]).productBefore(d).flip([d])
      return dy.keeping(dimensions, rank: x.rank) * others
    }
  }

  /// For each element the product of those before it along `dimension`.
  func productBefore(_ dimension: Int) -> Tensor {
    let size = shape[dimension]
    if size == 0 { return self }
    let before = narrow(dim: dimension, start: 0, length: size - 1)
    return cat([Tensor.onesLike(narrow(dim: dimension, start: 0, length: 1)), before], dim: dimension)
      .cumprod(dim: dimension)
  }

  // MARK: Extremes

  /// The largest element; NaN if there is one. Where several tie, they share the gradient.
  public func max() -> Tensor { extreme("max", .maximum, [], false, sharedByNaNs: true, alone: true) }

  /// The smallest element; NaN if there is one. Where several tie, they share the gradient.
  public func min() -> Tensor { extreme("min", .minimum, [], false, sharedByNaNs: true, alone: true) }

  /// The largest element over `dims`, or of all. Where several tie, they share the gradient.
  public func amax(dims: [Int] = [], keepDim: Bool = false) -> Tensor { extreme("amax", .maximum, dims, keepDim) }

  /// The smallest element over `dims`, or of all. Where several tie, they share the gradient.
  public func amin(dims: [Int] = [], keepDim: Bool = false) -> Tensor { extreme("amin", .minimum, dims, keepDim) }

  /// An extreme. Its gradient is shared by the elements that equal it, and by those that are NaN as it is if `sharedByNaNs`. The
  /// others get 0 if they are left `alone`, else 0 times the share, which is NaN for an infinite one. That is PyTorch's choice:
  /// max() does the first, amax() and norms the second.
  private func extreme(
    _ name: StaticString, _ operation: ReduceOperation, _ dims: [Int], _ keepDim: Bool, sharedByNaNs: Bool = false,
    alone: Bool = false
  ) -> Tensor {
    let dimensions = shape.dimensions(dims, in: "\(name)")
    checkNotEmpty(dimensions, name)
    let out = reduced(operation, dimensions, dtype).dropping(dimensions, unless: keepDim)
    return out.recorded(name, self) { dy, saved in
      let x = saved[0]
      let extreme = saved.output.keeping(dimensions, rank: x.rank)
      var isExtreme = x == extreme
      // NaN equals nothing, itself included.
      if sharedByNaNs { isExtreme = isExtreme.logicalOr(x.isNaN().logicalAnd(extreme.isNaN())) }
      let weights = isExtreme.to(x.dtype)
      let share = dy.keeping(dimensions, rank: x.rank) / weights.sum(dims: dims, keepDim: true)
      return alone ? Tensor.where(isExtreme, share, 0.0) : weights * share
    }
  }

  private func checkNotEmpty(_ dimensions: DimensionSet, _ name: StaticString) {
    for i in 0..<rank where dimensions.contains(i) && shape[i] == 0 {
      fail("\(name)", "dimension \(i) of shape \(shape) is empty, and nothing has no largest or smallest element")
    }
  }

  /// The largest elements over one dimension, and where they are; the first where several tie.
  public func max(dim: Int, keepDim: Bool = false) -> (values: Tensor, indices: Tensor) {
    picking(position("max", .argmax, dim, true), dim, keepDim)
  }

  /// The smallest elements over one dimension, and where they are; the first where several tie.
  public func min(dim: Int, keepDim: Bool = false) -> (values: Tensor, indices: Tensor) {
    picking(position("min", .argmin, dim, true), dim, keepDim)
  }

  private func picking(_ indices: Tensor, _ dim: Int, _ keepDim: Bool) -> (values: Tensor, indices: Tensor) {
    if rank == 0 { return (clone(), indices) }
    let values = gather(dim: dim, index: indices)
    return keepDim ? (values, indices) : (values.squeeze(dim).asOwner(), indices.squeeze(dim).asOwner())
  }

  /// Where the largest element is, as int64: along `dim`, or in row-major order over all. The first where several tie.
  public func argmax(dim: Int? = nil, keepDim: Bool = false) -> Tensor {
    position("argmax", .argmax, dim, keepDim)
  }

  /// Where the smallest element is, as int64: along `dim`, or in row-major order over all. The first where several tie.
  public func argmin(dim: Int? = nil, keepDim: Bool = false) -> Tensor {
    position("argmin", .argmin, dim, keepDim)
  }

  private func position(
    _ name: StaticString, _ operation: ReduceOperation, _ dim: Int?, _ keepDim: Bool
  ) -> Tensor {
    let dims = dim.map { [shape.dimension($0, in: "\(name)")] } ?? []
    let dimensions = shape.dimensions(rank == 0 ? [] : dims, in: "\(name)")
    checkNotEmpty(dimensions, name)
    return numeric.reduced(operation, dimensions, .int64).dropping(dimensions, unless: keepDim)
  }

  // MARK: Bools

  /// Whether any element over `dims`, or of all, is true or not 0.
  public func any(dims: [Int] = [], keepDim: Bool = false) -> Tensor { test(.any, dims, keepDim) }

  /// Whether all elements over `dims`, or all there are, are true or not 0.
  public func all(dims: [Int] = [], keepDim: Bool = false) -> Tensor { test(.all, dims, keepDim) }

  /// Whether any element over one dimension is true or not 0.
  public func any(dim: Int, keepDim: Bool = false) -> Tensor { any(dims: [dim], keepDim: keepDim) }

  /// Whether all elements over one dimension are true or not 0.
  public func all(dim: Int, keepDim: Bool = false) -> Tensor { all(dims: [dim], keepDim: keepDim) }

  private func test(_ operation: ReduceOperation, _ dims: [Int], _ keepDim: Bool) -> Tensor {
    let dimensions = shape.dimensions(dims, in: operation == .any ? "any" : "all")
    return within { to(.bool) }.reduced(operation, dimensions, .bool).dropping(dimensions, unless: keepDim)
  }

  // MARK: Along one dimension

  /// ln Σ exp(x) over `dims`, without overflow: the largest element is taken out first.
  public func logSumExp(dims: [Int], keepDim: Bool = false) -> Tensor {
    let x = floating
    let dimensions = shape.dimensions(dims, in: "logsumexp")
    let out = within {
      // The sum of nothing is 0, and its logarithm -∞.
      if count(of: dimensions) == 0 { return x.sum(dims: dims, keepDim: keepDim).log() }
      var largest = x.amax(dims: dims, keepDim: true)
      // All -∞ or any +∞: the difference would be NaN, the plain sum is right.
      largest = largest.maskedFill(largest.isInf(), 0)
      let sum = (x - largest).exp().sum(dims: dims, keepDim: true).log() + largest
      return sum.dropping(dimensions, unless: keepDim)
    }
    return out.recorded("logsumexp", x) { dy, saved in
      var sum = saved.output.keeping(dimensions, rank: saved[0].rank)
      // Where all elements are -∞, each has a share of exp(-∞) = 0, and not the NaN of -∞ - (-∞).
      sum = sum.maskedFill(sum == -Double.infinity, 0)
      let share = (saved[0] - sum).exp()
      return dy.keeping(dimensions, rank: saved[0].rank) * share
    }
  }

  /// ln Σ exp(x) over one dimension, without overflow.
  public func logSumExp(dim: Int, keepDim: Bool = false) -> Tensor { logSumExp(dims: [dim], keepDim: keepDim) }

  /// exp(x) / Σ exp(x) along `dim`: positive, and 1 in sum.
  public func softmax(dim: Int) -> Tensor { softmax(dim: dim, .shares) }

  /// The same of another kind: with zeros for what is nothing but -∞ along `dim`, of which 0 / 0 would be NaN.
  func softmax(dim: Int, _ kind: SoftmaxKind) -> Tensor {
    let d = shape.dimension(dim, in: "softmax")
    return softmaxed("softmax", d, kind) { dy, saved in
      let y = saved.output
      return y * (dy - (dy * y).sum(dim: d, keepDim: true))
    }
  }

  /// The logarithm of `softmax(dim:)`, without its rounding towards 0.
  public func logSoftmax(dim: Int) -> Tensor {
    let d = shape.dimension(dim, in: "log_softmax")
    return softmaxed("log_softmax", d, .logarithms) { dy, saved in
      dy - saved.output.exp() * dy.sum(dim: d, keepDim: true)
    }
  }

  private func softmaxed(_ name: StaticString, _ dimension: Int, _ kind: SoftmaxKind, _ rule: @escaping Rule) -> Tensor
  {
    let x = floating
    if rank == 0 { return x.reshape(1).softmaxed(name, 0, kind, rule).reshape([]).asOwner() }
    // The kernel works along the last dimension; another one is moved there and back.
    let isLast = dimension == rank - 1
    let input = within { (isLast ? x : x.transpose(dimension, rank - 1)).contiguous() }
    let out = uninitialized(input.shape, x.dtype)
    backend.softmax(input.operand, kind, into: out.operand)
    let placed = isLast ? out : within { out.transpose(dimension, rank - 1).contiguous() }
    return placed.recorded(name, x, rule)
  }
}
