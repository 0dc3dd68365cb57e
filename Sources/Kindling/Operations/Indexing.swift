// Parts of a tensor by subscripts, read and written: x[0], x[1..<3], x[.all, -1], x[.ellipsis, 0]. IndexTensors.swift has
// those with tensors in them.

/// What can stand in a tensor's subscript: a `TensorIndex`, or a tensor of indices or truth values.
public protocol SubscriptIndex {
  /// This index in the form that a tensor works with.
  var term: SubscriptTerm { get }
}

/// An index of a subscript, in the form that a tensor works with.
public struct SubscriptTerm {
  enum Kind {
    case position(IndexPosition)
    case tensor(Tensor)
  }
  let kind: Kind
}

/// What can stand in a tensor's subscript for one dimension: an `Int`, a range, `.all`, `.slice`, `.newAxis`, `.ellipsis`.
public protocol TensorIndex: SubscriptIndex {
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

extension TensorIndex {
  /// The position.
  public var term: SubscriptTerm { SubscriptTerm(kind: .position(position)) }
}

extension SubscriptIndex where Self == IndexPosition {
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

extension Range: TensorIndex, SubscriptIndex where Bound == Int {
  /// The places of the range.
  public var position: IndexPosition { IndexPosition(kind: .slice(lowerBound, upperBound, 1)) }
}

extension ClosedRange: TensorIndex, SubscriptIndex where Bound == Int {
  /// The places of the range; -3 ... -1 are the last three.
  public var position: IndexPosition {
    IndexPosition(kind: .slice(lowerBound, placeAfter(upperBound), 1))
  }
}

extension PartialRangeFrom: TensorIndex, SubscriptIndex where Bound == Int {
  /// The places from the bound on.
  public var position: IndexPosition { IndexPosition(kind: .slice(lowerBound, nil, 1)) }
}

extension PartialRangeUpTo: TensorIndex, SubscriptIndex where Bound == Int {
  /// The places up to, and without, the bound.
  public var position: IndexPosition { IndexPosition(kind: .slice(0, upperBound, 1)) }
}

extension PartialRangeThrough: TensorIndex, SubscriptIndex where Bound == Int {
  /// The places up to and with the bound.
  public var position: IndexPosition {
    IndexPosition(kind: .slice(0, placeAfter(upperBound), 1))
  }
}

extension Tensor {
  // One overload for each number of indices up to four: the one in IndexTensors.swift takes any number and tensors among
  // them, and costs more than these views do.

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

  func assign(_ value: Tensor, to positions: [IndexPosition]) {
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

  func indexed(_ positions: [IndexPosition]) -> Tensor {
    var count = 0
    for position in positions where position.takesDimension { count += 1 }
    if count > rank { fail("subscript", "\(count) indices for a tensor of shape \(shape)") }
    var result = self
    var dimension = 0
    for position in positions {
      switch position.kind {
      case .at(let index):
        result = result.select(dim: dimension, index: index)
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
