import CUDADriver

/// What a CUDA device is.
public struct DeviceProperties: Sendable {
  /// The device's name, such as `NVIDIA H100 80GB HBM3`.
  public let name: String
  /// How much memory it has, in bytes.
  public let memoryByteCount: Int
  /// The generation of the hardware: 7.5 for Turing, 9.0 for Hopper. The kernels need 7.5 or newer.
  public let computeCapability: (major: Int, minor: Int)
  /// How many multiprocessors work side by side.
  public let multiprocessorCount: Int
  /// The newest version of CUDA that the driver knows. The kernels need 12.0 or newer.
  public let driverVersion: (major: Int, minor: Int)

  fileprivate init(_ properties: KindlingCUDAProperties) {
    name = withUnsafeBytes(of: properties.name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    memoryByteCount = Int(properties.memoryBytes)
    computeCapability = (Int(properties.computeMajor), Int(properties.computeMinor))
    multiprocessorCount = Int(properties.multiprocessors)
    driverVersion = (Int(properties.driverVersion) / 1000, Int(properties.driverVersion) % 1000 / 10)
  }
}

extension Device {
  /// What `auto` names: the first GPU if it can be used, else the CPU.
  ///
  /// - Returns: The device, and why a GPU that is there cannot be used.
  package static func automatic() -> (device: Device, problem: String?) {
    do { try Device.cuda.open() } catch { return (.cpu, CUDABackend.hasGPU ? "\(error)" : nil) }
    return (.cuda, nil)
  }

  /// How many GPUs the CUDA driver sees.
  ///
  /// - Throws: `KindlingError` if there is no driver or it is too old, with what was looked for.
  public static func cudaDeviceCount() throws -> Int {
    let driver = try CUDABackend.driver(for: .cuda)
    var count: Int32 = 0
    try CUDABackend.thrown(KindlingCUDADeviceCount(driver, &count), .cuda)
    return Int(count)
  }

  /// What this CUDA device, or the emulator, is; nil for the CPU.
  ///
  /// - Throws: `KindlingError` if it is not there, with what was looked for.
  public func properties() throws -> DeviceProperties? {
    if kind == .cpu { return nil }
    var properties = KindlingCUDAProperties()
    try CUDABackend.thrown(
      KindlingCUDADescribe(try CUDABackend.driver(for: self), Int32(index), &properties), self)
    return DeviceProperties(properties)
  }
}
