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

  /// What is computed, the kernel's source, and what each of its threads did.
  func trace(order: Emulator.Order) throws -> String {
    let device = Device.cudaEmulator
    try device.open()
    Emulator.order = order
    // Made before the trace begins, so that only the one launch is in it.
    let vector = Tensor.arange(1, 9, dtype: .float32, device: device)
    let matrix = Tensor.arange(1, 9, dtype: .float32, device: device).reshape(4, 2)
    let twos = Tensor.full([2, 4], 2.0, device: device)
    let index = Tensor([0, 2, 2, 1], device: device)
    let zeros = Tensor.zeros(3, device: device)
    let four = Tensor.ones(4, device: device)
    try device.setMatmulKernel(self == .naiveProduct ? .naive : .tiled)
    let (expression, file, body): (String, String, () -> Void) =
      switch self {
      case .add: ("[1, 2, …, 8] + [1, 2, …, 8]", "Elementwise", { _ = vector + vector })
      case .sum: ("[1, 2, …, 8].sum()", "Reduction", { _ = vector.sum() })
      case .sumOfColumns: ("[[1, 2], [3, 4], [5, 6], [7, 8]].sum(dim: 0)", "Reduction", { _ = matrix.sum(dim: 0) })
      case .naiveProduct, .tiledProduct:
        ("[[1, 2], [3, 4], [5, 6], [7, 8]].mm(2 × 4 twos)", "Matmul", { _ = matrix.mm(twos) })
      case .softmax: ("[[1, 2], [3, 4], [5, 6], [7, 8]].softmax(dim: 1)", "Reduction", { _ = matrix.softmax(dim: 1) })
      case .gather:
        ("[1, 2, …, 8].gather(dim: 0, index: [0, 2, 2, 1])", "Movement", { _ = vector.gather(dim: 0, index: index) })
      case .scatterAdd:
        (
          "[0, 0, 0].scatterAdd_(dim: 0, index: [0, 2, 2, 1], src: [1, 1, 1, 1])", "Movement",
          { zeros.scatterAdd_(dim: 0, index: index, src: four) }
        )
      }
    let trace = Emulator.trace(body)
    return "\(expression)\nLines are those of Sources/Kernels/\(file)/ and its headers.\n\n\(trace)"
  }
}
