// Parts of a tensor by subscripts, read and written: x[0], x[1..<3], x[.all, -1], x[.ellipsis, 0]. Subscripts with tensors in
// them end in IndexTensors.swift.

/// What can stand in a tensor's subscript for a dimension: an `Int`, a range, `.all`, `.slice`, `.newAxis`, `.ellipsis`, or a
/// tensor of indices or truth values.
public protocol TensorIndex {
  /// This index in the form that a tensor works with.
  var position: IndexPosition { get }
}

/// An index for one dimension, in the form that a tensor works with.
public struct IndexPosition: TensorIndex {
  enum Kind {
    case at(Int)
    case slice(Int, Int?, Int)
    case newAxis
    case ellipsis
    case places(Tensor)
  }
  let kind: Kind

  /// For how many dimensions of the tensor this stands; `.ellipsis`, for as many as there are left, counts as none.
  var dimensionCount: Int {
    switch kind {
    case .at, .slice: 1
    case .newAxis, .ellipsis: 0
    case .places(let index): index.dtype == .bool ? index.rank : 1
    }
  }

  var isTensor: Bool { if case .places = kind { true } else { false } }

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

/// The indices of a subscript.
func positions<each Rest: TensorIndex>(_ first: some TensorIndex, _ rest: repeat each Rest) -> [IndexPosition] {
  var positions = [first.position]
  repeat positions.append((each rest).position)
  return positions
}

extension Tensor {
  /// A part of the tensor, by an index for each dimension from the first on.
  ///
  /// An `Int` takes one place and drops the dimension, a range or `.slice` keeps part of it. Reading gives a view.
  /// Writing copies the value, broadcast, into the part; gradients flow from what is left of the tensor and from the value.
  ///
  /// Tensors among the indices are paired, as in NumPy: `x[rows, columns]` has the element at `rows[0]` and `columns[0]`,
  /// then the one at `rows[1]` and `columns[1]`. They broadcast, and their dimensions stand where the indices do, or first
  /// if others lie between. What is read by them is a copy.
  public subscript<each Rest: TensorIndex>(_ first: some TensorIndex, _ rest: repeat each Rest) -> Tensor {
    get { indexed(positions(first, repeat each rest)) }
    set { assign(newValue, to: positions(first, repeat each rest)) }
    // Without one of its own Swift 6.3's compiler crashes at it.
    _modify {
      let positions = positions(first, repeat each rest)
      let isCopy = positions.contains(where: \.isTensor)
      var part = (isCopy ? apartFromItself() : self).indexed(positions)
      let read = part
      defer { if isCopy || part !== read { assign(part, to: positions) } }
      yield &part
    }
  }

  func assign(_ value: Tensor, to positions: [IndexPosition]) {
    let value = value.device == device ? value : value.to(device)
    if positions.contains(where: \.isTensor) { return assign(value, toPlaces: positions) }
    mutate("slice_assign", reading: value) {
      noGrad {
        let part = indexed(positions)
        part.copy_(value.rank > part.rank ? value.withoutLeadingOnes : value)
      }
    } compute: {
      $0.replacing(value.withoutLeadingOnes.to($0.dtype)) { $0.indexed(positions) }
    }
  }

  private func indexed(_ positions: [IndexPosition]) -> Tensor {
    let (part, picks) = window(positions)
    if !picks.isEmpty { return part.picked(Places(picks, in: part)) }
    return part === self ? view(shape) : part
  }

  /// What the indices that are no tensors leave, the tensor itself where that is all of it, and the tensors among them, each
  /// with the first dimension of that part that it stands for.
  func window(_ positions: [IndexPosition]) -> (part: Tensor, picks: [(dimension: Int, index: Tensor)]) {
    var count = 0
    for position in positions { count += position.dimensionCount }
    if count > rank { fail("subscript", "\(count) indices for a tensor of shape \(shape)") }
    var result = self
    var picks: [(Int, Tensor)] = []
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
      case .places(let index):
        picks.append((dimension, index))
        dimension += position.dimensionCount
      }
    }
    return (result, picks)
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
