import Kernels

// Running sums and products along a dimension; the shape stays. On the CPU float32 is carried in double precision.

extension Tensor {
  /// Sums of the elements up to each one along `dim`. Integers and bools sum to int64.
  public func cumsum(dim: Int) -> Tensor {
    let x = summable
    let d = shape.dimension(dim, in: "cumsum")
    if rank == 0 { return x * 1 }
    // Each element is part of all sums from its own on.
    return x.cumulated(.sum, d).recorded("cumsum", x) { dy, _ in dy.flip([d]).cumsum(dim: d).flip([d]) }
  }

  /// Products of the elements up to each one along `dim`. Integers and bools multiply to int64. The gradient is right also where
  /// elements are 0.
  public func cumprod(dim: Int) -> Tensor {
    let x = summable
    let d = shape.dimension(dim, in: "cumprod")
    if rank == 0 { return x * 1 }
    return x.cumulated(.product, d).recorded("cumprod", x) { dy, saved in
      let x = saved[0]
      return x.productBefore(d) * x.weightedProductsAfter(d, dy)
    }
  }

  private func cumulated(_ operation: ReduceOperation, _ dimension: Int) -> Tensor {
    let out = uninitialized(shape, dtype)
    backend.cumulate(operation, operand, dimension: dimension, into: out.operand)
    return out
  }

  /// dyᵢ + xᵢ₊₁ (dyᵢ₊₁ + xᵢ₊₂ (dyᵢ₊₂ + …)) for each place i along `dimension`: what the products from i on make of their
  /// gradients, without xᵢ itself. To divide the products by xᵢ would be shorter, and NaN where it is 0.
  private func weightedProductsAfter(_ dimension: Int, _ dy: Tensor) -> Tensor {
    func at(_ i: Int, _ tensor: Tensor) -> Tensor { tensor.narrow(dim: dimension, start: i, length: 1) }
    let size = shape[dimension]
    if size == 0 { return dy }
    var sums = [at(size - 1, dy)]
    for i in (0..<(size - 1)).reversed() { sums.append(at(i, dy) + at(i + 1, self) * sums.last!) }
    return cat(sums.reversed(), dim: dimension)
  }
}
