// Windows on the same storage: other shapes and strides over the same elements, nothing copied.

extension Tensor {
  /// A view of this tensor, recorded.
  @inline(__always)
  func view(_ name: StaticString, _ layout: Layout, _ rule: @escaping Rule) -> Tensor {
    Tensor(storage, layout, dtype, base: base ?? self).recorded(name, self, rule)
  }

  /// A view of some elements of this tensor, recorded; `part` makes it of a tensor of this shape.
  private func view(_ name: StaticString, _ layout: Layout, part: @escaping (Tensor) -> Tensor) -> Tensor {
    Tensor(storage, layout, dtype, base: base ?? self).recorded(name, self, part: part)
  }

  // MARK: Order of dimensions

  /// The transpose of a matrix; of a vector or a single number a view that shows the same.
  public func t() -> Tensor {
    if rank > 2 { fail("t", "shape \(shape) has more than two dimensions; name two with transpose(_:_:)") }
    if rank < 2 { return view(shape) }
    return view("t", layout.transposed(0, 1)) { dy, _ in dy.t() }
  }

  /// The transpose of a matrix, and any other tensor with its dimensions in reverse order.
  public var T: Tensor { permute(Array((0..<rank).reversed())) }

  /// The tensor with two dimensions exchanged: `transpose(_:_:)` under NumPy's name.
  public func swapaxes(_ axis0: Int, _ axis1: Int) -> Tensor { transpose(axis0, axis1) }

  /// The tensor with two dimensions exchanged.
  public func transpose(_ dim0: Int, _ dim1: Int) -> Tensor {
    let a = shape.dimension(dim0, in: "transpose")
    let b = shape.dimension(dim1, in: "transpose")
    return view("transpose", layout.transposed(a, b)) { dy, _ in dy.transpose(a, b) }
  }

  /// The tensor with its dimensions in the order `dims`.
  public func permute(_ dims: Int...) -> Tensor { permute(dims) }

  /// The tensor with its dimensions in the order `dims`.
  public func permute(_ dims: [Int]) -> Tensor {
    let order = dims.map { shape.dimension($0, in: "permute") }
    if order.sorted() != Array(0..<rank) {
      fail("permute", "\(dims) does not name each of the \(rank) dimensions of shape \(shape) once")
    }
    let inverse = (0..<rank).map { order.firstIndex(of: $0)! }
    return view("permute", layout.choosing(order)) { dy, _ in dy.permute(inverse) }
  }

  // MARK: Shape

  /// The same elements in another shape; one size may be -1 and is worked out. A window where the strides allow it,
  /// else a copy.
  public func reshape(_ sizes: Int...) -> Tensor { reshape(Shape(sizes)) }

  /// The same elements in another shape; one size may be -1 and is worked out.
  public func reshape(_ shape: Shape) -> Tensor {
    let target = resolved(shape, "reshape")
    if let view = viewed(as: target) { return view }
    return clone().viewed(as: target)!.asOwner()
  }

  /// The same elements in another shape, never a copy. Ends the program where the strides do not allow it.
  public func view(_ sizes: Int...) -> Tensor { view(Shape(sizes)) }

  /// The same elements in another shape, never a copy. Ends the program where the strides do not allow it.
  public func view(_ shape: Shape) -> Tensor {
    let target = resolved(shape, "view")
    guard let view = viewed(as: target) else {
      fail(
        "view", "strides \(strides) of shape \(self.shape) cannot be seen as \(target) without a copy; use reshape(_:)")
    }
    return view
  }

  private func resolved(_ shape: Shape, _ operation: String) -> Shape {
    var target = shape
    var open = -1
    var fits = true
    for i in 0..<shape.count where shape.sizes[i] < 0 {
      fits = fits && shape.sizes[i] == -1 && open < 0
      open = i
      target.sizes[i] = 1
    }
    let others = target.elementCount
    if open >= 0 && others > 0 { target.sizes[open] = elementCount / others }
    fits = fits && (open < 0 ? others == elementCount : others > 0 && elementCount % others == 0)
    if !fits { fail(operation, "the \(elementCount) elements of shape \(self.shape) do not fill \(shape)") }
    return target
  }

  private func viewed(as target: Shape) -> Tensor? {
    guard let layout = layout.viewed(as: target) else { return nil }
    return view("view", layout) { dy, saved in dy.reshape(saved.shape(0)) }
  }

  /// The tensor with the dimensions from `startDim` to `endDim` made one.
  public func flatten(startDim: Int = 0, endDim: Int = -1) -> Tensor {
    let start = shape.dimension(startDim, in: "flatten")
    let end = shape.dimension(endDim, in: "flatten")
    if start > end { fail("flatten", "startDim \(startDim) comes after endDim \(endDim)") }
    if rank == 0 { return reshape([1]) }
    if start == end { return self }  // as PyTorch does, here alone
    let merged = Shape(shape[start...end]).elementCount
    return reshape(Shape(Array(shape[..<start]) + [merged] + shape[(end + 1)...]))
  }

  /// The tensor without its dimensions of size 1.
  public func squeeze() -> Tensor {
    let kept = (0..<rank).filter { shape[$0] != 1 }
    return view("squeeze", layout.choosing(kept)) { dy, saved in dy.reshape(saved.shape(0)) }
  }

  /// The tensor without dimension `dim` if that has size 1, else as it is.
  public func squeeze(_ dim: Int) -> Tensor {
    let d = shape.dimension(dim, in: "squeeze")
    if rank == 0 || shape[d] != 1 { return view(shape) }
    return view("squeeze", layout.removing(d)) { dy, _ in dy.unsqueeze(d) }
  }

  /// The tensor with a dimension of size 1 put in at `dim`.
  public func unsqueeze(_ dim: Int) -> Tensor {
    let d = shape.newDimension(dim, in: "unsqueeze")
    return view("unsqueeze", layout.inserting(d)) { dy, _ in dy.squeeze(d) }
  }

  /// The tensor broadcast to `sizes`, without a copy; -1 leaves a size as it is.
  public func expand(_ sizes: Int...) -> Tensor { expand(Shape(sizes)) }

  /// The tensor broadcast to `shape`, without a copy; -1 leaves a size as it is.
  public func expand(_ shape: Shape) -> Tensor {
    var target = shape
    for i in 0..<shape.count where shape[i] == -1 && shape.count - i <= rank {
      target[i] = self.shape[rank - (shape.count - i)]
    }
    guard !target.contains(where: { $0 < 0 }), let layout = layout.expanded(to: target) else {
      fail("expand", "shape \(self.shape) cannot be broadcast to \(shape)")
    }
    // The engine sums a gradient back to the shape of its input.
    return view("expand", layout) { dy, _ in dy }
  }

  // MARK: Parts

  /// `length` places of dimension `dim`, from `start` on; a negative `start` counts from the end.
  public func narrow(dim: Int, start: Int, length: Int) -> Tensor {
    let d = dimensionWithParts(dim, "narrow")
    let size = shape[d]
    let first = start < 0 ? start + size : start
    if first < 0 || first > size || length < 0 || length > size - first {
      fail("narrow", "\(length) places from \(start) on do not lie within dimension \(d) of shape \(shape)")
    }
    return sliced(d, from: first, count: length, step: 1)
  }

  /// `dim` counted from 0. Ends the program for a tensor of no dimensions.
  func dimensionWithParts(_ dim: Int, _ operation: String) -> Int {
    let d = shape.dimension(dim, in: operation)
    if rank == 0 { fail(operation, "a tensor of no dimensions has no parts") }
    return d
  }

  /// `count` places of dimension `d`, from `start` on, every `step`-th. The caller has seen to it that there are as many.
  func sliced(_ d: Int, from start: Int, count: Int, step: Int) -> Tensor {
    view("slice", layout.sliced(d, from: start, count: count, step: step)) {
      $0.sliced(d, from: start, count: count, step: step)
    }
  }

  /// One place of dimension `dim`, which goes away. A negative index counts from the end.
  public func select(dim: Int, index: Int) -> Tensor {
    if rank == 0 { fail("select", "a tensor of no dimensions cannot be indexed") }
    let d = shape.dimension(dim, in: "select")
    let size = shape[d]
    if index < -size || index >= size {
      fail("select", "index \(index) is out of range for dimension \(d) of shape \(shape), which has \(size) places")
    }
    let i = index < 0 ? index + size : index
    return view("select", layout.selecting(d, i)) { $0.select(dim: d, index: i) }
  }

  /// A copy of this tensor in which the part that `part` looks at holds `value`: a slice assignment as an operation, so
  /// that gradients flow from the whole and from the value.
  func replacing(_ value: Tensor, in part: @escaping (Tensor) -> Tensor) -> Tensor {
    let out = within {
      let copy = clone()
      _ = part(copy).copy_(value.detach())
      return copy
    }
    return out.recorded(
      "slice_assign", self, value,
      { dy, saved in
        dy.replacing(Tensor.zeros([], dtype: dy.dtype, device: dy.device), in: part)
      }, { dy, _ in part(dy) })
  }

  /// The places whose indices along `dim1` and `dim2` are i and i + `offset`, as a last dimension in the place of the two.
  public func diagonal(offset: Int = 0, dim1: Int = 0, dim2: Int = 1) -> Tensor {
    let a = shape.dimension(dim1, in: "diagonal")
    let b = shape.dimension(dim2, in: "diagonal")
    if a == b { fail("diagonal", "dimension \(a) of shape \(shape) is named twice") }
    return view("diagonal", layout.diagonal(a, b, above: offset)) {
      $0.diagonal(offset: offset, dim1: a, dim2: b)
    }
  }

  /// A copy of the diagonal of a matrix, `diagonal` places above the main one, of which `diagonal(offset:dim1:dim2:)` is a view;
  /// or of a vector, the matrix that has it there.
  public func diag(diagonal: Int = 0) -> Tensor {
    if rank == 2 { return self.diagonal(offset: diagonal).clone() }
    if rank != 1 { fail("diag", "shape \(shape) is neither a vector nor a matrix") }
    let (size, isTooLarge) = shape[0].addingReportingOverflow(Int(clamping: diagonal.magnitude))
    if isTooLarge { fail("diag", "a vector of shape \(shape) \(diagonal) places above the main diagonal") }
    return Tensor.zeros([size, size], dtype: dtype, device: device).replacing(self) { $0.diagonal(offset: diagonal) }
  }
}
