// Options that have a value for rows and one for columns: a number stands for both, and [rows, columns] tells them apart.

/// A number for rows and columns alike, or `[rows, columns]`: `kernelSize: 3`, `kernelSize: [3, 5]`.
public protocol IntOrPair: ConvolutionPadding, Sendable {
  /// The number for rows, and that for columns. Ends the program over an array of any other length than 2.
  var rowsAndColumns: (Int, Int) { get }
}

extension Int: IntOrPair {
  /// This number, twice.
  public var rowsAndColumns: (Int, Int) { (self, self) }
}

extension [Int]: IntOrPair, ConvolutionPadding {
  /// The two numbers.
  public var rowsAndColumns: (Int, Int) {
    if count != 2 { fail("IntOrPair", "\(self) has \(count) numbers; give one, or [rows, columns]") }
    return (self[0], self[1])
  }
}

extension IntOrPair {
  /// The pair, none below `least`. Nor above what sizes can be computed with.
  func checkedPair(_ name: String, atLeast least: Int, in operation: String) -> (Int, Int) {
    let (rows, columns) = rowsAndColumns
    for number in [rows, columns] where number < least || number > Int(Int32.max) {
      fail(operation, "a \(name) of \(number); it can be \(least) to \(Int32.max)")
    }
    return (rows, columns)
  }
}

/// What is put around a picture before a filter goes over it: rows and columns of zeros, as an `IntOrPair`, or
/// `.same` or `.valid`.
public protocol ConvolutionPadding {
  /// How many rows and columns come before a picture, and how many before and after it together, for a filter whose last
  /// number lies `reach` after its first.
  func border(reach: (Int, Int), stride: (Int, Int), in operation: String) -> BorderSizes
}

/// The sizes of the border around a picture.
public struct BorderSizes: Sendable {
  let before: (Int, Int)
  let total: (Int, Int)
}

extension IntOrPair {
  /// As many before as after.
  public func border(reach: (Int, Int), stride: (Int, Int), in operation: String) -> BorderSizes {
    let (rows, columns) = checkedPair("padding", atLeast: 0, in: operation)
    return BorderSizes(before: (rows, columns), total: (2 * rows, 2 * columns))
  }
}

/// A padding that follows from the filter, written `.same` or `.valid`.
public enum NamedPadding: String, ConvolutionPadding, Sendable {
  /// The output is as large as the picture; of an odd border the larger half comes after. For a stride of 1.
  case sameSize = "same"
  /// None.
  case nothing = "valid"

  /// As many as the filter reaches, or none.
  public func border(reach: (Int, Int), stride: (Int, Int), in operation: String) -> BorderSizes {
    if self == .nothing { return BorderSizes(before: (0, 0), total: (0, 0)) }
    if stride != (1, 1) { fail(operation, "padding .same with a stride of \(stride); it is for a stride of 1") }
    return BorderSizes(before: (reach.0 / 2, reach.1 / 2), total: reach)
  }
}

extension ConvolutionPadding where Self == NamedPadding {
  /// The output is as large as the picture; of an odd border the larger half comes after. For a stride of 1.
  public static var same: NamedPadding { .sameSize }
  /// No padding.
  public static var valid: NamedPadding { .nothing }
}
