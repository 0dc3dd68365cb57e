// Exercise 7: a small tensor of your own, with shape, strides and offset.
//
// A tensor is not its numbers. The numbers lie in a row, the storage, and a tensor says how to read them:
//
//   shape    [rows, columns, …]   how many elements there are along each dimension
//   strides  one for each size    how many places further the next element along a dimension stands
//   offset   one number           where the first element stands
//
//   place of element [i, j, …]  =  offset + i · strides[0] + j · strides[1] + …
//
// Row by row, a [2, 3] tensor has strides [3, 1]: the next column is the next number, the next row is three further.
//
//   numbers    0  1  2  3  4  5
//   [2, 3]     [0 1 2]                    strides [3, 1]
//              [3 4 5]
//   its t()    [0 3]  [3, 2], the same    strides [1, 3]
//              [1 4]  six numbers
//              [2 5]
//
// Write four things: the strides of a tensor that lies row by row, the place of an element, the transpose, which moves no
// number, and contiguous(), which does if it must: then t() of a matrix lies row by row too.
//
//   Tests/run exercise 7

/// Numbers in a row, which several tensors may share.
public final class NumberRow {
  /// The numbers.
  public var numbers: [Double]

  /// These numbers.
  public init(_ numbers: [Double]) { self.numbers = numbers }
}

/// The strides of a tensor of this shape whose numbers lie row by row: [12, 4, 1] for [2, 3, 4].
public func rowByRowStrides(_ shape: [Int]) -> [Int] {
  // Your code here.
  []
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
    // Your code here.
    0
  }

  /// The transpose of a matrix: element [i, j] is this tensor's [j, i]. It shares the storage.
  public func t() -> StridedTensor {
    // Your code here.
    self
  }

  /// A tensor of the same elements that lies row by row: this one if it does already, else a copy with its own storage.
  public func contiguous() -> StridedTensor {
    // Your code here.
    self
  }
}
