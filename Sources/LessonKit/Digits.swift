import Kindling
import KindlingData

/// The handwritten digits that are built into the lessons: 1,797 images of 8 × 8 grey pixels, and what they show.
enum Digits {
  static let count = 1797

  /// The first `samples` images, pixels scaled to 0…1, [samples, 64], and their labels as rows of ten numbers that are 1
  /// at the digit and 0 elsewhere, [samples, 10]. Both float32.
  static func load(samples: Int) -> (x: Tensor, y: Tensor) {
    let digits = LabelledData.digits()
    let x = digits.x[0..<samples].reshape(samples, 64)
    let y = digits.y[0..<samples].oneHot(numClasses: 10).to(.float32)
    return (x, y)
  }

  /// Images and what they show: x, [n, 64], and labels, [n].
  struct Samples {
    var x, labels: Tensor
  }

  /// The samples after the first `count`, which are not trained on; nil if there are none.
  static func heldOut(after count: Int) -> Samples? {
    if count >= Digits.count { return nil }
    let (x, y) = load(samples: Digits.count)
    return Samples(x: x[count...], labels: y[count...].argmax(dim: 1))
  }

  /// The share of outputs, [n, 10], that are largest at their label.
  static func accuracy(_ outputs: Tensor, _ labels: Tensor) -> Double {
    (outputs.to(.cpu).argmax(dim: 1) == labels).to(.float64).mean().item()
  }

  /// The share of samples that the lessons' network with weights w1, [64, hidden], and w2, [hidden, 10], reads right.
  static func accuracy(of weights: [Tensor], _ samples: Samples) -> Double {
    let weights = weights.map { $0.to(.cpu).to(.float32) }
    return accuracy(samples.x.mm(weights[0]).clamp(min: 0).mm(weights[1]), samples.labels)
  }
}
