import CUDAEmulator
import ExerciseKit
import Foundation

/// What stands in `out` before a launch: a NaN that no computation gives.
let unwritten = Float(bitPattern: 0x7fc0_5eed)

/// What a kernel should leave in `out`, and how to speak of it.
struct Answer {
  let values: [Double]
  /// The name of an element.
  var element: (Int) -> String = { "out[\($0)]" }
  /// What an element should be, such as "x[3] + 10".
  let rule: (Int) -> String
  /// Who should write it, such as "thread 3 of block 0".
  var owner: ((Int) -> String)?
  /// Wrong answers that are easily given, and what to say to them.
  var mistakes: [(values: [Double], words: String)] = []
  /// Where an element that is no number comes from.
  var ifNaN = "Something was divided by 0, or too large for a float."
  /// Whether its threads should meet in shared memory.
  var meetsInSharedMemory = false
  /// How far an element may be from its value, in parts of it: sums in float32 depend on their order.
  var tolerance = 1e-5

  /// Throws `Wrong` unless this is it.
  func expect(_ out: [Float]) throws {
    try expect(out.map(Double.init), isWritten: { out[$0].bitPattern != unwritten.bitPattern })
  }

  func expect(_ out: [Double], isWritten: (Int) -> Bool) throws {
    if !out.indices.contains(where: isWritten) {
      throw Wrong("No thread has written anything into out yet. \(told(0)).")
    }
    if let missing = out.indices.first(where: { !isWritten($0) }) {
      let whose = owner.map { " It is the element of \($0(missing))." } ?? ""
      throw Wrong("\(told(missing)), and no thread has written it.\(whose)")
    }
    guard let wrong = out.indices.first(where: { !isClose(out[$0], values[$0]) }) else { return }
    let mistake = mistakes.first { mistake in out.indices.allSatisfy { isClose(out[$0], mistake.values[$0]) } }
    // Of an array that each thread has for itself, what another thread has put into it is anything.
    let words = mistake?.words ?? (!lacksShared && out[wrong].isNaN ? ifNaN : nil)
    throw Wrong(
      "\(told(wrong)), and it is \(short(out[wrong])).\(words.map { " " + $0 } ?? "")\(lacksShared ? Self.own : "")")
  }

  /// Whether the kernel has declared nothing in shared memory, where its threads should meet.
  private var lacksShared: Bool { meetsInSharedMemory && KindlingEmulatorSharedBytes() == 0 }

  private static let own =
    " The kernel has nothing in shared memory. If it has an array, each thread has one of its own, and sees nothing of what "
    + "another thread puts into its own: declare it with SHARED."

  private func told(_ i: Int) -> String { "\(element(i)) should be \(rule(i)) = \(short(values[i]))" }

  private func isClose(_ a: Double, _ b: Double) -> Bool { abs(a - b) <= tolerance * (1 + abs(b)) }  // false for NaN
}

/// A number with as many digits as a person needs.
func short(_ number: Double) -> String { number.isNaN ? "nan" : String(format: "%.6g", number) }

/// Numbers to compute with: halves, so that their sums are exact, and 31 different ones.
func numbers(_ count: Int) -> [Float] { (0..<count).map { Float($0 * 7 % 31) + 0.5 } }

/// The same as doubles, for what is expected.
func exact(_ numbers: [Float]) -> [Double] { numbers.map(Double.init) }

/// "out[1][2]", for an element of a matrix with so many columns.
func cell(_ name: String, _ i: Int, _ columns: Int) -> String { "\(name)[\(i / columns)][\(i % columns)]" }

/// Who owns an element that the thread of the same number in the grid writes.
func inOneRow(_ block: Int) -> (Int) -> String { { "thread \($0 % block) of block \($0 / block)" } }

/// Who owns an element of a matrix, if threads and elements lie alike.
func inSquares(_ side: Int, _ columns: Int) -> (Int) -> String {
  { i in
    let (r, c) = (i / columns, i % columns)
    return "thread (\(c % side), \(r % side)) of block (\(c / side), \(r / side))"
  }
}
