import Kindling

extension Arguments {
  /// A subscript as a sample has it: for each dimension a number, a slice, or a word.
  fileprivate func positions(_ place: Int) -> [IndexPosition] {
    value(place).list!.map { value in
      switch value {
      case .integer(let index): index.position
      case .text("newAxis"): .newAxis
      case .text: .ellipsis
      default: .slice(value.list![0].integer ?? 0, value.list![1].integer, step: value.list![2].integer ?? 1)
      }
    }
  }

  /// Whole dimensions up to one that is named, and a position in that.
  fileprivate func positions(_ dim: Int, rank: Int, _ position: IndexPosition) -> [IndexPosition] {
    let dimension = dim < 0 ? dim + rank : dim
    return Array(repeating: .all, count: dimension) + [position]
  }
}

extension Tensor {
  /// The subscripts, by how many indices there are.
  fileprivate subscript(at p: [IndexPosition]) -> Tensor {
    get {
      switch p.count {
      case 1: self[p[0]]
      case 2: self[p[0], p[1]]
      case 3: self[p[0], p[1], p[2]]
      default: self[p[0], p[1], p[2], p[3]]
      }
    }
    set {
      switch p.count {
      case 1: self[p[0]] = newValue
      case 2: self[p[0], p[1]] = newValue
      case 3: self[p[0], p[1], p[2]] = newValue
      default: self[p[0], p[1], p[2], p[3]] = newValue
      }
    }
  }
}

// Elements at places that are named, read and written.
extension SampleEntry {
  static func indexing() -> [SampleEntry] { subscripts() + gathering() }

  private static let subscriptNames = (1...4).map { count in
    "subscript(\(Array(repeating: "some TensorIndex", count: count).joined(separator: ", ")))"
  }

  private static func subscripts() -> [SampleEntry] {
    [
      SampleEntry("__getitem__", subscriptNames + ["subscript(Tensor)"]) { a in
        a.isTensor(1) ? a[0][a[1]] : a[0][at: a.positions(1)]
      },
      SampleEntry("slice", [subscriptNames[0]]) { a in
        let part = IndexPosition.slice(a.optionalInt(2) ?? 0, a.optionalInt(3), step: a.int(4))
        return a[0][at: a.positions(a.int(1), rank: a[0].rank, part)]
      },
      SampleEntry("select_scatter", subscriptNames) { a in
        let x = a.target(0)
        x[at: a.positions(a.int(2), rank: x.rank, a.int(3).position)] = a[1]
        return x
      },
      SampleEntry("slice_scatter", subscriptNames) { a in
        let x = a.target(0)
        let part = IndexPosition.slice(a.optionalInt(3) ?? 0, a.optionalInt(4), step: a.int(5))
        x[at: a.positions(a.int(2), rank: x.rank, part)] = a[1]
        return x
      },
      SampleEntry("masked_select", ["subscript(Tensor)"]) { a in a[0][a[1]] },
      SampleEntry("nn.functional.embedding", ["embedding(Tensor, paddingIndex: Int?)"]) { a in
        a[1].embedding(a[0], paddingIndex: a.optionalInt(2))
      },
      SampleEntry("index_put", ["subscript(Tensor)"]) { a in
        let x = a.target(0)
        x[a[1]] = a[2]
        return x
      },
    ]
  }

  private static func gathering() -> [SampleEntry] {
    [
      SampleEntry("gather", ["gather(dim: Int, index: Tensor)"]) { a in a[0].gather(dim: a.int(1), index: a[2]) },
      SampleEntry(
        "scatter", ["scatter_(dim: Int, index: Tensor, src: Tensor)", "scatter_(dim: Int, index: Tensor, value: S)"]
      ) { a in
        let x = a.target(0)
        return a.isTensor(3)
          ? x.scatter_(dim: a.int(1), index: a[2], src: a[3])
          : x.scatter_(dim: a.int(1), index: a[2], value: a.scalar(3))
      },
      SampleEntry("scatter_add", ["scatterAdd_(dim: Int, index: Tensor, src: Tensor)"]) { a in
        a.target(0).scatterAdd_(dim: a.int(1), index: a[2], src: a[3])
      },
      SampleEntry("index_select", ["indexSelect(dim: Int, index: Tensor)"]) { a in
        a[0].indexSelect(dim: a.int(1), index: a[2])
      },
      SampleEntry("index_add", ["indexAdd_(dim: Int, index: Tensor, source: Tensor)"]) { a in
        let isPlain = a.value(4).number == nil || a.real(4) == 1
        return a.target(0).indexAdd_(dim: a.int(1), index: a[2], source: isPlain ? a[3] : a[3] * a.scalar(4))
      },
      SampleEntry("nn.functional.one_hot", ["oneHot(numClasses: Int)"]) { a in a[0].oneHot(numClasses: a.int(1)) },
      SampleEntry("nonzero", ["nonzero()"]) { a in a[0].nonzero() },
      SampleEntry("argwhere", ["nonzero()"]) { a in a[0].nonzero() },
    ]
  }

  // MARK: New tensors

  static func creation() -> [SampleEntry] {
    [
      SampleEntry("zeros", ["zeros(Shape)", "zeros(Int...)"]) { a in
        let sizes = a.ints(0)
        return sizes.count == 1 ? .zeros(sizes[0], dtype: a.dtype(1)) : .zeros(Shape(sizes), dtype: a.dtype(1))
      },
      SampleEntry("ones", ["ones(Shape)", "ones(Int...)"]) { a in
        let sizes = a.ints(0)
        return sizes.count == 1 ? .ones(sizes[0], dtype: a.dtype(1)) : .ones(Shape(sizes), dtype: a.dtype(1))
      },
      SampleEntry("full", ["full(Shape, S)"]) { a in full(a.shape(0), a.scalar(1), a.optionalDtype(2)) },
      SampleEntry("zeros_like", ["zerosLike(Tensor)"]) { a in .zerosLike(a[0]) },
      SampleEntry("ones_like", ["onesLike(Tensor)"]) { a in .onesLike(a[0]) },
      SampleEntry("full_like", ["fullLike(Tensor, S)"]) { a in Tensor.fullLike(a[0], a.scalar(1)) },
      SampleEntry("arange", ["arange(Int)", "arange(Int, Int, step: Int)", "arange(Double, Double, step: Double)"]) {
        a in
        a.range()
      },
      SampleEntry("linspace", ["linspace(Double, Double, steps: Int)"]) { a in
        .linspace(a.real(0), a.real(1), steps: a.int(2), dtype: a.dtype(3))
      },
      SampleEntry("eye", ["eye(Int, Int?)"]) { a in .eye(a.int(0), a.optionalInt(1), dtype: a.dtype(2)) },
      SampleEntry("scalar_tensor", ["init(S)"]) { a in single(a.scalar(0), a.dtype(1)) },
      SampleEntry("item", ["item()", "item(as: T.Type)"]) { a in
        switch a[0].dtype {
        case .float32, .float64: Tensor(a[0].item(), dtype: .float64)
        case .int32, .int64: Tensor(a[0].item(as: Int.self), dtype: a[0].dtype)
        case .bool: Tensor(a[0].item(as: Bool.self))
        }
      },
    ]
  }

  private static func full(_ shape: Shape, _ value: some TensorScalar, _ dtype: DType?) -> Tensor {
    Tensor.full(shape, value, dtype: dtype)
  }

  private static func single(_ value: some TensorScalar, _ dtype: DType) -> Tensor { Tensor(value, dtype: dtype) }
}

extension Arguments {
  fileprivate func range() -> Tensor {
    guard let start = optionalInt(0) else {
      return .arange(real(0), real(1), step: real(2), dtype: optionalDtype(3) ?? .float32)
    }
    if start == 0 && int(2) == 1 { return .arange(int(1), dtype: optionalDtype(3) ?? .int64) }
    return .arange(start, int(1), step: int(2), dtype: optionalDtype(3) ?? .int64)
  }
}
