import Kindling
import KindlingOptim
import TestSupport
import Testing

/// The operation tables on the CUDA kernels: in the emulator always, and on a GPU if there is one.
///
/// The rows are those of the CPU, and so are PyTorch's numbers. Finite differences are left out: a gradient that is
/// PyTorch's needs no second opinion, and they would evaluate each row a hundred times.
enum CUDATables {
  static let operations = OperationTable.all.flatMap(\.operations) + OperationTable.losses().operations
  static let elementwise = OperationTable.all[0].operations
}

@Suite struct EmulatorOperationTests {
  @Test(arguments: CUDATables.operations) func valueIsPyTorchs(_ operation: Operation) {
    report(operation.checkValues(on: .cudaEmulator, .emulator))
  }

  @Test(arguments: CUDATables.operations) func gradientIsPyTorchs(_ operation: Operation) {
    report(operation.checkGradients(on: .cudaEmulator, .emulator))
  }

  /// More elements than a grid has threads: each thread walks on.
  @Test(arguments: CUDATables.elementwise) func largeArraysComeOutAsSmallOnes(_ operation: Operation) {
    report(operation.checkLarge(on: .cudaEmulator, .emulator))
  }

  @Test(arguments: OptimizerTests.rows) func stepsArePyTorchs(_ row: OptimizerTests.Row) {
    report(OptimizerTests.problems(of: row, on: .cudaEmulator))
    report(OptimizerTests.problems(of: row, on: .cudaEmulator, fused: false))
    report(OptimizerTests.differences(of: row, on: .cudaEmulator))
  }

  /// One pass over memory, where the formula in tensor operations makes 14, and 2 copies. In a process of its own: other
  /// tests launch kernels too.
  @Test func aStepOfAdamIsOneKernel() async {
    await #expect(processExitsWith: .success) {
      let w = Tensor.ones(5, device: .cudaEmulator).requiresGrad_()
      w.grad = Tensor.ones(5, device: .cudaEmulator)
      let optimizer = Adam([w])
      optimizer.step()
      #expect(Device.cudaEmulator.launches { optimizer.step() }.map(\.kernel) == ["adam_float32"])
      optimizer.fused = false
      #expect(Device.cudaEmulator.launches { optimizer.step() }.count == 14)
    }
  }

  @Test(arguments: CUDAReductions.cases) func largeReductionsAreTheCPUs(_ test: CUDAReductions.Case) {
    report(test.problems(on: .cudaEmulator))
  }
}

/// The same on a GPU. Without one the suite says that it is skipped, and why.
@Suite(.enabled(if: Device.cuda.isAvailable, "no GPU here; the emulator has run the same kernels"))
struct GPUOperationTests {
  @Test(arguments: CUDATables.operations) func valueIsPyTorchs(_ operation: Operation) {
    report(operation.checkValues(on: .cuda, .gpu))
  }

  @Test(arguments: CUDATables.operations) func gradientIsPyTorchs(_ operation: Operation) {
    report(operation.checkGradients(on: .cuda, .gpu))
  }

  @Test(arguments: CUDATables.elementwise) func largeArraysComeOutAsSmallOnes(_ operation: Operation) {
    report(operation.checkLarge(on: .cuda, .gpu))
  }

  @Test(arguments: OptimizerTests.rows) func stepsArePyTorchs(_ row: OptimizerTests.Row) {
    report(OptimizerTests.problems(of: row, on: .cuda))
    report(OptimizerTests.problems(of: row, on: .cuda, fused: false))
    report(OptimizerTests.differences(of: row, on: .cuda))
  }

  @Test(arguments: CUDAReductions.cases) func largeReductionsAreTheCPUs(_ test: CUDAReductions.Case) {
    report(test.problems(on: .cuda))
  }
}

/// Reductions of shapes that take each of the kernels' paths: rows, columns, any axes, cut into shares and not.
enum CUDAReductions {
  struct Case: Sendable, CustomTestStringConvertible {
    let shape: Shape
    let name: String
    let body: @Sendable (Tensor) -> Tensor
    var testDescription: String { "\(shape) \(name)" }
    /// Whether it is for floats only.
    private var isReal: Bool { ["mean", "norm", "softmax"].contains { name.contains($0) } }

    /// Numbers around 1 that differ, with sums far from 0, in float32: the orders of addition may differ by 1e-6 of the
    /// result, for no running total of either gets long. Integers have no rounding.
    func problems(on device: Device) -> [String] {
      let numbers = (0..<shape.elementCount).map { Double(($0 * 7919) % 1009) / 1009 + 0.5 }
      let x = Tensor(numbers, shape: shape)
      let (integers, short) = ((x * 1000).to(.int64), (x * 1000).to(.int32))
      var problems: [String] = []
      for input in [x, x.to(.float64), integers, short] where input.dtype.isFloatingPoint || !isReal {
        let (expected, got) = (body(input), body(input.to(device)))
        if got.dtype != expected.dtype || got.shape != expected.shape {
          problems.append("\(got.dtype) \(got.shape) instead of \(expected.dtype) \(expected.shape)")
        } else if let wrong = difference(
          of: got.toArray(), from: expected.toArray(), .float32, input.dtype.isFloatingPoint ? .cpu : .exact,
          .ofLargest)
        {
          problems.append("\(testDescription), \(input.dtype): \(wrong)")
        }
      }
      return problems
    }
  }

  static let shapes: [Shape] = [
    [100_000], [3, 40_000], [40_000, 3], [2000, 33], [5, 1000, 7], [1, 1], [1, 5000], [9, 8, 7, 6], [31, 33, 2],
    [300, 4], [2, 9000], [40, 200],
  ]

  /// Numbers whose products are exact, and neither 0 nor infinite: halves and twos, about as many of each; odd integers.
  private static func factors(_ x: Tensor) -> Tensor {
    x.dtype.isFloatingPoint ? (x > 1).to(x.dtype) * 1.5 + 0.5 : x * 2 + 1
  }

  static let cases: [Case] = shapes.flatMap { shape -> [Case] in
    let all: [Case] = [
      Case(shape: shape, name: "sum()") { $0.sum() },
      Case(shape: shape, name: "sum(dim: 0)") { $0.sum(dim: 0) },
      Case(shape: shape, name: "sum(dim: -1)") { $0.sum(dim: -1) },
      Case(shape: shape, name: "max()") { $0.max() },
      Case(shape: shape, name: "amin(dims: [0])") { $0.amin(dims: [0]) },
      Case(shape: shape, name: "argmax(dim: 0)") { $0.argmax(dim: 0) },
      Case(shape: shape, name: "argmin(dim: -1)") { $0.argmin(dim: -1) },
      Case(shape: shape, name: "cumsum(dim: 0)") { $0.cumsum(dim: 0) },
      Case(shape: shape, name: "cumsum(dim: -1)") { $0.cumsum(dim: -1) },
      Case(shape: shape, name: "cumprod(dim: 0)") { factors($0).cumprod(dim: 0) },
      Case(shape: shape, name: "cumprod(dim: -1)") { factors($0).cumprod(dim: -1) },
      Case(shape: shape, name: "mean(dim: 0)") { $0.mean(dim: 0) },
      Case(shape: shape, name: "norm()") { $0.norm() },
      Case(shape: shape, name: "norm(dim: 0)") { $0.norm(dim: 0) },
      Case(shape: shape, name: "argmax()") { $0.argmax() },
      Case(shape: shape, name: "softmax") { $0.softmax(dim: -1) },
      Case(shape: shape, name: "log-softmax") { $0.logSoftmax(dim: -1) },
    ]
    // Every second axis is folded, with those between kept.
    if shape.count < 3 { return all }
    return all + [
      Case(shape: shape, name: "sum(dims: [0, 2])") { $0.sum(dims: [0, 2]) },
      Case(shape: shape, name: "norm(dims: [0, 2])") { $0.norm(dims: [0, 2]) },
      Case(shape: shape, name: "amax(dims: [0, 2])") { $0.amax(dims: [0, 2]) },
      Case(shape: shape, name: "amin(dims: [0, 2])") { $0.amin(dims: [0, 2]) },
    ]
  }
}
