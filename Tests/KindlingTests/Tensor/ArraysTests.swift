import Foundation
import Kindling
import KindlingArrays
import TestSupport
import Testing

@Suite struct ArraysTests {
  /// The article's first program, which uses every function here.
  ///
  /// Another BLAS adds in another order. NumPy on one thread and on two differ by 1e-12 (relative); 1e-9 leaves room for
  /// other processors and is far below any mistake.
  @Test(arguments: RandomReference.shared.lessons)
  func trainsAsTheArticlesProgramDoes(_ lesson: RandomReference.Lesson) {
    let losses = train(seed: lesson.seed)
    #expect(losses.count == lesson.losses.count)
    for (loss, expected) in zip(losses, lesson.losses) {
      #expect(abs(loss / expected - 1) <= 1e-9)
    }
  }

  /// Short names such as `sum` and `less` are the user's own, unless `KindlingArrays` is imported; and initialisers are
  /// reached through `Init`.
  @Test func otherModulesBringNoFunctionsOnArrays() throws {
    let modules = Repository.url("Sources")
    for module in ["Kindling", "KindlingNN", "KindlingOptim"] {
      let folder = modules.appending(path: module)
      let files = try FileManager.default.subpathsOfDirectory(atPath: folder.path()).filter { $0.hasSuffix(".swift") }
      #expect(!files.isEmpty)
      for file in files {
        let lines = try String(contentsOf: folder.appending(path: file), encoding: .utf8).split(separator: "\n")
        let free = lines.filter { $0.hasPrefix("public func ") }
        #expect(free.filter { module == "KindlingNN" || $0.contains("[Double]") } == [], "\(file)")
      }
    }
  }

  private func train(seed: Int) -> [Double] {
    let random = NumPyGenerator(seed: seed)
    let x = random.randn(64, 784)
    let y = random.randn(64, 10)
    var w1 = random.randn(784, 100)
    var w2 = random.randn(100, 10)
    var losses: [Double] = []
    for i in 0..<500 {
      let h = dot(x, (64, 784), w1, (784, 100))
      let hRelu = maximum(h, 0)
      let yPred = dot(hRelu, (64, 100), w2, (100, 10))
      let loss = sum(square(subtract(yPred, y)))
      if i % 100 == 99 { losses.append(loss) }
      let gradYPred = multiply(2, subtract(yPred, y))
      let gradW2 = dot(transposed: hRelu, (64, 100), gradYPred, (64, 10))
      var gradH = dot(gradYPred, (64, 10), transposed: w2, (100, 10))
      assign(0, to: &gradH, where: less(h, 0))
      let gradW1 = dot(transposed: x, (64, 784), gradH, (64, 100))
      subtract(1e-6, times: gradW1, from: &w1)
      subtract(1e-6, times: gradW2, from: &w2)
    }
    return losses
  }

  /// Small whole numbers: every product is exact.
  @Test func productsOfWholeNumbers() {
    let x: [Double] = [1, 2, 3, 4, 5, 6]  // 2 × 3
    let xTransposed: [Double] = [1, 4, 2, 5, 3, 6]  // 3 × 2
    let y: [Double] = [1, 0, 2, -1, 1, 3, 2, 0, -2, 1, 1, 4]  // 3 × 4
    let yTransposed: [Double] = [1, 1, -2, 0, 3, 1, 2, 2, 1, -1, 0, 4]  // 4 × 3
    let expected: [Double] = [-3, 9, 9, 11, -3, 21, 24, 20]
    #expect(dot(x, (2, 3), y, (3, 4)) == expected)
    #expect(dot(transposed: xTransposed, (3, 2), y, (3, 4)) == expected)
    #expect(dot(x, (2, 3), transposed: yTransposed, (4, 3)) == expected)
  }

  @Test func productsWithNothingToAdd() {
    #expect(dot([], (2, 0), [], (0, 3)) == [0, 0, 0, 0, 0, 0])
    #expect(dot([], (0, 3), [1, 2, 3], (3, 1)) == [])
    #expect(dot([2], (1, 1), [3], (1, 1)) == [6])
  }

  @Test func elementwise() {
    #expect(maximum([-1, 0, 2], 0) == [0, 0, 2])
    #expect(maximum([.nan], 0)[0].isNaN)
    #expect(maximum([1], .nan)[0].isNaN)
    #expect(subtract([3, 2], [1, 5]) == [2, -3])
    #expect(multiply(2, [3, -4]) == [6, -8])
    #expect(square([3, -4]) == [9, 16])
    #expect(less([-1, 0, 1, .nan], 0) == [true, false, false, false])
    #expect(subtract([], []) == [])
  }

  @Test func inPlaceChangesTheTargetOnly() {
    let h: [Double] = [-1, 2, -3]
    var gradient: [Double] = [10, 20, 30]
    let copy = gradient
    assign(0, to: &gradient, where: less(h, 0))
    #expect(gradient == [0, 20, 0])
    #expect(copy == [10, 20, 30], "an array is a value: the copy keeps its numbers")
    subtract(0.5, times: [2, 4, 6], from: &gradient)
    #expect(gradient == [-1, 18, -3])
  }

  /// No tolerance: the numbers are added in NumPy's order.
  @Test func sumsAreNumPys() {
    let x = NumPyGenerator(seed: 0).randn(100_000)
    for reference in RandomReference.shared.sums {
      #expect(sum(Array(x.prefix(reference.count))) == reference.sum, "of \(reference.count)")
    }
  }

  @Test func mistakesAreNamed() async {
    let inner = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = dot([1, 2, 3, 4, 5, 6], (2, 3), [1, 2, 3, 4], (2, 2))
    }
    #expect(text(inner).contains("dot: 2 × 3 times 2 × 2: the 3 columns of the first do not meet the 2 rows"))
    let size = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = dot([1, 2, 3], (2, 2), [1, 2], (2, 1))
    }
    #expect(text(size).contains("dot: an array of 3 numbers was said to be 2 × 2"))
    let counts = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = subtract([1, 2, 3], [1, 2])
    }
    #expect(text(counts).contains("subtract: one array has 3 elements, the other 2"))
  }

  private func text(_ result: ExitTest.Result?) -> String {
    String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
  }
}
