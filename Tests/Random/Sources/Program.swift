import Kindling

/// A program: numbers to start from, what is done with them step by step, and what is differentiated in the end.
///
/// It is a value. It can be drawn, changed, printed as Swift and as Python, and run anywhere, any number of times.
struct Program: Codable, Equatable {
  /// The seed that it was drawn with.
  var seed: UInt64
  var inputs: [Input] = []
  var statements: [Statement] = []
  /// The values that are summed into the one number whose gradient is taken.
  var outputs: [Int] = []
  /// Whether that sum is weighted, so that no element's error can hide behind another's.
  var isWeighted = true

  /// A tensor to start from.
  struct Input: Codable, Equatable {
    let id: Int
    var dtype: DType
    var shape: [Int]
    @Exact var values: [Double] = []
    var requiresGrad = false

    var count: Int { shape.reduce(1, *) }
  }

  /// One operation. A statement that writes in place writes its first operand, and has no result.
  struct Statement: Codable, Equatable {
    let id: Int
    /// The row of the table: its name.
    var operation: String
    var operands: [Int]
    var integers: [Int] = []
    @Exact var reals: [Double] = []
    /// Whether it stands outside noGrad { }.
    var isRecorded = true

    var row: Row { Table.rows[operation]! }
  }

  var ids: [Int] { inputs.map(\.id) + statements.map(\.id) }
  var nextID: Int { (ids.max() ?? -1) + 1 }

  /// The same with float64 in the place of float32, in which finite differences are worth something.
  var inFloat64: Program {
    var copy = self
    for i in inputs.indices where inputs[i].dtype == .float32 { copy.inputs[i].dtype = .float64 }
    for i in statements.indices {
      copy.statements[i].operation = statements[i].operation.replacing(".float32)", with: ".float64)")
    }
    return copy
  }
}

/// Numbers that are written down bit by bit, infinities, NaN and the sign of zero included.
@propertyWrapper
struct Exact: Codable, Equatable {
  var wrappedValue: [Double]

  init(wrappedValue: [Double]) { self.wrappedValue = wrappedValue }
  init(from decoder: any Decoder) throws { wrappedValue = try [UInt64](from: decoder).map(Double.init(bitPattern:)) }
  func encode(to encoder: any Encoder) throws { try wrappedValue.map(\.bitPattern).encode(to: encoder) }
  static func == (a: Exact, b: Exact) -> Bool { a.wrappedValue.map(\.bitPattern) == b.wrappedValue.map(\.bitPattern) }
}

extension String {
  /// This text with every `old` replaced: FoundationEssentials has it not on every platform.
  func replacing(_ old: String, with new: String) -> String {
    split(separator: old, omittingEmptySubsequences: false).joined(separator: new)
  }
}
