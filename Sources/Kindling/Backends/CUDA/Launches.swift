import CUDADriver
import Synchronization

/// One launch of a kernel on a CUDA device.
public struct KernelLaunch: Hashable, Sendable, CustomStringConvertible {
  /// The kernel's name, as in its `.cu` file.
  public let kernel: String
  /// How many blocks, along x, y and z.
  public let grid: SIMD3<UInt32>
  /// How many threads in a block, along x, y and z.
  public let block: SIMD3<UInt32>
  /// The size of each argument in bytes.
  package let parameterSizes: [Int]

  /// Such as `reduce_sum_float32_rows, (1, 1, 1) blocks of (32, 8, 1) threads`.
  public var description: String {
    "\(kernel), (\(grid.x), \(grid.y), \(grid.z)) blocks of (\(block.x), \(block.y), \(block.z)) threads"
  }

  fileprivate init(_ launch: KindlingCUDALaunch) {
    kernel = String(cString: launch.entry)
    grid = SIMD3(launch.grid.0, launch.grid.1, launch.grid.2)
    block = SIMD3(launch.block.0, launch.block.1, launch.block.2)
    parameterSizes = (0..<Int(launch.parameterCount)).map { launch.sizes![$0] }
  }
}

extension Device {
  /// The kernels that `body` launches on this device, in order; none on the CPU, which has no launches.
  ///
  /// ```swift
  /// print(Device.cudaEmulator.launches { loss.backward() })
  /// ```
  public func launches(in body: () throws -> Void) rethrows -> [KernelLaunch] {
    guard let backend = backend.unprofiled as? CUDABackend else {
      try body()
      return []
    }
    let noted = Notes()
    // The observer is a C function, which carries nothing along but a pointer.
    let status = KindlingCUDAObserve(
      backend.handle,
      { launch, notes in
        let notes = Unmanaged<Notes>.fromOpaque(notes!).takeUnretainedValue()
        notes.launches.withLock { $0.append(KernelLaunch(launch.pointee)) }
      }, Unmanaged.passUnretained(noted).toOpaque())
    backend.check(status, "launches")
    do {
      // At its end an optimizer's step that still waits is launched, and noted.
      defer { withExtendedLifetime(noted) { backend.check(KindlingCUDAObserve(backend.handle, nil, nil), "launches") } }
      try body()
    }
    return noted.launches.withLock { $0 }
  }
}

private final class Notes: Sendable {
  let launches = Mutex<[KernelLaunch]>([])
}
