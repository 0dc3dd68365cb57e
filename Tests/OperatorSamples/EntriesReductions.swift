import Kindling

extension Arguments {
  /// A reduction over the dimensions that the second argument lists; over one where it lists one.
  fileprivate func over(_ several: ([Int], Bool) -> Tensor, _ one: (Int, Bool) -> Tensor, keepDim place: Int = 2)
    -> Tensor
  {
    let dims = ints(place - 1)
    return dims.count == 1 ? one(dims[0], flag(place)) : several(dims, flag(place))
  }

  fileprivate func variance() -> Tensor {
    let dims = ints(1)
    let (correction, keepDim) = (real(2), flag(3))
    return dims.count == 1
      ? self[0].variance(dim: dims[0], correction: correction, keepDim: keepDim)
      : self[0].variance(dims: dims, correction: correction, keepDim: keepDim)
  }

  fileprivate func deviation() -> Tensor {
    let dims = ints(1)
    let (correction, keepDim) = (real(2), flag(3))
    return dims.count == 1
      ? self[0].std(dim: dims[0], correction: correction, keepDim: keepDim)
      : self[0].std(dims: dims, correction: correction, keepDim: keepDim)
  }

  fileprivate func norm() -> Tensor {
    let p = real(1)
    return over({ self[0].norm(p, dims: $0, keepDim: $1) }, { self[0].norm(p, dim: $0, keepDim: $1) }, keepDim: 3)
  }
}

// Many elements to one, and functions along a dimension.
extension SampleEntry {
  static func reductions() -> [SampleEntry] {
    sumsOverDimensions() + spreads() + norms() + extremes() + orders() + alongDimensions()
  }

  private static func sumsOverDimensions() -> [SampleEntry] {
    [
      SampleEntry("sum", ["sum(dims: [Int], keepDim: Bool)", "sum(dim: Int, keepDim: Bool)"]) { a in
        a.over({ a[0].sum(dims: $0, keepDim: $1) }, { a[0].sum(dim: $0, keepDim: $1) })
      },
      SampleEntry("mean", ["mean(dims: [Int], keepDim: Bool)", "mean(dim: Int, keepDim: Bool)"]) { a in
        a.over({ a[0].mean(dims: $0, keepDim: $1) }, { a[0].mean(dim: $0, keepDim: $1) })
      },
      SampleEntry("prod", ["prod()", "prod(dim: Int, keepDim: Bool)"]) { a in
        a.isNull(1) ? a[0].prod() : a[0].prod(dim: a.int(1), keepDim: a.flag(2))
      },
      SampleEntry("any", ["any(dims: [Int], keepDim: Bool)", "any(dim: Int, keepDim: Bool)"]) { a in
        a.over({ a[0].any(dims: $0, keepDim: $1) }, { a[0].any(dim: $0, keepDim: $1) })
      },
      SampleEntry("all", ["all(dims: [Int], keepDim: Bool)", "all(dim: Int, keepDim: Bool)"]) { a in
        a.over({ a[0].all(dims: $0, keepDim: $1) }, { a[0].all(dim: $0, keepDim: $1) })
      },
    ]
  }

  private static func spreads() -> [SampleEntry] {
    let variance = [
      "variance(dims: [Int], correction: Double, keepDim: Bool)",
      "variance(dim: Int, correction: Double, keepDim: Bool)",
    ]
    let deviation = [
      "std(dims: [Int], correction: Double, keepDim: Bool)", "std(dim: Int, correction: Double, keepDim: Bool)",
    ]
    return ["", "/unbiased"].flatMap { variant in
      [
        SampleEntry("var" + variant, variance, .size) { a in a.variance() },
        SampleEntry("std" + variant, deviation, .size) { a in a.deviation() },
      ]
    }
  }

  private static func norms() -> [SampleEntry] {
    let names = ["norm", "norm/inf", "norm/fro", "linalg.vector_norm"]
    let covered = ["norm(Double, dims: [Int], keepDim: Bool)", "norm(Double, dim: Int, keepDim: Bool)"]
    return names.map { SampleEntry($0, covered, .size) { a in a.norm() } }
      + [SampleEntry("dist", [covered[0]]) { a in (a[0] - a[1]).norm(a.real(2)) }]
  }

  private static func extremes() -> [SampleEntry] {
    [
      SampleEntry("max/reduction_no_dim", ["max()"], .extreme) { a in a[0].max() },
      SampleEntry("min/reduction_no_dim", ["min()"], .extreme) { a in a[0].min() },
      SampleEntry(severalOf: "max/reduction_with_dim", ["max(dim: Int, keepDim: Bool)"], .extreme) { a in
        let (values, indices) = a[0].max(dim: a.int(1), keepDim: a.flag(2))
        return [values, indices]
      },
      SampleEntry(severalOf: "min/reduction_with_dim", ["min(dim: Int, keepDim: Bool)"], .extreme) { a in
        let (values, indices) = a[0].min(dim: a.int(1), keepDim: a.flag(2))
        return [values, indices]
      },
      SampleEntry("amax", ["amax(dims: [Int], keepDim: Bool)"], .extreme) { a in
        a[0].amax(dims: a.ints(1), keepDim: a.flag(2))
      },
      SampleEntry("amin", ["amin(dims: [Int], keepDim: Bool)"], .extreme) { a in
        a[0].amin(dims: a.ints(1), keepDim: a.flag(2))
      },
      SampleEntry(
        severalOf: "aminmax", ["amin(dims: [Int], keepDim: Bool)", "amax(dims: [Int], keepDim: Bool)"], .extreme
      ) { a in
        [a[0].amin(dims: a.ints(1), keepDim: a.flag(2)), a[0].amax(dims: a.ints(1), keepDim: a.flag(2))]
      },
      SampleEntry("argmax", ["argmax(dim: Int?, keepDim: Bool)"], .extreme) { a in
        a[0].argmax(dim: a.optionalInt(1), keepDim: a.flag(2))
      },
      SampleEntry("argmin", ["argmin(dim: Int?, keepDim: Bool)"], .extreme) { a in
        a[0].argmin(dim: a.optionalInt(1), keepDim: a.flag(2))
      },
    ]
  }

  private static func orders() -> [SampleEntry] {
    [
      SampleEntry(severalOf: "sort", ["sort(dim: Int, descending: Bool)"]) { a in
        let (values, indices) = a[0].sort(dim: a.int(1), descending: a.flag(2))
        return [values, indices]
      },
      SampleEntry("argsort", ["argsort(dim: Int, descending: Bool)"]) { a in
        a[0].argsort(dim: a.int(1), descending: a.flag(2))
      },
      SampleEntry(severalOf: "topk", ["topk(Int, dim: Int, largest: Bool)"]) { a in
        let (values, indices) = a[0].topk(a.int(1), dim: a.int(2), largest: a.flag(3))
        return [values, indices]
      },
      SampleEntry(severalOf: "median", ["median()", "median(dim: Int, keepDim: Bool)"]) { a in
        guard let dim = a.optionalInt(1) else { return [a[0].median()] }
        let (values, indices) = a[0].median(dim: dim, keepDim: a.flag(2))
        return [values, indices]
      },
    ]
  }

  private static func alongDimensions() -> [SampleEntry] {
    [
      SampleEntry("cumsum", ["cumsum(dim: Int)"]) { a in a[0].cumsum(dim: a.int(1)) },
      SampleEntry("cumprod", ["cumprod(dim: Int)"], .size) { a in a[0].cumprod(dim: a.int(1)) },
      SampleEntry("logsumexp", ["logSumExp(dims: [Int], keepDim: Bool)", "logSumExp(dim: Int, keepDim: Bool)"]) { a in
        a.over({ a[0].logSumExp(dims: $0, keepDim: $1) }, { a[0].logSumExp(dim: $0, keepDim: $1) })
      },
      SampleEntry("softmax", ["softmax(dim: Int)"]) { a in a[0].softmax(dim: a.int(1)) },
      SampleEntry("log_softmax", ["logSoftmax(dim: Int)"]) { a in a[0].logSoftmax(dim: a.int(1)) },
      SampleEntry("softmax/with_dtype", ["softmax(dim: Int)"]) { a in a[0].to(a.dtype(2)).softmax(dim: a.int(1)) },
      SampleEntry("log_softmax/with_dtype", ["logSoftmax(dim: Int)"]) { a in
        a[0].to(a.dtype(2)).logSoftmax(dim: a.int(1))
      },
    ]
  }
}
