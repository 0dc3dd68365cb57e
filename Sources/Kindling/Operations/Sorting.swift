import Kernels

// Elements in order along a dimension, and what is read off that order: the first few, the one in the middle.
//
// NaN counts as larger than any number. Elements that are equal stay in the order in which they stood. Values are picked by
// their indices, and so get their gradients: each goes where its value came from.

extension Tensor {
  /// The indices that would put the elements along `dim` in order.
  public func argsort(dim: Int = -1, descending: Bool = false) -> Tensor {
    let d = shape.dimension(dim, in: "argsort")
    if rank == 0 { return Tensor.zeros([], dtype: .int64, device: device) }
    return within {
      let rows = transpose(d, -1).contiguous()
      let index = Tensor(uninitialized: rows.shape, .int64, backend)
      backend.argsort(rows.operand, descending: descending, into: index.operand)
      return index.transpose(d, -1).contiguous()
    }
  }

  /// The elements along `dim` in order, and the indices that they had.
  public func sort(dim: Int = -1, descending: Bool = false) -> (values: Tensor, indices: Tensor) {
    let indices = argsort(dim: dim, descending: descending)
    return (gather(dim: dim, index: indices), indices)
  }

  /// The `k` largest elements along `dim`, or the smallest, in order, and their indices. Of equal ones the first are taken.
  public func topk(_ k: Int, dim: Int = -1, largest: Bool = true) -> (values: Tensor, indices: Tensor) {
    let d = shape.dimension(dim, in: "topk")
    let size = rank == 0 ? 1 : shape[d]
    if k < 0 || k > size { fail("topk", "\(k) elements of the \(size) along dimension \(d) of shape \(shape)") }
    let order = argsort(dim: d, descending: largest)
    let indices = rank == 0 ? order : order.narrow(dim: d, start: 0, length: k).contiguous()
    return (gather(dim: d, index: indices), indices)
  }

  /// The element in the middle, of two the smaller one; NaN if there is one, and if there are no elements (of integers, that
  /// ends the program). Where several equal it, they share the gradient.
  public func median() -> Tensor {
    let x = flatten()
    if elementCount == 0 && !dtype.isFloatingPoint {
      fail("median", "there are no elements, and \(dtype) has no NaN to say so")
    }
    if elementCount == 0 { return Tensor.full([], Double.nan, dtype: dtype, device: device) }
    let middle = within { x.median(dim: 0).values }
    return middle.recorded("median", self) { dy, saved in
      let (x, middle) = (saved[0], saved.output)
      let isMiddle = (x == middle).logicalOr(x.isNaN().logicalAnd(middle.isNaN())).to(x.dtype)
      return isMiddle * (dy / isMiddle.sum())
    }
  }

  /// The elements in the middle along `dim`, of two the smaller one, and where they are; NaN where there is one.
  public func median(dim: Int, keepDim: Bool = false) -> (values: Tensor, indices: Tensor) {
    let d = shape.dimension(dim, in: "median")
    if rank == 0 { return (clone(), Tensor.zeros([], dtype: .int64, device: device)) }
    if shape[d] == 0 { fail("median", "dimension \(d) of shape \(shape) is empty, and nothing has no middle") }
    let indices = within {
      let order = argsort(dim: d)
      let middle = order.narrow(dim: d, start: (shape[d] - 1) / 2, length: 1)
      if !dtype.isFloatingPoint { return middle.contiguous() }
      return Tensor.where(isNaN().any(dim: d, keepDim: true), isNaN().to(.int64).argmax(dim: d, keepDim: true), middle)
    }
    let values = gather(dim: d, index: indices)
    return keepDim ? (values, indices) : (values.squeeze(d).asOwner(), indices.squeeze(d).asOwner())
  }
}
