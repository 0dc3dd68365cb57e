/// Where a tensor's elements live and its operations run.
public struct Device: Hashable, Sendable, CustomStringConvertible {
  package enum Kind: Hashable, Sendable { case cpu, cuda, cudaEmulator }
  package let kind: Kind
  /// Which of several devices of one kind, from 0.
  public let index: Int

  private init(kind: Kind, index: Int) {
    self.kind = kind
    self.index = index
  }

  /// The processor.
  public static let cpu = Device(kind: .cpu, index: 0)
  /// The first NVIDIA GPU.
  public static let cuda = Device(kind: .cuda, index: 0)
  /// An NVIDIA GPU, counted from 0.
  public static func cuda(_ index: Int) -> Device { Device(kind: .cuda, index: index) }
  /// The same CUDA kernels, run on the processor by an emulator: slow, and there on every machine.
  public static let cudaEmulator = Device(kind: .cudaEmulator, index: 0)

  /// PyTorch's spelling: `cpu`, `cuda:0`; and `cuda-emulator`.
  public var description: String {
    switch kind {
    case .cpu: "cpu"
    case .cuda: "cuda:\(index)"
    case .cudaEmulator: "cuda-emulator"
    }
  }
}
