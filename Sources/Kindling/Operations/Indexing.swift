// Parts of a tensor by subscripts, read and written: x[0], x[1..<3], x[.all, -1], x[mask], x[indices].

/// What can stand in a tensor's subscript for one dimension: an `Int`, a range, `.all`, `.slice`, `.newAxis`, `.ellipsis`.
public protocol TensorIndex {
  /// This index in the form that a tensor works with.
  var position: IndexPosition { get }
}

/// An index for one dimension, in the form that a tensor works with.
public struct IndexPosition: TensorIndex, Sendable {
  enum Kind: Sendable {
    case at(Int)
    case slice(Int, Int?, Int)
    case newAxis
    case ellipsis
  }
  let kind: Kind

  /// Whether this stands for a dimension of the tensor, and is not one more, or as many as there are left.
  var takesDimension: Bool {
    switch kind {
    case .at, .slice: true
    case .newAxis, .ellipsis: false
    }
  }

  /// Itself.
  public var position: IndexPosition { self }
}

extension TensorIndex where Self == IndexPosition {
  /// The whole dimension: Python's `:`.
  public static var all: IndexPosition { IndexPosition(kind: .slice(0, nil, 1)) }
  /// A new dimension of size 1: Python's `None`.
  public static var newAxis: IndexPosition { IndexPosition(kind: .newAxis) }
  /// As many whole dimensions as there are left: Python's `...`.
  public static var ellipsis: IndexPosition { IndexPosition(kind: .ellipsis) }

  /// Every `step`-th place from `start` up to, and without, `end`; negative ends count from the back.
  public static func slice(_ start: Int, _ end: Int? = nil, step: Int = 1) -> IndexPosition {
    if step < 1 { fail("slice", "a step of \(step); it must be at least 1, and flip(_:) reverses") }
    return IndexPosition(kind: .slice(start, end, step))
  }
}

extension Int: TensorIndex {
  /// One place, counted from the end if negative.
  public var position: IndexPosition { IndexPosition(kind: .at(self)) }
}

/// Where a slice that ends with `last` ends; nil for the end of the tensor.
private func placeAfter(_ last: Int) -> Int? { last == -1 || last == .max ? nil : last + 1 }

extension Range: TensorIndex where Bound == Int {
  /// The places of the range.
  public var position: IndexPosition { IndexPosition(kind: .slice(lowerBound, upperBound, 1)) }
}

extension ClosedRange: TensorIndex where Bound == Int {
  /// The places of the range; -3 ... -1 are the last three.
  public var position: IndexPosition {
    IndexPosition(kind: .slice(lowerBound, placeAfter(upperBound), 1))
  }
}

extension PartialRangeFrom: TensorIndex where Bound == Int {
  /// The places from the bound on.
  public var position: IndexPosition { IndexPosition(kind: .slice(lowerBound, nil, 1)) }
}

extension PartialRangeUpTo: TensorIndex where Bound == Int {
  /// The places up to, and without, the bound.
  public var position: IndexPosition { IndexPosition(kind: .slice(0, upperBound, 1)) }
}

extension PartialRangeThrough: TensorIndex where Bound == Int {
  /// The places up to and with the bound.
  public var position: IndexPosition {
    IndexPosition(kind: .slice(0, placeAfter(upperBound), 1))
  }
}

extension Tensor {
  // One overload for each number of indices: subscripts that take any number of generic ones crash Swift 6.3's compiler.

  /// A part of the tensor, one index for each dimension from the first on.
  ///
  /// An `Int` takes one place and drops the dimension, a range or `.slice` keeps part of it. Reading gives a view.
  /// Writing copies the value, broadcast, into the part; gradients flow from what is left of the tensor and from the value.
  public subscript(_ a: some TensorIndex) -> Tensor {
    get { indexed([a.position]) }
    set { assign(newValue, to: [a.position]) }
    _modify {
      let positions = [a.position]
      var part = indexed(positions)
      let view = part
      defer { if part !== view { assign(part, to: positions) } }
      yield &part
    }
  }

  /// A part of the tensor, by an index for each of the first two dimensions.
  public subscript(_ a: some TensorIndex, _ b: some TensorIndex) -> Tensor {
    get { indexed([a.position, b.position]) }
    set { assign(newValue, to: [a.position, b.position]) }
    _modify {
      let positions = [a.position, b.position]
      var part = indexed(positions)
      let view = part
      defer { if part !== view { assign(part, to: positions) } }
      yield &part
    }
  }

  /// A part of the tensor, by an index for each of the first three dimensions.
  public subscript(_ a: some TensorIndex, _ b: some TensorIndex, _ c: some TensorIndex) -> Tensor {
    get { indexed([a.position, b.position, c.position]) }
    set { assign(newValue, to: [a.position, b.position, c.position]) }
    _modify {
      let positions = [a.position, b.position, c.position]
      var part = indexed(positions)
      let view = part
      defer { if part !== view { assign(part, to: positions) } }
      yield &part
    }
  }

  /// A part of the tensor, by an index for each of the first four dimensions.
  public subscript(_ a: some TensorIndex, _ b: some TensorIndex, _ c: some TensorIndex, _ d: some TensorIndex)
    -> Tensor
  {
    get { indexed([a.position, b.position, c.position, d.position]) }
    set { assign(newValue, to: [a.position, b.position, c.position, d.position]) }
    _modify {
      let positions = [a.position, b.position, c.position, d.position]
      var part = indexed(positions)
      let view = part
      defer { if part !== view { assign(part, to: positions) } }
      yield &part
    }
  }

  /// The elements where a bool tensor is true, as a vector, or whole parts if the mask has fewer dimensions than the tensor:
  /// `x[labels == 3]` is every row with that label. For an int64 tensor, the places of the first dimension that it names,
  /// in the index's shape; negative ones count from the end.
  ///
  /// Reading gives a copy. Writing takes a value that broadcasts to what would be read, where sizes of 1 in front count for
  /// nothing; a mask also takes one of the tensor's own shape. `x[index] += y` reads, adds and writes: of places that are
  /// named twice the last one stays (on a GPU, any), and only `indexAdd_(_:_:_:)` adds them up.
  public subscript(_ index: Tensor) -> Tensor {
    get {
      if index.dtype == .bool { return parts(index).indexSelect(0, index.flatNonzero()) }
      if rank == 0 { fail("subscript", "a tensor of no dimensions cannot be indexed") }
      let picked = indexSelect(0, countedFromStart(index.flatten()))
      return index.rank == 1 ? picked : picked.reshape(Shape(Array(index.shape) + shape.dropFirst())).asOwner()
    }
    set {
      if index.dtype == .bool {
        assign(newValue, toMask: index)
      } else {
        if rank == 0 { fail("subscript", "a tensor of no dimensions cannot be indexed") }
        assign(newValue, toPlaces: countedFromStart(index.flatten()), named: index.shape, in: { $0 })
      }
    }
    _modify {
      var part = apartFromItself()[index]
      defer { self[index] = part }
      yield &part
    }
  }

  /// This tensor with the dimensions that `mask` covers made one.
  private func parts(_ mask: Tensor) -> Tensor {
    if mask.rank > rank || Shape(shape.prefix(mask.rank)) != mask.shape {
      fail("mask", "a mask of shape \(mask.shape) does not fit a tensor of shape \(shape)")
    }
    return reshape(Shape([mask.elementCount] + shape.dropFirst(mask.rank)))
  }

  /// Indices of the first dimension with the negative ones made positive.
  private func countedFromStart(_ index: Tensor) -> Tensor {
    checkIndex(index, "subscript")
    return Tensor.where(index < 0, index + shape[0], index)
  }

  /// This tensor without the sizes of 1 in front, which count for nothing in a value that is assigned.
  private var withoutLeadingOnes: Tensor {
    if rank == 0 || shape[0] != 1 { return self }
    return reshape(Shape(shape.drop { $0 == 1 }))
  }

  private func assign(_ value: Tensor, toMask mask: Tensor) {
    let isWhole = value.shape == shape
    let value = value.withoutLeadingOnes
    if mask.rank <= rank && Shape(shape.prefix(mask.rank)) == mask.shape {
      let columns = within {
        mask.reshape(Shape(Array(mask.shape) + [Int](repeating: 1, count: rank - mask.rank)))
      }
      if isWhole || value.rank <= rank - mask.rank { return _ = maskedAssign(columns, value) }
    }
    let places = mask.flatNonzero()
    let count = value.rank == 0 ? 1 : value.shape[0]
    _ = parts(mask)
    if count != places.elementCount {
      fail("mask", "\(count) values for a mask that is true \(places.elementCount) times")
    }
    assign(value, toPlaces: places, named: places.shape) { $0.parts(mask) }
  }

  /// Writes `value`, broadcast, to the places that a vector of indices names in the first dimension of `view`.
  private func assign(
    _ value: Tensor, toPlaces places: Tensor, named names: Shape, in view: @escaping (Tensor) -> Tensor
  ) {
    let value = (value.device == device ? value : value.to(device)).withoutLeadingOnes
    let rest = view(within { detach() }).shape.dropFirst()
    let target = Shape(Array(names) + rest)
    if Shape.broadcast(value.shape, target) != target {
      fail(
        "subscript", "a value of shape \(value.shape) does not broadcast to the part of shape \(target) that is written"
      )
    }
    let values = value.to(dtype).expand(target).reshape(Shape([names.elementCount] + rest))
    let write = { (before: Tensor) in
      let whole = view(before)
      let index = whole.spread(places, along: 0, whole.shape, "subscript")
      return whole.scattering(0, index, values, add: false).reshape(before.shape)
    }
    mutate("index_put", reading: values) {
      withExtendedLifetime(within { write(self) }) { backend.copy($0.operand, into: operand) }
    } compute: {
      write($0)
    }
  }

  private func assign(_ value: Tensor, to positions: [IndexPosition]) {
    let value = value.device == device ? value : value.to(device)
    mutate("slice_assign", reading: value) {
      within {
        let part = indexed(positions)
        part.copy_(value.rank > part.rank ? value.withoutLeadingOnes : value)
      }
    } compute: {
      $0.replacing(value.withoutLeadingOnes.to($0.dtype)) { $0.indexed(positions) }
    }
  }

  private func indexed(_ positions: [IndexPosition]) -> Tensor {
    var count = 0
    for position in positions where position.takesDimension { count += 1 }
    if count > rank { fail("subscript", "\(count) indices for a tensor of shape \(shape)") }
    var result = self
    var dimension = 0
    for position in positions {
      switch position.kind {
      case .at(let index):
        result = result.select(dimension, index)
      case .slice(let start, let end, let step):
        result = result.sliced(dimension, start, end, step)
        dimension += 1
      case .newAxis:
        result = result.unsqueeze(dimension)
        dimension += 1
      case .ellipsis:
        dimension += rank - count
      }
    }
    return result === self ? view(shape) : result
  }

  /// Python's slice: ends beyond the tensor are cut off, negative ones count from the back. The tensor itself where that is
  /// all of it.
  private func sliced(_ dimension: Int, _ start: Int, _ end: Int?, _ step: Int) -> Tensor {
    let size = shape[dimension]
    func clamped(_ i: Int) -> Int { Swift.min(Swift.max(i < 0 ? i + size : i, 0), size) }
    let first = clamped(start)
    let length = clamped(end ?? size) - first
    let count = length > 0 ? (length - 1) / step + 1 : 0
    if count == size && step == 1 { return self }
    return sliced(dimension, from: count == 0 ? 0 : first, count: count, step: step)
  }
}
