import Kindling
import Testing

/// Every public operation has a row of samples, or a reason why it has none.
@Suite struct CoverageTests {
  private static let covered = Set(SampleEntry.all.flatMap(\.covers))

  @Test func everyPublicOperationIsCoveredOrHasAReason() {
    let missing = PublicOperations.all.subtracting(CoverageTests.covered).subtracting(Uncovered.reasons.keys)
    #expect(missing.isEmpty, "neither in a row's `covers` nor in Uncovered.swift: \(missing.sorted())")
  }

  @Test func everyRowAndReasonIsOfAPublicOperation() {
    let unknown = CoverageTests.covered.union(Uncovered.reasons.keys).subtracting(PublicOperations.all)
    #expect(unknown.isEmpty, "no such public operation: \(unknown.sorted())")
    let both = CoverageTests.covered.intersection(Uncovered.reasons.keys)
    #expect(both.isEmpty, "covered, and with a reason why not: \(both.sorted())")
  }

  @Test func everyRowHasItsSamples() {
    let names = SampleEntry.all.map { SampleFile.fileName($0.name) }
    #expect(Set(names).count == names.count)
    #expect(names.sorted() == SampleFile.names)
  }

  /// All layouts hold the same numbers, and none but the first and the last lies in order.
  @Test(arguments: Layout.allCases) func layoutsHoldTheSameNumbers(_ layout: Layout) {
    let shape: [Value] = [2, 3, 4].map { .integer($0) }
    let numbers: [Value] = (0..<24).map { .real(Double($0)) }
    let stored = StoredTensor(.object(["dtype": .text("float64"), "shape": .list(shape), "values": .list(numbers)]))!
    let tensor = stored.tensor(layout)
    #expect(tensor.toArray() == stored.reals)
    #expect(tensor.shape == [2, 3, 4])
    #expect(tensor.isContiguous == (layout == .contiguous || layout == .offset))
  }
}
