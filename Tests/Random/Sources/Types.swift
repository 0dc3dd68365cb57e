import Kindling

// What the table of operations knows of types, written down apart from the library: the two must agree.

extension DType: Codable {}

/// What is known of a value before the program runs.
struct Type: Hashable {
  var dtype: DType
  var shape: [Int]
  /// The elements, of an input of int64 or bool that nobody has written: indices and masks.
  var known: [Double]?

  init(_ dtype: DType, _ shape: [Int], known: [Double]? = nil) {
    self.dtype = dtype
    self.shape = shape
    self.known = known
  }

  var rank: Int { shape.count }
  var count: Int { shape.reduce(1, *) }
  var isFloat: Bool { dtype.isFloatingPoint }

  /// The dimension that `dim` names, -1 being the last; a value of no dimensions answers to 0 and -1.
  func dimension(_ dim: Int, extra: Int = 0) -> Int? {
    let limit = max(rank + extra, 1)
    return dim >= -limit && dim < limit ? (dim + limit) % limit : nil
  }
}

/// What the table says of a statement.
enum Verdict {
  case gives(Type)
  /// The library must end the program, and PyTorch must raise.
  case refused
  /// Nothing is promised: such programs are not drawn.
  case undefined

  static func gives(_ dtype: DType, _ shape: [Int]) -> Verdict { .gives(Type(dtype, shape)) }
  static func gives(_ dtype: DType, _ shape: [Int]?) -> Verdict { shape.map { .gives(Type(dtype, $0)) } ?? .refused }

  var type: Type? { if case .gives(let type) = self { type } else { nil } }
}

/// A set of element types.
struct Kind: OptionSet {
  let rawValue: UInt8

  static let float32 = Kind(rawValue: 1 << DType.float32.rawValue)
  static let float64 = Kind(rawValue: 1 << DType.float64.rawValue)
  static let int64 = Kind(rawValue: 1 << DType.int64.rawValue)
  static let bool = Kind(rawValue: 1 << DType.bool.rawValue)
  static let floating: Kind = [.float32, .float64]
  static let numeric: Kind = [.float32, .float64, .int64]
  static let any: Kind = [.float32, .float64, .int64, .bool]

  init(rawValue: UInt8) { self.rawValue = rawValue }
  init(_ dtype: DType) { rawValue = 1 << dtype.rawValue }

  func contains(_ dtype: DType) -> Bool { contains(Kind(dtype)) }
}

extension DType {
  /// bool < int64 < floating point.
  var rung: Int { self == .bool ? 0 : self == .int64 ? 1 : 2 }
  /// float32 in the place of int64 and bool.
  var floating: DType { isFloatingPoint ? self : .float32 }
  /// int64 in the place of bool.
  var numeric: DType { self == .bool ? .int64 : self }

  /// The type of an operation on two tensors.
  static func promoted(_ a: Type, _ b: Type) -> DType {
    if a.dtype == b.dtype { return a.dtype }
    if (a.rank == 0) != (b.rank == 0) {
      let (dimensioned, single) = a.rank == 0 ? (b.dtype, a.dtype) : (a.dtype, b.dtype)
      return single.rung > dimensioned.rung ? single : dimensioned
    }
    if a.dtype.rung != b.dtype.rung { return a.dtype.rung > b.dtype.rung ? a.dtype : b.dtype }
    return .float64
  }
}

/// The dimension that `d`, -1 for the last, names of so many; some dimension where there is none of that name.
func wrapped(_ d: Int, _ rank: Int) -> Int { ((d % rank) + rank) % rank }

/// The shape that two shapes broadcast to, if they do.
func broadcast(_ a: [Int], _ b: [Int]) -> [Int]? {
  var result: [Int] = []
  for i in 1..<(max(a.count, b.count) + 1) {
    let (x, y) = (i <= a.count ? a[a.count - i] : 1, i <= b.count ? b[b.count - i] : 1)
    if x != y && x != 1 && y != 1 { return nil }
    result.insert(x == 1 ? y : x, at: 0)
  }
  return result
}

func broadcasts(_ shape: [Int], to target: [Int]) -> Bool { broadcast(shape, target) == target }

extension Array where Element == Int {
  func replacing(_ i: Int, with size: Int) -> [Int] {
    var copy = self
    copy[i] = size
    return copy
  }

  func removing(_ i: Int) -> [Int] {
    var copy = self
    copy.remove(at: i)
    return copy
  }

  func inserting(_ size: Int, at i: Int) -> [Int] {
    var copy = self
    copy.insert(size, at: i)
    return copy
  }
}
