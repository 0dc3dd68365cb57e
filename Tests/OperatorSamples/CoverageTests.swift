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
}
