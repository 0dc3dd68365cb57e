// Exercise 8: broadcasting, there and back.
//
// x + b works for x of shape [5, 3] and b of shape [3]: b is read as if it had five equal rows. Nothing is copied for it.
//
// The shape rule. Write the two shapes below each other, their right ends aligned; what is missing at the left counts as 1.
// Two sizes go together if they are equal, or if one of them is 1; the result has the other one.
//
//   [5, 1, 3]
//      [4, 1]
//   [5, 4, 3]
//
// The strides. A dimension that is stretched, from 1 or from nothing, gets the stride 0: the next element along it is the
// same number. All others keep their strides. b, with shape [3] and strides [1], is read as [5, 3] with strides [0, 1].
//
// The way back. The number b[j] was used by five elements of the result, and what it does to the loss adds up over them:
// the gradient, of the result's shape, is summed over each dimension that was stretched. It must have b's own shape again.
//
// `gradient.sum(dim: 0)` sums over a dimension and drops it; with `keepDim: true` it stays, with size 1.
//
//   Tests/run exercise 8

import Kindling

/// The shape that two shapes have together, or nil if they do not go together.
public func broadcastShape(_ a: [Int], _ b: [Int]) -> [Int]? {
  // Your code here.
  nil
}

/// The strides with which a tensor is read as one of a larger shape.
///
/// - Parameters:
///   - shape: The tensor's own shape.
///   - strides: Its own strides, one for each size.
///   - target: A shape that `shape` broadcasts to.
/// - Returns: A stride for each size of `target`.
public func broadcastStrides(_ shape: [Int], _ strides: [Int], to target: [Int]) -> [Int] {
  // Your code here.
  strides
}

/// The gradient of a tensor that was broadcast.
///
/// - Parameters:
///   - gradient: The gradient of the result, of the result's shape.
///   - shape: The tensor's own shape.
public func sumBack(_ gradient: Tensor, to shape: [Int]) -> Tensor {
  // Your code here.
  gradient
}
