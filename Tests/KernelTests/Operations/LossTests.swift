import Kindling
import TestSupport
import Testing

/// Losses, value and gradient against PyTorch's numbers. a is the prediction, b the target, c a weight. The rows are in
/// Tests/Reference/tables/losses.py, and from there in OperationTableLosses.swift.
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
