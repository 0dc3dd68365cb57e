// Index tensors and masks in subscripts, read and written: x[index], x[mask], x[rows, columns], x[.all, index].

extension Tensor: SubscriptIndex {
  /// The places that a tensor of integers names along a dimension, where a single number is what an `Int` is; or, of a bool
  /// tensor, those where it is true, in as many dimensions as it has.
  public var term: SubscriptTerm {
    SubscriptTerm(kind: rank == 0 && dtype.isInteger ? .position(item(as: Int.self).position) : .tensor(self))
  }
}

extension Tensor {
  /// The elements where a bool tensor is true, as a vector, or whole parts if the mask has fewer dimensions than the tensor:
  /// `x[labels == 3]` is every row with that label. For a tensor of integers, the places of the first dimension that it names,
  /// in the index's shape; negative ones count from the end.
  ///
  /// Reading gives a copy. Writing takes a value that broadcasts to what would be read, where sizes of 1 in front count for
  /// nothing; a mask also takes one of the tensor's own shape. `x[index] += y` reads, adds and writes: of places that are
  /// named twice the last one stays (on a GPU, any), and only `indexAdd_(dim:index:source:)` adds them up.
  public subscript(_ index: Tensor) -> Tensor {
    get {
      if index.dtype == .bool { return parts(index).indexSelect(dim: 0, index: index.flatNonzero()) }
      if rank == 0 { fail("subscript", "a tensor of no dimensions cannot be indexed") }
      let picked = rows(of: countedFromStart(index.flatten(), along: 0))
      return index.rank == 1 ? picked : picked.reshape(Shape(Array(index.shape) + shape.dropFirst())).asOwner()
    }
    set {
      if index.dtype == .bool { return assign(newValue, toMask: index) }
      if rank == 0 { fail("subscript", "a tensor of no dimensions cannot be indexed") }
      assign(newValue, to: IndexTerms([SubscriptTerm(kind: .tensor(index))], rank: rank))
    }
    _modify {
      var part = apartFromItself()[index]
      defer { self[index] = part }
      yield &part
    }
  }

  /// A part of the tensor, by any number of indices, with tensors among them.
  ///
  /// The tensors are paired, as in NumPy: `x[rows, columns]` has the element at `rows[0]` and `columns[0]`, then the one at
  /// `rows[1]` and `columns[1]`. They broadcast, and their dimensions stand where the indices do, or first if others lie
  /// between. What is read by them is a copy.
  public subscript<each Rest: SubscriptIndex>(_ first: some SubscriptIndex, _ rest: repeat each Rest) -> Tensor {
    get { part(IndexTerms(terms(first, repeat each rest), rank: rank)) }
    set { assign(newValue, to: IndexTerms(terms(first, repeat each rest), rank: rank)) }
    // Without one of its own Swift 6.3's compiler crashes at it.
    _modify {
      let terms = IndexTerms(terms(first, repeat each rest), rank: rank)
      let isCopy = !terms.picks.isEmpty
      var part = (isCopy ? apartFromItself() : self).part(terms)
      let read = part
      defer { if isCopy || part !== read { assign(part, to: terms) } }
      yield &part
    }
  }

  func terms<each Rest: SubscriptIndex>(_ first: some SubscriptIndex, _ rest: repeat each Rest)
    -> [SubscriptTerm]
  {
    var terms = [first.term]
    repeat terms.append((each rest).term)
    return terms
  }

  private func part(_ terms: IndexTerms) -> Tensor {
    let part = indexed(terms.positions)
    return terms.picks.isEmpty ? part : part.picked(Places(terms.picks, in: part))
  }

  /// Ends the program for a mask that does not fit the dimensions from `first` on.
  private func checkMask(_ mask: Tensor, from first: Int) {
    if mask.rank > rank - first || Shape(shape[first..<(first + mask.rank)]) != mask.shape {
      fail("mask", "a mask of shape \(mask.shape) does not fit a tensor of shape \(shape)")
    }
  }

  /// This tensor with the dimensions that `mask` covers made one.
  private func parts(_ mask: Tensor) -> Tensor {
    checkMask(mask, from: 0)
    return reshape(Shape([mask.elementCount] + shape.dropFirst(mask.rank)))
  }

  /// Indices of a dimension with the negative ones made positive.
  private func countedFromStart(_ index: Tensor, along dimension: Int) -> Tensor {
    let index = checkedIndex(index, "subscript")
    return Tensor.where(index < 0, index + shape[dimension], index)
  }

  /// The places that an index or a mask names from a dimension on, counted from 0 in the dimensions that it stands for.
  fileprivate func places(_ index: Tensor, from dimension: Int, isPaired: Bool) -> Tensor {
    if index.dtype == .bool {
      if index.rank == 0 { fail("mask", "a mask of no dimensions can only stand alone") }
      checkMask(index, from: dimension)
      return index.flatNonzero()
    }
    let places = countedFromStart(index, along: dimension)
    // A kernel will see one number for all the indices, in which one that is out of range can hide.
    if isPaired && index.elementCount > 0 {
      let size = shape[dimension]
      for bad in [places.min(), places.max()].map({ $0.item(as: Int.self) }) where bad < 0 || bad >= size {
        fail(
          "subscript",
          "index \(bad < 0 ? bad - size : bad) is out of range for dimension \(dimension) of shape \(shape), which has "
            + "\(size) places")
      }
    }
    return places
  }

  /// For how many dimensions this index stands.
  fileprivate var indexedDimensions: Int { dtype == .bool ? rank : 1 }

  /// This tensor without the sizes of 1 in front, which count for nothing in a value that is assigned.
  var withoutLeadingOnes: Tensor {
    if rank == 0 || shape[0] != 1 { return self }
    return reshape(Shape(shape.drop { $0 == 1 }))
  }

  private func picked(_ places: Places) -> Tensor {
    places.arranged(places.gathered(self).rows(of: places.index)).asOwner()
  }

  /// The rows that an index within brackets names.
  private func rows(of index: Tensor) -> Tensor {
    if rank == 0 { return indexSelect(dim: 0, index: index) }
    return gather(0, spread(index, along: 0, shape, "subscript"), as: "subscript")
  }

  private func assign(_ value: Tensor, toMask mask: Tensor) {
    if mask.rank == 0 { return unsqueeze(0).assign(value, toMask: mask.unsqueeze(0)) }
    let isWhole = value.shape == shape
    let value = value.withoutLeadingOnes
    checkMask(mask, from: 0)
    let columns = within {
      mask.reshape(Shape(Array(mask.shape) + [Int](repeating: 1, count: rank - mask.rank)))
    }
    if isWhole || value.rank <= rank - mask.rank { return _ = maskedAssign(columns, value) }
    let (count, places) = (value.shape[0], mask.flatNonzero().elementCount)
    if count != places { fail("mask", "\(count) values for a mask that is true \(places) times") }
    assign(value, to: IndexTerms([mask.term], rank: rank))
  }

  func assign(_ value: Tensor, to terms: IndexTerms) {
    if terms.picks.isEmpty { return assign(value, to: terms.positions) }
    let value = (value.device == device ? value : value.to(device)).withoutLeadingOnes
    let places = Places(terms.picks, in: within { detach().indexed(terms.positions) })
    if Shape.broadcast(value.shape, places.shape) != places.shape {
      fail(
        "subscript",
        "a value of shape \(value.shape) does not broadcast to the part of shape \(places.shape) that is written")
    }
    let rows = places.rows(value.to(dtype).expand(places.shape))
    let write = { (before: Tensor) in
      let whole = places.gathered(terms.isWhole ? before : before.indexed(terms.positions))
      let index = whole.spread(places.index, along: 0, whole.shape, "subscript")
      let written = places.restored(whole.scattering(0, index, rows, add: false, as: "subscript"))
      return terms.isWhole ? written : before.replacing(written) { $0.indexed(terms.positions) }
    }
    mutate("index_put", reading: rows) {
      withExtendedLifetime(within { write(self) }) { backend.copy($0.operand, into: operand) }
    } compute: {
      write($0)
    }
  }
}

/// The indices of a subscript, with the tensors apart from the others.
struct IndexTerms {
  /// The others, and `.all` for each dimension that a tensor stands for.
  private(set) var positions: [IndexPosition] = []
  /// Each tensor with the first dimension that it stands for, of the part that the positions leave.
  private(set) var picks: [(dimension: Int, index: Tensor)] = []

  init(_ terms: [SubscriptTerm], rank: Int) {
    var places: [(place: Int, index: Tensor)] = []
    for term in terms {
      switch term.kind {
      case .position(let position): positions.append(position)
      case .tensor(let index):
        places.append((positions.count, index))
        positions += [IndexPosition](repeating: .all, count: index.indexedDimensions)
      }
    }
    let count = positions.count { $0.takesDimension }
    picks = places.map { [positions] pick in
      (positions[..<pick.place].reduce(0) { $0 + $1.dimensionsLeft(ellipsis: rank - count) }, pick.index)
    }
  }

  /// Whether the positions leave all of a tensor.
  var isWhole: Bool { positions.count == picks.reduce(0) { $0 + $1.index.indexedDimensions } }
}

extension IndexPosition {
  fileprivate func dimensionsLeft(ellipsis: Int) -> Int {
    switch kind {
    case .at: 0
    case .slice, .newAxis: 1
    case .ellipsis: ellipsis
    }
  }
}

/// The places that index tensors name in some dimensions of a tensor, paired as in NumPy.
private struct Places {
  /// The dimensions that the indices stand for, and the others.
  private var named: [Int] = []
  private let others: [Int]
  private let whole: Shape
  /// For each of the paired indices, flattened, its place in the named dimensions made one.
  private(set) var index: Tensor
  /// The shape that the indices broadcast to.
  private let paired: Shape
  /// Before which of the other dimensions that shape stands in what is read.
  private let start: Int

  /// `picks` has each index with the first of the dimensions of `x` that it stands for.
  init(_ picks: [(dimension: Int, index: Tensor)], in x: Tensor) {
    whole = x.shape
    let indices = picks.map { x.places($0.index, from: $0.dimension, isPaired: picks.count > 1) }
    paired = indices.dropFirst().reduce(indices[0].shape) { Shape.broadcast($0, $1.shape, in: "subscript") }
    index = indices[0]
    for (i, pick) in picks.enumerated() {
      let dimensions = pick.dimension..<(pick.dimension + pick.index.indexedDimensions)
      named += dimensions
      if i > 0 { index = index * Shape(whole[dimensions]).elementCount + indices[i] }
    }
    index = index.expand(paired).flatten()
    others = (0..<whole.count).filter { [named] in !named.contains($0) }
    start = named.last! - named[0] == named.count - 1 ? named[0] : 0
  }

  private var rest: [Int] { others.map { whole[$0] } }
  private var order: [Int] { named + others }

  /// The shape of what is read.
  var shape: Shape { Shape(rest[..<start] + Array(paired) + rest[start...]) }

  /// x with the named dimensions made one, which comes first.
  func gathered(_ x: Tensor) -> Tensor {
    x.permute(order).reshape(Shape([Shape(named.map { whole[$0] }).elementCount] + rest))
  }

  /// What `gathered` made, put back.
  func restored(_ x: Tensor) -> Tensor {
    x.reshape(Shape(order.map { whole[$0] })).permute(order.indices.map { order.firstIndex(of: $0)! })
  }

  /// Rows, one for each of the paired indices, in the shape of what is read.
  func arranged(_ rows: Tensor) -> Tensor {
    let count = paired.count
    let order = Array(count..<(count + start)) + Array(0..<count) + Array((count + start)..<shape.count)
    return rows.reshape(Shape(Array(paired) + rest)).permute(order)
  }

  /// Back from the shape of what is read to rows.
  func rows(_ value: Tensor) -> Tensor {
    let (count, size) = (paired.count, shape.count)
    let order = Array(start..<(start + count)) + Array(0..<start) + Array((start + count)..<size)
    return value.permute(order).reshape(Shape([paired.elementCount] + rest))
  }
}
