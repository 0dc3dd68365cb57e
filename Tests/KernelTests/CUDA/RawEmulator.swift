import CUDADriver
import CUDAEmulator

/// A device of the emulator with no backend in between, so that a kernel of any name can be launched, however wrong.
struct RawEmulator {
  let device: OpaquePointer

  init(_ driver: UnsafePointer<KindlingCUDADriver> = KindlingEmulatorDriver()) {
    var device: OpaquePointer?
    let status = KindlingCUDAOpen(driver, 0, &device)
    precondition(status == .success)
    self.device = device!
  }

  /// Numbers in the device's memory, which begin and end there exactly.
  func place(_ numbers: [Float]) -> UnsafeMutableRawPointer {
    var pointer: UnsafeMutableRawPointer?
    _ = KindlingCUDAAllocate(device, numbers.count * 4, &pointer)
    _ = numbers.withUnsafeBytes { KindlingCUDACopyIn(device, pointer!, $0.baseAddress!, $0.count) }
    return pointer!
  }

  func read(_ pointer: UnsafeMutableRawPointer, _ count: Int) -> [Float] {
    [Float](unsafeUninitializedCapacity: count) { buffer, filled in
      _ = KindlingCUDACopyOut(device, UnsafeMutableRawPointer(buffer.baseAddress!), pointer, count * 4)
      filled = count
    }
  }

  /// A step of SGD, which waits for others of its kind.
  func queueStep(_ parameter: UnsafeMutableRawPointer, _ gradient: UnsafeMutableRawPointer, count: Int) {
    var options = KernelSGD()
    options.learningRate = 1
    _ = KindlingCUDAOptimizerStep(device, .sgd, &options, .float32, Int64(count), parameter, gradient, KernelMemory())
  }

  /// Launches a kernel and waits for it. The message if that failed.
  func launch(
    _ kernel: String, grid: (UInt32, UInt32, UInt32) = (1, 1, 1), block: (UInt32, UInt32, UInt32),
    _ pointers: [UnsafeMutableRawPointer], count: Int
  ) -> String? {
    if let message = queue(kernel, grid: grid, block: block, pointers, count: count) { return message }
    return KindlingCUDASynchronize(device) == .success ? nil : String(cString: KindlingCUDAMessage())
  }

  /// Launches a kernel whose parameters are pointers and, last, a 64-bit number. The message if that failed.
  func queue(
    _ kernel: String, grid: (UInt32, UInt32, UInt32) = (1, 1, 1), block: (UInt32, UInt32, UInt32),
    _ pointers: [UnsafeMutableRawPointer], count: Int
  ) -> String? {
    let arguments = UnsafeMutableBufferPointer<UInt64>.allocate(capacity: pointers.count + 1)
    let places = UnsafeMutableBufferPointer<UnsafeMutableRawPointer>.allocate(capacity: arguments.count)
    defer {
      arguments.deallocate()
      places.deallocate()
    }
    for (i, word) in (pointers.map { UInt64(UInt(bitPattern: $0)) } + [UInt64(count)]).enumerated() {
      arguments.initializeElement(at: i, to: word)
      places.initializeElement(at: i, to: UnsafeMutableRawPointer(arguments.baseAddress! + i))
    }
    let sizes = [Int](repeating: 8, count: arguments.count)
    return kernel.withCString { kernel in
      sizes.withUnsafeBufferPointer { sizes in
        var launch = KindlingCUDALaunch(
          entry: kernel, grid: grid, block: block, parameterCount: Int32(sizes.count),
          parameters: UnsafePointer(places.baseAddress!), sizes: sizes.baseAddress)
        let status = KindlingCUDALaunchKernel(device, &launch)
        return status == .success ? nil : String(cString: KindlingCUDAMessage())
      }
    }
  }
}
