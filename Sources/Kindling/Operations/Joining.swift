// Tensors put together and taken apart.

/// The tensors one after another along `dim`; all other sizes must be equal. The gradient goes to each its part.
public func cat(_ tensors: [Tensor], dim: Int = 0) -> Tensor {
  guard let first = tensors.first else { fail("cat", "an empty list of tensors") }
  let d = first.shape.dimension(dim, in: "cat")
  if first.rank == 0 { fail("cat", "tensors of no dimensions cannot be joined; use stack(_:dim:)") }
  var dtype = first.dtype
  var total = 0
  for tensor in tensors {
    _ = Tensor.onOneDevice(first, tensor, "cat")
    dtype = DType.widest(dtype, tensor.dtype)
    if tensor.rank != first.rank || tensor.shape.replacing(d, with: 0) != first.shape.replacing(d, with: 0) {
      fail("cat", "shapes \(first.shape) and \(tensor.shape) differ in more than dimension \(d)")
    }
    total += tensor.shape[d]
  }
  let out = first.uninitialized(first.shape.replacing(d, with: total), dtype)
  var start = 0
  noGrad {
    for tensor in tensors {
      out.backend.copy(tensor, into: out.narrow(d, start, tensor.shape[d]))
      start += tensor.shape[d]
    }
  }
  let sizes = tensors.map { $0.shape[d] }
  return out.recorded("cat", tensors) { dy, _ in
    var start = 0
    return sizes.map { size in
      start += size
      return dy.narrow(d, start - size, size)
    }
  }
}

/// The tensors side by side along a new dimension `dim`; all must have one shape.
public func stack(_ tensors: [Tensor], dim: Int = 0) -> Tensor {
  guard let first = tensors.first else { fail("stack", "an empty list of tensors") }
  for tensor in tensors where tensor.shape != first.shape {
    fail("stack", "shapes \(first.shape) and \(tensor.shape) differ")
  }
  let d = dim < 0 ? dim + first.rank + 1 : dim
  return cat(tensors.map { $0.unsqueeze(d) }, dim: d)
}

extension Tensor {
  /// Windows of `size` places each along `dim`; the last may be smaller.
  public final func split(_ size: Int, dim: Int = 0) -> [Tensor] {
    if size <= 0 { fail("split", "parts of \(size) places; a part has at least 1") }
    let d = shape.dimension(dim, in: "split")
    if shape[d] == 0 { return [self] }
    return stride(from: 0, to: shape[d], by: size).map { narrow(d, $0, Swift.min(size, shape[d] - $0)) }
  }

  /// Windows of the given sizes along `dim`, which must add up to its size.
  public final func split(_ sizes: [Int], dim: Int = 0) -> [Tensor] {
    let d = shape.dimension(dim, in: "split")
    if sizes.reduce(0, +) != shape[d] {
      fail("split", "parts of \(sizes) do not add up to dimension \(d) of shape \(shape)")
    }
    var start = 0
    return sizes.map { size in
      start += size
      return narrow(d, start - size, size)
    }
  }

  /// At most `chunks` windows of equal size along `dim`; the last may be smaller.
  public final func chunk(_ chunks: Int, dim: Int = 0) -> [Tensor] {
    if chunks <= 0 { fail("chunk", "\(chunks) chunks; at least 1 is needed") }
    let size = self.size(dim)
    return split(Swift.max(1, (size + chunks - 1) / chunks), dim: dim)
  }

  /// A copy with the order along each of `dims` reversed.
  public final func flip(_ dims: [Int]) -> Tensor {
    let flipped = dims.map { shape.dimension($0, in: "flip") }
    if Set(flipped).count != flipped.count { fail("flip", "a dimension is named twice in \(dims)") }
    var strides = strides
    var place = offset
    for d in flipped where rank > 0 && elementCount > 0 {
      place += (shape[d] - 1) * strides[d]
      strides[d] = -strides[d]
    }
    // Strides below 0 are for the kernel alone: the result is a copy, as in PyTorch.
    let out = uninitialized(shape, dtype)
    backend.copy(window(shape, strides, offset: place), into: out)
    return out.recorded("flip", self) { dy, _ in dy.flip(flipped) }
  }

  /// A copy with the elements moved on by `shifts` places along `dims`; those that leave at one end enter at the other.
  public final func roll(_ shifts: [Int], dims: [Int]) -> Tensor {
    if shifts.count != dims.count { fail("roll", "\(shifts.count) shifts for \(dims.count) dimensions") }
    return zip(shifts, dims).reduce(self) { $0.roll($1.0, dim: $1.1) }
  }

  /// A copy with the elements moved on by `shift` places along `dim`, or in row-major order over all dimensions.
  public final func roll(_ shift: Int, dim: Int? = nil) -> Tensor {
    guard let dim else { return flatten().roll(shift, dim: 0).reshape(shape).asOwner() }
    let size = self.size(dim)
    if size == 0 { return clone() }
    let cut = ((-shift % size) + size) % size
    return cat([narrow(dim, cut, size - cut), narrow(dim, 0, cut)], dim: dim)
  }

  /// A copy repeated `counts` times along each dimension, the last count for the last dimension.
  public final func `repeat`(_ counts: Int...) -> Tensor {
    if counts.count < rank || counts.contains(where: { $0 < 0 }) {
      fail("repeat", "\(counts) must give a count, not negative, for each dimension of shape \(shape)")
    }
    // [2, 3] repeated (4, 5) times: [1, 2, 1, 3] expanded to [4, 2, 5, 3], then seen as [8, 15].
    let sizes = Array(repeating: 1, count: counts.count - rank) + Array(shape)
    var result = reshape(Shape(sizes))
    for (d, count) in counts.enumerated() where count != 1 {
      let parts = Array(repeating: result, count: Swift.max(count, 1))
      result = count == 0 ? result.narrow(d, 0, 0) : cat(parts, dim: d)
    }
    return result.storage === storage ? result.clone() : result
  }

  /// The matrix, or each of a batch, with zeros above the diagonal that lies `diagonal` places above the main one.
  public final func tril(_ diagonal: Int = 0) -> Tensor { triangle("tril") { $0 >= $1 - diagonal } }

  /// The matrix, or each of a batch, with zeros below the diagonal that lies `diagonal` places above the main one.
  public final func triu(_ diagonal: Int = 0) -> Tensor { triangle("triu") { $0 <= $1 - diagonal } }

  private final func triangle(_ name: String, _ keeps: (_ row: Tensor, _ column: Tensor) -> Tensor) -> Tensor {
    if rank < 2 { fail(name, "shape \(shape) is not a matrix") }
    let rows = Tensor.arange(size(-2), device: device).unsqueeze(1)
    let columns = Tensor.arange(size(-1), device: device)
    return Tensor.where(keeps(rows, columns), self, Tensor.zeros([], dtype: dtype, device: device))
  }
}
