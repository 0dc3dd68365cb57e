/// Where a tensor's elements live and its operations run.
public struct Device: Hashable, Sendable, CustomStringConvertible {
  enum Kind: Hashable, Sendable { case cpu, cuda, cudaEmulator }
  let kind: Kind
  /// Which of several devices of one kind, from 0.
  public let index: Int

  /// The processor.
  public static let cpu = Device(kind: .cpu, index: 0)

  /// PyTorch's spelling: `cpu`.
  public var description: String {
    switch kind {
    case .cpu: "cpu"
    case .cuda: "cuda:\(index)"
    case .cudaEmulator: "cuda-emulator"
    }
  }
}
