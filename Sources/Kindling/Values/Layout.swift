/// How the elements of a tensor lie in memory: the size of each dimension, how many elements to step to advance by one along
/// it, and where the first element is.
///
/// A view of a tensor is another layout of the same memory. Every function here gives one, or nil where there is none, and
/// changes nothing: a layout is a value. It is an object only so that tensors that lie alike share one, and that handing it
/// on copies nothing.
package final class Layout: Equatable, Sendable {
  package let shape: Shape
  package let strides: Shape
  /// Where the first element lies, in elements.
  package let offset: Int
  package let elementCount: Int
  /// Whether the elements lie in row-major order without gaps.
  package let isContiguous: Bool
  private let isPacked: Bool

  package init(_ shape: Shape, strides: Shape, offset: Int = 0) {
    self.shape = shape
    self.strides = strides
    self.offset = offset
    elementCount = shape.elementCount
    isContiguous = Layout.isContiguous(shape, strides, elementCount)
    // The stride along a dimension of size 1 may be any number.
    isPacked = isContiguous && offset == 0 && strides == shape.contiguousStrides
  }

  /// In row-major order, from the first element on.
  @inline(__always)
  package init(_ shape: Shape) {
    self.shape = shape
    strides = shape.contiguousStrides
    offset = 0
    elementCount = shape.elementCount
    isContiguous = true
    isPacked = true
  }

  /// Whether the same elements lie in the same places.
  package static func == (a: Layout, b: Layout) -> Bool {
    a === b || (a.shape == b.shape && a.strides == b.strides && a.offset == b.offset)
  }

  private static func isContiguous(_ shape: Shape, _ strides: Shape, _ elementCount: Int) -> Bool {
    var step = 1
    var i = shape.count - 1
    while i >= 0 {
      // The stride of a dimension of size 1 is never used.
      if shape.sizes[i] != 1 {
        if strides.sizes[i] != step { return elementCount == 0 }
        step &*= shape.sizes[i]
      }
      i -= 1
    }
    return true
  }

  package var rank: Int { shape.count }

  /// The same shape as a new tensor has it: in row-major order, from the first element on.
  package var packed: Layout {
    @inline(__always) get { isPacked ? self : Layout(shape) }
  }

  /// A shape as a new tensor has it; this layout, if it is that.
  func packed(_ shape: Shape) -> Layout { isPacked && shape == self.shape ? self : Layout(shape) }

  /// The same shape without gaps, its dimensions in memory in the order in which they lie here.
  package var dense: Layout {
    if isPacked || overlaps { return packed }
    let order = (0..<rank).sorted { strides[$0] > strides[$1] }
    let places = (0..<rank).map { order.firstIndex(of: $0)! }
    return Layout(Shape(order.map { shape[$0] })).choosing(places)
  }

  /// Where the last element lies.
  var end: Int { (0..<rank).reduce(offset) { $0 + Swift.max(shape[$1] - 1, 0) * strides[$1] } }

  /// Whether something lies between the elements, or several are one.
  var hasGaps: Bool {
    var step = 1
    for i in (0..<rank).filter({ shape[$0] != 1 }).sorted(by: { strides[$0] < strides[$1] }) {
      if strides[i] != step { return true }
      step *= shape[i]
    }
    return false
  }

  /// Whether several elements are one in memory, as `expanded(to:)` makes them.
  package var overlaps: Bool {
    elementCount > 0 && (0..<rank).contains { strides.sizes[$0] == 0 && shape.sizes[$0] > 1 }
  }
}

// MARK: Other orders of the dimensions

extension Layout {
  /// Two dimensions exchanged.
  package func transposed(_ a: Int, _ b: Int) -> Layout {
    Layout(shape.exchanging(a, b), strides: strides.exchanging(a, b), offset: offset)
  }

  /// The dimensions that `kept` names, in that order.
  package func choosing(_ kept: [Int]) -> Layout {
    Layout(Shape(kept.map { shape[$0] }), strides: Shape(kept.map { strides[$0] }), offset: offset)
  }

  // MARK: Dimensions more and less

  /// A dimension of size 1 put in at `d`.
  package func inserting(_ d: Int) -> Layout {
    let step = d < rank ? shape[d] &* strides[d] : 1
    return Layout(shape.inserting(1, at: d), strides: strides.inserting(step, at: d), offset: offset)
  }

  /// Without dimension `d`, of which the first place stays.
  package func removing(_ d: Int) -> Layout {
    Layout(shape.removing(d), strides: strides.removing(d), offset: offset)
  }

  /// Broadcast to `target`: a dimension that is missing, or there once, is stepped along by 0. Nil where the sizes do not fit.
  package func expanded(to target: Shape) -> Layout? {
    let extra = target.count - rank
    if extra < 0 { return nil }
    var steps = Shape(repeating: 0, rank: target.count)
    for i in 0..<rank {
      if target[i + extra] == shape[i] {
        steps[i + extra] = strides[i]
      } else if shape[i] != 1 {
        return nil
      }
    }
    return Layout(target, strides: steps, offset: offset)
  }

  // MARK: Parts

  /// `count` places of dimension `d`, from `start` on, every `step`-th. They must be there.
  package func sliced(_ d: Int, from start: Int, count: Int, step: Int) -> Layout {
    Layout(
      shape.replacing(d, with: count), strides: strides.replacing(d, with: strides[d] &* step),
      offset: offset + (count == 0 ? 0 : start * strides[d]))
  }

  /// Place `i` of dimension `d`, which goes away.
  package func selecting(_ d: Int, _ i: Int) -> Layout {
    Layout(shape.removing(d), strides: strides.removing(d), offset: offset + i * strides[d])
  }

  /// The places whose indices along `a` and `b` are i and i + `above`, as a last dimension in the place of the two.
  package func diagonal(_ a: Int, _ b: Int, above: Int) -> Layout {
    let row = above < 0 ? Swift.min(Int(clamping: above.magnitude), shape[a]) : 0
    let column = above > 0 ? Swift.min(above, shape[b]) : 0
    let length = Swift.min(shape[a] - row, shape[b] - column)
    let rest = (0..<rank).filter { $0 != a && $0 != b }
    return Layout(
      Shape(rest.map { shape[$0] } + [length]), strides: Shape(rest.map { strides[$0] } + [strides[a] + strides[b]]),
      offset: length == 0 ? offset : offset + row * strides[a] + column * strides[b])
  }

  // MARK: Other shapes

  /// The same elements in the same order in another shape of as many elements; nil where that takes a copy.
  package func viewed(as target: Shape) -> Layout? {
    if isContiguous { return Layout(target, strides: target.contiguousStrides, offset: offset) }
    return strides(for: target).map { Layout(target, strides: $0, offset: offset) }
  }

  /// The strides under which `target` runs through the same elements in the same order, if there are any. Dimensions that
  /// lie seamlessly in memory form chunks; each must be filled by whole dimensions of the target.
  private func strides(for target: Shape) -> Shape? {
    if target == shape { return strides }
    if elementCount == 0 { return target.contiguousStrides }
    var result = target
    var next = target.count - 1
    var chunk = 1
    var step = rank > 0 ? strides[rank - 1] : 1
    for d in stride(from: rank - 1, through: 0, by: -1) {
      chunk *= shape[d]
      let isSeam = d == 0 || (shape[d - 1] != 1 && strides[d - 1] != chunk * step)
      if !isSeam { continue }
      var filled = 1
      while next >= 0 && (filled < chunk || target[next] == 1) {
        result[next] = filled * step
        filled *= target[next]
        next -= 1
      }
      if filled != chunk { return nil }
      if d > 0 {
        step = strides[d - 1]
        chunk = 1
      }
    }
    while next >= 0 {
      if target[next] != 1 { return nil }
      result[next] = 1
      next -= 1
    }
    return result
  }
}
