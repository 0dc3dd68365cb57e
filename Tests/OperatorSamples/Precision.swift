import Kindling

/// How near an operation's numbers must be to PyTorch's: which size a tolerance is relative to.
struct Precision: Sendable {
  enum Scale: Sendable {
    /// Each number, however small.
    case ofEach
    /// The largest number of the tensor.
    case ofLargest
    /// The largest number of the tensor, or 1 if that is larger.
    case ofOne
  }

  let values: Scale
  let gradients: Scale
  /// Whether a zero must have PyTorch's sign.
  var signsOfZero = true

  /// Functions of single elements. A gradient may be a sum over what was broadcast.
  static let elementwise = Precision(values: .ofEach, gradients: .ofLargest)
  /// Functions whose derivative is a difference from 1, such as 1 - y²: it has the last places of 1, and no more.
  static let saturating = Precision(values: .ofEach, gradients: .ofOne)
  /// What is itself such a difference, or a sum: in another order it differs by last places of what was added.
  static let general = Precision(values: .ofOne, gradients: .ofOne)
  /// The extreme of several numbers: 0 and -0 are equal, and either may be taken.
  static let extreme = Precision(values: .ofOne, gradients: .ofOne, signsOfZero: false)
  /// The larger of two: likewise. PyTorch takes one of the two in vectors and the other in what is left over.
  static let choice = Precision(values: .ofEach, gradients: .ofLargest, signsOfZero: false)
  /// gelu, which is a difference from 1 in PyTorch: its float32 has no negative zero.
  static let gelu = Precision(values: .ofOne, gradients: .ofOne, signsOfZero: false)
  /// Attention: sums with terms of 0, whose sign the order of addition decides.
  static let mixture = Precision(values: .ofOne, gradients: .ofOne, signsOfZero: false)
  /// Norms and the like, sums of numbers of one sign.
  static let size = Precision(values: .ofLargest, gradients: .ofLargest)
}

/// Relative tolerances.
enum Tolerance {
  /// 8 units in the last place of float32; 4,500 of float64, far below any mistake in a formula or a constant.
  static func value(_ dtype: DType) -> Double { dtype == .float64 ? 1e-12 : 1e-6 }

  /// A gradient is made of several rounded numbers.
  static func gradient(_ dtype: DType) -> Double { dtype == .float64 ? 4e-12 : 4e-6 }

  /// And a second derivative of their differences.
  static func second(_ dtype: DType) -> Double { dtype == .float64 ? 1e-10 : 1e-5 }
}

/// What keeps `got` from being `expected`; nil where nothing does.
func difference(of got: Tensor, from expected: StoredTensor, _ precision: Precision) -> String? {
  if got.dtype != expected.dtype { return "expected \(expected.dtype), got \(got.dtype)" }
  let shape = expected.expanded ?? expected.shape
  if got.shape != shape { return "expected shape \(shape), got \(got.shape)" }
  switch expected.dtype {
  case .float32, .float64:
    let numbers = expected.repeated(expected.reals)
    return difference(
      of: got.toArray(), from: numbers, Tolerance.value(got.dtype), precision.values, signsOfZero: precision.signsOfZero
    )
  case .int32, .int64: return exactDifference(of: got.toArray(of: Int.self), from: expected.repeated(expected.integers))
  case .bool: return exactDifference(of: got.toArray(of: Bool.self), from: expected.repeated(expected.flags))
  }
}

/// The first number that is not near enough. NaN must be NaN, an infinity that infinity, and a zero of the same sign if
/// signs are asked for: those of gradients depend on how a rule is written.
func difference(
  of got: [Double], from expected: [Double], _ tolerance: Double, _ scale: Precision.Scale, signsOfZero: Bool = false
) -> String? {
  if got.count != expected.count { return "expected \(expected.count) elements, got \(got.count)" }
  let largest = expected.lazy.filter(\.isFinite).map { abs($0) }.reduce(0, max)
  let least =
    switch scale {
    case .ofEach: 1e-36  // below it float32 has fewer digits
    case .ofLargest: max(largest, 1e-36)
    case .ofOne: max(largest, 1)
    }
  let wrong = got.indices.filter { i in
    let want = expected[i]
    if !want.isFinite { return !(want.isNaN ? got[i].isNaN : got[i] == want) }
    if signsOfZero && want == 0 && got[i] == 0 { return want.sign != got[i].sign }
    return !(abs(got[i] - want) <= tolerance * max(abs(want), least))
  }
  guard let first = wrong.first else { return nil }
  return "\(wrong.count) of \(got.count) differ; element \(first): expected \(expected[first]), got \(got[first])"
}

private func exactDifference<Number: Equatable>(of got: [Number], from expected: [Number]) -> String? {
  let wrong = got.indices.filter { got[$0] != expected[$0] }
  guard let first = wrong.first else { return nil }
  return "\(wrong.count) of \(got.count) differ; element \(first): expected \(expected[first]), got \(got[first])"
}
