import Kindling
import KindlingNN
import TestSupport
import Testing

/// Losses, value and gradient against PyTorch's numbers. Tests/Reference/tables/losses.py has a row of the same name.
@Suite struct LossTests {
  static let table = OperationTable.losses()

  @Test func everyRowHasItsNumbers() {
    #expect(LossTests.table.unpairedNames() == [])
  }

  @Test(arguments: table.operations) func valueIsPyTorchs(_ loss: Operation) {
    report(loss.checkValues(on: .cpu, .cpu))
  }

  @Test(arguments: table.operations) func gradientIsPyTorchs(_ loss: Operation) {
    report(loss.checkGradients(on: .cpu, .cpu))
  }

  @Test(arguments: table.operations) func derivativesAreFiniteDifferences(_ loss: Operation) {
    report(loss.checkFiniteDifferences(on: .cpu))
  }
}

extension OperationTable {
  /// a is the prediction, b the target, c a weight.
  static func losses() -> OperationTable {
    var table = OperationTable(reference: "losses.json")
    table.addMeans()
    table.addSums()
    table.addUnreduced()
    table.addProbabilities()
    table.addHuber()
    return table
  }

  private mutating func addProbabilities() {
    row("BCELoss()") { a, b in BCELoss()(a, b) }
    row("BCELoss(reduction: .sum)") { a, b in BCELoss(reduction: .sum)(a, b) }
    row("BCELoss(reduction: .none)") { a, b in BCELoss(reduction: .none)(a, b) }
    row("BCELoss(weight: c)") { a, b, c in BCELoss(weight: c)(a, b) }
    row("BCELoss(weight: c, reduction: .sum)") { a, b, c in BCELoss(weight: c, reduction: .sum)(a, b) }
    row("BCELoss(weight: c, reduction: .none)") { a, b, c in BCELoss(weight: c, reduction: .none)(a, b) }
    row("KLDivLoss()") { a, b in KLDivLoss()(a, b) }
    row("KLDivLoss(reduction: .sum)") { a, b in KLDivLoss(reduction: .sum)(a, b) }
    row("KLDivLoss(reduction: .none)") { a, b in KLDivLoss(reduction: .none)(a, b) }
    row("KLDivLoss(reduction: .batchMean)") { a, b in KLDivLoss(reduction: .batchMean)(a, b) }
    row("KLDivLoss(logTarget: true)") { a, b in KLDivLoss(logTarget: true)(a, b) }
    row("KLDivLoss(reduction: .sum, logTarget: true)") { a, b in KLDivLoss(reduction: .sum, logTarget: true)(a, b) }
    row("KLDivLoss(reduction: .none, logTarget: true)") { a, b in KLDivLoss(reduction: .none, logTarget: true)(a, b) }
    row("KLDivLoss(reduction: .batchMean, logTarget: true)") { a, b in
      KLDivLoss(reduction: .batchMean, logTarget: true)(a, b)
    }
  }

  private mutating func addHuber() {
    row("HuberLoss()") { a, b in HuberLoss()(a, b) }
    row("HuberLoss(reduction: .sum)") { a, b in HuberLoss(reduction: .sum)(a, b) }
    row("HuberLoss(reduction: .none)") { a, b in HuberLoss(reduction: .none)(a, b) }
    row("HuberLoss(delta: 0.5)") { a, b in HuberLoss(delta: 0.5)(a, b) }
    row("HuberLoss(reduction: .sum, delta: 0.5)") { a, b in HuberLoss(reduction: .sum, delta: 0.5)(a, b) }
    row("HuberLoss(reduction: .none, delta: 0.5)") { a, b in HuberLoss(reduction: .none, delta: 0.5)(a, b) }
  }

  private mutating func addMeans() {
    row("MSELoss()") { a, b in MSELoss()(a, b) }
    row("L1Loss()") { a, b in L1Loss()(a, b) }
    row("SmoothL1Loss()") { a, b in SmoothL1Loss()(a, b) }
    row("SmoothL1Loss(beta: 0.5)") { a, b in SmoothL1Loss(beta: 0.5)(a, b) }
    row("CrossEntropyLoss()") { a, b in CrossEntropyLoss()(a, b) }
    row("CrossEntropyLoss(ignoreIndex: 2)") { a, b in CrossEntropyLoss(ignoreIndex: 2)(a, b) }
    row("CrossEntropyLoss(labelSmoothing: 0.1)") { a, b in CrossEntropyLoss(labelSmoothing: 0.1)(a, b) }
    row("CrossEntropyLoss(weight: c)") { a, b, c in CrossEntropyLoss(weight: c)(a, b) }
    row("CrossEntropyLoss(weight: c, ignoreIndex: 0, labelSmoothing: 0.2)") { a, b, c in
      CrossEntropyLoss(weight: c, ignoreIndex: 0, labelSmoothing: 0.2)(a, b)
    }
    row("NLLLoss()") { a, b in NLLLoss()(a, b) }
    row("NLLLoss(ignoreIndex: 2)") { a, b in NLLLoss(ignoreIndex: 2)(a, b) }
    row("NLLLoss(weight: c)") { a, b, c in NLLLoss(weight: c)(a, b) }
    row("BCEWithLogitsLoss()") { a, b in BCEWithLogitsLoss()(a, b) }
    row("BCEWithLogitsLoss(weight: c)") { a, b, c in BCEWithLogitsLoss(weight: c)(a, b) }
    row("BCEWithLogitsLoss(posWeight: c)") { a, b, c in BCEWithLogitsLoss(posWeight: c)(a, b) }
    row("BCEWithLogitsLoss(weight: c, posWeight: c)") { a, b, c in BCEWithLogitsLoss(weight: c, posWeight: c)(a, b) }
  }

  private mutating func addSums() {
    row("MSELoss(reduction: .sum)") { a, b in MSELoss(reduction: .sum)(a, b) }
    row("L1Loss(reduction: .sum)") { a, b in L1Loss(reduction: .sum)(a, b) }
    row("SmoothL1Loss(reduction: .sum)") { a, b in SmoothL1Loss(reduction: .sum)(a, b) }
    row("SmoothL1Loss(reduction: .sum, beta: 0.5)") { a, b in SmoothL1Loss(reduction: .sum, beta: 0.5)(a, b) }
    row("CrossEntropyLoss(reduction: .sum)") { a, b in CrossEntropyLoss(reduction: .sum)(a, b) }
    row("CrossEntropyLoss(ignoreIndex: 2, reduction: .sum)") { a, b in
      CrossEntropyLoss(ignoreIndex: 2, reduction: .sum)(a, b)
    }
    row("CrossEntropyLoss(reduction: .sum, labelSmoothing: 0.1)") { a, b in
      CrossEntropyLoss(reduction: .sum, labelSmoothing: 0.1)(a, b)
    }
    row("CrossEntropyLoss(weight: c, reduction: .sum)") { a, b, c in
      CrossEntropyLoss(weight: c, reduction: .sum)(a, b)
    }
    row("CrossEntropyLoss(weight: c, ignoreIndex: 0, reduction: .sum, labelSmoothing: 0.2)") { a, b, c in
      CrossEntropyLoss(weight: c, ignoreIndex: 0, reduction: .sum, labelSmoothing: 0.2)(a, b)
    }
    row("NLLLoss(reduction: .sum)") { a, b in NLLLoss(reduction: .sum)(a, b) }
    row("NLLLoss(ignoreIndex: 2, reduction: .sum)") { a, b in NLLLoss(ignoreIndex: 2, reduction: .sum)(a, b) }
    row("NLLLoss(weight: c, reduction: .sum)") { a, b, c in NLLLoss(weight: c, reduction: .sum)(a, b) }
    row("BCEWithLogitsLoss(reduction: .sum)") { a, b in BCEWithLogitsLoss(reduction: .sum)(a, b) }
    row("BCEWithLogitsLoss(weight: c, reduction: .sum)") { a, b, c in
      BCEWithLogitsLoss(weight: c, reduction: .sum)(a, b)
    }
    row("BCEWithLogitsLoss(reduction: .sum, posWeight: c)") { a, b, c in
      BCEWithLogitsLoss(reduction: .sum, posWeight: c)(a, b)
    }
    row("BCEWithLogitsLoss(weight: c, reduction: .sum, posWeight: c)") { a, b, c in
      BCEWithLogitsLoss(weight: c, reduction: .sum, posWeight: c)(a, b)
    }
  }

  private mutating func addUnreduced() {
    row("MSELoss(reduction: .none)") { a, b in MSELoss(reduction: .none)(a, b) }
    row("L1Loss(reduction: .none)") { a, b in L1Loss(reduction: .none)(a, b) }
    row("SmoothL1Loss(reduction: .none)") { a, b in SmoothL1Loss(reduction: .none)(a, b) }
    row("SmoothL1Loss(reduction: .none, beta: 0.5)") { a, b in SmoothL1Loss(reduction: .none, beta: 0.5)(a, b) }
    row("CrossEntropyLoss(reduction: .none)") { a, b in CrossEntropyLoss(reduction: .none)(a, b) }
    row("CrossEntropyLoss(ignoreIndex: 2, reduction: .none)") { a, b in
      CrossEntropyLoss(ignoreIndex: 2, reduction: .none)(a, b)
    }
    row("CrossEntropyLoss(reduction: .none, labelSmoothing: 0.1)") { a, b in
      CrossEntropyLoss(reduction: .none, labelSmoothing: 0.1)(a, b)
    }
    row("CrossEntropyLoss(weight: c, reduction: .none)") { a, b, c in
      CrossEntropyLoss(weight: c, reduction: .none)(a, b)
    }
    row("CrossEntropyLoss(weight: c, ignoreIndex: 0, reduction: .none, labelSmoothing: 0.2)") { a, b, c in
      CrossEntropyLoss(weight: c, ignoreIndex: 0, reduction: .none, labelSmoothing: 0.2)(a, b)
    }
    row("NLLLoss(reduction: .none)") { a, b in NLLLoss(reduction: .none)(a, b) }
    row("NLLLoss(ignoreIndex: 2, reduction: .none)") { a, b in NLLLoss(ignoreIndex: 2, reduction: .none)(a, b) }
    row("NLLLoss(weight: c, reduction: .none)") { a, b, c in NLLLoss(weight: c, reduction: .none)(a, b) }
    row("BCEWithLogitsLoss(reduction: .none)") { a, b in BCEWithLogitsLoss(reduction: .none)(a, b) }
    row("BCEWithLogitsLoss(weight: c, reduction: .none)") { a, b, c in
      BCEWithLogitsLoss(weight: c, reduction: .none)(a, b)
    }
    row("BCEWithLogitsLoss(reduction: .none, posWeight: c)") { a, b, c in
      BCEWithLogitsLoss(reduction: .none, posWeight: c)(a, b)
    }
    row("BCEWithLogitsLoss(weight: c, reduction: .none, posWeight: c)") { a, b, c in
      BCEWithLogitsLoss(weight: c, reduction: .none, posWeight: c)(a, b)
    }
  }
}
