import CUDADriver
import Kernels

// A generator like the Mersenne Twister steps from one number to the next. Philox (Salmon and others, "Parallel random
// numbers: as easy as 1, 2, 3", 2011) is a function: it scrambles a counter, so that thread i of a launch simply asks for
// the i-th numbers. Sources/Kernels/Random/cuda.cu has it.
//
// These are not PyTorch's numbers on CUDA, which depend on how many threads it launches. Uniform ones are the same on every
// device and on the emulator; normal ones go through a logarithm, a sine and a cosine, which differ in the last bits.
extension Generator {
  /// What a generator that draws on a device makes of it.
  enum Distribution {
    case uniform(from: Double, to: Double)
    case normal(mean: Double, deviation: Double)
  }

  /// Fills a contiguous tensor of this generator's device.
  func fill(_ out: Tensor, with distribution: Distribution, _ name: StaticString) {
    guard let backend = out.backend as? CUDABackend, out.device == device else {
      fail("\(name)", "the generator draws on \(device), and the tensor is on \(out.device)")
    }
    let (type, count) = (out.dtype.kernelType, Int64(out.elementCount))
    let seed = UInt64(bitPattern: Int64(initialSeed))
    switch distribution {
    case .uniform(let low, let high):
      backend.check(
        KindlingCUDAUniform(backend.handle, type, count, out.pointer, low, high, seed, philoxOffset), "\(name)")
    case .normal(let mean, let deviation):
      backend.check(
        KindlingCUDANormal(backend.handle, type, count, out.pointer, mean, deviation, seed, philoxOffset), "\(name)")
    }
    philoxOffset += KindlingCUDARandomAdvance(type, count)
  }

  /// Refuses to hand out numbers of the CPU's stream where another was asked for.
  @inline(__always)
  func drawsOnCPU(_ name: StaticString) {
    if device != .cpu {
      fail("\(name)", "the generator draws on \(device); use one of the CPU's, and copy with .to(_:)")
    }
  }
}
