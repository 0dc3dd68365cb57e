import Kindling

/// Samples that are asked for by their number: PyTorch's `Dataset`.
///
/// A sample is a tensor, or two: an input and a target. A data set of your own says how many there are and gives one:
///
/// ```swift
/// struct Squares: Dataset {
///   let count = 100
///   subscript(index: Int) -> (Tensor, Tensor) { (Tensor(Double(index)), Tensor(Double(index * index))) }
/// }
/// ```
public protocol Dataset<Sample> {
  /// What one sample is, and, stacked, a batch of them: `Tensor` or `(Tensor, Tensor)`.
  associatedtype Sample
  /// How many samples there are.
  var count: Int { get }
  /// The sample of a number from 0 to count - 1.
  subscript(_ index: Int) -> Sample { get }
  /// Several samples as one, with a new first dimension that counts them. PyTorch's `__getitems__` and `default_collate`.
  func batch(_ indices: [Int]) -> Sample
}

extension Dataset where Sample == Tensor {
  /// The samples one by one, stacked: [indices.count, …].
  public func batch(_ indices: [Int]) -> Tensor { stack(indices.map { self[$0] }) }
}

extension Dataset where Sample == (Tensor, Tensor) {
  /// The samples one by one, inputs and targets stacked: [indices.count, …] each.
  public func batch(_ indices: [Int]) -> (Tensor, Tensor) {
    let samples = indices.map { self[$0] }
    return (stack(samples.map { $0.0 }), stack(samples.map { $0.1 }))
  }
}

/// Samples that lie in two tensors, one after the other along the first dimension.
public struct TensorDataset: Dataset {
  /// The inputs, [count, …].
  public let x: Tensor
  /// The targets, [count, …].
  public let y: Tensor

  /// Pairs of rows of `x` and `y`. Ends the program if there are not as many of each.
  public init(_ x: Tensor, _ y: Tensor) {
    if x.rank == 0 || y.rank == 0 || x.shape[0] != y.shape[0] {
      fail(
        "TensorDataset",
        "inputs of shape \(x.shape) and targets of shape \(y.shape) do not pair up; both need the same first size")
    }
    (self.x, self.y) = (x, y)
  }

  /// How many samples there are.
  public var count: Int { x.shape[0] }

  /// An input and its target, without the first dimension; views.
  public subscript(_ index: Int) -> (Tensor, Tensor) { (x[index], y[index]) }

  /// Copies of several rows: [indices.count, …] each, where the tensors live.
  public func batch(_ indices: [Int]) -> (Tensor, Tensor) {
    let index = Tensor(indices).to(x.device)
    return (x.indexSelect(dim: 0, index: index), y.indexSelect(dim: 0, index: index.to(y.device)))
  }
}

/// Some samples of another data set.
public struct Subset<Base: Dataset>: Dataset {
  /// Where the samples come from.
  public let base: Base
  /// The numbers that they have there.
  public let indices: [Int]

  /// The samples of these numbers, in this order. Ends the program if there are none of such a number.
  public init(_ base: Base, _ indices: [Int]) {
    if let stranger = indices.first(where: { $0 < 0 || $0 >= base.count }) {
      fail("Subset", "there is no sample \(stranger); there are \(base.count)")
    }
    (self.base, self.indices) = (base, indices)
  }

  /// How many samples there are.
  public var count: Int { indices.count }

  /// The sample of a number that counts within the subset.
  public subscript(_ index: Int) -> Base.Sample { base[indices[index]] }

  /// Several samples as one.
  public func batch(_ indices: [Int]) -> Base.Sample { base.batch(indices.map { self.indices[$0] }) }
}

/// Divides a data set at random into parts of these sizes: PyTorch's `random_split`, with the same samples in each part
/// after the same seed. Ends the program if the sizes do not add up to the number of samples.
///
/// - Parameters:
///   - dataset: What is divided.
///   - lengths: How many samples each part has.
///   - generator: What the order is drawn from; the thread's own if nil.
public func randomSplit<Base: Dataset>(
  _ dataset: Base, _ lengths: [Int], generator: Generator? = nil
) -> [Subset<Base>] {
  if lengths.contains(where: { $0 < 0 }) || lengths.reduce(0, +) != dataset.count {
    fail("randomSplit", "parts of \(lengths) samples; together they must have all \(dataset.count)")
  }
  let order = (generator ?? .default).permutation(dataset.count).map { Int($0) }
  var start = 0
  return lengths.map { length in
    defer { start += length }
    return Subset(dataset, Array(order[start..<start + length]))
  }
}

/// Divides a data set at random into parts that have these shares of it: `randomSplit(data, [0.8, 0.2])`.
///
/// Each part gets its share rounded down, and what is left over goes to the parts in turn, from the first on. Ends the
/// program if a share is below 0, or if they do not add up to 1.
///
/// - Parameters:
///   - dataset: What is divided.
///   - shares: The share of each part, from 0 to 1.
///   - generator: What the order is drawn from; the thread's own if nil.
public func randomSplit<Base: Dataset>(
  _ dataset: Base, _ shares: [Double], generator: Generator? = nil
) -> [Subset<Base>] {
  // The sum of tenths is not quite 1.
  if shares.contains(where: { !($0 >= 0) }) || !(abs(shares.reduce(0, +) - 1) <= 1e-9) {
    fail("randomSplit", "shares of \(shares); none may be below 0, and together they must be 1")
  }
  var lengths = shares.map { Int((Double(dataset.count) * $0).rounded(.down)) }
  let rest = max(0, dataset.count - lengths.reduce(0, +))
  for i in 0..<rest { lengths[i % lengths.count] += 1 }
  return randomSplit(dataset, lengths, generator: generator)
}
