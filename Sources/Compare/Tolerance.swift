/// How far apart two runs may be and still agree.
///
/// A loss may be off by `relative` of itself and by `floor` of the first loss. The second part is what float32 makes of a
/// loss that falls by twelve powers of ten: a prediction is a sum of products as large as at the start, so it keeps their
/// rounding errors, however small the loss has become.
struct Tolerance: Codable, Sendable {
  let relative: Double
  let floor: Double
  /// For the first gradients, against the largest element.
  let gradients: Double
  /// For the last weights, against the largest element.
  let weights: Double
  /// Why it is that, in a few words.
  let reason: String

  func allows(_ a: Double, _ b: Double, firstLoss: Double) -> Bool {
    abs(a - b) <= relative * max(abs(a), abs(b)) + floor * abs(firstLoss)
  }

  // Every bound below was measured with PyTorch 2.13 and NumPy 2.4 over ten seeds, and is then taken three to ten times
  // as large. "Measured" is the largest number seen; Tests/Reference/tables/curves.py has the programs.

  /// Data and first weights are the same numbers everywhere: lesson 1 takes the float32 numbers as float64.
  static let data = 0.0

  /// The same products, summed up in the same order. Lessons 2 and 3, and lessons 4 and 5, call the same kernels on the
  /// same layouts.
  static let sameOrder = Tolerance(
    relative: 0, floor: 0, gradients: 0, weights: 0, reason: "the same sums in the same order: bit for bit")
}
