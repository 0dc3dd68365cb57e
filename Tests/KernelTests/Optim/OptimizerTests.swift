import Kindling
import KindlingOptim
import TestSupport
import Testing

/// Every optimizer, 20 steps along fixed gradients, against PyTorch's parameters after each step; and its kernel against its
/// formula in tensor operations. The rows are in Tests/Reference/tables/optimizers.py, and from there in OptimizerRows.swift.
@Suite struct OptimizerTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let name: String
    let make: @Sendable (_ w: Tensor, _ b: Tensor) -> Optimizer

    var testDescription: String { name }
  }

  struct Run: Decodable, Sendable {
    let dtype: String
    /// The steps at which b has no gradient.
    let withoutGradientOfB: [Int]
    /// After each step w's four numbers and b's three.
    let after: [[Double]]
  }

  static let reference = ReferenceFile.rows("optimizers.json", of: Run.self)

  /// b with options of its own.
  static func groups(_ w: Tensor, _ b: Tensor) -> [ParameterGroup] {
    [ParameterGroup([w]), ParameterGroup([b], learningRate: 0.01, weightDecay: 0.5)]
  }

  @Test func everyRowHasItsNumbers() {
    #expect(Set(OptimizerTests.rows.map(\.name)) == Set(OptimizerTests.reference.keys))
  }

  @Test(arguments: rows, [true, false]) func stepsArePyTorchs(_ row: Row, fused: Bool) {
    report(OptimizerTests.problems(of: row, on: .cpu, fused: fused))
  }

  @Test(arguments: rows) func kernelsDoWhatTheFormulasSay(_ row: Row) {
    report(OptimizerTests.differences(of: row, on: .cpu))
  }

  /// What is not PyTorch's in a row's steps on a device, made by its kernel or in tensor operations.
  ///
  /// float32 may be 1e-5 off after 20 steps: each step rounds, and by 1e-7 of numbers of size 1. float64 has 1e-12.
  static func problems(of row: Row, on device: Device, fused: Bool = true) -> [String] {
    guard let runs = reference[row.name] else { return ["\(row.name) has no numbers"] }
    return runs.compactMap { run in
      let dtype: DType = run.dtype == "float32" ? .float32 : .float64
      let w = Tensor([[0.5, -1.25], [2.0, 0.75]], dtype: dtype, device: device, requiresGrad: true)
      let b = Tensor([-0.5, 1.5, 0.25], dtype: dtype, device: device, requiresGrad: true)
      let optimizer = row.make(w, b)
      optimizer.fused = fused
      let tolerance = dtype == .float32 ? 1e-5 : 1e-12
      for (step, expected) in run.after.enumerated() {
        let gradient = OptimizerTests.gradient(step)
        w.grad = Tensor(Array(gradient[..<4]), shape: [2, 2], dtype: dtype, device: device)
        let withoutB = run.withoutGradientOfB.contains(step)
        b.grad = withoutB ? nil : Tensor(Array(gradient[4...]), dtype: dtype, device: device)
        optimizer.step()
        let got = w.toArray() + b.toArray()
        let wrong = got.indices.first { !(abs(got[$0] - expected[$0]) <= tolerance * max(1, abs(expected[$0]))) }
        if let wrong {
          return "\(row.name), \(dtype), step \(step), number \(wrong): expected \(expected[wrong]), got \(got[wrong])"
        }
      }
      return nil
    }
  }

  /// Where 20 steps by a row's kernel differ from those in tensor operations: in the parameters, or in what is remembered.
  /// One of the two parameters is not contiguous. The tolerances are those of `problems`.
  static func differences(of row: Row, on device: Device) -> [String] {
    [DType.float32, .float64].compactMap { dtype in
      let tolerance = dtype == .float32 ? 1e-5 : 1e-12
      let w = (0..<2).map { _ in
        Tensor([[0.5, -1.25, 3], [2.0, 0.75, -0.125]], dtype: dtype, device: device).t().requiresGrad_()
      }
      let b = (0..<2).map { _ in Tensor([-0.5, 1.5, 0.25], dtype: dtype, device: device, requiresGrad: true) }
      let optimizers = [row.make(w[0], b[0]), row.make(w[1], b[1])]
      optimizers[1].fused = false
      let generator = Generator(seed: 3)
      for step in 1...20 {
        let gradients = [Tensor.randn(3, 2, generator: generator), Tensor.randn(3, generator: generator)]
        for i in 0..<2 {
          w[i].grad = gradients[0].to(dtype).to(device)
          b[i].grad = step % 5 == 0 ? nil : gradients[1].to(dtype).to(device)
          optimizers[i].step()
        }
        let values = (0..<2).map { i in (optimizers[i] as! any Remembering).stateDict().mapValues { $0.toArray() } }
        if Set(values[0].keys) != Set(values[1].keys) { return "\(row.name), \(dtype): not the same is remembered" }
        let all = (0..<2).map { i in
          w[i].toArray() + b[i].toArray() + values[i].sorted { $0.key < $1.key }.flatMap(\.value)
        }
        let wrong = zip(all[0], all[1]).first { !(abs($0 - $1) <= tolerance * max(1, abs($1))) }
        if let wrong { return "\(row.name), \(dtype), step \(step): \(wrong.0) by the kernel, and \(wrong.1) without" }
      }
      return nil
    }
  }

  /// Multiples of a quarter, w's and then b's; w's fourth is always 0. tables/optimizers.py has the same line.
  private static func gradient(_ step: Int) -> [Double] {
    (0..<7).map { i in i == 3 ? 0 : Double((11 * step + 7 * i + step * i) % 19 - 9) / 4 }
  }
}

/// Any of the optimizers, whatever its rule.
private protocol Remembering { func stateDict() -> [String: Tensor] }
extension GroupedOptimizer: Remembering {}
