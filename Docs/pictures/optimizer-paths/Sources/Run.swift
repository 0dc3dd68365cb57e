import Kindling
import KindlingOptim

/// One run of one optimizer on the valley: the places it came by, and the loss at each.
struct Run {
  let name: String
  var places: [(a: Double, b: Double)] = []
  var losses: [Double] = []

  static let steps = 40
  static let start = [-6.0, 3.4]
  /// The valley is 0.04 (a - 2)² + (b - 1)²: flat along a, steep along b.
  static let curvature = [0.04, 1.0]
  static let minimum = [2.0, 1.0]

  init(_ name: String, _ makeOptimizer: ([Tensor]) -> Optimizer) {
    self.name = name
    let w = Tensor(Run.start, dtype: .float64, requiresGrad: true)
    let c = Tensor(Run.curvature, dtype: .float64)
    let minimum = Tensor(Run.minimum, dtype: .float64)
    let optimizer = makeOptimizer([w])
    for _ in 0...Run.steps {
      let loss = (c * (w - minimum).square()).sum()
      let place = w.toArray()
      places.append((place[0], place[1]))
      losses.append(loss.item())
      optimizer.zeroGrad()
      loss.backward()
      optimizer.step()
    }
  }
}

/// The runs of chapter 13, each with a learning rate that suits it.
let runs = [
  Run("SGD") { SGD($0, learningRate: 0.9) },
  Run("SGD, momentum") { SGD($0, learningRate: 0.1, momentum: 0.9) },
  Run("SGD, Nesterov") { SGD($0, learningRate: 0.1, momentum: 0.9, nesterov: true) },
  Run("Adagrad") { Adagrad($0, learningRate: 1.5) },
  Run("RMSprop") { RMSprop($0, learningRate: 0.3, alpha: 0.9) },
  Run("Adam") { Adam($0, learningRate: 0.4) },
  Run("AdamW, decay") { AdamW($0, learningRate: 0.4, weightDecay: 0.1) },
  Run("Adam, decay") { Adam($0, learningRate: 0.4, weightDecay: 0.1) },
]

/// SGD with learning rates that are too small, right and too large, for chapter 5.
let rates = [0.05, 0.7, 1.03].map { rate in Run("SGD, η = \(rate)") { SGD($0, learningRate: rate) } }
