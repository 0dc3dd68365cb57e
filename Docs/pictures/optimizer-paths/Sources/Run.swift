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

/// The runs, each with a learning rate that suits it. A picture of one or two.
let pictures: [(file: String, runs: [Run])] = [
  ("sgd", [Run("SGD") { SGD($0, learningRate: 0.9) }]),
  ("momentum", [Run("SGD, momentum") { SGD($0, learningRate: 0.1, momentum: 0.9) }]),
  ("nesterov", [Run("SGD, Nesterov") { SGD($0, learningRate: 0.1, momentum: 0.9, nesterov: true) }]),
  ("adagrad", [Run("Adagrad") { Adagrad($0, learningRate: 1.5) }]),
  ("rmsprop", [Run("RMSprop") { RMSprop($0, learningRate: 0.3, alpha: 0.9) }]),
  ("adam", [Run("Adam") { Adam($0, learningRate: 0.4) }]),
  (
    "adamw",
    [
      Run("AdamW, decay") { AdamW($0, learningRate: 0.4, weightDecay: 0.1) },
      Run("Adam, decay") { Adam($0, learningRate: 0.4, weightDecay: 0.1) },
    ]
  ),
]
