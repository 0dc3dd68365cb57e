import Foundation
import Kindling
import KindlingData
import TestSupport
import Testing

/// What PyTorch's loaders gave (Tests/Reference/tables/batches.py).
private struct LoaderCase: Decodable, Sendable, CustomTestStringConvertible {
  let seed, count, batchSize: Int
  let shuffle, dropLast: Bool
  let own: Int?
  let takes: [Int]
  let epochs: [[[Int]]]
  let after: [Int64]

  var testDescription: String {
    "\(count) by \(batchSize), shuffle \(shuffle), dropLast \(dropLast), own \(own ?? -1), seed \(seed), takes \(takes)"
  }

  static let all = ReferenceFile.rows("batches.json", of: Row.self)["loaders"]!.map(\.loader!)

  func loader(_ generator: Generator?) -> DataLoader<Numbers> {
    DataLoader(Numbers(count: count), batchSize: batchSize, shuffle: shuffle, dropLast: dropLast, generator: generator)
  }
}

private struct SplitCase: Decodable, Sendable {
  let count, seed: Int
  let lengths: [Int]
  let shares: [Double]
  let parts: [[Int]]

  static let all = ReferenceFile.rows("batches.json", of: Row.self)["splits"]!.map(\.split!)
}

/// The file has rows of two kinds.
private struct Row: Decodable {
  let loader: LoaderCase?
  let split: SplitCase?

  init(from decoder: any Decoder) throws {
    loader = try? LoaderCase(from: decoder)
    split = try? SplitCase(from: decoder)
  }
}

/// 0, 1, 2, …, one by one, so that the protocol's own stacking is used.
private struct Numbers: Dataset {
  let count: Int
  subscript(index: Int) -> Tensor { Tensor(index) }
}

@Suite struct DataLoaderTests {
  @Test(arguments: LoaderCase.all.indices) func handsOutPyTorchsBatches(_ index: Int) {
    let row = LoaderCase.all[index]
    manualSeed(row.seed)
    let own = row.own.map { Generator(seed: $0) }
    let loader = row.loader(own)
    for (take, expected) in zip(row.takes, row.epochs) {
      let iterator = loader.makeIterator()
      var batches: [[Int]] = []
      while take < 0 || batches.count < take, let batch = iterator.next() {
        batches.append(batch.toArray(of: Int.self))
      }
      #expect(batches == expected, "\(row.testDescription)")
    }
    // A draw too many or too few shows in the next number.
    for (generator, number) in zip([Generator.default, own ?? .default], row.after) {
      #expect(
        Tensor.randint(0, 1 << 20, [], generator: generator).item(as: Int64.self) == number, "\(row.testDescription)")
    }
  }

  @Test func splitsAsPyTorchDoes() {
    for row in SplitCase.all {
      let (data, generator) = (Numbers(count: row.count), Generator(seed: row.seed))
      let parts =
        row.lengths.isEmpty
        ? randomSplit(data, row.shares, generator: generator) : randomSplit(data, row.lengths, generator: generator)
      #expect(parts.map(\.indices) == row.parts, "\(row.lengths) \(row.shares)")
    }
  }

  /// From every place of two epochs, with the thread's generator and with its own, saved and read in another loader.
  @Test(arguments: [12, 10, 1], [false, true]) func goesOnInTheMiddleOfAnEpoch(_ count: Int, _ hasOwn: Bool) throws {
    for dropLast in [false, true] {
      func loader() -> DataLoader<Numbers> {
        DataLoader(
          Numbers(count: count), batchSize: 3, shuffle: true, dropLast: dropLast,
          generator: hasOwn ? Generator(seed: 1) : nil)
      }
      manualSeed(7)
      let first = loader()
      var whole: [[Int]] = []
      var states: [(places: Int, loader: [String: Tensor], thread: [Int64])] = []
      func save() { states.append((whole.count, first.stateDict(), Generator.default.getState())) }
      save()
      for _ in 0..<3 {
        for batch in first {
          whole.append(batch.toArray(of: Int.self))
          save()
        }
        whole.append([-1])
        save()
      }
      for state in states {
        let second = loader()
        try second.load(stateDict: state.loader)
        try Generator.default.setState(state.thread)
        var rest = Array(whole[..<state.places])
        while rest.count < whole.count {
          for batch in second { rest.append(batch.toArray(of: Int.self)) }
          rest.append([-1])
        }
        #expect(rest == whole, "from \(state.places)")
      }
    }
  }

  @Test func aStateThatDoesNotFitIsRefused() throws {
    let generator = Generator(seed: 0)
    let loader = DataLoader(Numbers(count: 4), batchSize: 2, generator: generator)
    let iterator = loader.makeIterator()
    _ = iterator.next()
    let state = loader.stateDict()
    func refused(_ problem: String, _ change: (inout [String: Tensor]) -> Void) {
      var changed = state
      change(&changed)
      let message = "this state dict does not fit DataLoader: \(problem)"
      #expect(throws: KindlingError(message)) { try loader.load(stateDict: changed) }
    }
    refused("order is missing") { $0["order"] = nil }
    refused("there is no place for x") { $0["x"] = Tensor(1) }
    refused("order is float32, and should be int64") { $0["order"] = Tensor.zeros(4) }
    refused("its order has 3 samples, and there are 4") { $0["order"] = Tensor([0, 1, 2]) }
    refused("its order does not have each sample once") { $0["order"] = Tensor([0, 1, 2, 2]) }
    refused("its position is [3], and an epoch has 2 batches there") { $0["position"] = Tensor(3) }
    refused("its position is [-1], and an epoch has 2 batches there") { $0["position"] = Tensor(-1) }
    #expect(throws: KindlingError("Generator.setState: this is no state of a generator")) {
      var changed = state
      changed["generator"] = Tensor([1, 2, 3])
      try loader.load(stateDict: changed)
    }
    #expect(loader.position == 1)
    #expect(iterator.next()?.toArray(of: Int.self) == [2, 3])
  }

  @Test func aGeneratorGoesOnWhereItStood() throws {
    let generator = Generator(seed: 3)
    // A normal number is kept for the next draw, and the block of words is spent in part.
    _ = Tensor.randn(1, generator: generator)
    let state = generator.getState()
    let expected = [
      Tensor.randn(3, generator: generator), Tensor.rand(1000, dtype: .float64, generator: generator),
    ].map { $0.toArray() }
    let other = Generator(seed: 4)
    try other.setState(state)
    #expect(other.initialSeed == 3 && other.getState() == state)
    let again = [Tensor.randn(3, generator: other), Tensor.rand(1000, dtype: .float64, generator: other)]
    #expect(again.map { $0.toArray() } == expected)
  }

  @Test func pairsOfTensorsComeInBatches() {
    let data = TensorDataset(Tensor.arange(12).reshape(6, 2), Tensor([0, 1, 2, 3, 4, 5]))
    let part = Subset(data, [5, 0, 3])
    #expect(data.count == 6 && part.count == 3)
    #expect(part[0].0.toArray() == [10, 11] && part[0].1.item() == 5)
    var batches = 0
    for (x, y) in DataLoader(part, batchSize: 2) {
      #expect(x.shape == [y.elementCount, 2])
      #expect(y.toArray() == [[5, 0], [3]][batches])
      batches += 1
    }
    #expect(batches == 2)
  }

  @Test func normalisesByTheTrainingSamples() {
    let normalize = Normalize(fittedTo: Tensor([[1.0, 5], [3, 5]]))
    #expect(normalize(Tensor([[1.0, 5], [3, 5], [4, 6]])).toArray() == [-1, 0, 1, 0, 2, 1])
    let own = Normalize(mean: Tensor([2.0]), std: Tensor([4.0]))
    #expect(own(Tensor([2.0, 6.0])).toArray() == [0, 1])
  }

  static let mistakes = [
    Mistake("DataLoader: a batch of 0 samples; it needs at least 1") {
      _ = DataLoader(Numbers(count: 3), batchSize: 0)
    },
    Mistake("Subset: there is no sample 3; there are 3") { _ = Subset(Numbers(count: 3), [0, 3]) },
    Mistake("randomSplit: parts of [1, 1] samples; together they must have all 3") {
      _ = randomSplit(Numbers(count: 3), [1, 1])
    },
    Mistake("randomSplit: shares of [0.5, 0.4]; none may be below 0, and together they must be 1") {
      _ = randomSplit(Numbers(count: 3), [0.5, 0.4])
    },
    Mistake(
      "TensorDataset: inputs of shape [2, 3] and targets of shape [3] do not pair up; both need the same first size"
    ) { _ = TensorDataset(Tensor.zeros(2, 3), Tensor.zeros(3)) },
    Mistake("Normalize: samples of shape [0, 2] have no mean") { _ = Normalize(fittedTo: Tensor.zeros(0, 2)) },
  ]

  @Test(arguments: mistakes.indices) func aMistakeEndsTheProgram(_ index: Int) async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { [index] in
      DataLoaderTests.mistakes[index].make()
    }
    #expect(fatalMessage(result) == Self.mistakes[index].message)
  }
}
