import Kindling
import TestSupport
import Testing

/// `print(tensor)` against what Python prints, character by character. Tests/Reference/tables/printing.py has the rows.
@Suite struct PrintingTests {
  struct Case: Decodable, Sendable, CustomTestStringConvertible {
    let inputs: [StoredTensor]
    let text: String

    var testDescription: String { text.count < 60 ? text : "\(inputs)" }
  }

  static let reference = ReferenceFile.rows("printing.json", of: Case.self)
  static let given = reference.sorted { $0.key < $1.key }.flatMap(\.value).filter { !$0.inputs.isEmpty }

  /// Tensors too large to write down, and tensors with a history.
  static let built: [(name: String, make: @Sendable () -> Tensor)] = [
    ("Tensor.arange(1000)", { Tensor.arange(1000) }),
    ("Tensor.arange(1001)", { Tensor.arange(1001) }),
    ("Tensor.arange(2000).to(.float32)", { Tensor.arange(2000).to(.float32) }),
    ("Tensor.arange(2000).to(.float64) / 7", { Tensor.arange(2000).to(.float64) / 7 }),
    ("Tensor.arange(10000).reshape(100, 100)", { Tensor.arange(10000).reshape(100, 100) }),
    (
      "Tensor.arange(10000).reshape(5, 2000).to(.float32) / 3",
      { Tensor.arange(10000).reshape(5, 2000).to(.float32) / 3 }
    ),
    ("Tensor.arange(12000).reshape(10, 30, 40)", { Tensor.arange(12000).reshape(10, 30, 40) }),
    ("Tensor.arange(2000).reshape(2, 2, 500)", { Tensor.arange(2000).reshape(2, 2, 500) }),
    (
      "Tensor.arange(2401).reshape(7, 7, 7, 7).to(.float32) * 1e-3",
      { Tensor.arange(2401).reshape(7, 7, 7, 7).to(.float32) * 1e-3 }
    ),
    ("Tensor.arange(2401).reshape(7, 7, 7, 7) > 1200", { Tensor.arange(2401).reshape(7, 7, 7, 7) > 1200 }),
    ("Tensor.zeros(2000, 0)", { Tensor.zeros(2000, 0) }),
    ("Tensor.zeros(1, 1, 1)", { Tensor.zeros(1, 1, 1) }),
    ("Tensor.ones(2, requiresGrad: true)", { Tensor.ones(2, requiresGrad: true) }),
    (
      "Tensor.ones(2, 2, dtype: .float64, requiresGrad: true)",
      { Tensor.ones(2, 2, dtype: .float64, requiresGrad: true) }
    ),
    ("Tensor.ones(2, requiresGrad: true) * 2", { Tensor.ones(2, requiresGrad: true) * 2 }),
    ("Tensor.ones(2, requiresGrad: true).sum()", { Tensor.ones(2, requiresGrad: true).sum() }),
    ("Tensor.ones(2, requiresGrad: true).exp()", { Tensor.ones(2, requiresGrad: true).exp() }),
    ("Tensor.ones(2, 2, requiresGrad: true).t()", { Tensor.ones(2, 2, requiresGrad: true).t() }),
    (
      "Tensor.ones(2, 2, dtype: .float64, requiresGrad: true).mm(Tensor.ones(2, 2, dtype: .float64))",
      { Tensor.ones(2, 2, dtype: .float64, requiresGrad: true).mm(Tensor.ones(2, 2, dtype: .float64)) }
    ),
  ]

  @Test(arguments: given) func printsWhatPythonPrints(_ test: Case) {
    #expect("\(test.inputs[0].tensor())" == test.text)
  }

  @Test(arguments: built.map(\.name)) func printsLongTensorsAndHistoriesAsPythonDoes(_ name: String) {
    let make = PrintingTests.built.first { $0.name == name }!.make
    #expect("\(make())" == PrintingTests.reference[name]?.first?.text)
  }

  @Test func everyRowHasItsText() {
    let built = PrintingTests.reference.filter { $0.value.allSatisfy(\.inputs.isEmpty) }
    #expect(Set(built.keys) == Set(PrintingTests.built.map(\.name)))
  }
}
