import Foundation
import Kindling
import TestSupport
import Testing

/// Every public operation hands gradients on, or stands here with the reason why not: a result without a history would lose
/// them with no word.
@Suite struct DifferentiableTests {
  /// Rows of the operation tables whose real-valued result has no history, though an input has one.
  private static let withoutHistory = [
    "a.detach()": "that is what it is for", "noGrad": "nothing is recorded there",
    "Tensor.zerosLike(a)": "of `a` only the shape is read", "Tensor.onesLike(a)": "of `a` only the shape is read",
    "Tensor.fullLike(a, 3)": "of `a` only the shape is read",
    "Tensor.where(a > 0, 1, 0.5)": "of `a` only its sign is read",
    "running numbers of a.batchNorm": "they are no part of what is differentiated",
  ]

  /// Public functions that give tensors and have no row: no tensor goes in that a gradient could go back to.
  private static let withoutRow = [
    "rand": "made of chance", "randn": "made of chance", "randint": "made of chance", "randperm": "made of chance",
    "randLike": "made of chance", "randnLike": "made of chance", "uniform_": "written over with chance",
    "normal_": "written over with chance", "bernoulli_": "written over with chance", "bernoulli": "made of chance",
    "multinomial": "made of chance", "empty": "no tensor is read", "load": "made of a file",
    "tensor": "made of a file", "requiresGrad_": "the tensor itself", "grad": "has tests of its own",
    "apply": "the derivative is the caller's",
  ]

  @Test(arguments: OperationTests.operations) func resultsHaveAHistory(_ operation: Operation) {
    for test in operation.cases {
      let inputs = test.inputs.map { $0.dtype.isFloatingPoint ? $0.tensor().detach().requiresGrad_() : $0.tensor() }
      let output = operation.body(inputs)
      if output.requiresGrad || !output.dtype.isFloatingPoint || !inputs.contains(where: \.requiresGrad) { continue }
      #expect(
        DifferentiableTests.withoutHistory.keys.contains { operation.name.hasPrefix($0) },
        "\(operation.name) of \(test.inputs): the result has lost its history")
    }
  }

  /// Where an operation goes ways of its own for some number, each way has to hand gradients on.
  @Test(arguments: [0, 1, 2, 3, 0.5, -0.5, -1, .infinity, -.infinity]) func noNumberLosesTheHistory(_ p: Double) {
    let x = Tensor([[0.5, 2.0], [1.5, 3.0]], requiresGrad: true)
    let results = [
      "pow": x.pow(p), "power of": Tensor.pow(p, x), "norm": x.norm(p), "norm of rows": x.norm(p, dim: 1), "+": x + p,
      "-": x - p, "from": p - x, "*": x * p, "/": x / p, "over": p / x, "clamp": x.clamp(min: p),
      "clamp above": x.clamp(max: p), "leakyReLU": x.leakyReLU(p), "softplus": x.softplus(beta: p),
      "softplus threshold": x.softplus(threshold: p), "where": Tensor.where(x > 1, x, p),
      "maskedFill": x.maskedFill(x > 1, p), "variance": x.variance(correction: p), "std": x.std(correction: p),
    ]
    for (name, result) in results { #expect(result.requiresGrad, "\(name) with \(p)") }
  }

  @Test func everyPublicOperationHasARow() throws {
    let rows = OperationTests.operations.map(\.name).joined(separator: "\n")
    for name in try publicOperations() where DifferentiableTests.withoutRow[name] == nil {
      let isWord = name.first!.isLetter
      let isThere = isWord ? rows.contains("\(name)(") : rows.contains(" \(name) ") || rows.contains("\(name)a")
      #expect(isThere, "\(name) gives a tensor and has no row in an operation table")
    }
  }

  /// The names of all public functions that give tensors, from the library's sources.
  private func publicOperations() throws -> Set<String> {
    let sources = Repository.url("Sources/Kindling")
    let files = FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil)!
    let declaration = /public (?:final |static |prefix )*func `?([^\s(<`]+)([^{]*)\{/
    var names: Set<String> = []
    for case let file as URL in files where file.pathExtension == "swift" {
      for match in try String(contentsOf: file, encoding: .utf8).matches(of: declaration) {
        let result = match.2.ranges(of: "->").last.map { match.2[$0.upperBound...] }
        if result?.contains("Tensor") ?? false { names.insert(String(match.1)) }
      }
    }
    // Enough to see that they were read.
    #expect(names.count > 100 && names.isSuperset(of: ["exp", "mm", "cat", "+", "where"]))
    return names
  }
}
