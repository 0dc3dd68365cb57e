import FoundationEssentials
import Kindling

/// Which elements of the tensors a page shows and carries along, so that it stays of a size that opens at once.
///
/// Of a dimension that is larger than `limit` that many indices are kept, evenly spaced, the same for all tensors. What is
/// shown is exact. A sum along a dimension has to be told with all its terms, so lines along it are carried in full, for the
/// kept indices of the others.
struct Sampling {
  /// How many indices of a dimension are kept.
  let limit: Int
  /// For each tensor the dimensions that are carried in full.
  let lines: [Set<Int>]

  /// Limits to try, the most that fits first.
  static let limits = [64, 56, 48, 40, 32, 28, 24, 20, 16, 12, 8, 6, 4]

  /// The best that needs at most `byteCount` bytes of numbers, or the one with a given limit.
  static func fitting(_ byteCount: Int, _ limit: Int?, _ walkthrough: Walkthrough) -> Sampling {
    var lines = neededLines(walkthrough)
    if let limit { return Sampling(limit: limit, lines: lines) }
    for limit in limits {
      let sampling = Sampling(limit: limit, lines: lines)
      if sampling.byteCount(walkthrough.tensors) <= byteCount { return sampling }
    }
    // Then without the longest lines: their sums are shown without terms.
    while let (place, dimension) = longest(lines, walkthrough.tensors) {
      lines[place].remove(dimension)
      let sampling = Sampling(limit: limits.last!, lines: lines)
      if sampling.byteCount(walkthrough.tensors) <= byteCount { return sampling }
    }
    return Sampling(limit: limits.last!, lines: lines)
  }

  /// The dimensions along which something is summed, or made from all there is.
  private static func neededLines(_ walkthrough: Walkthrough) -> [Set<Int>] {
    var lines = [Set<Int>](repeating: [], count: walkthrough.tensors.count)
    for result in walkthrough.steps.flatMap(\.operations).flatMap(\.results) {
      switch result.explanation {
      case .product(let a, let b, let transposed):
        let rank = walkthrough.tensors[a].values.rank
        lines[a].insert(transposed.0 ? rank - 2 : rank - 1)
        lines[b].insert(transposed.1 ? rank - 1 : rank - 2)
      case .sum(let of, let dims, _) where dims.count == 1 && walkthrough.tensors[of].values.rank > 1:
        lines[of].insert(dims[0])
      case .grouped(_, let of, let dims, _) where dims.count == 1:
        // A weight has the dimensions of a group alone.
        for operand in of {
          let rank = walkthrough.tensors[operand].values.rank
          lines[operand].insert(dims[0] < rank ? dims[0] : rank - 1)
        }
      default: break
      }
    }
    return lines
  }

  private static func longest(_ lines: [Set<Int>], _ tensors: [Walkthrough.Snapshot]) -> (Int, Int)? {
    let all = lines.enumerated().flatMap { i, dimensions in dimensions.map { (i, $0) } }
    return all.max { tensors[$0.0].values.shape[$0.1] < tensors[$1.0].values.shape[$1.1] }
  }

  /// The kept indices of a dimension of a size; nil for all.
  func kept(_ size: Int) -> [Int]? {
    if size <= limit { return nil }
    return (0..<limit).map { ($0 * (size - 1) + (limit - 1) / 2) / (limit - 1) }
  }

  /// By size, the kept indices of all dimensions.
  func kept(_ tensors: [Walkthrough.Snapshot]) -> [String: [Int]?] {
    var all: [String: [Int]?] = [:]
    for size in tensors.flatMap({ Array($0.values.shape) }) where size > limit { all["\(size)"] = kept(size) }
    return all
  }

  /// The parts of a tensor that are carried: their names, and which dimensions of each are whole.
  private func parts(_ i: Int, _ shape: Shape) -> [(name: String, whole: Int?)] {
    [("kept", nil)] + lines[i].sorted().filter { shape[$0] > limit }.map { ("\($0)", $0) }
  }

  private func byteCount(_ tensors: [Walkthrough.Snapshot]) -> Int {
    tensors.enumerated().reduce(0) { total, tensor in
      let (i, values) = (tensor.offset, tensor.element.values)
      return parts(i, values.shape).reduce(total) { total, part in
        total + values.dtype.byteCount
          * values.shape.enumerated().reduce(1) { $0 * ($1.offset == part.whole ? $1.element : min($1.element, limit)) }
      }
    }
  }

  /// The parts of a tensor, in base64.
  func encoded(_ i: Int, _ values: Tensor) -> [String: String] {
    var encoded: [String: String] = [:]
    for (name, whole) in parts(i, values.shape) {
      var part = values
      for d in 0..<values.rank where d != whole {
        if let kept = kept(values.shape[d]) { part = part.indexSelect(dim: d, index: Tensor(kept)) }
      }
      encoded[name] = part.base64
    }
    return encoded
  }
}

extension Tensor {
  /// The elements as they lie in memory on nearly every machine: from the least significant byte on.
  var base64: String { Data(elementBytes()).base64EncodedString() }
}
