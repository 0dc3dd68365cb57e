import Foundation
import Kindling
import TestSupport
import Testing

/// What PyTorch and NumPy drew (Tests/Reference/randomStreams.py).
struct RandomReference: Decodable, Sendable {
  struct Call: Decodable, Sendable {
    let name: String
    let count: Int
    let arguments: [Double]?
    let range: [Int64]?
    let numbers: [Double]?
    let checksum: UInt64?
    let integers: [Int64]?
  }
  struct TorchStream: Decodable, Sendable, CustomTestStringConvertible {
    let seed: Int
    let calls: [Call]
    var testDescription: String { "seed \(seed)" }
  }
  struct NumPyStream: Decodable, Sendable, CustomTestStringConvertible {
    let seed: Int
    let rand, randn, randnLarge, randnLast: [Double]
    var testDescription: String { "seed \(seed)" }
  }
  struct Sum: Decodable, Sendable {
    let count: Int
    let sum: Double
  }
  struct Lesson: Decodable, Sendable {
    let seed: Int
    let losses: [Double]
  }

  let torch: [TorchStream]
  let numpy: [NumPyStream]
  let sums: [Sum]
  let lessons: [Lesson]

  static let shared: RandomReference = {
    let file = ReferenceFile.url("random.json")
    do {
      return try JSONDecoder().decode(RandomReference.self, from: Data(contentsOf: file))
    } catch {
      fatalError("\(file.path): \(error)")
    }
  }()

  /// The places of a long array that the reference keeps: the twin of `sample` in randomStreams.py.
  static func sample<Element>(_ values: [Element]) -> [Element] {
    if values.count <= 100 { return values }
    return stride(from: 0, to: values.count, by: 4999).map { values[$0] } + values.suffix(20)
  }
}

/// An array of `count` elements, written by `fill`.
private func filled<Element>(
  _ count: Int, _ zero: Element, _ fill: (UnsafeMutableBufferPointer<Element>) -> Void
) -> [Element] {
  var values = [Element](repeating: zero, count: count)
  values.withUnsafeMutableBufferPointer { fill($0) }
  return values
}

@Suite struct GeneratorTests {
  /// One generator makes all the calls, one after the other, so that a draw too many or too few in one shows in the next.
  @Test(arguments: RandomReference.shared.torch)
  func drawsWhatPyTorchDraws(_ stream: RandomReference.TorchStream) throws {
    let generator = Generator(seed: stream.seed)
    #expect(generator.initialSeed == stream.seed)
    for (index, call) in stream.calls.enumerated() {
      let comment: Comment = "call \(index): \(call.name) of \(call.count)"
      switch call.name {
      case "integers", "permutation", "bernoulli":
        let values = RandomReference.sample(try wholeNumbers(call, generator))
        #expect(values == call.integers, comment)
      case "uniform32", "uniform64", "normal32":
        let values = try numbers(call, generator)
        #expect(RandomReference.sample(values) == call.numbers, comment)
        if let checksum = call.checksum { #expect(Self.checksum(values) == checksum, comment) }
      default:
        let values = RandomReference.sample(try numbers(call, generator))
        let expected = try #require(call.numbers)
        try #require(values.count == expected.count, comment)
        let worst = zip(values, expected).map { abs($0 - $1) }.max() ?? 0
        // A few units in the last place of float64 allow for another libm than the one beside PyTorch.
        #expect(worst <= 4e-15, comment)
      }
    }
  }

  /// The bits of each Float times its place, counted from 1: the twin of `checksum` in randomStreams.py.
  private static func checksum(_ values: [Double]) -> UInt64 {
    values.enumerated().reduce(0) { $0 &+ UInt64(Float($1.element).bitPattern) &* UInt64($1.offset + 1) }
  }

  private func wholeNumbers(_ call: RandomReference.Call, _ generator: Generator) throws -> [Int64] {
    switch call.name {
    case "integers":
      let range = try #require(call.range)
      return filled(call.count, 0) { generator.fillIntegers($0, from: range[0], to: range[1]) }
    case "permutation":
      return generator.permutation(call.count)
    default:
      let probability = try #require(call.arguments)[0]
      return filled(call.count, 0 as Float) { generator.fillBernoulli($0, probability: probability) }.map { Int64($0) }
    }
  }

  private func numbers(_ call: RandomReference.Call, _ generator: Generator) throws -> [Double] {
    let arguments = try #require(call.arguments)
    let (first, second) = (arguments[0], arguments[1])
    switch call.name {
    case "uniform32":
      return filled(call.count, 0 as Float) { generator.fillUniform($0, from: first, to: second) }.map { Double($0) }
    case "uniform64":
      return filled(call.count, 0) { generator.fillUniform($0, from: first, to: second) }
    case "normal32":
      return filled(call.count, 0 as Float) { generator.fillNormal($0, mean: first, standardDeviation: second) }
        .map { Double($0) }
    default:
      return filled(call.count, 0) { generator.fillNormal($0, mean: first, standardDeviation: second) }
    }
  }

  @Test func seedingStartsTheStreamAgainAndForgetsTheSpareNormal() {
    let generator = Generator(seed: 3)
    let first = filled(3, 0.0) { generator.fillNormal($0) }
    generator.manualSeed(3)
    #expect(filled(3, 0.0) { generator.fillNormal($0) } == first)
    generator.manualSeed(3 + (1 << 32))
    #expect(filled(3, 0.0) { generator.fillNormal($0) } == first, "only the low 32 bits count")
  }

  @Test func bothFloatTypesGetTheSameBernoulliNumbers() {
    let singles = filled(500, 0 as Float) { Generator(seed: 5).fillBernoulli($0, probability: 0.8) }
    let doubles = filled(500, 0.0) { Generator(seed: 5).fillBernoulli($0, probability: 0.8) }
    #expect(singles.map { Double($0) } == doubles)
    #expect(filled(9, 2.0) { Generator(seed: 5).fillBernoulli($0, probability: 0) } == Array(repeating: 0, count: 9))
    #expect(filled(9, 2.0) { Generator(seed: 5).fillBernoulli($0, probability: 1) } == Array(repeating: 1, count: 9))
  }

  @Test func eachThreadHasItsOwnDefaultGenerator() async {
    // A synchronous stretch: a task may change threads at an await only.
    func drawOnThisThread() -> Double {
      filled(1, 0.0) { Generator.default.fillUniform($0) }[0]
    }
    manualSeed(1)
    let first = drawOnThisThread()
    #expect(first == filled(1, 0.0) { Generator(seed: 1).fillUniform($0) }[0])
    #expect(Generator.default === Generator.default)
    let elsewhere = await withCheckedContinuation { continuation in
      Thread { continuation.resume(returning: filled(1, 0.0) { Generator.default.fillUniform($0) }[0]) }.start()
    }
    #expect(elsewhere == filled(1, 0.0) { Generator().fillUniform($0) }[0], "a new thread starts from the default seed")
  }

  @Test func mistakesAreNamed() async throws {
    let range = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var values: [Int64] = [0]
      values.withUnsafeMutableBufferPointer { Generator().fillIntegers($0, from: 5, to: 5) }
    }
    #expect(text(range).contains("randint: nothing lies from 5 up to, not including, 5"))
    let deviation = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var values = [0.0]
      values.withUnsafeMutableBufferPointer { Generator().fillNormal($0, standardDeviation: -1) }
    }
    #expect(text(deviation).contains("normal: the standard deviation is -1.0"))
    let seed = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = NumPyGenerator(seed: -1)
    }
    #expect(text(seed).contains("the seed is -1; NumPy takes one from 0 to 4294967295"))
  }

  private func text(_ result: ExitTest.Result?) -> String {
    String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
  }
}

@Suite struct NumPyGeneratorTests {
  /// Bit for bit, up to the logarithm of the system's libm: a few ulp of a number below 8.
  @Test(arguments: RandomReference.shared.numpy)
  func drawsWhatNumPyDraws(_ stream: RandomReference.NumPyStream) {
    let random = NumPyGenerator(seed: stream.seed)
    #expect(random.rand(20) == stream.rand)
    #expect(difference(random.randn(3, 5) + random.randn(4), stream.randn) <= 4e-15)
    #expect(difference(RandomReference.sample(random.randn(784, 100)), stream.randnLarge) <= 4e-15)
    #expect(difference(random.randn(1), stream.randnLast) <= 4e-15)
  }

  private func difference(_ x: [Double], _ y: [Double]) -> Double {
    x.count == y.count ? zip(x, y).map { abs($0 - $1) }.max() ?? 0 : .infinity
  }
}
