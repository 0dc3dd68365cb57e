import Kindling
import TestSupport
import Testing

/// Every operation on the CPU: value and gradient against PyTorch's numbers, gradients against finite differences.
///
/// The rows are in Tests/Reference/tables, with PyTorch's functions, and from there in OperationTable*.swift. A device of
/// another kind runs the same checks with its own tolerance.
@Suite struct OperationTests {
  static let operations = OperationTable.all.flatMap(\.operations)

  @Test(arguments: OperationTable.all) func everyRowHasItsNumbers(_ table: OperationTable) {
    #expect(table.unpairedNames() == [])
  }

  @Test(arguments: operations) func valueIsPyTorchs(_ operation: Operation) {
    report(operation.checkValues(on: .cpu, .cpu))
  }

  @Test(arguments: operations) func gradientIsPyTorchs(_ operation: Operation) {
    report(operation.checkGradients(on: .cpu, .cpu))
  }

  @Test(arguments: operations) func derivativesAreFiniteDifferences(_ operation: Operation) {
    report(operation.checkFiniteDifferences(on: .cpu))
  }

  @Test(arguments: OperationTable.all[0].operations) func largeArraysComeOutAsSmallOnes(_ operation: Operation) {
    report(operation.checkLarge(on: .cpu, .cpu))
  }
}
