// Which backend serves a device.

extension Device {
  /// What a device can be called, for messages and options.
  package static let names = "cpu, cuda, cuda:1, cuda-emulator or auto"

  /// The device of that name: `cpu`, `cuda`, `cuda:1`, `cuda-emulator`, or `auto` for a GPU if there is one, else the CPU.
  ///
  /// - Throws: `KindlingError` for a name that is none, or a device that is not there, with what was looked for.
  public init(_ name: String) throws {
    switch name {
    case "cpu": self = .cpu
    case "auto": self = Device.automatic().device
    case "cuda": self = .cuda
    case "cuda-emulator": self = .cudaEmulator
    default:
      guard name.hasPrefix("cuda:"), let index = Int(name.dropFirst(5)), (0...1023).contains(index) else {
        throw KindlingError("no device is called \(name); it can be \(Device.names)")
      }
      self = .cuda(index)
    }
    try open()
  }

  /// Makes the device ready, which the first tensor on it would do otherwise.
  ///
  /// - Throws: `KindlingError` if it is not there, with what was looked for.
  public func open() throws { if kind != .cpu { _ = try CUDABackend.backend(for: self) } }

  /// Whether tensors can live on this device here.
  public var isAvailable: Bool {
    do { try open() } catch { return false }
    return true
  }

  /// Waits until the device has done everything it was asked for: before reading a clock.
  public func synchronize() { backend.synchronize() }

  /// The backend that serves this device. Ends the program if it is not there. The one place that knows them all.
  package var backend: any Backend {
    KernelTimes.isOn ? ProfiledBackend.of(own) : own
  }

  private var own: any Backend {
    if kind == .cpu { return CPUBackend.shared }
    do { return try CUDABackend.backend(for: self) } catch { fail("Device", "\(error)") }
  }
}
