/// The sizes of a tensor's dimensions, such as `[64, 784]`; also its strides.
///
/// Up to eight numbers kept in place: an array would be one more allocation in every operation.
public struct Shape: RandomAccessCollection, ExpressibleByArrayLiteral, Hashable, Sendable, CustomStringConvertible {
  /// The most dimensions a tensor can have.
  public static let maximumRank = 8

  @usableFromInline var sizes = InlineArray<8, Int>(repeating: 0)

  /// How many dimensions there are.
  public private(set) var count: Int

  /// `rank` dimensions of size `size`.
  package init(repeating size: Int, rank: Int) {
    if rank > Shape.maximumRank {
      fail("Shape", "a tensor has at most \(Shape.maximumRank) dimensions, and this one would have \(rank)")
    }
    count = rank
    for i in 0..<rank { sizes[i] = size }
  }

  /// The sizes in `sizes`, first dimension first.
  public init(_ sizes: some Collection<Int>) {
    self.init(repeating: 0, rank: sizes.count)
    var i = 0
    for size in sizes {
      self.sizes[i] = size
      i += 1
    }
  }

  /// The sizes in `elements`, first dimension first.
  public init(arrayLiteral elements: Int...) { self.init(elements) }

  /// Always 0.
  public var startIndex: Int { 0 }
  /// The number of dimensions.
  public var endIndex: Int { count }

  /// The size of one dimension, counted from 0.
  public subscript(dimension: Int) -> Int {
    get {
      if dimension < 0 || dimension >= count { Shape.outOfRange(dimension, count) }
      return sizes[dimension]
    }
    set {
      if dimension < 0 || dimension >= count { Shape.outOfRange(dimension, count) }
      sizes[dimension] = newValue
    }
  }

  @inline(never)
  private static func outOfRange(_ dimension: Int, _ count: Int) -> Never {
    fail("Shape", "dimension \(dimension) of a shape with \(count) dimensions")
  }

  /// The number of elements: the product of the sizes, 1 for a shape of no dimensions. Ends the program where an `Int`
  /// cannot hold it.
  public var elementCount: Int {
    var product = 1
    for i in 0..<count {
      let (next, isTooLarge) = product.multipliedReportingOverflow(by: sizes[i])
      if isTooLarge { return tooLargeUnlessEmpty() }
      product = next
    }
    return product
  }

  @inline(never)
  private func tooLargeUnlessEmpty() -> Int {
    if contains(0) { return 0 }
    fail("Shape", "a tensor of shape \(self) would have more elements than can be counted")
  }

  /// The strides of a row-major tensor of this shape: the last dimension steps by 1.
  package var contiguousStrides: Shape {
    var strides = self
    var step = 1
    var i = count - 1
    while i >= 0 {
      strides.sizes[i] = step
      step &*= Swift.max(sizes[i], 1)  // beyond Int only where there are no elements, and no stride is used
      i -= 1
    }
    return strides
  }

  /// Whether two shapes have the same sizes.
  public static func == (a: Shape, b: Shape) -> Bool {
    if a.count != b.count { return false }
    for i in 0..<a.count where a.sizes[i] != b.sizes[i] { return false }
    return true
  }

  /// Feeds the sizes to `hasher`.
  public func hash(into hasher: inout Hasher) {
    for size in self { hasher.combine(size) }
  }

  /// `[64, 784]`.
  public var description: String { "[" + map(String.init).joined(separator: ", ") + "]" }
}

// MARK: Dimensions named by the caller

extension Shape {
  /// The dimension that `dimension` names, where -1 is the last. Ends the program where there is none.
  func dimension(_ dimension: Int, in operation: @autoclosure () -> String) -> Int {
    // A tensor of no dimensions still answers to 0 and -1, as in PyTorch.
    Shape.dimension(dimension, of: Swift.max(count, 1), self, in: operation())
  }

  /// The place that `dimension` names for one more dimension, where -1 is behind the last.
  func newDimension(_ dimension: Int, in operation: @autoclosure () -> String) -> Int {
    Shape.dimension(dimension, of: count + 1, self, in: operation())
  }

  private static func dimension(
    _ dimension: Int, of limit: Int, _ shape: Shape, in operation: @autoclosure () -> String
  ) -> Int {
    if dimension < -limit || dimension >= limit {
      fail(
        operation(), "dimension \(dimension) is out of range for shape \(shape); it can be \(-limit) to \(limit - 1)")
    }
    return dimension < 0 ? dimension + limit : dimension
  }

  /// The set of dimensions that `dimensions` names, all of them where it names none.
  func dimensions(_ dimensions: [Int], in operation: @autoclosure () -> String) -> DimensionSet {
    if dimensions.isEmpty { return DimensionSet(rawValue: (1 << UInt32(count)) - 1) }
    var set = DimensionSet()
    for d in dimensions {
      let d = dimension(d, in: operation())
      if set.contains(d) { fail(operation(), "dimension \(d) is named twice in \(dimensions)") }
      set.insert(d)
    }
    return set
  }

  /// This shape with `size` put in at `dimension`.
  func inserting(_ size: Int, at dimension: Int) -> Shape {
    var result = Shape(repeating: size, rank: count + 1)
    for i in 0..<count { result.sizes[i < dimension ? i : i + 1] = sizes[i] }
    return result
  }

  /// This shape with two of its dimensions exchanged.
  @inline(__always)
  func exchanging(_ a: Int, _ b: Int) -> Shape {
    var result = self
    result.sizes[a] = sizes[b]
    result.sizes[b] = sizes[a]
    return result
  }

  /// This shape without `dimension`.
  func removing(_ dimension: Int) -> Shape {
    var result = Shape(repeating: 0, rank: count - 1)
    for i in 0..<count where i != dimension { result.sizes[i < dimension ? i : i - 1] = sizes[i] }
    return result
  }

  /// This shape with the size of `dimension` replaced.
  func replacing(_ dimension: Int, with size: Int) -> Shape {
    var result = self
    result[dimension] = size
    return result
  }
}

/// A set of dimensions, one bit each.
package struct DimensionSet: Equatable, Sendable {
  package var rawValue: UInt32 = 0
  package init(rawValue: UInt32 = 0) { self.rawValue = rawValue }
  package func contains(_ dimension: Int) -> Bool { rawValue & (1 << UInt32(dimension)) != 0 }
  package mutating func insert(_ dimension: Int) { rawValue |= 1 << UInt32(dimension) }
}

// MARK: Broadcasting

extension Shape {
  /// The shape that two shapes broadcast to, or nil where they do not fit: aligned at the last dimension, two sizes fit
  /// where they are equal or one of them is 1.
  package static func broadcast(_ a: Shape, _ b: Shape) -> Shape? {
    if a == b { return a }
    let rank = Swift.max(a.count, b.count)
    var result = Shape(repeating: 1, rank: rank)
    for i in 1..<(rank + 1) {
      let sizeA = i <= a.count ? a.sizes[a.count - i] : 1
      let sizeB = i <= b.count ? b.sizes[b.count - i] : 1
      if sizeA != sizeB && sizeA != 1 && sizeB != 1 { return nil }
      result.sizes[rank - i] = sizeA == 1 ? sizeB : sizeA
    }
    return result
  }

  /// The shape that two operands broadcast to. Ends the program where they do not fit.
  static func broadcast(_ a: Shape, _ b: Shape, in operation: @autoclosure () -> String) -> Shape {
    guard let shape = broadcast(a, b) else {
      fail(
        operation(),
        "shapes \(a) and \(b) do not broadcast: counted from the last dimension, sizes must be equal or one of them 1")
    }
    return shape
  }
}
