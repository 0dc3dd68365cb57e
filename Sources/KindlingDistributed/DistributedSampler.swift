import Kindling
import KindlingData

/// The samples that one process of several trains on: PyTorch's `DistributedSampler`.
///
/// ```swift
/// let loader = DataLoader(data, batchSize: 16, sampler: DistributedSampler(data.count, group))
/// ```
///
/// All samples are put in an order that only the seed and the epoch decide, so that it is the same in all processes, and are dealt
/// out like cards: rank r of n gets numbers r, r + n, r + 2n, … A batch of each process is then what one process would have had
/// as one larger batch. For all to have as many, the first samples are dealt once more at the end; or, with `dropLast`, the last
/// ones are left out. The orders are PyTorch's, and the loader counts the epochs: there is no `set_epoch` to forget.
public struct DistributedSampler: Sampler {
  /// How many samples there are in all.
  public let sampleCount: Int
  /// Whose share this is.
  public let rank: Int
  /// How many share the samples.
  public let size: Int
  /// Whether each epoch has another order.
  public let shuffle: Bool
  /// What the orders are drawn from, together with the epoch.
  public let seed: Int
  /// Whether samples that cannot be dealt out evenly are left out, rather than some dealt twice.
  public let dropLast: Bool

  /// The share of a rank. Ends the program if there is no such rank, or no sample.
  public init(
    _ sampleCount: Int, rank: Int, of size: Int, shuffle: Bool = true, seed: Int = 0, dropLast: Bool = false
  ) {
    if !(0..<size).contains(rank) { fail("DistributedSampler", "there is no rank \(rank) of \(size)") }
    if sampleCount < 1 { fail("DistributedSampler", "there are no samples to share") }
    (self.sampleCount, self.rank, self.size) = (sampleCount, rank, size)
    (self.shuffle, self.seed, self.dropLast) = (shuffle, seed, dropLast)
  }

  /// The share of this process. Ends the program in a group of shards, each of which has a share of its own: take
  /// ``init(_:rank:of:shuffle:seed:dropLast:)`` for each of `group.ranks`.
  public init(
    _ sampleCount: Int, _ group: ProcessGroup, shuffle: Bool = true, seed: Int = 0, dropLast: Bool = false
  ) {
    if group.ranks.count > 1 {
      fail("DistributedSampler", "this process does the work of \(group.size): name the rank")
    }
    self.init(sampleCount, rank: group.rank, of: group.size, shuffle: shuffle, seed: seed, dropLast: dropLast)
  }

  /// How many samples each rank gets in an epoch.
  public var count: Int { dropLast ? sampleCount / size : (sampleCount + size - 1) / size }

  /// The numbers of this rank's samples, in the order of an epoch.
  public func order(epoch: Int) -> [Int] {
    let all = shuffle ? Generator(seed: seed + epoch).permutation(sampleCount).map { Int($0) } : Array(0..<sampleCount)
    return (0..<count).map { all[($0 * size + rank) % sampleCount] }
  }
}
