// Tensors put together and taken apart.

/// The tensors one after another along `dim`; all other sizes must be equal. The gradient goes to each its part.
///
/// As in PyTorch, vectors of no elements go with any shape, and leave no trace but their type.
public func cat(_ tensors: [Tensor], dim: Int = 0) -> Tensor {
  guard let some = tensors.first else { fail("cat", "an empty list of tensors") }
  let first = tensors.first { !$0.isEmptyVector } ?? some
  let d = first.shape.dimension(dim, in: "cat")
  let (total, dtype) = sumOfSizes(tensors, along: d, first)
  let out = first.uninitialized(first.shape.replacing(d, with: total), dtype)
  var start = 0
  within {
    for tensor in tensors where !tensor.isEmptyVector {
      let part = out.layout.sliced(d, from: start, count: tensor.shape[d], step: 1)
      out.backend.copy(tensor.operand, into: out.operand.with(part))
      start += tensor.shape[d]
    }
  }
  let sizes = tensors.map { $0.isEmptyVector ? nil : $0.shape[d] }
  return out.recorded("cat", tensors) { dy, _ in
    var start = 0
    return sizes.map { size in
      guard let size else { return Tensor.zeros([0], dtype: dy.dtype, device: dy.device) }
      start += size
      return dy.narrow(dim: d, start: start - size, length: size)
    }
  }
}

/// The size along `d` of the tensors together, and their common type. Ends the program where one does not fit `first`.
private func sumOfSizes(_ tensors: [Tensor], along d: Int, _ first: Tensor) -> (total: Int, dtype: DType) {
  var dtype = first.dtype
  var total = 0
  for tensor in tensors {
    _ = Tensor.onOneDevice(first, tensor, "cat")
    dtype = DType.widest(dtype, tensor.dtype)
    if tensor.isEmptyVector { continue }
    if tensor.rank == 0 { fail("cat", "tensors of no dimensions cannot be joined; use stack(_:dim:)") }
    if tensor.rank != first.rank || tensor.shape.replacing(d, with: 0) != first.shape.replacing(d, with: 0) {
      fail("cat", "shapes \(first.shape) and \(tensor.shape) differ in more than dimension \(d)")
    }
    let (sum, isTooLarge) = total.addingReportingOverflow(tensor.shape[d])
    if isTooLarge { fail("cat", "\(tensors.count) tensors of shapes like \(tensor.shape) are too large together") }
    total = sum
  }
  return (total, dtype)
}

/// The tensors side by side along a new dimension `dim`; all must have one shape.
public func stack(_ tensors: [Tensor], dim: Int = 0) -> Tensor {
  guard let first = tensors.first else { fail("stack", "an empty list of tensors") }
  for tensor in tensors where tensor.shape != first.shape {
    fail("stack", "shapes \(first.shape) and \(tensor.shape) differ")
  }
  let d = first.shape.newDimension(dim, in: "stack")
  return cat(tensors.map { $0.unsqueeze(d) }, dim: d)
}

/// How `meshgrid` numbers the dimensions.
public enum MeshgridIndexing: Sendable {
  /// The first vector runs along the first dimension: a matrix's row and column.
  case ij
  /// The first vector runs along the second dimension, the second along the first: a plane's x and y.
  case xy
}

/// For each vector a tensor with its elements along a dimension of their own, expanded along all others: together they hold
/// the coordinates of every point of a grid. The results are views. A tensor of no dimensions counts as a vector of one.
public func meshgrid(_ tensors: [Tensor], indexing: MeshgridIndexing = .ij) -> [Tensor] {
  guard let first = tensors.first else { fail("meshgrid", "an empty list of tensors") }
  for tensor in tensors {
    if tensor.rank > 1 { fail("meshgrid", "shape \(tensor.shape) is not a vector") }
    if tensor.dtype != first.dtype {
      fail("meshgrid", "vectors of \(first.dtype) and \(tensor.dtype); convert one with to(_:)")
    }
    if tensor.device != first.device { Tensor.failDevices(first, tensor, "meshgrid") }
  }
  var places = Array(tensors.indices)
  if indexing == .xy && tensors.count > 1 { places.swapAt(0, 1) }
  let grid = Shape(places.map { tensors[$0].elementCount })
  return zip(tensors, places).map { tensor, place in
    let line = Shape(repeating: 1, rank: grid.count).replacing(place, with: tensor.elementCount)
    return tensor.reshape(line).expand(grid)
  }
}

extension Tensor {
  fileprivate var isEmptyVector: Bool { rank == 1 && elementCount == 0 }

  /// Views of `size` places each along `dim`; the last may be smaller.
  public func split(_ size: Int, dim: Int = 0) -> [Tensor] {
    let d = dimensionWithParts(dim, "split")
    let count = shape[d]
    if size <= 0 && !(size == 0 && count == 0) { fail("split", "parts of \(size) places; a part has at least 1") }
    if count == 0 { return [narrow(dim: d, start: 0, length: 0)] }
    return stride(from: 0, to: count, by: size).map { narrow(dim: d, start: $0, length: Swift.min(size, count - $0)) }
  }

  /// Views of the given sizes along `dim`, which must add up to its size.
  public func split(_ sizes: [Int], dim: Int = 0) -> [Tensor] {
    let d = dimensionWithParts(dim, "split")
    var rest = shape[d]
    for size in sizes { rest = size < 0 || size > rest ? -1 : rest - size }
    if rest != 0 { fail("split", "parts of \(sizes) do not add up to dimension \(d) of shape \(shape)") }
    var start = 0
    return sizes.map { size in
      start += size
      return narrow(dim: d, start: start - size, length: size)
    }
  }

  /// A view of each place of dimension `dim`, which goes away.
  public func unbind(dim: Int = 0) -> [Tensor] {
    let d = dimensionWithParts(dim, "unbind")
    return (0..<shape[d]).map { select(dim: d, index: $0) }
  }

  /// At most `chunks` views of equal size along `dim`; the last may be smaller. Of nothing, that many views.
  public func chunk(_ chunks: Int, dim: Int = 0) -> [Tensor] {
    if chunks <= 0 { fail("chunk", "\(chunks) chunks; at least 1 is needed") }
    let d = dimensionWithParts(dim, "chunk")
    if shape[d] == 0 { return (0..<chunks).map { _ in narrow(dim: d, start: 0, length: 0) } }
    return split((shape[d] - 1) / chunks + 1, dim: d)
  }

  /// A copy with the order along each of `dims` reversed.
  public func flip(_ dims: [Int]) -> Tensor {
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
    backend.copy(operand.with(Layout(shape, strides: strides, offset: place)), into: out.operand)
    return out.recorded("flip", self) { dy, _ in dy.flip(flipped) }
  }

  /// A copy with the elements moved on by `shifts` places along `dims`; those that leave at one end enter at the other.
  public func roll(_ shifts: [Int], dims: [Int]) -> Tensor {
    if shifts.count != dims.count { fail("roll", "\(shifts.count) shifts for \(dims.count) dimensions") }
    if shifts.isEmpty { fail("roll", "no shift is given") }
    return zip(shifts, dims).reduce(self) { $0.roll($1.0, dims: $1.1) }
  }

  /// A copy with the elements moved on by `shift` places along `dim`, or in row-major order over all dimensions.
  public func roll(_ shift: Int, dims dim: Int? = nil) -> Tensor {
    if elementCount == 0 { return clone() }
    guard let dim else { return reshape([elementCount]).roll(shift, dims: 0).reshape(shape).asOwner() }
    let d = dimensionWithParts(dim, "roll")
    let size = shape[d]
    let cut = (size - shift % size) % size
    return cat([narrow(dim: d, start: cut, length: size - cut), narrow(dim: d, start: 0, length: cut)], dim: d)
  }

  /// A copy repeated `counts` times along each dimension, the last count for the last dimension.
  public func `repeat`(_ counts: Int...) -> Tensor {
    if counts.count < rank || counts.contains(where: { $0 < 0 }) {
      fail("repeat", "\(counts) must give a count, not negative, for each dimension of shape \(shape)")
    }
    let new = counts.count - rank
    var result = reshape(Shape(Array(repeating: 1, count: new) + Array(shape)))
    for (d, count) in counts.enumerated() where count != 1 {
      // Along dimension 1 of [2, 3, 4] 5 times: [2, 1, 12] expanded to [2, 5, 12], and seen as [2, 15, 4].
      let sizes = result.shape
      let (size, isTooLarge) = sizes[d].multipliedReportingOverflow(by: count)
      if isTooLarge { fail("repeat", "\(counts) times shape \(shape) is too large") }
      let before = Shape(sizes[..<d]).elementCount
      let rest = Shape(sizes[d...]).elementCount
      result = result.reshape([before, 1, rest]).expand([before, count, rest]).reshape(sizes.replacing(d, with: size))
    }
    return result.isContiguous && result.storage !== storage ? result.asOwner() : result.clone()
  }

  /// The matrix, or each of a batch, with zeros above the diagonal that lies `diagonal` places above the main one.
  public func tril(diagonal: Int = 0) -> Tensor { triangle("tril", diagonal) { $0 >= $1 } }

  /// The matrix, or each of a batch, with zeros below the diagonal that lies `diagonal` places above the main one.
  public func triu(diagonal: Int = 0) -> Tensor { triangle("triu", diagonal) { $0 <= $1 } }

  private func triangle(
    _ name: String, _ diagonal: Int, _ keeps: (_ row: Tensor, _ column: Tensor) -> Tensor
  ) -> Tensor {
    if rank < 2 { fail(name, "shape \(shape) is not a matrix") }
    let diagonal = Swift.min(Swift.max(diagonal, -size(-2)), size(-1))  // further out there is nothing
    let rows = Tensor.arange(size(-2), device: device).unsqueeze(1)
    let columns = Tensor.arange(size(-1), device: device) - diagonal
    return Tensor.where(keeps(rows, columns), self, Tensor.zeros([], dtype: dtype, device: device))
  }
}
