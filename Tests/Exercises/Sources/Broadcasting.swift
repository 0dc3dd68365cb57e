import ExerciseKit
import Exercises
import Kindling

extension Exercise {
  static let broadcasting = Exercise(
    number: 8, title: "broadcasting, there and back", file: "Exercise8Broadcasting.swift",
    checks: [
      Check("the shape of [5, 3] with [5, 3], and of [3, 1] with [1, 4]") {
        try expectShape([5, 3], [5, 3], [5, 3])
        try expectShape([3, 1], [1, 4], [3, 4])
        try expectShape([0, 3], [1, 3], [0, 3])
      },
      Check("the shape of two of different lengths") {
        try expectShape([5, 3], [3], [5, 3])
        try expectShape([4, 1], [5, 1, 3], [5, 4, 3])
        try expectShape([], [2], [2])
      },
      Check("shapes that do not go together") {
        for (a, b) in [([2, 3], [4, 3]), ([5, 3], [5]), ([4, 2], [3, 4, 1, 3])] {
          guard let shape = broadcastShape(a, b) else { continue }
          let leftAligned = a.count != b.count && zip(a, b).allSatisfy { $0 == $1 || $0 == 1 || $1 == 1 }
          let words =
            leftAligned
            ? "They were aligned at the left. Their right ends stand below each other."
            : "Sizes that differ go together only if one of them is 1."
          throw Wrong("\(a) with \(b) should be nil, and it is \(shape). \(words)")
        }
      },
      Check("the strides") {
        try expectStrides([3], [1], to: [5, 3], [0, 1])
        try expectStrides([5, 1], [1, 1], to: [5, 3], [1, 0])
        try expectStrides([3, 5], [1, 3], to: [3, 5], [1, 3])  // a transpose: its own strides, whatever they are
        try expectStrides([2, 1, 4], [4, 4, 1], to: [3, 2, 6, 4], [0, 4, 0, 1])
      },
      Check("the gradient of [3], from that of [5, 3]") { try expectSum([3], from: [5, 3]) },
      Check("the gradient of [5, 1], from that of [5, 3]") { try expectSum([5, 1], from: [5, 3]) },
      Check("gradients where several dimensions were stretched, or none") {
        for (shape, from) in [
          ([1, 3], [5, 3]), ([4, 1], [5, 4, 3]), ([2, 1, 4], [3, 2, 6, 4]), ([5, 3], [5, 3]),
        ] {
          try expectSum(shape, from: from)
        }
        try expectSum([], from: [2, 3])
        try expectSum([1], from: [1, 1])
      },
    ])
}

private func expectShape(_ a: [Int], _ b: [Int], _ expected: [Int]) throws {
  for (a, b) in [(a, b), (b, a)] {
    let found = broadcastShape(a, b)
    if found == expected { continue }
    guard let found else {
      let words =
        switch (a == b, a.count == b.count) {
        case (true, _): "Nothing is computed yet."
        case (_, true): "A size of 1 goes together with every other, in either shape."
        default: "The right ends are aligned, and what is missing at the left counts as 1."
        }
      throw Wrong("\(a) with \(b) should be \(expected), and it is nil. \(words)")
    }
    let words =
      expected.contains(0) && found == [1, 3]
      ? "It is not the larger of the two: where one of them is 1, it is the other, and that may be 0."
      : found == expected.reversed() && found.count > 1
        ? "The sizes came in the order in which they were compared, from the right." : ""
    throw Wrong("\(a) with \(b) should be \(expected), and it is \(found). \(words)")
  }
}

private func expectStrides(_ shape: [Int], _ strides: [Int], to target: [Int], _ expected: [Int]) throws {
  let found = broadcastStrides(shape, strides, to: target)
  // Along a dimension of size 1 nobody walks.
  if found.count == target.count, target.indices.allSatisfy({ target[$0] == 1 || found[$0] == expected[$0] }) { return }
  let new = target.count - shape.count
  let words =
    switch found {
    case strides where new > 0: "Those are its own. A dimension that was added at the left has the stride 0."
    case strides:
      "Those are its own. Where a size of 1 is stretched, the stride is 0: the next element is the same number."
    case strides + Array(repeating: 0, count: new):
      "The zeros stand at the right, and the new dimensions come at the left."
    case Array(repeating: 0, count: new) + strides:
      "The new dimensions are right. Those that are stretched from 1 have the stride 0 too."
    case target.indices.map({ target[($0 + 1)...].reduce(1, *) }):
      "Those are the strides of a tensor that really has this shape. Nothing is copied: it must be read from few numbers."
    default:
      found.count != target.count
        ? "There is one for each size of the target."
        : "A dimension keeps its stride where its size stays, and has 0 where it is stretched."
    }
  throw Wrong("Shape \(shape), strides \(strides), read as \(target): \(expected), and yours are \(found). \(words)")
}

private func expectSum(_ shape: [Int], from result: [Int]) throws {
  manualSeed(8)
  let gradient = Tensor.randn(Shape(result), dtype: .float64)
  let x = Tensor.zeros(Shape(shape), dtype: .float64, requiresGrad: true)
  let expected = grad(of: x.expand(Shape(result)), wrt: [x], gradient: gradient)[0]
  let answer = sumBack(gradient, to: shape)
  let about = "From \(result) to \(shape)"
  if answer.shape != expected.shape {
    let added = result.count > shape.count
    let words: String
    if answer.shape == gradient.shape {
      words = "It is the gradient itself: nothing is summed yet."
    } else if answer.rank == 0 {
      words = "A sum over everything is too much: only over the dimensions that were stretched."
    } else if answer.rank < shape.count {
      words = "A dimension that was stretched from 1 stays, with size 1: keepDim: true."
    } else if answer.rank > shape.count {
      words = "Dimensions that were added at the left go altogether: without keepDim."
    } else {
      words =
        added ? "Which dimensions were added? Those at the left." : "Which dimension was stretched? The one of size 1."
    }
    throw Wrong(
      "\(about) the result has the shape \(answer.shape). A gradient has the shape of what it belongs to. \(words)")
  }
  let stretched = Double(result.reduce(1, *)) / Double(shape.reduce(1, *))
  let offset = result.count - shape.count
  var first = gradient
  for _ in 0..<offset { first = first[0] }
  for d in shape.indices where shape[d] == 1 { first = first.narrow(dim: d, start: 0, length: 1) }
  try expect(
    "\(about), the gradient", answer, expected,
    mistakes: [
      (expected / stretched, "That is a mean. What one number does to the loss adds up: it is a sum."),
      (first, "That is the first part alone. The number was used more than once, and all parts add up."),
    ], hint: "Each number gets the sum of what arrives at all places where it was read.")
}
