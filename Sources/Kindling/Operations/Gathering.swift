// Elements fetched from, and put at, places that a tensor of int64 or int32 indices names. As in PyTorch, a tensor of no
// dimensions counts as a vector of one element, and an index of no elements may have any shape.

extension Tensor {
  /// This tensor, or a view of its one element as a vector.
  private var asVector: Tensor { rank == 0 ? reshape([1]) : self }

  private func checkDevice(_ other: Tensor, _ name: StaticString) {
    if other.storage.backend !== storage.backend {
      Tensor.failDevices(self, other, name)
    }
  }

  /// An index on this tensor's device, as int64, which is what a kernel reads.
  func checkedIndex(_ index: Tensor, _ name: StaticString) -> Tensor {
    checkDevice(index, name)
    if !index.dtype.isInteger { fail("\(name)", "the index is \(index.dtype), and must be int64 or int32") }
    return index.to(.int64)
  }

  private func checkRange(_ bad: Int?, _ dimension: Int, _ name: StaticString) {
    guard let bad else { return }
    // An index within brackets may count from the end, and has been counted from the start for the kernel.
    let size = shape[dimension]
    if "\(name)" == "subscript" {
      fail("subscript", "index \(bad < 0 ? bad &- size : bad) is out of range for a dimension of \(size) places")
    }
    let range = size == 0 ? "it has no places" : "it can be 0 to \(size - 1)"
    fail("\(name)", "index \(bad) is out of range for dimension \(dimension) of shape \(shape); \(range)")
  }

  /// For dimension 0 of three: out[i][j][k] = self[index[i][j][k]][j][k]. The result has the index's shape.
  public func gather(dim: Int, index: Tensor) -> Tensor { gather(dim, index, as: "gather") }

  /// The same under the name that messages are to have.
  package func gather(_ dim: Int, _ index: Tensor, as name: StaticString) -> Tensor {
    let index = checkedIndex(index, name)
    let d = shape.dimension(dim, in: "\(name)")
    if rank == 0 || index.rank == 0 {
      let picked = asVector.gather(d, index.asVector, as: name)
      return index.rank == 0 ? picked.reshape([]).asOwner() : picked
    }
    checkFits(index.shape, within: shape, except: d, name)
    let out = uninitialized(index.shape, dtype)
    if index.elementCount > 0 {
      checkRange(backend.gather(operand, dimension: d, index.operand, into: out.operand), d, name)
    }
    return out.recorded("gather", [self, index]) { dy, saved in
      // One zero, seen in all places: it is the copy that is added to which fills memory, once.
      let zeros = Tensor.zeros([], dtype: dy.dtype, device: dy.device).expand(saved.shape(0))
      return [zeros.scattering(d, saved[1], dy, add: true), nil]
    }
  }

  private func checkFits(_ index: Shape, within shape: Shape, except d: Int?, _ name: StaticString) {
    let fits = index.count == shape.count && (0..<shape.count).allSatisfy { $0 == d || index[$0] <= shape[$0] }
    if !fits && !index.contains(0) {
      fail("\(name)", "an index of shape \(index) does not fit a tensor of shape \(shape)")
    }
  }

  /// Writes, for dimension 0 of three, self[index[i][j][k]][j][k] = source[i][j][k], and returns the tensor.
  @discardableResult
  public func scatter_(dim: Int, index: Tensor, src source: Tensor) -> Tensor {
    scatterInPlace("scatter_", dim, index, source, add: false)
  }

  /// Writes `value` at the places that `index` names along `dim`, and returns the tensor.
  @discardableResult
  public func scatter_<S: TensorScalar>(dim: Int, index: Tensor, value: S) -> Tensor {
    scatter_(dim: dim, index: index, src: Tensor.full([], value, dtype: dtype, device: device).expand(index.shape))
  }

  /// Adds the elements of `source` at the places that `index` names along `dim`, and returns the tensor.
  @discardableResult
  public func scatterAdd_(dim: Int, index: Tensor, src source: Tensor) -> Tensor {
    scatterInPlace("scatter_add_", dim, index, source, add: true)
  }

  private func scatterInPlace(
    _ name: StaticString, _ dim: Int, _ index: Tensor, _ source: Tensor, add: Bool
  ) -> Tensor {
    let index = checkedIndex(index, name)
    checkDevice(source, name)
    let d = shape.dimension(dim, in: "\(name)")
    if rank == 0 || index.rank == 0 {
      _ = asVector.scatterInPlace(name, d, index.asVector, source.asVector, add: add)
      return self
    }
    if source.dtype != dtype { fail("\(name)", "a source of \(source.dtype) for a tensor of \(dtype)") }
    checkFits(index.shape, within: shape, except: d, name)
    checkFits(index.shape, within: source.shape, except: nil, name)
    mutate(name, reading: source) {
      if index.elementCount == 0 { return }
      // Not even the same elements may be read: they are written in another order.
      let part = (source.storage === storage ? within { source.clone() } : source).prefix(index.shape)
      let index = apart(index)
      checkRange(backend.scatter(part.operand, dimension: d, index.operand, into: operand, add: add), d, name)
    } compute: {
      $0.scattering(d, index, source, add: add)
    }
    return self
  }

  /// The part of this tensor, from the start on, that has the shape of an index. Unrecorded.
  private func prefix(_ shape: Shape) -> Tensor { window(Layout(shape, strides: strides, offset: offset)) }

  /// A copy with the elements of `source` written or added at the places that `index` names: scatter as an operation.
  func scattering(
    _ d: Int, _ index: Tensor, _ source: Tensor, add: Bool, as name: StaticString = "scatter"
  ) -> Tensor {
    let out = within { clone() }
    if index.elementCount > 0 {
      let part = source.prefix(index.shape)
      checkRange(backend.scatter(part.operand, dimension: d, index.operand, into: out.operand, add: add), d, name)
    }
    return out.recorded("scatter", [self, source, index]) { dy, saved in
      let zeros = Tensor.zeros([], dtype: dy.dtype, device: dy.device).expand(saved.shape(2))
      return [
        !saved.wants(0) ? nil : add ? dy : dy.scattering(d, saved[2], zeros, add: false),
        !saved.wants(1) ? nil : dy.gather(dim: d, index: saved[2]).padded(to: saved.shape(1)), nil,
      ]
    }
  }

  /// This tensor at the start of a larger one of zeros: the gradient of a source that was read in part.
  private func padded(to shape: Shape) -> Tensor {
    if self.shape == shape { return self }
    let size = self.shape
    let zeros = Tensor.zeros(shape, dtype: dtype, device: device)
    return elementCount == 0
      ? zeros
      : zeros.replacing(self) { whole in
        (0..<size.count).reduce(whole) { $0.narrow(dim: $1, start: 0, length: size[$1]) }
      }
  }

  /// The places along `dim` that `index`, a vector of int64 or int32, names. Repeated places share the gradient's sum.
  public func indexSelect(dim: Int, index: Tensor) -> Tensor {
    let d = shape.dimension(dim, in: "index_select")
    if rank == 0 {
      checkNamesOne(index, "index_select")
      return asVector.indexSelect(dim: d, index: index).reshape([]).asOwner()
    }
    return gather(d, spread(index, along: d, shape, "index_select"), as: "index_select")
  }

  private func checkNamesOne(_ index: Tensor, _ name: StaticString) {
    if index.elementCount != 1 {
      fail("\(name)", "\(index.elementCount) indices for a tensor of no dimensions, which has one element")
    }
  }

  /// A vector of indices seen as one that holds for every element along the other dimensions of `shape`.
  func spread(_ index: Tensor, along d: Int, _ shape: Shape, _ name: StaticString) -> Tensor {
    let index = checkedIndex(index, name)
    if index.rank > 1 { fail("\(name)", "the index has shape \(index.shape), and must be a vector") }
    let places = shape.replacing(d, with: index.elementCount)
    if places.elementCount == 0 && index.elementCount > 0 {  // no kernel will look at the indices
      let (lowest, highest) = (index.min().item(as: Int.self), index.max().item(as: Int.self))
      if lowest < 0 || highest >= self.shape[d] { checkRange(lowest < 0 ? lowest : highest, d, name) }
    }
    var column = Shape(repeating: 1, rank: rank)
    column[d] = index.elementCount
    return index.reshape(column).expand(places)
  }

  /// Adds the parts of `source` along `dim` to the places that `index`, a vector, names; returns the tensor.
  @discardableResult
  public func indexAdd_(dim: Int, index: Tensor, source: Tensor) -> Tensor {
    let d = shape.dimension(dim, in: "index_add_")
    if rank == 0 && source.rank == 0 {
      checkNamesOne(index, "index_add_")
      asVector.indexAdd_(dim: d, index: index, source: source.asVector)
      return self
    }
    if rank == 0 || source.rank != rank || source.shape.replacing(d, with: 0) != shape.replacing(d, with: 0)
      || source.shape[d] != index.elementCount
    {
      fail(
        "index_add_",
        "a source of shape \(source.shape) with \(index.elementCount) indices does not fit dimension \(d) of shape \(shape)"
      )
    }
    return scatterAdd_(dim: d, index: spread(index, along: d, source.shape, "index_add_"), src: source)
  }

  /// A row of `numClasses` numbers for each element, 1 at the place that the element names and 0 elsewhere, as int64.
  public func oneHot(numClasses: Int = -1) -> Tensor {
    if dtype != .int64 { fail("one_hot", "the classes are \(dtype), and must be int64") }
    if numClasses == -1 && elementCount == 0 {
      fail("one_hot", "of no elements the number of classes cannot be told; give numClasses:")
    }
    if numClasses < -1 { fail("one_hot", "rows of \(numClasses) classes") }
    var classes = numClasses
    if elementCount > 0 {
      let (least, largest) = (min().item(as: Int.self), max().item(as: Int.self))
      if least < 0 { fail("one_hot", "a class of \(least); classes are counted from 0") }
      if largest == .max { fail("one_hot", "a class of \(largest), which is too large a number of classes") }
      if numClasses == -1 { classes = largest + 1 }
      if largest >= classes { fail("one_hot", "a class of \(largest), of \(classes) classes") }
    }
    let rows = Tensor.zeros(shape.inserting(classes, at: rank), dtype: .int64, device: device)
    return rows.scatter_(dim: -1, index: unsqueeze(-1), value: 1)
  }

  /// The places of the elements that are not 0, as int64 indices in row-major order of the flattened tensor.
  func flatNonzero() -> Tensor {
    let places = to(.bool).toArray(of: Bool.self).enumerated().filter(\.element).map(\.offset)
    return Tensor(places, shape: [places.count], device: device)
  }

  /// The places of the elements that are not 0: one row for each, with an int64 index for each dimension.
  public func nonzero() -> Tensor {
    var rest = flatNonzero()
    if rank == 0 { return Tensor.zeros([rest.elementCount, 0], dtype: .int64, device: device) }
    var columns: [Tensor] = []
    for size in shape.reversed() {
      let quotient = (rest.to(.float64) / Double(Swift.max(size, 1))).floor().to(.int64)
      columns.insert(rest - quotient * size, at: 0)
      rest = quotient
    }
    return stack(columns, dim: 1)
  }
}
