import Kindling

/// What is known of a program before it runs: types, who shares elements with whom, who has a history, and where it must or
/// be refused, by PyTorch's rules.
struct Analysis {
  struct Variable {
    var type: Type
    /// Variables with the same number look at the same elements.
    var storage: Int
    /// Variables with the same number share a history too: all views, but not what `detach()` gives.
    var history: Int
    var isTracked = false
    var isLeaf = false
    /// Whether the elements lie in row-major order here and in PyTorch, whose results keep the layout of operands.
    var isInOrder = true
    /// Whether several elements may be one in memory.
    var overlap = Overlap.none
    /// A view, taken inside noGrad, of what has a history.
    var isUnrecordedView = false
  }
  enum Overlap { case none, possible, certain }

  enum Expectation: Equatable {
    case works
    case refused
    /// Nothing is promised.
    case undefined
  }

  private(set) var variables: [Int: Variable] = [:]
  private var unclear: Set<Int> = []
  private var saved: Set<Int> = []

  /// Whether `backward()` may find that a value it needs was written since.
  private(set) var mayLackSavedValue = false
  /// Whether a write reads the very elements that it writes, which PyTorch often refuses and the library does not.
  private(set) var readsWhatItWrites = false
  /// Whether a tensor without history got one in elements that another tensor with a history looks at.
  private(set) var writesThroughDetached = false
  /// For each statement, which operands had a history when it read them.
  private(set) var tracked: [[Bool]] = []
  private(set) var expectations: [Expectation] = []

  init() {}

  /// Of the whole program, whose inputs lie in order or not.
  init(_ program: Program, inputsInOrder: Bool = true, overlap: Set<Int> = []) {
    for input in program.inputs { add(input, isInOrder: inputsInOrder, overlaps: overlap.contains(input.id)) }
    for statement in program.statements { step(statement) }
  }

  /// Whether every statement can be run, and its result compared.
  var isDefined: Bool { !expectations.contains(.undefined) }

  mutating func add(_ input: Program.Input, isInOrder: Bool = true, overlaps: Bool = false) {
    variables[input.id] = Variable(
      type: Type(input.dtype, input.shape, known: input.dtype.isFloatingPoint ? nil : input.values), storage: input.id,
      history: input.id, isTracked: input.requiresGrad, isLeaf: true, isInOrder: isInOrder,
      overlap: overlaps ? .certain : .none)
  }

  /// Takes in the next statement, and says what is to be expected of it.
  @discardableResult
  mutating func step(_ statement: Program.Statement) -> Expectation {
    let operands = statement.operands.compactMap { variables[$0] }
    if operands.count < statement.operands.count {
      tracked.append(statement.operands.map { _ in false })
      expectations.append(.undefined)
      return .undefined
    }
    let row = statement.row
    let verdict = row.type(Call(operands: operands.map(\.type), integers: statement.integers, reals: statement.reals))
    let isRecorded = statement.isRecorded && operands.contains(where: \.isTracked)
    let expectation: Expectation
    switch verdict {
    case .undefined: expectation = .undefined
    case .refused: expectation = .refused
    case .gives where row.effect == .write: expectation = write(statement, operands, isRecorded)
    case .gives(let type): expectation = result(statement.id, type, row, operands, isRecorded)
    }
    tracked.append(operands.map(\.isTracked))
    expectations.append(expectation)
    return expectation
  }

  private mutating func result(_ id: Int, _ type: Type, _ row: Row, _ operands: [Variable], _ isRecorded: Bool)
    -> Expectation
  {
    let inOrder = operands.allSatisfy(\.isInOrder) && row.effect != .freshInDisorder
    var made = Variable(type: type, storage: id, history: id, isInOrder: inOrder)
    made.isTracked = isRecorded && type.isFloat
    var expectation = Expectation.works
    if !row.isView || (row.effect == .conversion && type.dtype != operands[0].type.dtype) {
      if made.isTracked && !row.savesNothing { saved.formUnion(operands.map(\.storage) + [id]) }
      variables[id] = made
      return .works
    }
    let a = operands[0]
    (made.storage, made.history) = (a.storage, a.history)
    switch row.effect {
    case .conversion:
      made = a
      made.type = type
    case .inOrder where a.isInOrder: made = a
    case .flattening where type.shape == a.type.shape: made = a
    case .detached:
      (made.history, made.isTracked) = (id, false)
      (made.isInOrder, made.overlap) = (a.isInOrder, a.overlap)
    case .view, .orderedView, .strictView, .expansion:
      if row.effect == .strictView && !a.isInOrder { expectation = .undefined }
      made.isInOrder = a.isInOrder && (row.effect == .orderedView || row.effect == .strictView)
      made.overlap = a.overlap == .none ? .none : .possible
      if row.effect == .expansion && type.count > a.type.count { made.overlap = .certain }
    // Itself, with its history, or a copy without one.
    case .inOrder where a.isTracked && !isRecorded: expectation = .undefined
    default:
      if !a.isInOrder { unclear.insert(a.storage) }
      made.overlap = a.overlap == .none ? .none : .possible
    }
    if row.effect != .detached { made.isUnrecordedView = a.isUnrecordedView || (a.isTracked && !made.isTracked) }
    variables[id] = made
    return expectation
  }

  private mutating func write(_ statement: Program.Statement, _ operands: [Variable], _ isRecorded: Bool) -> Expectation
  {
    let target = operands[0]
    if unclear.contains(target.storage) || target.overlap == .possible { return .undefined }
    if target.overlap == .certain { return statement.row.writesPart ? .undefined : .refused }
    let readsItself = operands.dropFirst().contains { $0.storage == target.storage }
    if readsItself { readsWhatItWrites = true }
    if saved.contains(target.storage) || (readsItself && isRecorded) { mayLackSavedValue = true }
    forget(target.storage)
    // Recorded now, and not when the view was taken: it is its base that has a history.
    let isRecorded = isRecorded || (statement.isRecorded && target.isUnrecordedView)
    guard isRecorded && target.type.isFloat else { return .works }

    let kin = variables.filter { $1.history == target.history }
    if kin.values.contains(where: { $0.isLeaf && $0.isTracked }) { return .refused }
    if kin.values.contains(where: \.isUnrecordedView) { return .undefined }
    if variables.values.contains(where: { $0.storage == target.storage && $0.history != target.history }) {
      writesThroughDetached = true
    }
    for (id, variable) in kin where variable.type.isFloat {
      variables[id]!.isTracked = true
      variables[id]!.isLeaf = false
    }
    saved.formUnion(operands.map(\.storage))
    return .works
  }

  /// Whether a statement takes the variance of no more elements than its correction.
  func isVarianceOfTooFew(_ statement: Program.Statement) -> Bool {
    guard statement.operation.contains(".variance("), let all = variables[statement.operands[0]]?.type.count,
      let results = variables[statement.id]?.type.count
    else { return false }
    return Double(all) <= statement.reals[0] * Double(results)
  }

  /// Whether a statement names places of what has no elements.
  func isOfNothing(_ statement: Program.Statement) -> Bool {
    statement.operands.contains { variables[$0]?.type.count == 0 }
  }

  /// Elements that were written are no longer known.
  private mutating func forget(_ storage: Int) {
    for (id, variable) in variables where variable.storage == storage { variables[id]!.type.known = nil }
  }
}
