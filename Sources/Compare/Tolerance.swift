import Kindling
import LessonKit

/// How far apart two runs may be and still agree.
///
/// A loss may be off by `relative` of itself and by `floor` of the first loss. The second part is what float32 makes of a
/// loss that falls by twelve powers of ten: late in the training an update is smaller than half of a weight's last digit, so
/// nine weights in ten no longer move, and which ones is decided by rounding.
struct Tolerance: Codable, Equatable, Sendable {
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

  /// Which bound two stages of one run keep to. Data and first weights are the same numbers in any case.
  static func between(_ a: Stage, _ b: Stage, problem: Problem) -> Tolerance {
    let digits = problem == .digits
    if a.isDouble != b.isDouble { return digits ? digitsOtherPrecision : otherPrecision }
    // OpenBLAS sums in an order of its own where a matrix is transposed, as the weights of lessons 4 and 5 are.
    let isOpenBLAS = a.device == "cpu" && MatrixProducts.current == .openblas
    if a.device == b.device && !isOpenBLAS { return sameOrder }
    return digits ? digitsOtherOrder : otherOrder
  }

  /// Which bound a lesson keeps to against PyTorch's or NumPy's run of the article's program.
  static func reference(_ stage: Stage, problem: Problem) -> Tolerance {
    if stage.isDouble { return numpy }
    if LessonFacts.of(stage.lesson).hasOptimizer && problem == .article { return adam }
    return problem == .digits ? digitsOtherOrder : otherOrder
  }

  // "Measured" is the largest number seen over seeds 0 to 11 and 42, with Kindling, PyTorch 2.13 and NumPy 2.4, when OpenBLAS
  // still made Kindling's float32 products, with its kernels for Nehalem, Haswell, SkylakeX and Zen: several orders of
  // summation. The bounds are two to ten times that; where it says so, seeds 0 to 24 and 42 with today's products asked for
  // more. A mistake in a lesson is larger by far: it changes a loss by a percent or more within two or three steps.

  /// Lessons 2 to 5 ask for the same products, and the order of their sums depends on nothing else. Measured: every bit.
  private static let sameOrder = Tolerance(
    relative: 0, floor: 0, gradients: 0, weights: 0, reason: "the same sums in the same order, bit for bit")

  /// Another device has other kernels, PyTorch another BLAS: the same products, summed up in another order. Measured: no loss
  /// is off by more than 1e-4 of itself and 4.3e-12 of the first; 7.7e-5 at step 199, 1e-2 at step 499. Gradients 2.7e-7,
  /// last weights 1.1e-5. Of the 26 seeds three (8, 10, 15) pass 2e-4 in lesson 4, where a unit switches at another step.
  private static let otherOrder = Tolerance(
    relative: 1e-3, floor: 1e-11, gradients: 3e-6, weights: 1e-4,
    reason: "float32 sums in another order")

  /// float64 against float32. Measured: 1e-3 of the loss and 1.3e-11 of the first; 7.6e-5 at step 199, then the float32
  /// loss reaches its floor and the float64 loss falls on, so that they part altogether by step 499. Gradients 3.7e-7,
  /// last weights 1.2e-5.
  private static let otherPrecision = Tolerance(
    relative: 1e-3, floor: 4e-11, gradients: 3e-6, weights: 1e-4,
    reason: "float32 against float64: rounding leaves a float32 loss a floor")

  /// Digits: the loss stays large, so rounding hardly shows. Measured: losses 3e-6 to step 499, gradients 1.4e-6, last weights
  /// 4.1e-5; but 3e-3 and 5e-3 after thousands of steps, where units of the network switch on and off at other steps.
  private static let digitsOtherOrder = Tolerance(
    relative: 1e-3, floor: 1e-4, gradients: 1e-5, weights: 1e-2, reason: "float32 sums in another order")
  private static let digitsOtherPrecision = Tolerance(
    relative: 1e-3, floor: 1e-4, gradients: 1e-5, weights: 1e-2, reason: "float32 against float64")

  /// float64 against NumPy. Measured: every bit where NumPy's OpenBLAS takes its kernels for AVX2; other kernels move the
  /// losses by up to 5e-11.
  private static let numpy = Tolerance(
    relative: 1e-9, floor: 0, gradients: 1e-12, weights: 1e-12, reason: "float64, another BLAS at most")

  /// Adam divides by the size of the gradients, and so makes a large step of a small difference. Measured: 3.6e-2 at
  /// step 499, 4.4e-5 at step 199; 1e-3 of the loss and 6.8e-11 of the first. Of the 26 seeds three pass that: seed 13 by far,
  /// with 1.2e-4 at step 199, 1e-2 at step 299 and 0.37 at step 499, which is never more than 5e-7 of the first loss.
  private static let adam = Tolerance(
    relative: 1e-3, floor: 1e-6, gradients: 3e-6, weights: 1e-2, reason: "float32, and Adam enlarges differences")
}
