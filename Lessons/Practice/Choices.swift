import ArgumentParser
import Kindling
import KindlingData
import KindlingNN
import KindlingOptim

// What can be chosen: data, model, optimizer. Another one is a case here and a line below it.

/// The values of `--data`.
enum DataChoice: Equatable {
  case digits, iris, wine, fashion
  /// A folder of MNIST's files.
  case folder(String)

  static let fashionFolder = "/usr/share/datasets/fashion-mnist"
  private static let names: [(name: String, choice: DataChoice)] = [
    ("digits", .digits), ("iris", .iris), ("wine", .wine), ("fashion", .fashion),
  ]

  init(_ text: String) { self = DataChoice.names.first { $0.name == text }?.choice ?? .folder(text) }

  var isImages: Bool { self != .iris && self != .wine }

  /// What is done if nothing else is asked for: how often the training samples are gone through, in batches of how many, and
  /// with which schedule. Of small data there must be many epochs; of tens of thousands of images a few do, in larger batches.
  var defaults: (epochs: Int, batch: Int, schedule: ScheduleChoice) {
    switch self {
    case .digits: (20, 32, .none)
    case .iris, .wine: (50, 32, .none)
    case .fashion, .folder: (4, 64, .onecycle)
    }
  }

  /// The samples to train on and those to test with, and how they were divided.
  func load() throws -> (training: LabelledData, test: LabelledData, split: String) {
    switch self {
    case .digits: return DataChoice.divided(.digits())
    case .iris: return DataChoice.normalised(DataChoice.divided(.iris()))
    case .wine: return DataChoice.normalised(DataChoice.divided(.wine()))
    case .fashion:
      if !FileAccess.exists(DataChoice.fashionFolder) {
        throw KindlingError(
          """
          --data fashion: Fashion-MNIST is not installed. It is Debian's package dataset-fashion-mnist, 30 MB: \
          `Lessons/run practice --data fashion` installs it, and so does `sudo apt-get install dataset-fashion-mnist`.
          """)
      }
      let (training, test) = try LabelledData.mnist(
        folder: DataChoice.fashionFolder, classNames: LabelledData.fashionClasses)
      return (training, test, "as its makers divided it")
    case .folder(let path):
      let (training, test) = try LabelledData.mnist(folder: path)
      return (training, test, "as its makers divided it")
    }
  }

  /// Four fifths to learn from, always the same ones: a network that is loaded must not be tested on what it has learned.
  private static func divided(_ data: LabelledData) -> (training: LabelledData, test: LabelledData, split: String) {
    let parts = randomSplit(data.dataset, [0.8, 0.2], generator: Generator(seed: 0))
    let halves = parts.map { part in
      let (x, y) = part.batch(Array(0..<part.count))
      return LabelledData(x: x, y: y, classNames: data.classNames, featureNames: data.featureNames)
    }
    return (halves[0], halves[1], "at random, always the same way")
  }

  /// Measurements of different sizes are brought to one, by what is known of the training samples.
  private static func normalised(
    _ data: (training: LabelledData, test: LabelledData, split: String)
  ) -> (training: LabelledData, test: LabelledData, split: String) {
    let normalize = Normalize(fittedTo: data.training.x)
    var data = data
    data.training.x = normalize(data.training.x)
    data.test.x = normalize(data.test.x)
    return data
  }
}

/// The values of `--model`.
enum ModelChoice: String, CaseIterable, ExpressibleByArgument {
  case mlp, cnn

  /// Whether it looks at neighbouring pixels, so that it needs images.
  var needsImages: Bool { self == .cnn }

  /// A model for samples of this shape, [n, …], that gives a score for each of `classCount` classes.
  func model(for shape: Shape, _ classCount: Int) -> Module {
    switch self {
    case .mlp:
      // All pixels or measurements in a row, and one hidden layer.
      Sequential(
        Flatten(), Linear(shape.dropFirst().reduce(1, *), 128), ReLU(),
        Linear(128, classCount))
    case .cnn:
      // Filters of 3 by 3 pixels, twice, and each time half the height and width. A bias would be of no use there: batch norm
      // takes the mean away, and the bias with it.
      Sequential(
        Conv2d(shape[1], 16, kernelSize: 3, padding: 1, bias: false),
        BatchNorm2d(16), ReLU(), MaxPool2d(2),
        Conv2d(16, 32, kernelSize: 3, padding: 1, bias: false),
        BatchNorm2d(32), ReLU(), MaxPool2d(2),
        Flatten(), Linear(32 * (shape[2] / 4) * (shape[3] / 4), classCount))
    }
  }
}

/// The values of `--optimizer`.
enum OptimizerChoice: String, CaseIterable, ExpressibleByArgument {
  case sgd, adam, adamw, rmsprop, adagrad

  /// The size of a step if nothing else is asked for.
  var learningRate: Double {
    switch self {
    case .sgd: 0.1
    case .adam, .adamw: 0.003
    case .rmsprop: 0.001
    case .adagrad: 0.02
    }
  }

  func optimizer(_ parameters: [Parameter], _ learningRate: Double) -> any SavableOptimizer {
    switch self {
    case .sgd: SGD(parameters, learningRate: learningRate, momentum: 0.9)
    case .adam: Adam(parameters, learningRate: learningRate)
    case .adamw: AdamW(parameters, learningRate: learningRate)
    case .rmsprop: RMSprop(parameters, learningRate: learningRate)
    case .adagrad: Adagrad(parameters, learningRate: learningRate)
    }
  }
}

/// An optimizer whose memory can be kept, whatever its rule.
protocol SavableOptimizer: Optimizer {
  func stateDict() -> [String: Tensor]
  func load(stateDict: [String: Tensor]) throws
  /// The device has made a step by itself, from a graph.
  func countReplay()
}

extension GroupedOptimizer: SavableOptimizer {}

/// The values of `--schedule`.
enum ScheduleChoice: String, CaseIterable, ExpressibleByArgument {
  case none, step, cosine, onecycle

  /// Whether its rates depend on how many epochs there are, so that a run that goes on must have as many.
  var dependsOnEpochs: Bool { self == .cosine || self == .onecycle }

  /// What changes the learning rate after each step; nil if nothing does.
  func schedule(_ optimizer: Optimizer, _ learningRate: Double, epochs: Int, stepsPerEpoch: Int) -> LRScheduler? {
    switch self {
    case .none: nil
    // Half of it, every five epochs.
    case .step: StepLR(optimizer, stepSize: 5 * stepsPerEpoch, gamma: 0.5)
    // Down to 0, in half a wave.
    case .cosine: CosineAnnealingLR(optimizer, tMax: epochs * stepsPerEpoch)
    // Up from a small one, and down again.
    case .onecycle:
      OneCycleLR(optimizer, maxLR: learningRate, epochs: epochs, stepsPerEpoch: stepsPerEpoch, cycleMomentum: false)
    }
  }
}
