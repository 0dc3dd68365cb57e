import ArgumentParser
import Kindling

/// The values of `--emulator-order`.
enum EmulatorOrder: String, CaseIterable, ExpressibleByArgument {
  case forward, reverse, shuffled
}

extension Options {
  /// The order in which the emulator runs threads.
  var order: Emulator.Order {
    switch emulatorOrder ?? .forward {
    case .forward: .forward
    case .reverse: .reverse
    case .shuffled: .shuffled(seed: UInt64(bitPattern: Int64(seed)))
    }
  }
}

/// One launch so small that all of it can be read: the values of `--trace-kernel`. A lesson's own launches have the same
/// kernels, and tens of thousands of threads.
enum KernelExample: String, CaseIterable, ExpressibleByArgument {
  case add
  case sum
  case sumOfColumns = "sum-of-columns"
  case naiveProduct = "naive-product"
  case tiledProduct = "tiled-product"
  case softmax
  case gather
  case scatterAdd = "scatter-add"
  case transpose

  /// What is computed, the folder of its kernel in Sources/Kernels, and the one launch.
  private struct Launch {
    let expression, folder: String
    let body: () -> Void
    var heading: String { "\(expression)\nLines are those of Sources/Kernels/\(folder)/ and its headers.\n\n" }
  }

  /// What is computed, the kernel's source, and what each of its threads did.
  func trace(order: Emulator.Order) throws -> String {
    let launch = try launch(order: order, isLarge: false)
    return launch.heading + Emulator.trace(launch.body)
  }

  /// The same for a launch that is large enough to cost something: what its accesses to memory would cost on a GPU.
  func counters(order: Emulator.Order) throws -> (heading: String, launches: [CountedLaunch]) {
    let launch = try launch(order: order, isLarge: true)
    return (launch.heading, Emulator.countedLaunches(launch.body))
  }

  private func launch(order: Emulator.Order, isLarge: Bool) throws -> Launch {
    let device = Device.cudaEmulator
    try device.open()
    Emulator.order = order
    try device.setMatmulKernel(self == .naiveProduct ? .naive : .tiled)
    // Made before the launch, so that only the one is watched.
    let count = isLarge ? 4096 : 8
    let vector = Tensor.arange(1, Double(count + 1), dtype: .float32, device: device)
    let second = isLarge ? vector.clone() : vector
    let matrix = vector.reshape(isLarge ? 64 : 4, isLarge ? 64 : 2).clone()
    let twos = Tensor.full(isLarge ? [64, 64] : [2, 4], 2.0, device: device)
    let index = Tensor(isLarge ? (0..<count).map { $0 * 17 % count } : [0, 2, 2, 1], device: device)
    let places = Tensor(isLarge ? (0..<count).map { $0 % 8 } : [0, 2, 2, 1], device: device)
    let zeros = Tensor.zeros(isLarge ? 8 : 3, device: device)
    let ones = Tensor.ones(isLarge ? count : 4, device: device)
    let (v, m) = isLarge ? ("(1 … 4096)", "(64 × 64)") : ("[1, 2, …, 8]", "[[1, 2], [3, 4], [5, 6], [7, 8]]")
    let (at, to) = isLarge ? ("17 · i mod 4096", "i mod 8") : ("[0, 2, 2, 1]", "[0, 2, 2, 1]")
    switch self {
    case .add: return Launch(expression: "\(v) + \(v)", folder: "Elementwise") { _ = vector + second }
    case .sum: return Launch(expression: "\(v).sum()", folder: "Reduction") { _ = vector.sum() }
    case .sumOfColumns: return Launch(expression: "\(m).sum(dim: 0)", folder: "Reduction") { _ = matrix.sum(dim: 0) }
    case .naiveProduct, .tiledProduct:
      let twosText = isLarge ? "64 × 64 twos" : "2 × 4 twos"
      return Launch(expression: "\(m).mm(\(twosText))", folder: "Matmul") { _ = matrix.mm(twos) }
    case .softmax: return Launch(expression: "\(m).softmax(dim: 1)", folder: "Reduction") { _ = matrix.softmax(dim: 1) }
    case .gather:
      return Launch(expression: "\(v).gather(dim: 0, index: \(at))", folder: "Movement") {
        _ = vector.gather(dim: 0, index: index)
      }
    case .scatterAdd:
      let (sums, addends) = isLarge ? ("(8 zeros)", "4096 ones") : ("[0, 0, 0]", "[1, 1, 1, 1]")
      return Launch(expression: "\(sums).scatterAdd_(dim: 0, index: \(to), src: \(addends))", folder: "Movement") {
        zeros.scatterAdd_(dim: 0, index: places, src: ones)
      }
    case .transpose:
      return Launch(expression: "\(m).t().contiguous()", folder: "Movement") { _ = matrix.t().contiguous() }
    }
  }
}
