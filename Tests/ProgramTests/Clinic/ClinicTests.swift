import Foundation
import TestSupport
import Testing

/// The programs of the clinic: each shows what its mistake looks like, and the mended one has lost it.
@Suite struct ClinicTests {
  private static func lines(_ arguments: [String]) throws -> [String] {
    let result = try Program.run("clinic", arguments)
    #expect(result.status == 0, "\(result.error)")
    return result.output.split(separator: "\n").map(String.init)
  }

  private static func wrong(_ number: Int) throws -> [String] { try lines(["\(number)"]) }
  private static func mended(_ number: Int) throws -> [String] { try lines(["\(number)", "--mended"]) }

  /// What stands behind a word in each line that has it: `loss 3.50,` gives 3.5.
  private static func numbers(_ name: String, _ lines: [String]) -> [Double] {
    lines.compactMap { line in
      let words = line.split { " ,:".contains($0) }
      return words.firstIndex(of: name[...]).flatMap { $0 + 1 < words.count ? Double(words[$0 + 1]) : nil }
    }
  }

  /// What a program says that ends with a message of Kindling's; the lines it has printed before come through as well.
  private static func message(_ number: Int) throws -> String {
    let result = try Program.run("clinic", ["\(number)"])
    // Swift ends a program by a trap, SIGILL or SIGTRAP.
    #expect(result.status > 128, "\(result.error)")
    #expect(!result.output.isEmpty)
    return result.error
  }

  // MARK: The programs

  @Test func aGradientThatIsNotZeroedSwings() throws {
    let (wrong, mended) = try (Self.numbers("loss", Self.wrong(1)), Self.numbers("loss", Self.mended(1)))
    #expect(wrong.suffix(5).max()! > 5 && zip(wrong, wrong.dropFirst()).contains { $0 < $1 })
    #expect(zip(mended, mended.dropFirst()).allSatisfy { $0 >= $1 } && mended.last == 0)
  }

  @Test func aColumnAgainstARowPredictsTheMean() throws {
    #expect(try Self.wrong(2).last == "predicted: 1.00 1.00 1.00 1.00 1.00 1.00 1.00 1.00")
    #expect(try Self.mended(2).last == "predicted: -2.00 -1.14 -0.29 0.57 1.43 2.29 3.14 4.00")
  }

  @Test func aSumOfLossesKeepsEveryGraph() throws {
    let (wrong, mended) = try (Self.wrong(3), Self.mended(3))
    #expect(Self.numbers("remembered", wrong) == [11, 110, 1100, 11000])
    #expect(Self.numbers("remembered", mended) == [0, 0, 0, 0])
    #expect(Self.numbers("loss", wrong) == Self.numbers("loss", mended))
  }

  @Test func softmaxBeforeCrossEntropyHasAFloor() throws {
    let (wrong, mended) = try (Self.wrong(4), Self.mended(4))
    // ln(e + 9) - 1, where every answer is right and certain.
    #expect(Self.numbers("loss", wrong).allSatisfy { $0 >= 1.46 } && Self.numbers("accuracy", wrong).last! > 0.9)
    #expect(Self.numbers("loss", mended).last! < 0.1)
  }

  @Test func layersInClosuresAreNotFound() throws {
    let (wrong, mended) = try (Self.wrong(5), Self.mended(5))
    #expect(wrong[0] == "2 parameters, 2 numbers in them" && Self.numbers("loss", wrong).last! > 0.01)
    #expect(mended[0] == "6 parameters, 63 numbers in them" && Self.numbers("loss", mended).last! < 0.01)
  }

  @Test func aBranchThatIsNotTakenSpoilsTheGradient() throws {
    let (wrong, mended) = try (Self.wrong(6), Self.mended(6))
    #expect(
      wrong[0] == "step 0: loss 3.50, gradient nan, a 1.00" && wrong[1] == "step 3: loss nan, gradient nan, a nan")
    #expect(mended[0] == "step 0: loss 3.50, gradient -3.50, a 1.00" && Self.numbers("a", mended).last! > 3.5)
  }

  @Test func anUpdateOutsideNoGradIsRefused() throws {
    let message = try Self.message(7)
    #expect(message.contains("sub_: a leaf that requires a gradient cannot be written in place"), "\(message)")
    #expect(try Self.mended(7).last == "step 60: loss 0.00, w 3.00")
  }

  @Test func whatBackwardNeedsIsNotWrittenOver() throws {
    let message = try Self.message(8)
    #expect(message.contains("backward: the gradient of mm needs a tensor of shape [64, 2] that has been written in"))
    #expect(try Self.numbers("loss", Self.mended(8)).last! < 0.1)
  }

  @Test func dropoutInATestGivesAnotherAnswerEachTime() throws {
    let (wrong, mended) = try (Self.numbers("accuracy", Self.wrong(9)), Self.numbers("accuracy", Self.mended(9)))
    #expect(wrong.count == 3 && Set(wrong).count > 1)
    #expect(mended.count == 3 && Set(mended).count == 1 && mended[0] > wrong.max()!)
  }

  @Test func aRateForAMeanIsTooLargeForASum() throws {
    #expect(try Self.wrong(10).last == "weights nan nan, bias nan")
    #expect(try Self.mended(10).last == "weights 1.00 -2.00, bias 3.00")
  }

  @Test func equalWeightsStayEqual() throws {
    let (wrong, mended) = try (Self.wrong(11), Self.mended(11))
    func weights(_ lines: [String]) -> Set<Substring> { Set(lines.last!.split(separator: " ").suffix(8)) }
    #expect(weights(wrong).count == 1 && Self.numbers("loss", wrong).last! > 0.1)
    #expect(weights(mended).count > 4 && mended.contains("answers: 0.00 1.00 1.00 0.00"))
  }

  @Test func labelsOfTheNextSampleAreLearntByHeartOnly() throws {
    let (wrong, mended) = try (Self.wrong(12).last!, Self.mended(12).last!)
    #expect(Self.numbers("accuracy", [wrong])[0] > 0.5 && wrong.hasSuffix("test accuracy 0.2"), "\(wrong)")
    #expect(mended.hasSuffix("accuracy 1.0, test accuracy 0.9"), "\(mended)")
  }

  @Test func copiesInTheTestForetellCoins() throws {
    #expect(try Self.wrong(13).last == "test: 80 samples, accuracy 1.0")
    #expect(try Self.mended(13).last == "test: 80 samples, accuracy 0.5")
  }

  @Test func anomalyModeNamesTheOperation() throws {
    let message = try Self.message(14)
    #expect(message.contains("detectAnomaly: div made a NaN out of inputs that have none (shapes [500, 64], [64])"))
    let mended = try Self.mended(14)
    #expect(mended.count == 3 && mended[0] == mended[2] && mended[0] == "loss after 100 steps: 0.00")
  }

  @Test func aNumberHasNoGradient() throws {
    let (wrong, mended) = try (Self.wrong(15), Self.mended(15))
    #expect(Set(Self.numbers("k", wrong)) == [0.1] && Self.numbers("loss", wrong).last! > 100)
    #expect(mended.last == "step 300: loss 0.00, a 70.00, k 0.50")
  }

  // MARK: The files

  private static func files(_ folder: String) throws -> [String: [String]] {
    let folder = Repository.url("Lessons/Clinic/\(folder)")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path())
    return try Dictionary(
      uniqueKeysWithValues: names.map {
        ($0, try String(contentsOf: folder.appending(path: $0), encoding: .utf8).components(separatedBy: "\n"))
      })
  }

  /// So that a reader finds the repair: at most three lines of a file, and at most 45 to look through.
  @Test func programsAreShortAndRepairsAreSmall() throws {
    let (wrong, mended) = try (Self.files("Wrong"), Self.files("Mended"))
    #expect(wrong.count == 15 && wrong.keys == mended.keys)
    for (name, lines) in wrong {
      let changes = mended[name]!.difference(from: lines)
      #expect(!changes.isEmpty && max(changes.insertions.count, changes.removals.count) <= 3, "\(name)")
      #expect(lines.count <= 46, "\(name)")
      #expect(lines[0].hasPrefix("// "), "\(name) begins with what it is meant to do")
    }
  }

  // MARK: The command line

  @Test func listsThePrograms() throws {
    let result = try Program.run("clinic", [])
    #expect(result.status == 0)
    #expect(
      result.output.split(separator: "\n").map { $0.prefix(3).trimmingCharacters(in: .whitespaces) }
        == (1...15).map(String.init))
    for number in ["0", "16"] {
      let refused = try Program.run("clinic", [number])
      #expect(refused.status == 64 && refused.output.isEmpty)
      #expect(
        refused.error.hasPrefix("Error: There is no program \(number) in the clinic. There are:\n\(result.output)"))
    }
    let alone = try Program.run("clinic", ["--mended"])
    #expect(alone.status == 64 && alone.error.hasPrefix("Error: --mended goes with the number of a program."))
  }
}
