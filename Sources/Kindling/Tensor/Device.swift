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

extension Device {
  /// The device of that name: `cpu`, `cuda`, `cuda:1`, `cuda-emulator`, or `auto` for the fastest that is there.
  ///
  /// - Throws: `KindlingError` for a name that is none, or a device that is not there.
  public init(_ name: String) throws {
    switch name {
    case "cpu", "auto": self = .cpu
    case "cuda-emulator": throw KindlingError("--device \(name): there is no emulator yet; use cpu")
    default:
      if name == "cuda" || (name.hasPrefix("cuda:") && Int(name.dropFirst(5)).map { $0 >= 0 } ?? false) {
        throw KindlingError("--device \(name): there are no CUDA kernels yet; use cpu")
      }
      throw KindlingError("--device \(name): no such device; it can be cpu, cuda, cuda:1, cuda-emulator or auto")
    }
  }
}
