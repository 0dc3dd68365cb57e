import Kindling

/// Whether two observations of a program agree.
///
/// Two right answers differ where they were rounded differently. How far they may is not the same for all programs: a
/// difference of nearly equal numbers, or e^(e^x), makes much of a small error. So the tolerance is a few units in the last
/// place first; where that is not enough the program is run again with errors of 4 units put into every operation that
/// rounds, and an answer may be off by 16 times what those runs make of it (64 units: sums of up to a few hundred
/// elements, and functions that are right to some units). What rounds nothing (views, copies, extremes, choices) gets no errors,
/// and must come out exactly.
struct Comparison {
  /// What the library gives on the CPU.
  private let base: Observation
  /// The same with errors put in; run when it is first asked for.
  private let noisy: () -> [Observation]
  private var runs: [Observation]?
  /// Whether some value is nothing but rounding, as a sum of 1e30, 1 and -1e30 is. What it is clamped to, or which of two branches
  /// it takes, follows from nothing; and errors are too large to come upon all that it could be.
  private var hasLostValue = false

  init(base: Observation, noisy: @escaping () -> [Observation]) {
    self.base = base
    self.noisy = noisy
  }

  /// Runs with errors, each with others: six with gradients, two of them with errors in nothing else, and four without.
  /// In every other operation zeros change their signs.
  static func noisyRuns(of program: Program) -> [Observation] {
    var quiet = Interpreter(program: program)
    _ = noGrad { quiet.run() }
    return (1...10).map { run in
      let noise = Noise(random: SplitMix(seed: UInt64(run)), isInDerivativesOnly: run > 4 && run <= 6)
      var interpreter = Interpreter(program: program, noise: noise, apart: quiet.apart)
      return run <= 6 ? interpreter.run() : noGrad { interpreter.run() }
    }
  }

  /// What keeps `got` from being `want`; nil where nothing does.
  mutating func difference(_ got: Observation, from want: Observation, _ names: (Int) -> String) -> String? {
    for (id, expected) in want.values.sorted(by: { $0.key < $1.key }) {
      guard let value = got.values[id] else { return "there is no \(names(id))" }
      if let text = difference(value, expected, \.values, id) { return "\(names(id)): \(text)" }
    }
    for id in Set(want.gradients.keys).union(got.gradients.keys).sorted() {
      guard let expected = want.gradients[id] else { return "\(names(id)) has a gradient, and should have none" }
      guard let gradient = got.gradients[id] else { return "\(names(id)) has no gradient, and should have one" }
      if let text = difference(gradient, expected, \.gradients, id) { return "gradient of \(names(id)): \(text)" }
    }
    return nil
  }

  private typealias Part = KeyPath<Observation, [Int: Stored]>

  private mutating func difference(_ got: Stored, _ want: Stored, _ part: Part, _ id: Int) -> String? {
    if got.dtype != want.dtype { return "\(got.dtype), and should be \(want.dtype)" }
    if got.shape != want.shape { return "shape \(got.shape), and should be \(want.shape)" }
    for i in got.values.indices {
      if Comparison.isNear(got.values[i], want.values[i], want.dtype) { continue }
      let allowed = allowance(part, id, i)
      // A number that may as well be 0 has a reciprocal that may as well be infinite.
      let isUnbounded = allowed == .infinity || (allowed >= abs(want.values[i]) && !got.values[i].isFinite)
      if isUnbounded || abs(got.values[i] - want.values[i]) <= allowed { continue }
      return "element \(i) of shape \(want.shape) is \(got.values[i]), and should be \(want.values[i])"
    }
    return nil
  }

  static func isNear(_ got: Double, _ want: Double, _ dtype: DType) -> Bool {
    if !want.isFinite || !got.isFinite { return want.isNaN ? got.isNaN : got == want }
    if !dtype.isFloatingPoint { return got == want }
    // 8 units in the last place. The smallest numbers have fewer places: a thousandth of the least normal one.
    let (relative, least) = dtype == .float32 ? (1e-6, 0x1p-136) : (2e-15, 0x1p-1032)
    return abs(got - want) <= relative * abs(want) + least
  }

  /// How far an element may be off for the errors that the program makes much of; ∞ where they make anything of it.
  private mutating func allowance(_ part: Part, _ id: Int, _ i: Int) -> Double {
    if runs == nil {
      runs = noisy()
      hasLostValue = runs!.contains { hasLostValue(in: $0) }
    }
    if hasLostValue { return .infinity }
    guard let value = base[keyPath: part][id]?.values[i] else { return 0 }
    return runs!.reduce(0) { most, run in
      guard let noisy = run[keyPath: part][id]?.values[i] else { return most }
      if noisy == value || (noisy.isNaN && value.isNaN) { return most }
      return noisy.isFinite && value.isFinite ? max(most, 16 * abs(noisy - value)) : .infinity
    }
  }

  private func hasLostValue(in run: Observation) -> Bool {
    base.values.contains { id, stored in
      guard stored.dtype.isFloatingPoint, let noisy = run.values[id] else { return false }
      return zip(stored.values, noisy.values).contains { exact, noisy in
        exact.isFinite && noisy.isFinite && abs(noisy - exact) > 1024 * (abs(exact) + 1)
      }
    }
  }
}
