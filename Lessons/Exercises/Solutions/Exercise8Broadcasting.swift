// Exercise 8, solved: broadcasting, there and back.

import Kindling

/// The shape that two shapes have together, or nil if they do not go together.
public func broadcastShape(_ a: [Int], _ b: [Int]) -> [Int]? {
  let rank = max(a.count, b.count)
  // Filled up with 1 at the left.
  let (a, b) = (ones(rank - a.count) + a, ones(rank - b.count) + b)
  var result: [Int] = []
  for (m, n) in zip(a, b) {
    if m != n && m != 1 && n != 1 { return nil }
    result.append(m == 1 ? n : m)
  }
  return result
}

private func ones(_ count: Int) -> [Int] { Array(repeating: 1, count: count) }

/// The strides with which a tensor is read as one of a larger shape.
///
/// - Parameters:
///   - shape: The tensor's own shape.
///   - strides: Its own strides, one for each size.
///   - target: A shape that `shape` broadcasts to.
/// - Returns: A stride for each size of `target`.
public func broadcastStrides(_ shape: [Int], _ strides: [Int], to target: [Int]) -> [Int] {
  let new = target.count - shape.count  // so many dimensions come at the left
  return target.indices.map { d in
    let isStretched = d < new || shape[d - new] != target[d]
    return isStretched ? 0 : strides[d - new]
  }
}

/// The gradient of a tensor that was broadcast.
///
/// - Parameters:
///   - gradient: The gradient of the result, of the result's shape.
///   - shape: The tensor's own shape.
public func sumBack(_ gradient: Tensor, to shape: [Int]) -> Tensor {
  var sum = gradient
  while sum.rank > shape.count { sum = sum.sum(dim: 0) }  // what came at the left goes altogether
  for d in shape.indices where shape[d] == 1 && sum.size(d) != 1 {
    sum = sum.sum(dim: d, keepDim: true)  // what was stretched from 1 is 1 again
  }
  return sum
}
