import Kindling
import LessonKit

/// Why the article's learning rate is a millionth: its loss is a sum. The same network is trained on the sum of the squared
/// errors and on their mean, from the same numbers.
struct SumOrMean {
  private struct Curve {
    let title: String
    let rate: Double
    let losses: [Double]
  }

  private let curves: [Curve]
  private let count: Int
  private let steps: Int
  private let terminal: Terminal

  /// - Parameter outcome: A run of one of the lessons, whose data and first weights are taken.
  init(_ outcome: Outcome, steps: Int, terminal: Terminal) throws {
    func tensor(_ name: String) throws -> Tensor {
      guard let saved = outcome.tensors[name] else { throw KindlingError("no \(name) was saved") }
      return saved.to(.float32)
    }
    let (x, y) = (try tensor("x"), try tensor("y"))
    let (w1, w2) = (try tensor("first.w1"), try tensor("first.w2"))
    let rate = outcome.record.learningRate
    count = y.elementCount
    self.steps = steps
    self.terminal = terminal
    func train(_ title: String, _ rate: Double, _ loss: (Tensor) -> Tensor) throws -> Curve {
      Curve(title: title, rate: rate, losses: try SumOrMean.losses(x, y, w1.clone(), w2.clone(), rate, steps, loss))
    }
    curves = [
      try train("sum", rate) { $0.sum() },
      try train("mean", rate * Double(count)) { $0.mean() },
      try train("mean", rate) { $0.mean() },
    ]
  }

  /// Lesson 3's loop, with the reduction left open.
  private static func losses(
    _ x: Tensor, _ y: Tensor, _ w1: Tensor, _ w2: Tensor, _ rate: Double, _ steps: Int, _ reduce: (Tensor) -> Tensor
  ) throws -> [Double] {
    w1.requiresGrad_(true)
    w2.requiresGrad_(true)
    var losses: [Double] = []
    for _ in 0..<steps {
      try Interruption.check()
      let loss = reduce((x.mm(w1).clamp(min: 0).mm(w2) - y).pow(2))
      losses.append(loss.item())
      loss.backward()
      noGrad {
        w1 -= rate * w1.grad!
        w2 -= rate * w2.grad!
        w1.grad!.zero_()
        w2.grad!.zero_()
      }
    }
    return losses
  }

  /// The table and two sentences.
  var text: String {
    func row(_ first: String, _ cells: [String]) -> String { first.right(6) + cells.map { $0.right(18) }.joined() }
    let rates = curves.map { "rate " + Format.number($0.rate, digits: 3) }
    var lines = [
      terminal.bold("The same network, the same numbers, the loss as a sum or as a mean of \(count) squares"), "",
      terminal.dim(row("", curves.map(\.title) + ["mean × \(count)"])),
      terminal.dim(row("step", rates + [rates[1]])),
    ]
    for step in Report.shownSteps(steps) {
      let numbers = curves.map { $0.losses[step] } + [curves[1].losses[step] * Double(count)]
      lines.append(row("\(step)", numbers.map { Format.number($0, digits: 6) }))
    }
    let (sum, mean) = (Format.number(curves[0].rate, digits: 3), Format.number(curves[1].rate, digits: 3))
    let explanation = """
      A mean is the sum over \(count), and so is its gradient: the rate \(sum) that suits the sum is \(sum) × \(count) = \
      \(mean) for the mean, and then every weight moves as before and the loss is 1/\(count) of the sum's, up to rounding. \
      With \(sum) the mean moves \(count) times too slowly: a rate belongs to a loss, and one without the other says nothing.
      """
    return (lines + ["", explanation.wrapped(terminal.width)]).joined(separator: "\n")
  }
}
