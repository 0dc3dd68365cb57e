import Kindling
import TestSupport
import Testing

/// One operation of the table: a name, which is how a user writes it, and that very expression as a function.
struct Operation: Sendable, CustomTestStringConvertible {
  let name: String
  let reference: String
  let body: @Sendable ([Tensor]) -> Tensor

  var testDescription: String { name }
}

/// Rows of operations, and the file of Tests/Reference that has PyTorch's numbers under the same names.
///
/// To add a row, add it in Tests/Reference/tables, with PyTorch's function: its name is its code, and generate.py writes it here
/// too, as `row("a + b") { a, b in a + b }`. Only the rows of layers and of writes, which need more than that, stand here by hand.
struct OperationTable {
  let reference: String
  private(set) var operations: [Operation] = []

  init(reference: String) { self.reference = reference }

  mutating func row(_ name: String, _ body: @escaping @Sendable () -> Tensor) {
    operations.append(Operation(name: name, reference: reference) { _ in body() })
  }

  mutating func row(_ name: String, _ body: @escaping @Sendable (Tensor) -> Tensor) {
    operations.append(Operation(name: name, reference: reference) { body($0[0]) })
  }

  mutating func row(_ name: String, _ body: @escaping @Sendable (Tensor, Tensor) -> Tensor) {
    operations.append(Operation(name: name, reference: reference) { body($0[0], $0[1]) })
  }

  mutating func row(_ name: String, _ body: @escaping @Sendable (Tensor, Tensor, Tensor) -> Tensor) {
    operations.append(Operation(name: name, reference: reference) { body($0[0], $0[1], $0[2]) })
  }

  mutating func row(ofSeveral name: String, _ body: @escaping @Sendable ([Tensor]) -> Tensor) {
    operations.append(Operation(name: name, reference: reference, body: body))
  }

  /// The rows that stand on one side only: here, or in the file.
  func unpairedNames() -> [String] {
    let there = OperationTable.referenceCases[reference]!
    let onlyHere = operations.map(\.name).filter { there[$0] == nil }
    let onlyThere = Set(there.keys).subtracting(operations.map(\.name)).sorted()
    return onlyHere.map { "\($0) has no numbers in \(reference)" }
      + onlyThere.map { "\($0) of \(reference) has no row here" }
  }

  /// The core library's operations.
  static let all = [elementwise(), reductions(), movement(), indexing(), writes(), layers(), pictures()]

  /// PyTorch's numbers, by file and by name.
  static let referenceCases = Dictionary(
    uniqueKeysWithValues: [
      "elementwise", "reductions", "movement", "indexing", "writes", "layers", "pictures", "losses",
    ].map {
      ("\($0).json", ReferenceFile.rows("\($0).json", of: ReferenceCase.self))
    })
}

/// A copy of `tensor` after an in-place change. The copy is what changes, for a leaf that requires a gradient may not.
func changed(_ tensor: Tensor, _ change: (Tensor) -> Void) -> Tensor {
  let result = tensor.clone()
  change(result)
  return result
}

/// One case that PyTorch was asked.
struct ReferenceCase: Decodable, Sendable {
  let inputs: [StoredTensor]
  let output: StoredTensor
  /// For each input its gradient, given `upstreamGradient` at the output; nil for an input that has none. Nil
  /// altogether where nothing can be differentiated.
  let gradients: [[Double]?]?
  /// How many derivatives can be found by finite differences here: 0 at a kink, and for float32.
  let finiteDifferences: Int?

  /// Whether PyTorch gave the input no gradient, though it gave others one.
  func isConstant(_ place: Int) -> Bool { gradients.map { $0[place] == nil } ?? false }

  /// The type that the numbers were computed in, where types are mixed: a float64 gradient that passed through a
  /// float32 result is right to float32's places.
  var precision: DType { (inputs + [output]).contains { $0.dtype == .float32 } ? .float32 : .float64 }
}
