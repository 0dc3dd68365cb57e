import Kindling

/// What a row of the table is applied to: types, to say what comes of it, or tensors, to do it.
struct Call<Operand> {
  let operands: [Operand]
  let integers: [Int]
  let reals: [Double]

  var a: Operand { operands[0] }
  var b: Operand { operands[1] }
  var c: Operand { operands[2] }
  var i: Int { integers[0] }
  var j: Int { integers[1] }
  var k: Int { integers[2] }
  var l: Int { integers[3] }
  var x: Double { reals[0] }
  var y: Double { reals[1] }
  /// The last integer as yes or no.
  var flag: Bool { integers[integers.count - 1] != 0 }
  /// All integers before that.
  var rest: [Int] { Array(integers.dropLast()) }
}

/// What a row is to be applied to, as it was drawn.
struct Choice {
  var operands: [Int]
  var integers: [Int] = []
  var reals: [Double] = []
}

/// One operation of the table: how it is written in Swift and in Python, how its arguments are drawn, what comes of it, and
/// how it is done.
///
/// Both ways to write it have places to fill: `{a}` `{b}` `{c}` for the operands, `{i}` `{j}` `{k}` `{l}` for integers, `{list}`
/// for all of them, `{rest}` and `{flag}` for all but the last and the last as yes or no, `{x}` `{y}` for numbers.
struct Row: Sendable {
  enum Effect: Sendable {
    /// The result is new.
    case fresh
    /// The result is new, and in PyTorch not in row-major order.
    case freshInDisorder
    /// The result looks at the first operand's elements.
    case view
    /// A view that is in row-major order where its operand is.
    case orderedView
    /// The same, but refused where the operand is in another order.
    case strictView
    /// A view that may look at one element many times.
    case expansion
    /// A view or a copy, as the layout has it; where the operand lies in order, a view.
    case viewOrCopy
    /// The same, but the operand itself where the shape is its own.
    case flattening
    /// The operand itself, where it lies in order; else a copy.
    case inOrder
    /// The operand itself, where it has this type; else a copy.
    case conversion
    /// A view without history.
    case detached
    /// Writes the first operand.
    case write
  }

  enum Cancelling: Sendable { case nothing, inElements, inSums, inDerivative }

  let swift: String
  let python: String
  var effect = Effect.fresh
  /// Whether results are right to the last bit, whatever the order of computation.
  var isExact = false
  /// Whether it compares the first operand with the second, or with its number.
  var isComparison = false
  /// Whether it takes a difference of nearly equal numbers somewhere, or its derivative does: right to the last places of
  /// the operand, and not of a small result.
  var cancels = Cancelling.nothing
  /// Whether it multiplies many numbers, or sums them: near the ends of the type the order decides whether there is
  /// an overflow on the way.
  var overflows = false
  /// Whether it writes a part of the first operand, which need not have what the whole has: elements that are one in memory.
  var writesPart = false
  /// Whether the derivative needs no values, so that they may be written in place afterwards.
  var savesNothing = false
  let choose: @Sendable (inout Chooser) -> Choice
  let type: @Sendable (Call<Type>) -> Verdict
  let apply: @Sendable (Call<Tensor>) -> Tensor

  /// What tells it from all others.
  var name: String

  init(
    swift: String, python: String, effect: Effect = .fresh, isExact: Bool = false, savesNothing: Bool = false,
    choose: @escaping @Sendable (inout Chooser) -> Choice, type: @escaping @Sendable (Call<Type>) -> Verdict,
    apply: @escaping @Sendable (Call<Tensor>) -> Tensor
  ) {
    name = swift
    self.swift = swift
    self.python = python
    self.effect = effect
    self.isExact = isExact
    self.savesNothing = savesNothing
    self.choose = choose
    self.type = type
    self.apply = apply
  }

  var isView: Bool {
    switch effect {
    case .fresh, .freshInDisorder, .write: false
    default: true
    }
  }

  // MARK: The same, but for one thing

  private func with<Value>(_ path: WritableKeyPath<Row, Value>, _ value: Value) -> Row {
    var copy = self
    copy[keyPath: path] = value
    return copy
  }

  /// The same under another name, where one text means two operations.
  func named(_ name: String) -> Row { with(\.name, name) }

  /// The same, right to the last bit.
  var exact: Row { with(\.isExact, true) }

  /// The same, a comparison: right, whatever it is given, and uncertain where rounding decides what that is.
  var comparing: Row { exact.with(\.isComparison, true) }

  /// The same, right to the last places of the operand only.
  var cancelling: Row { with(\.cancels, .inElements) }

  /// The same, right to the last places of a sum over the operand only.
  var cancellingInSums: Row { with(\.cancels, .inSums) }

  /// The same, whose derivative is right to the last places of the gradient only.
  var cancellingInDerivative: Row { with(\.cancels, .inDerivative) }

  /// The same, which may overflow on the way.
  var overflowing: Row { with(\.overflows, true) }

  /// The same, with a derivative that needs no values.
  var linear: Row { with(\.savesNothing, true) }
}

/// All operations, by name.
enum Table {
  static let families: [(share: Int, rows: [Row])] = [
    (20, functions), (8, numbers), (18, pairs), (8, choices), (12, reductions + extremes + spreads), (22, views),
    (8, joins), (6, picks), (7, products), (20, writes), (16, assignments),
    (4, norms), (5, pictures), (2, embeddings),
  ]

  static let rows: [String: Row] = Dictionary(
    uniqueKeysWithValues: (families.flatMap(\.rows) + broken).map { ($0.name, $0) })
}
