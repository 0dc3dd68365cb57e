import Kindling

/// Hands out the samples of a data set in batches, all of them once in an epoch: PyTorch's `DataLoader`.
///
/// ```swift
/// let loader = DataLoader(TensorDataset(x, y), batchSize: 32, shuffle: true)
/// for epoch in 0..<10 {
///   for (x, y) in loader {  // [32, …] each; the last batch has what is left
///     …
///   }
/// }
/// ```
///
/// Every `for` is an epoch, with an order of its own. After the same seed the order is PyTorch's.
public final class DataLoader<Data: Dataset>: Sequence {
  /// Where the samples come from.
  public let dataset: Data
  /// How many samples a batch has.
  public let batchSize: Int
  /// Whether each epoch has the samples in another order.
  public let shuffle: Bool
  /// Whether samples that are left over at the end, too few for a batch, are left out.
  public let dropLast: Bool
  /// What the orders are drawn from; nil for the thread's own generator.
  public let generator: Kindling.Generator?
  /// What decides about the order, and which samples there are, if the loader does not do so itself.
  public let sampler: (any Sampler)?

  /// The epoch that is going on; nil between two.
  fileprivate var epoch: Epoch?
  /// The number of the epoch that comes next, or goes on.
  fileprivate var epochNumber = 0
  /// Whether it was loaded, so that the next `for` goes on with it.
  private var goesOn = false

  /// A loader of all samples of `dataset`. Ends the program if a batch would have none.
  public init(
    _ dataset: Data, batchSize: Int = 1, shuffle: Bool = false, dropLast: Bool = false,
    generator: Kindling.Generator? = nil
  ) {
    if batchSize < 1 { fail("DataLoader", "a batch of \(batchSize) samples; it needs at least 1") }
    (self.dataset, self.batchSize, self.shuffle, self.dropLast) = (dataset, batchSize, shuffle, dropLast)
    (self.generator, sampler) = (generator, nil)
  }

  /// A loader of the samples that `sampler` chooses, in its order. Ends the program if a batch would have none.
  public init(_ dataset: Data, batchSize: Int = 1, sampler: any Sampler, dropLast: Bool = false) {
    if batchSize < 1 { fail("DataLoader", "a batch of \(batchSize) samples; it needs at least 1") }
    (self.dataset, self.batchSize, shuffle, self.dropLast) = (dataset, batchSize, false, dropLast)
    (generator, self.sampler) = (nil, sampler)
  }

  /// How many samples an epoch has.
  private var sampleCount: Int { sampler?.count ?? dataset.count }

  /// How many batches an epoch has.
  public var count: Int { (sampleCount + (dropLast ? 0 : batchSize - 1)) / batchSize }

  /// How many batches of the epoch that is going on have been handed out; 0 between two epochs.
  public var position: Int { epoch?.position ?? 0 }

  /// Begins an epoch; or goes on in the middle of one, the first time after ``load(stateDict:)``.
  public func makeIterator() -> Iterator {
    if goesOn, let epoch {
      goesOn = false
      return Iterator(loader: self, epoch: epoch)
    }
    // One that was left in the middle is over.
    if epoch != nil { epochNumber += 1 }
    // PyTorch draws a seed for the processes that could load the samples, also where there are none. With a sampler it is left
    // out here: who has a loader for each of several shares goes on with the numbers of those who have one.
    if sampler == nil { _ = (generator ?? .default).random() }
    let epoch = Epoch(drawOrder)
    self.epoch = epoch
    return Iterator(loader: self, epoch: epoch)
  }

  /// The order of an epoch; it is drawn when the first batch is asked for.
  private func drawOrder() -> [Int] {
    if let sampler { return sampler.order(epoch: epochNumber) }
    if !shuffle { return Array(0..<dataset.count) }
    // Without a generator of its own a loader takes one number from the thread's, as the seed of the order.
    let source = generator ?? Kindling.Generator(seed: Int(Kindling.Generator.default.random()))
    return source.permutation(dataset.count).map { Int($0) }
  }

  /// PyTorch draws one more order when an epoch comes to its end, and takes nothing from it.
  fileprivate func drawAtTheEnd() {
    if shuffle { _ = generator?.permutation(dataset.count) }
  }

  /// An order and how far it has come.
  fileprivate final class Epoch {
    private(set) lazy var order = draw()
    var position = 0
    private let draw: () -> [Int]

    init(_ draw: @escaping () -> [Int]) { self.draw = draw }
  }

  /// The batches of one epoch.
  public struct Iterator: IteratorProtocol {
    fileprivate let loader: DataLoader
    fileprivate let epoch: Epoch

    /// The next batch: its samples as one, stacked along a new first dimension. Nil at the end of the epoch.
    public func next() -> Data.Sample? {
      let (size, order) = (loader.batchSize, epoch.order)
      if epoch.position >= loader.count {
        if loader.epoch === epoch {
          // With a batch that is not full the order was at its end already.
          if loader.dropLast || order.count % size == 0 { loader.drawAtTheEnd() }
          loader.epoch = nil
          loader.epochNumber += 1
        }
        return nil
      }
      let start = epoch.position * size
      let indices = order[start..<Swift.min(start + size, order.count)]
      if indices.count < size { loader.drawAtTheEnd() }
      epoch.position += 1
      return loader.dataset.batch(Array(indices))
    }
  }

  // MARK: Saving and loading

  /// All that the loader needs to go on where it is, also in the middle of an epoch: `order`, the samples' numbers in the order
  /// of the epoch that is going on, and `position`, how many batches of it have been handed out, both empty and 0 between two
  /// epochs; and `generator`, the state of the generator if the loader has one of its own. The thread's own generator is to be
  /// saved beside it: `Generator.default.getState()`. Of a loader with a sampler it is `position` and `epoch`, the number of
  /// the epoch, which are the same for all who share the samples.
  public func stateDict() -> [String: Tensor] {
    if sampler != nil { return ["epoch": Tensor(epochNumber), "position": Tensor(position)] }
    var state = ["order": Tensor(epoch?.order ?? []), "position": Tensor(position)]
    if let generator { state["generator"] = Tensor(generator.getState()) }
    return state
  }

  /// Goes on where the loader was whose `stateDict()` this is: the next `for` has the batches that were left.
  ///
  /// - Throws: `KindlingError` if it is not that of a loader of as many samples, or with a generator on one side only. Nothing
  ///   is taken over then.
  public func load(stateDict: [String: Tensor]) throws {
    func misfit(_ problem: String) -> KindlingError {
      KindlingError("this state dict does not fit DataLoader: \(problem)")
    }
    func take(_ name: String) throws -> [Int] {
      guard let entry = stateDict[name] else { throw misfit("\(name) is missing") }
      if entry.dtype != .int64 { throw misfit("\(name) is \(entry.dtype), and should be int64") }
      return entry.toArray(of: Int.self)
    }
    let known =
      sampler != nil ? ["epoch", "position"] : ["order", "position"] + (generator == nil ? [] : ["generator"])
    if let stranger = stateDict.keys.filter({ !known.contains($0) }).min() {
      throw misfit("there is no place for \(stranger)")
    }
    if let sampler { return try goOn(with: sampler, take("epoch"), take("position"), misfit) }
    let (order, places) = (try take("order"), try take("position"))
    if !order.isEmpty && order.count != dataset.count {
      throw misfit("its order has \(order.count) samples, and there are \(dataset.count)")
    }
    if order.sorted() != Array(0..<order.count) { throw misfit("its order does not have each sample once") }
    guard places.count == 1, (0...(order.isEmpty ? 0 : count)).contains(places[0]) else {
      throw misfit("its position is \(places), and an epoch has \(order.isEmpty ? 0 : count) batches there")
    }
    if let generator { try generator.setState(take("generator").map { Int64($0) }) }
    goesOn = !order.isEmpty
    epoch = goesOn ? Epoch { order } : nil
    epoch?.position = places[0]
  }

  private func goOn(
    with sampler: any Sampler, _ epochs: [Int], _ places: [Int], _ misfit: (String) -> KindlingError
  ) throws {
    guard epochs.count == 1, epochs[0] >= 0 else { throw misfit("its epoch is \(epochs)") }
    guard places.count == 1, (0...count).contains(places[0]) else {
      throw misfit("its position is \(places), and an epoch has \(count) batches there")
    }
    (epochNumber, goesOn) = (epochs[0], true)
    epoch = Epoch { sampler.order(epoch: epochs[0]) }
    epoch?.position = places[0]
  }
}
