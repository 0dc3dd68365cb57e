import Kernels

// Products of matrices and vectors. Transposed views go to the kernel as they are, without a copy.

extension Tensor {
  /// x [b, m, k] · y [b, k, n], each of three dimensions, unrecorded.
  private static func product(_ x: Tensor, _ y: Tensor) -> Tensor {
    let out = x.uninitialized([x.shape[0], x.shape[1], y.shape[2]], x.dtype)
    x.backend.matmul(x.operand, y.operand, bias: nil, into: out.operand)
    return out
  }

  private static func checkProduct(_ x: Tensor, _ y: Tensor, _ name: StaticString) {
    _ = onOneDevice(x, y, name)
    if x.dtype != y.dtype { fail("\(name)", "\(x.dtype) times \(y.dtype); convert one with to(_:)") }
    if x.dtype == .bool { fail("\(name)", "bool matrices have no product; convert with to(.float32)") }
  }

  private static func checkRank(_ x: Tensor, _ rank: Int, _ name: StaticString, _ kind: String) {
    if x.rank != rank { fail("\(name)", "shape \(x.shape) is not \(kind)") }
  }

  private static func checkInner(_ x: Tensor, _ y: Tensor, _ fits: Bool, _ name: StaticString) {
    if !fits {
      fail(
        "\(name)",
        "shapes \(x.shape) and \(y.shape) do not fit: the columns of the first must be as many as the rows of the second"
      )
    }
  }

  /// The product of two matrices: this one, n × m, and `other`, m × p, give n × p.
  public func mm(_ other: Tensor) -> Tensor { mm(other, bias: nil) }

  /// The same; where there is a `bias`, the memory of the result holds the product plus that in each row.
  private func mm(_ other: Tensor, bias: Tensor?) -> Tensor {
    Tensor.checkProduct(self, other, "mm")
    Tensor.checkRank(self, 2, "mm", "a matrix; mm takes two, matmul any number of dimensions")
    Tensor.checkRank(other, 2, "mm", "a matrix; mm takes two, matmul any number of dimensions")
    Tensor.checkInner(self, other, shape[1] == other.shape[0], "mm")
    let out = uninitialized([shape[0], other.shape[1]], dtype)
    withExtendedLifetime(bias) {
      backend.matmul(batchOfOne, other.batchOfOne, bias: bias?.pointer, into: out.batchOfOne)
    }
    // Z = XY. Each element of X meets a row of Y on its way to a row of Z, so
    // dX = dZ Yᵀ; likewise dY = Xᵀ dZ.
    return out.recorded(
      "mm", self, other,
      { dZ, saved in dZ.mm(saved[1].t(), laidOutAs: saved[0]) },
      { dZ, saved in saved[0].t().mm(dZ, laidOutAs: saved[1]) })
  }

  /// The product, laid out in memory as `operand` is, whose gradient it will be: that of a transposed weight comes
  /// transposed, so that the weight's own is in order.
  private func mm(_ other: Tensor, laidOutAs operand: Tensor) -> Tensor {
    let liesTransposed = !operand.isContiguous && operand.strides[0] == 1
    return liesTransposed ? other.t().mm(t()).t() : mm(other)
  }

  /// `beta` times this tensor, broadcast, plus `alpha` times the product of the two matrices `a`, n × m, and `b`, m × p.
  ///
  /// For `beta` 0 this tensor is left out, also where it is NaN. Between whole numbers both factors must be whole too.
  public func addmm(_ a: Tensor, _ b: Tensor, beta: Double = 1, alpha: Double = 1) -> Tensor {
    if dtype != a.dtype { fail("addmm", "a tensor of \(dtype) and matrices of \(a.dtype); convert one with to(_:)") }
    func scaled(_ x: Tensor, _ factor: Double) -> Tensor {
      if factor == 1 { return x }
      if x.dtype.isFloatingPoint { return x * factor }
      guard let whole = Int(exactly: factor) else { fail("addmm", "a factor of \(factor) for tensors of \(x.dtype)") }
      return x * whole
    }
    let product = scaled(a.mm(b), alpha)
    if Shape.broadcast(shape, product.shape) != product.shape {
      fail("addmm", "shape \(shape) does not broadcast to \(product.shape), the shape of the product")
    }
    return (beta == 0 ? maskedFill(Tensor(true, device: device), 0) : scaled(self, beta)) + product
  }

  /// This matrix as a batch of one.
  private var batchOfOne: Operand { operand.with(layout.inserting(0)) }

  /// The product of this matrix, n × m, and a vector of m elements.
  public func mv(_ vector: Tensor) -> Tensor {
    Tensor.checkProduct(self, vector, "mv")
    Tensor.checkRank(self, 2, "mv", "a matrix; mv takes a matrix and a vector")
    Tensor.checkRank(vector, 1, "mv", "a vector; mv takes a matrix and a vector")
    Tensor.checkInner(self, vector, shape[1] == vector.shape[0], "mv")
    return mm(vector.unsqueeze(1)).squeeze(1).asOwner()
  }

  /// The sum of the products of the elements of two vectors.
  public func dot(_ other: Tensor) -> Tensor {
    Tensor.checkProduct(self, other, "dot")
    Tensor.checkRank(self, 1, "dot", "a vector; dot takes two, mm two matrices")
    Tensor.checkRank(other, 1, "dot", "a vector; dot takes two, mm two matrices")
    if shape != other.shape { fail("dot", "vectors of \(shape[0]) and \(other.shape[0]) elements do not fit") }
    return unsqueeze(0).mm(other.unsqueeze(1)).reshape([]).asOwner()
  }

  /// The products of each element of this vector with each of `other`: n and m elements give n × m.
  public func outer(_ other: Tensor) -> Tensor {
    Tensor.checkRank(self, 1, "outer", "a vector; outer takes two")
    Tensor.checkRank(other, 1, "outer", "a vector; outer takes two")
    return unsqueeze(1) * other
  }

  /// The products of two batches of matrices: b × n × m and b × m × p give b × n × p.
  public func bmm(_ other: Tensor) -> Tensor {
    Tensor.checkProduct(self, other, "bmm")
    Tensor.checkRank(self, 3, "bmm", "a batch of matrices; bmm takes two of three dimensions")
    Tensor.checkRank(other, 3, "bmm", "a batch of matrices; bmm takes two of three dimensions")
    if shape[0] != other.shape[0] { fail("bmm", "batches of \(shape[0]) and \(other.shape[0]) matrices do not fit") }
    Tensor.checkInner(self, other, shape[2] == other.shape[1], "bmm")
    let out = Tensor.product(self, other)
    return out.recorded(
      "bmm", self, other, { dy, saved in dy.bmm(saved[1].transpose(1, 2)) },
      { dy, saved in saved[0].transpose(1, 2).bmm(dy) })
  }

  /// The product by PyTorch's rules: two vectors give their dot product, a vector beside a matrix is a row or a column,
  /// and dimensions before the last two are batches, which broadcast.
  public func matmul(_ other: Tensor) -> Tensor { matmul(other, bias: nil) }

  /// `matmul(other) + bias`, and what that records. Where the device's kernel takes a bias, it adds it while it writes the
  /// product, which then needs no memory of its own: no gradient asks for it.
  package func matmul(_ other: Tensor, plus bias: Tensor) -> Tensor {
    let isFused =
      backend.addsBias && !showsEachStep && bias.backend === backend && bias.dtype == dtype && dtype.isFloatingPoint
      && rank > 1 && (rank == 2 || isContiguous) && other.rank == 2 && elementCount > 0
      && bias.shape == [other.shape[1]] && bias.isContiguous
    if !isFused { return matmul(other) + bias }
    let product = matmul(other, bias: bias)
    return Tensor(product.storage, product.layout, dtype).recorded(
      "add", product, bias, { dy, _ in dy }, { dy, _ in dy })
  }

  /// With a `bias` as in `mm`, which is given only where `other` is a matrix and this one or more of them.
  private func matmul(_ other: Tensor, bias: Tensor?) -> Tensor {
    Tensor.checkProduct(self, other, "matmul")
    if rank == 0 || other.rank == 0 {
      fail("matmul", "shapes \(shape) and \(other.shape): a tensor of no dimensions is multiplied with *")
    }
    if rank == 1 && other.rank == 1 { return dot(other) }
    if rank == 1 { return unsqueeze(0).matmul(other).squeeze(-2).asOwner() }
    if other.rank == 1 { return matmul(other.unsqueeze(1)).squeeze(-1).asOwner() }
    Tensor.checkInner(self, other, size(-1) == other.size(-2), "matmul")
    if rank == 2 && other.rank == 2 { return mm(other, bias: bias) }
    // A batch times one matrix is one tall matrix times it.
    if other.rank == 2 && isContiguous {
      let rows = reshape(Shape([elementCount / Swift.max(size(-1), 1), size(-1)]))
      if size(-1) > 0 {
        return rows.mm(other, bias: bias).reshape(shape.replacing(rank - 1, with: other.shape[1])).asOwner()
      }
    }
    return batchedProduct(other)
  }

  /// These matrices, broadcast to `batch` and counted through: three dimensions.
  private func asBatches(_ batch: Shape) -> Tensor {
    let wide = Shape(shape.dropLast(2)) == batch ? self : expand(Shape(Array(batch) + shape.suffix(2)))
    return batch.count == 1 ? wide : wide.reshape(Shape([batch.elementCount] + shape.suffix(2)))
  }

  private func batchedProduct(_ other: Tensor) -> Tensor {
    let batchX = Shape(shape.dropLast(2))
    let batchY = Shape(other.shape.dropLast(2))
    guard let batch = Shape.broadcast(batchX, batchY) else {
      fail(
        "matmul", "shapes \(shape) and \(other.shape) do not fit: the batches \(batchX) and \(batchY) do not broadcast")
    }
    let product = asBatches(batch).bmm(other.asBatches(batch))
    return batch.count == 1 ? product : product.reshape(Shape(Array(batch) + [size(-2), other.size(-1)])).asOwner()
  }
}
