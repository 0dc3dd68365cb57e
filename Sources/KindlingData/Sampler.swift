/// Which samples a loader hands out, and in which order: PyTorch's `Sampler`.
public protocol Sampler {
  /// How many samples an epoch has.
  var count: Int { get }
  /// Their numbers in the order of an epoch; the first epoch is 0.
  func order(epoch: Int) -> [Int]
}
