import ExerciseKit
import Foundation
import Kindling

/// A wrong answer that is easily given, and what to say to it.
typealias Mistake = (answer: Tensor, words: String)

/// Throws if `answer` is not `expected`, and says why if it is one of the `mistakes`.
///
/// In float64 the same formula in another order of operations is off by some 1e-16 of the result; a wrong formula, on the
/// numbers used here, by more than a thousandth.
///
/// - Parameter place: What to call an element in the message: "dx[0, 2]", unless told otherwise.
func expect(
  _ name: String, _ answer: Tensor, _ expected: Tensor, mistakes: [Mistake] = [], hint: String,
  place: ((_ element: Int) -> String)? = nil
) throws {
  if answer.shape != expected.shape {
    throw Wrong("\(name) has the shape \(answer.shape), and it should be \(expected.shape). \(hint)")
  }
  if isClose(answer, expected) { return }
  let words = mistakes.first { isClose(answer, $0.answer) }?.words ?? hint
  let worst = farthest(answer, expected)
  let (found, wanted) = (short(answer.toArray()[worst]), short(expected.toArray()[worst]))
  let element = place?(worst) ?? name + coordinates(of: worst, in: expected.shape)
  throw Wrong("\(element) is \(found), and it should be \(wanted). \(words)")
}

/// Whether two tensors have one shape, and the same numbers but for rounding.
func isClose(_ a: Tensor, _ b: Tensor) -> Bool {
  a.shape == b.shape && zip(a.toArray(), b.toArray()).allSatisfy { isClose($0, $1) }
}

func isClose(_ a: Double, _ b: Double) -> Bool { abs(a - b) <= 1e-9 + 1e-9 * abs(b) }  // false for NaN

/// The element that is most wrong, counted row by row.
private func farthest(_ answer: Tensor, _ expected: Tensor) -> Int {
  let distances = zip(answer.toArray(), expected.toArray()).map { abs($0 - $1) }
  return distances.firstIndex(where: \.isNaN) ?? distances.indices.max { distances[$0] < distances[$1] }!
}

/// "[1, 2]", for an element counted row by row.
func coordinates(of element: Int, in shape: Shape) -> String {
  var rest = element
  var found: [Int] = []
  for size in shape.reversed() {
    found.insert(rest % size, at: 0)
    rest /= size
  }
  return found.isEmpty ? "" : "\(found)"
}

/// A number with as many digits as a person needs.
func short(_ number: Double) -> String { number.isNaN ? "nan" : String(format: "%.6g", number) }
