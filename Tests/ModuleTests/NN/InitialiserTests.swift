import Kindling
import KindlingNN
import TestSupport
import Testing

/// Initialisers and the first weights of layers against PyTorch's, seed by seed.
/// Tests/Reference/tables/initialisers.py has a row of the same name.
@Suite struct InitialiserTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let name: String
    let make: @Sendable () -> Tensor

    var testDescription: String { name }
  }

  struct Case: Decodable, Sendable {
    let seed: Int
    let output: StoredTensor
  }

  static let reference = ReferenceFile.rows("initialisers.json", of: Case.self)

  static let rows: [Row] = plain + scaled + orthogonal + layers + gains

  /// A tensor of this shape, or a part of one, given to an initialiser.
  private static func filled(
    _ sizes: Int..., dtype: DType = .float32, part: (Tensor) -> Tensor = { $0 }, by initialise: (Tensor) -> Void
  ) -> Tensor {
    let tensor = part(Tensor.zeros(Shape(sizes), dtype: dtype))
    initialise(tensor)
    return tensor
  }

  static let plain: [Row] = [
    Row(name: "uniform_(a) 3 5") { filled(3, 5) { Init.uniform_($0) } },
    Row(name: "uniform_(a, from: -2, to: 3) 4 6") { filled(4, 6) { Init.uniform_($0, from: -2, to: 3) } },
    Row(name: "uniform_(a) 3 5 float64") { filled(3, 5, dtype: .float64) { Init.uniform_($0) } },
    Row(name: "normal_(a) 3 5") { filled(3, 5) { Init.normal_($0) } },
    Row(name: "normal_(a) 4 6") { filled(4, 6) { Init.normal_($0) } },
    Row(name: "normal_(a) 4 8") { filled(4, 8) { Init.normal_($0) } },
    Row(name: "normal_(a, mean: 1, std: 0.5) 4 6") { filled(4, 6) { Init.normal_($0, mean: 1, std: 0.5) } },
    Row(name: "normal_(a) 4 6 float64") { filled(4, 6, dtype: .float64) { Init.normal_($0) } },
    Row(name: "uniform_(a.t()) 4 6") { filled(4, 6, part: { $0.t() }) { Init.uniform_($0) } },
    Row(name: "normal_(a.t()) 4 6") { filled(4, 6, part: { $0.t() }) { Init.normal_($0) } },
    Row(name: "normal_(a.t()) 4 6 float64") { filled(4, 6, dtype: .float64, part: { $0.t() }) { Init.normal_($0) } },
    Row(name: "normal_(a.narrow(dim: 1, start: 0, length: 5)) 4 6") {
      filled(4, 6, part: { $0.narrow(dim: 1, start: 0, length: 5) }) { Init.normal_($0) }
    },
    Row(name: "normal_(a.permute(1, 2, 0)) 2 3 4") {
      filled(2, 3, 4, part: { $0.permute(1, 2, 0) }) { Init.normal_($0) }
    },
    Row(name: "truncNormal_(a) 4 6") { filled(4, 6) { Init.truncNormal_($0) } },
    Row(name: "truncNormal_(a, mean: 1, std: 2, a: 0, b: 1.5) 4 6") {
      filled(4, 6) { Init.truncNormal_($0, mean: 1, std: 2, a: 0, b: 1.5) }
    },
    Row(name: "truncNormal_(a, a: 2, b: 3) 4 6") { filled(4, 6) { Init.truncNormal_($0, a: 2, b: 3) } },
    Row(name: "constant_(a, 0.3) 2 3") { filled(2, 3) { Init.constant_($0, 0.3) } },
    Row(name: "ones_(a) 2 3") { filled(2, 3) { Init.ones_($0) } },
    Row(name: "zeros_(a) 2 3") { filled(2, 3) { Init.zeros_($0) } },
    Row(name: "eye_(a) 2 3") { filled(2, 3) { Init.eye_($0) } },
  ]

  static let scaled: [Row] = [
    Row(name: "xavierUniform_(a) 4 6") { filled(4, 6) { Init.xavierUniform_($0) } },
    Row(name: "xavierUniform_(a, gain: 2) 4 6") { filled(4, 6) { Init.xavierUniform_($0, gain: 2) } },
    Row(name: "xavierUniform_(a) 4 3 2 2") { filled(4, 3, 2, 2) { Init.xavierUniform_($0) } },
    Row(name: "xavierNormal_(a) 4 6") { filled(4, 6) { Init.xavierNormal_($0) } },
    Row(name: "xavierNormal_(a, gain: 2) 3 5") { filled(3, 5) { Init.xavierNormal_($0, gain: 2) } },
    Row(name: "kaimingUniform_(a) 4 6") { filled(4, 6) { Init.kaimingUniform_($0) } },
    Row(name: "kaimingUniform_(a, a: 0.5, mode: .fanOut) 4 6") {
      filled(4, 6) { Init.kaimingUniform_($0, a: 0.5, mode: .fanOut) }
    },
    Row(name: "kaimingUniform_(a, nonlinearity: .relu) 4 3 2 2") {
      filled(4, 3, 2, 2) { Init.kaimingUniform_($0, nonlinearity: .relu) }
    },
    Row(name: "kaimingUniform_(a, nonlinearity: .tanh) 4 6") {
      filled(4, 6) { Init.kaimingUniform_($0, nonlinearity: .tanh) }
    },
    Row(name: "kaimingNormal_(a) 4 6") { filled(4, 6) { Init.kaimingNormal_($0) } },
    Row(name: "kaimingNormal_(a, mode: .fanOut, nonlinearity: .relu) 4 6") {
      filled(4, 6) { Init.kaimingNormal_($0, mode: .fanOut, nonlinearity: .relu) }
    },
    Row(name: "kaimingNormal_(a, nonlinearity: .linear) 3 5") {
      filled(3, 5) { Init.kaimingNormal_($0, nonlinearity: .linear) }
    },
  ]

  static let orthogonal: [Row] = [
    Row(name: "orthogonal_(a) 4 4") { filled(4, 4) { Init.orthogonal_($0) } },
    Row(name: "orthogonal_(a) 6 3") { filled(6, 3) { Init.orthogonal_($0) } },
    Row(name: "orthogonal_(a, gain: 2) 3 6") { filled(3, 6) { Init.orthogonal_($0, gain: 2) } },
  ]

  static let layers: [Row] = [
    Row(name: "Linear(5, 3).weight") { Linear(5, 3).weight },
    Row(name: "Linear(5, 3).bias") { Linear(5, 3).bias! },
    Row(name: "Linear(40, 7).weight") { Linear(40, 7).weight },
    Row(name: "Linear(40, 7).bias") { Linear(40, 7).bias! },
    Row(name: "Linear(5, 3, bias: false).weight") { Linear(5, 3, bias: false).weight },
    Row(name: "Sequential(Linear(4, 6), ReLU(), Linear(6, 2))[2].weight") {
      (Sequential(Linear(4, 6), ReLU(), Linear(6, 2))[2] as! Linear).weight
    },
    Row(name: "Sequential(Linear(4, 6), ReLU(), Linear(6, 2))[2].bias") {
      (Sequential(Linear(4, 6), ReLU(), Linear(6, 2))[2] as! Linear).bias!
    },
  ]

  static let gains: [Row] = [
    Row(name: "calculateGain(.linear)") { Tensor(Init.calculateGain(.linear), dtype: .float64) },
    Row(name: "calculateGain(.sigmoid)") { Tensor(Init.calculateGain(.sigmoid), dtype: .float64) },
    Row(name: "calculateGain(.tanh)") { Tensor(Init.calculateGain(.tanh), dtype: .float64) },
    Row(name: "calculateGain(.relu)") { Tensor(Init.calculateGain(.relu), dtype: .float64) },
    Row(name: "calculateGain(.leakyReLU)") { Tensor(Init.calculateGain(.leakyReLU), dtype: .float64) },
    Row(name: "calculateGain(.leakyReLU, 0.5)") { Tensor(Init.calculateGain(.leakyReLU, 0.5), dtype: .float64) },
    Row(name: "calculateGain(.selu)") { Tensor(Init.calculateGain(.selu), dtype: .float64) },
  ]

  @Test func emptyTensorsStayAsTheyAre() {
    let initialisers: [(Tensor) -> Tensor] = [
      { Init.kaimingUniform_($0) }, { Init.kaimingNormal_($0) }, { Init.xavierUniform_($0) },
      { Init.xavierNormal_($0) },
      { Init.orthogonal_($0) },
      { Init.truncNormal_($0) }, { Init.uniform_($0) }, { Init.normal_($0) },
    ]
    for shape: Shape in [[4, 0], [0, 4], [0, 0], [3, 0, 2]] {
      for initialise in initialisers { #expect(initialise(Tensor.zeros(shape)).shape == shape) }
    }
    #expect(Linear(0, 4).weight.shape == [4, 0] && Linear(0, 4)(Tensor.zeros(2, 0)).toArray().count == 8)
    #expect(Linear(4, 0).bias!.shape == [0])
  }

  @Test func everyRowHasItsNumbers() {
    #expect(Set(InitialiserTests.rows.map(\.name)) == Set(InitialiserTests.reference.keys))
  }

  /// The numbers drawn are PyTorch's bit for bit; what is made of them is right to some units in the last place.
  @Test(arguments: rows) func numbersArePyTorchs(_ row: Row) throws {
    for test in try #require(InitialiserTests.reference[row.name]) {
      manualSeed(test.seed)
      if let problem = difference(of: row.make(), from: test.output, .initialisers, .ofLargest) {
        Issue.record("\(row.name), seed \(test.seed): \(problem)")
      }
    }
  }
}
