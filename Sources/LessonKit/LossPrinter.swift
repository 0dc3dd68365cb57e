import Kindling

/// Prints what a training comes to: "step loss", as the article does.
struct LossPrinter {
  private let printEvery: Int
  private let isQuiet: Bool
  private var last: (step: Int, loss: Double)?
  private var lastPrinted: Int?

  init(lesson: LessonFacts, options: Options) {
    isQuiet = options.quiet
    // The article's first program prints every step, the others every hundredth.
    printEvery = options.printEvery ?? (lesson.hasTensors || options.problem != .article ? 100 : 1)
  }

  /// Prints a loss if its turn has come.
  mutating func note(_ step: Int, _ loss: Double) {
    last = (step, loss)
    if step % printEvery == printEvery - 1 { printLast() }
  }

  /// Prints the last loss of a training so short that no turn has come.
  mutating func printOne() { if lastPrinted == nil { printLast() } }

  /// Prints the last loss, unless it has been.
  mutating func printLast() {
    guard !isQuiet, let last, last.step != lastPrinted else { return }
    print(last.step, last.loss)
    lastPrinted = last.step
    // At once, so that a reader sees it, and so that a training for which there is no reader any more comes to its end.
    if StandardOutput.problem != nil { Interruption.request(status: 1) }
  }

  /// Prints which share of samples is read right, and which samples these are.
  func printAccuracy(_ fraction: Double, of samples: String, count: Int) {
    if !isQuiet { print("accuracy \((fraction * 10000).rounded() / 10000) (\(samples), \(count) samples)") }
  }
}
