import FoundationEssentials
import Kindling
import KindlingPage

/// Keeps what a page shows of a network that reads digits: how many it reads right, and its first weights as pictures.
final class DigitsRecorder {
  private let stepCount: Int
  private let labels: Tensor
  private let heldOut: Digits.Samples?
  private var accuracy = PageData.Digits.Accuracy()
  private var filmSteps: [Int] = []
  private var frames: [Tensor] = []

  private static let mostFrames = 40

  init(stepCount: Int, labels: Tensor, heldOut: Digits.Samples?) {
    (self.stepCount, self.labels, self.heldOut) = (stepCount, labels, heldOut)
    accuracy.trainingCount = labels.elementCount
    accuracy.heldOutCount = heldOut?.labels.elementCount ?? 0
    if heldOut != nil { accuracy.heldOut = [] }
  }

  /// Whether a step is looked at: some forty of them, the first and the last among them.
  func wants(_ step: Int) -> Bool {
    let distance = max(1, (stepCount - 1) / (DigitsRecorder.mostFrames - 1))
    return step % distance == 0 || step == stepCount - 1
  }

  func note(_ step: Int, outputs: Tensor) {
    accuracy.steps.append(step)
    accuracy.training.append(Digits.accuracy(outputs, labels))
  }

  /// - Parameter weights: w1, [64, hidden], and w2, [hidden, 10].
  func note(_ step: Int, weights: [Tensor]) {
    filmSteps.append(step)
    frames.append(weights[0].to(.cpu).to(.float32).clone())
    if let heldOut { accuracy.heldOut?.append(Digits.accuracy(of: weights, heldOut)) }
  }

  func data(_ x: Int, _ predictions: [Int], _ walkthrough: Walkthrough, _ page: PageData) -> PageData.Digits {
    var digits = PageData.Digits(x: x)
    let samples = page.shownIndices(labels.elementCount)
    let all = labels.toArray(of: Int.self)
    digits.labels = samples.map { all[$0] }
    digits.predictions = predictions
    digits.accuracy = accuracy
    digits.film = film(page)
    digits.silent = walkthrough.steps.map { step in
      let hidden = step.operations.first { !$0.isRule && ["relu", "clamp", "maximum"].contains($0.name) }
      guard let hidden else { return [] }
      let fires = (walkthrough.tensors[hidden.results[0].tensor].values != 0).any(dim: 0).toArray(of: Bool.self)
      return fires.indices.filter { !fires[$0] }
    }
    return digits
  }

  private func film(_ page: PageData) -> PageData.Digits.Film {
    var film = PageData.Digits.Film()
    guard let first = frames.first else { return film }
    film.steps = filmSteps
    film.unitCount = first.shape[1]
    film.units = page.shownIndices(film.unitCount)
    film.scale = frames.map { $0.abs().max().item() }.filter(\.isFinite).max() ?? 1
    var bytes: [Int8] = []
    for frame in frames {
      let units = frame.t().indexSelect(dim: 0, index: Tensor(film.units)).toArray()
      bytes += units.map { $0.isFinite && film.scale > 0 ? Int8(($0 / film.scale * 127).rounded()) : 0 }
    }
    film.frames = bytes.withUnsafeBytes { Data($0) }.base64EncodedString()
    return film
  }
}
