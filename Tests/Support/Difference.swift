// Holding numbers against PyTorch's.

import Kindling
import Testing

/// How far a number may be from PyTorch's: the relative tolerance of the type, times the expected number or the scale,
/// whichever is larger.
package struct Tolerance: Sendable {
  /// 8 units in the last place of float32 (1.2e-7 each) on a processor: each side may be some units off.
  var float32 = 1e-6
  /// 4,500 units in the last place of float64, and far below any mistake in a formula or a constant.
  var float64 = 1e-12

  package static let cpu = Tolerance()
  /// The emulator computes the kernels of CUDA with the C library's functions, which are right to the last place or two;
  /// sums are added in another order.
  package static let emulator = Tolerance()
  /// CUDA's own functions may be off by up to 4 units in the last place, as its programming guide has it, and a product
  /// and its sum are rounded once instead of twice. Seen to hold on an H100.
  package static let gpu = Tolerance(float32: 2e-6, float64: 1e-12)

  /// For integers.
  package static let exact = Tolerance(float32: 0, float64: 0)
  /// What is made of drawn numbers by a product and a sum, in another order than PyTorch's.
  package static let initialisers = Tolerance(float32: 2e-6, float64: 1e-12)

  package func relative(_ dtype: DType) -> Double { dtype == .float64 ? float64 : float32 }
}

/// Which numbers are so small that the tolerance is no longer relative to them, but to this.
package enum Scale {
  /// For elementwise functions, which are right to the last places of even a small result.
  case fixed(Double)
  /// The largest expected number, and at least 1. Where numbers are added up, each order of addition rounds
  /// differently, by units in the last place of what was added and not of the result.
  case ofLargest

  package func number(_ expected: [Double]) -> Double {
    switch self {
    case .fixed(let number): number
    case .ofLargest: expected.lazy.filter(\.isFinite).map { abs($0) }.reduce(1, max)
    }
  }
}

/// What keeps `got` from being `expected`; nil where nothing does.
package func difference(of got: Tensor, from expected: StoredTensor, _ tolerance: Tolerance, _ scale: Scale) -> String?
{
  if got.dtype != expected.dtype { return "expected \(expected.dtype), got \(got.dtype)" }
  if got.shape != expected.shape { return "expected shape \(expected.shape), got \(got.shape)" }
  switch expected.values {
  case .real(let numbers): return difference(of: got.toArray(), from: numbers, got.dtype, tolerance, scale)
  case .integer(let numbers): return exactDifference(of: got.toArray(of: Int.self), from: numbers)
  case .flag(let flags): return exactDifference(of: got.toArray(of: Bool.self), from: flags)
  }
}

/// The first number that is not near enough. NaN must be NaN, and an infinity that infinity.
package func difference(
  of got: [Double], from expected: [Double], _ dtype: DType, _ tolerance: Tolerance, _ scale: Scale
) -> String? {
  if got.count != expected.count { return "expected \(expected.count) elements, got \(got.count)" }
  let scale = scale.number(expected)
  let relative = tolerance.relative(dtype)
  let wrong = got.indices.filter { i in
    let want = expected[i]
    if !want.isFinite { return !(want.isNaN ? got[i].isNaN : got[i] == want) }
    return !(abs(got[i] - want) <= relative * max(abs(want), scale))
  }
  guard let first = wrong.first else { return nil }
  return "\(wrong.count) of \(got.count) differ; element \(first): expected \(expected[first]), got \(got[first])"
}

private func exactDifference<Number: Equatable>(of got: [Number], from expected: [Number]) -> String? {
  let wrong = got.indices.filter { got[$0] != expected[$0] }
  guard let first = wrong.first else { return nil }
  return "\(wrong.count) of \(got.count) differ; element \(first): expected \(expected[first]), got \(got[first])"
}

/// Records each problem as an issue of the running test.
package func report(_ problems: [String]) {
  for problem in problems { Issue.record("\(problem)") }
}
