import ExerciseKit
import Exercises

extension Exercise {
  static let storage = Exercise(
    number: 7, title: "a tensor with strides", file: "Exercise7Storage.swift",
    checks: [
      Check("the strides of [2, 3], of [2, 3, 4] and of [5], row by row") {
        for (shape, expected) in [([2, 3], [3, 1]), ([2, 3, 4], [12, 4, 1]), ([5], [1])] {
          try expectStrides(rowByRowStrides(shape), shape, expected)
        }
      },
      Check("the place of element [1, 2], with strides [1, 4] and offset 3") {
        let x = StridedTensor(counting(20), shape: [3, 4], strides: [1, 4], offset: 3)
        try expectPlace(x, [1, 2])
      },
      Check("the place of element [1, 0, 2], with strides [2, 1, 7] and offset 0") {
        let x = StridedTensor(counting(30), shape: [3, 2, 4], strides: [2, 1, 7])
        try expectPlace(x, [1, 0, 2])
      },
      Check("t() of a matrix that is part of a larger one") {
        // Columns 1 and 2 of a [3, 4] matrix.
        let x = StridedTensor(counting(12), shape: [3, 2], strides: [4, 1], offset: 1)
        try expectTransposed(x, x.t())
      },
      Check("contiguous() of what is not") {
        let x = StridedTensor(counting(12), shape: [2, 3], strides: [1, 4], offset: 1)
        try expectContiguous(x)
        try expectContiguous(StridedTensor(counting(24), shape: [2, 4, 3], strides: [12, 1, 4]))
      },
      Check("contiguous() of what lies row by row already") {
        let x = StridedTensor(counting(12), shape: [2, 3], strides: [3, 1], offset: 4)
        let y = x.contiguous()
        if y.shape != x.shape || elements(y) != elements(x) { throw Wrong("It has other elements.\(outside(y))") }
        if y.storage !== x.storage {
          throw Wrong("It is right, but was copied. What lies row by row already, at any offset, is returned as it is.")
        }
      },
    ])
}

private func counting(_ count: Int) -> NumberRow { NumberRow((0..<count).map(Double.init)) }

private func expectStrides(_ found: [Int], _ shape: [Int], _ expected: [Int]) throws {
  if found == expected { return }
  let beginning = "The strides of \(shape) should be \(expected), and they are \(found)."
  if found.isEmpty { throw Wrong("\(beginning) Nothing is computed yet.") }
  if found.count != shape.count { throw Wrong("\(beginning) There is one for each size of the shape.") }
  let columnByColumn = shape.indices.map { shape[..<$0].reduce(1, *) }
  let withItself = shape.indices.map { shape[$0...].reduce(1, *) }
  let neighbour = shape.indices.map { $0 + 1 < shape.count ? shape[$0 + 1] : 1 }
  let words =
    switch found {
    case columnByColumn:
      "So it lies column by column. Row by row, the last index counts single numbers: begin at the right."
    case withItself: "The size of the dimension itself is in it. Only the sizes to its right count."
    case shape: "That is the shape."
    case neighbour: "That is the next size alone. All sizes to the right are multiplied."
    case expected.reversed():
      "They are in the wrong order: begin at the right, and put each before those that are there."
    default: "A stride is the product of all sizes to its right; the last is 1."
    }
  throw Wrong("\(beginning) \(words)")
}

private func expectPlace(_ x: StridedTensor, _ index: [Int]) throws {
  let found = x.place(of: index)
  let steps = zip(index, x.strides).map { $0 * $1 }.reduce(0, +)
  let expected = x.offset + steps
  if found == expected { return }
  let rowByRow = zip(index, x.shape.indices.map { x.shape[($0 + 1)...].reduce(1, *) }).map { $0 * $1 }.reduce(0, +)
  let words =
    switch found {
    case 0: "Nothing is computed yet."
    case steps: "The offset is missing."
    case rowByRow, rowByRow + x.offset:
      "That is computed from the shape, as if it lay row by row. A tensor's own strides say where its elements are."
    case x.offset + index[0] * x.strides[0] + index[1] * x.strides[1]:
      "Only two dimensions are counted. There is a term for each."
    case x.offset + index.reduce(0, +): "The strides are missing: the indices themselves were added up."
    default: "It is offset + i · strides[0] + j · strides[1] + …"
    }
  throw Wrong("It should be \(expected), and it is \(found). \(words)")
}

private func expectTransposed(_ x: StridedTensor, _ y: StridedTensor) throws {
  if y.shape == x.shape && y.strides == x.strides { throw Wrong("It is the matrix itself: nothing is computed yet.") }
  if y.shape != [2, 3] {
    let words = y.strides == [1, 4] ? " Only the strides have changed places. The sizes do too." : ""
    throw Wrong("Its shape is \(y.shape), and it should be [2, 3].\(words)")
  }
  if y.storage !== x.storage {
    throw Wrong("Its numbers were copied. A transpose reads the same storage in another way: hand on `storage`.")
  }
  if y.strides == [3, 1] {
    throw Wrong(
      "Its strides are [3, 1], as if it lay row by row. But no number has moved: the strides change places with the shape."
    )
  }
  if y.strides == x.strides {
    throw Wrong("Its strides are still [4, 1]. The shape was turned round; turn the strides round too.")
  }
  if y.offset != x.offset {
    throw Wrong("Its offset is \(y.offset), and x has \(x.offset). The first element is the same one: keep it.")
  }
  for i in 0..<2 {
    for j in 0..<3 where y[[i, j]] != x[[j, i]] {
      throw Wrong("Element [\(i), \(j)] is \(short(y[[i, j]])), and x's [\(j), \(i)] is \(short(x[[j, i]])).")
    }
  }
}

private func expectContiguous(_ x: StridedTensor) throws {
  let y = x.contiguous()
  let expected = elements(x)!
  let about = "Of shape \(x.shape), strides \(x.strides) and offset \(x.offset)"
  if y.storage === x.storage && y.strides == x.strides {
    throw Wrong("\(about): it is the tensor itself, which does not lie row by row. Nothing is copied yet.")
  }
  if y.shape != x.shape { throw Wrong("\(about): the shape has become \(y.shape).") }
  if y.storage === x.storage {
    throw Wrong("\(about): it still reads the same storage. The numbers must move, to a storage of its own.")
  }
  let inOrder = Array(x.storage.numbers[x.offset...].prefix(expected.count))
  if y.storage.numbers.prefix(expected.count) == inOrder[...] || y.storage.numbers == x.storage.numbers {
    throw Wrong(
      "\(about): the numbers were copied in the order in which they lay. They are wanted in the order of the indices: "
        + "[0, 0], [0, 1], …, each read through the strides.")
  }
  if y.strides != rowByRowStrides(x.shape) {
    throw Wrong("\(about): its strides are \(y.strides), and row by row they are \(rowByRowStrides(x.shape)).")
  }
  if y.offset != 0 && elements(y) != expected {
    throw Wrong("\(about): the copy begins at place 0 of its own storage, and its offset is \(y.offset).")
  }
  if elements(y) != expected {
    throw Wrong(
      "\(about): its numbers are \(y.storage.numbers.map(short).joined(separator: ", ")), and should be "
        + "\(expected.map(short).joined(separator: ", ")). The last index moves fastest.")
  }
}

/// All elements in the order of their indices; nil if one lies outside of the storage.
private func elements(_ x: StridedTensor) -> [Double]? {
  var places = [x.offset]
  for (size, stride) in zip(x.shape, x.strides) {
    places = places.flatMap { place in (0..<size).map { place + $0 * stride } }
  }
  return places.allSatisfy(x.storage.numbers.indices.contains) ? places.map { x.storage.numbers[$0] } : nil
}

private func outside(_ x: StridedTensor) -> String {
  elements(x) == nil ? " Some are outside of its storage: do offset and strides fit it?" : ""
}
