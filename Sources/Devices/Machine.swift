import FoundationEssentials
import Kernels
import Kindling

/// What there is on this machine.
struct Machine: Encodable {
  struct Processor: Encodable {
    let model: String
    /// Which of the kernels' versions runs here: AVX-512, AVX2, NEON or baseline.
    let instructionSet: String
    /// Who multiplies matrices, own or openblas, as KINDLING_PRODUCTS says.
    let products: String
    let blas: String
    let threads: Int
  }

  struct CUDADevice: Encodable {
    let device: String
    let name: String
    let memoryByteCount: Int
    let computeCapability: String
    let multiprocessors: Int
    let driverSupportsCUDA: String
    let hasCUBLAS: Bool

    init(_ device: Device, _ properties: DeviceProperties) {
      self.device = device.description
      name = properties.name
      memoryByteCount = properties.memoryByteCount
      computeCapability = "\(properties.computeCapability.major).\(properties.computeCapability.minor)"
      multiprocessors = properties.multiprocessorCount
      driverSupportsCUDA = "\(properties.driverVersion.major).\(properties.driverVersion.minor)"
      do {
        try device.setMatmulKernel(.cublas)
        try device.setMatmulKernel(.automatic)
        hasCUBLAS = true
      } catch {
        hasCUBLAS = false
      }
    }
  }

  let cpu: Processor
  var gpus: [CUDADevice] = []
  var emulator: CUDADevice?
  /// What is not there, and how to get it.
  var missing: [String] = []

  init() {
    cpu = Processor(
      model: Machine.processorModel(), instructionSet: String(cString: KindlingInstructionSet()),
      products: MatrixProducts.current.rawValue, blas: String(cString: KindlingBLASDescription()).trimmed,
      threads: numThreads)
    do {
      for index in 0..<(try Device.cudaDeviceCount()) { addGPU(.cuda(index)) }
      if gpus.isEmpty && missing.isEmpty { missing.append("The CUDA driver is there, and sees no GPU.") }
    } catch {
      missing.append("\(error)")
    }
    if let properties = try? Device.cudaEmulator.properties() { emulator = CUDADevice(.cudaEmulator, properties) }
  }

  private mutating func addGPU(_ device: Device) {
    do {
      // Opened too: an old GPU is seen by the driver, and yet cannot run the kernels.
      try device.open()
      guard let properties = try device.properties() else { return }
      let gpu = CUDADevice(device, properties)
      gpus.append(gpu)
      if !gpu.hasCUBLAS { do { try device.setMatmulKernel(.cublas) } catch { missing.append("\(error)") } }
    } catch {
      missing.append("\(error)")
    }
  }

  /// The name that Linux gives the processor.
  private static func processorModel() -> String {
    let text = (try? String(contentsOf: URL(filePath: "/proc/cpuinfo"), encoding: .utf8)) ?? ""
    for line in text.split(separator: "\n") where line.hasPrefix("model name") || line.hasPrefix("Model") {
      if let colon = line.firstIndex(of: ":") { return String(line[line.index(after: colon)...]).trimmed }
    }
    return "unknown processor"
  }
}

extension String {
  var trimmed: String {
    var text = self[...]
    while text.last?.isWhitespace ?? false { text.removeLast() }
    return String(text.drop(while: \.isWhitespace))
  }
}

extension Machine: CustomStringConvertible {
  var description: String {
    var lines = [
      "cpu             \(cpu.model)",
      "                kernels: \(cpu.instructionSet); \(cpu.threads) thread\(cpu.threads == 1 ? "" : "s")",
      "                products: \(cpu.products == "own" ? "own kernels; with a vector " : "")\(cpu.blas)",
    ]
    for gpu in gpus {
      lines += Machine.lines(gpu)
      lines.append("                products: own kernels\(gpu.hasCUBLAS ? " or cuBLAS" : "; no cuBLAS")")
    }
    if let emulator {
      lines += Machine.lines(emulator)
      lines.append("                The kernels of the GPU, run on the processor: for learning and for tests.")
    }
    for sentence in missing { lines += ["", sentence] }
    return lines.joined(separator: "\n")
  }

  private static func lines(_ device: CUDADevice) -> [String] {
    let name = device.device.padding(to: 16)
    let memory = (Double(device.memoryByteCount) / 0x1p30 * 10).rounded() / 10
    return [
      "\(name)\(device.name)",
      "                \(memory) GiB; compute capability \(device.computeCapability); "
        + "\(device.multiprocessors) multiprocessors; driver for CUDA \(device.driverSupportsCUDA)",
    ]
  }
}

extension String {
  fileprivate func padding(to width: Int) -> String { self + String(repeating: " ", count: max(1, width - count)) }
}
