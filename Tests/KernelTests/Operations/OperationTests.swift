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

  /// What does not lie side by side is brought together 256 elements at a time, and results are put where they belong: 600
  /// are two portions and a rest.
  @Test(arguments: [DType.float32, .float64, .int64]) func elementsThatLieApartComeOutAsThoseSideBySide(_ dtype: DType)
  {
    let numbers = (Tensor.randn(3, 1200, generator: Generator(seed: 1)) * 100).to(dtype)
    let even: Tensor = numbers[.all, .slice(0, step: 2)], odd: Tensor = numbers[.all, .slice(1, step: 2)]
    let turned = numbers.narrow(dim: 1, start: 0, length: 600).t().contiguous().t()
    let column = numbers.narrow(dim: 1, start: 7, length: 1).expand(3, 600),
      one = (numbers[1, 1] as Tensor).expand(3, 600)
    let all: [Tensor] = [even, odd, turned, column, one]
    for x in all {
      let xs = x.contiguous()
      #expect(!x.isContiguous && x.abs().toArray() == xs.abs().toArray() && (x * 3).toArray() == (xs * 3).toArray())
      for y in all {
        let ys = y.contiguous()
        #expect((x - y).toArray() == (xs - ys).toArray() && (x < y).toArray() == (xs < ys).toArray())
        #expect(x.maximum(y).toArray() == xs.maximum(ys).toArray())
      }
    }
    // A result whose elements lie apart, and what lies between them.
    let expected = (even.contiguous() + turned.contiguous()).toArray(), between = odd.toArray()
    even.add_(turned)
    #expect(even.toArray() == expected && odd.toArray() == between)
  }

  /// A function takes fewer steps where |x| is small for a whole portion, and gives the same bits as where one is not.
  @Test(arguments: [5, 600, 2100]) func oneLargeArgumentChangesNoOtherBit(_ count: Int) {
    let x = Tensor.randn(count, generator: Generator(seed: 3)) * 20
    let functions: [(Tensor) -> Tensor] = [{ $0.exp() }, { $0.sigmoid() }, { $0.silu() }, { $0.sin() }, { $0.cos() }]
    for (function, large) in zip(functions, [-104, 104, -104, 2e6, 2e6] as [Double]) {
      for last in [large, .nan] {
        let all = function(cat([x, Tensor([last], dtype: .float32)])).toArray(of: Float.self)
        #expect(all.dropLast() == function(x).toArray(of: Float.self)[...])
        // To 1e-7, because a float32 next to 1 is right to 6e-8.
        let expected = function(Tensor([last])).item()
        #expect(last.isNaN ? all[count].isNaN : abs(Double(all[count]) - expected) < 1e-7)
      }
    }
  }

  /// A softmax without denormal powers takes fewer steps than one with them, and gives the same bits: e^-80 and e^-100 both
  /// vanish beside the sum.
  @Test(arguments: [33, 600, 1100]) func denormalPowersChangeNoOtherBit(_ count: Int) {
    let numbers = (0..<count).map { -75 * Double($0) / Double(count) }
    func shares(_ last: Double) -> [Float] {
      Tensor(numbers + [last], dtype: .float32).softmax(dim: 0).toArray(of: Float.self)
    }
    let (without, with) = (shares(-80), shares(-100))
    #expect(
      without.dropLast() == with.dropLast() && with[count] < .leastNormalMagnitude
        && without[count] > .leastNormalMagnitude)
  }
}
