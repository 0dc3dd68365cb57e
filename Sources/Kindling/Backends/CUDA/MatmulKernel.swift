import CUDADriver

/// The ladder of matrix products for CUDA: the same result on every rung, each faster than the one before.
///
/// Sources/Kernels/Matmul/cuda.cu has them one after the other; each says what held up the one below.
public enum MatmulKernel: String, CaseIterable, Sendable {
  /// What is fastest for the sizes.
  case automatic
  /// One thread makes one element, straight from the device's memory.
  case naive
  /// Tiles of both matrices are loaded once, into memory that a block shares.
  case tiled
  /// And each thread makes 16 elements, out of registers. float32 and float64.
  case blocked
  /// And 64 elements a thread, loaded four at once. float32, where rows are multiples of four elements.
  case vectorized
  /// NVIDIA's own library, where it is installed. float32 and float64.
  case cublas

  fileprivate var code: KindlingCUDAMatmul {
    switch self {
    case .automatic: .automatic
    case .naive: .naive
    case .tiled: .tiled
    case .blocked: .blocked
    case .vectorized: .vectorized
    case .cublas: .cublas
    }
  }
}

extension Device {
  /// Chooses the kernel for the products of matrices on this device. Where a kernel lacks a type or a layout, the one below
  /// it on the ladder stands in.
  ///
  /// ```swift
  /// try Device.cudaEmulator.setMatmulKernel(.tiled)
  /// ```
  ///
  /// - Throws: `KindlingError` on the CPU, where there is no choice; if the device is not there; or for `.cublas` where
  ///   cuBLAS is not installed, with what was looked for.
  public func setMatmulKernel(_ kernel: MatmulKernel) throws {
    guard kind != .cpu else {
      throw KindlingError("\(self): products have one kernel here; only CUDA devices have kernels to choose from")
    }
    let backend = try CUDABackend.backend(for: self)
    if KindlingCUDASetMatmul(backend.handle, kernel.code) != .success {
      throw KindlingError("\(self): \(String(cString: KindlingCUDAMessage()))")
    }
  }
}
