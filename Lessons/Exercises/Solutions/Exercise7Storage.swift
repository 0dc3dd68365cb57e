// Exercise 7, solved: shape, strides and offset.

/// Numbers in a row, which several tensors may share.
public final class NumberRow {
  /// The numbers.
  public var numbers: [Double]

  /// These numbers.
  public init(_ numbers: [Double]) { self.numbers = numbers }
}

/// The strides of a tensor of this shape whose numbers lie row by row: [12, 4, 1] for [2, 3, 4].
public func rowByRowStrides(_ shape: [Int]) -> [Int] {
  var strides: [Int] = []
  var step = 1  // what the dimensions to the right take together
  for size in shape.reversed() {
    strides.insert(step, at: 0)
    step *= size
  }
  return strides
}

/// A way to read numbers that lie in a row.
public struct StridedTensor {
  /// Where the numbers are.
  public let storage: NumberRow
  /// How many elements there are along each dimension.
  public let shape: [Int]
  /// How many places further the next element along each dimension stands.
  public let strides: [Int]
  /// Where the first element stands.
  public let offset: Int

  /// A way to read the numbers of `storage`.
  public init(_ storage: NumberRow, shape: [Int], strides: [Int], offset: Int = 0) {
    (self.storage, self.shape, self.strides, self.offset) = (storage, shape, strides, offset)
  }

  /// The element at an index, such as `x[[1, 2]]`.
  public subscript(_ index: [Int]) -> Double { storage.numbers[place(of: index)] }

  /// Where the element at an index stands in the storage.
  public func place(of index: [Int]) -> Int {
    var place = offset
    for (i, stride) in zip(index, strides) { place += i * stride }
    return place
  }

  /// The transpose of a matrix: element [i, j] is this tensor's [j, i]. It shares the storage.
  public func t() -> StridedTensor {
    StridedTensor(storage, shape: shape.reversed(), strides: strides.reversed(), offset: offset)
  }

  /// A tensor of the same elements that lies row by row: this one if it does already, else a copy with its own storage.
  public func contiguous() -> StridedTensor {
    let wanted = rowByRowStrides(shape)
    if strides == wanted { return self }
    let copy = NumberRow([])
    var index = shape.map { _ in 0 }
    for _ in 0..<shape.reduce(1, *) {
      copy.numbers.append(self[index])
      // On to the next index, as an odometer turns: the last number first.
      for d in shape.indices.reversed() {
        index[d] += 1
        if index[d] < shape[d] { break }
        index[d] = 0
      }
    }
    return StridedTensor(copy, shape: shape, strides: wanted)
  }
}
