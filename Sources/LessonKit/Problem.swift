import ArgumentParser
import Kindling

/// Which network is trained on what.
public enum Problem: String, CaseIterable, ExpressibleByArgument, Sendable {
  /// The article's own sizes, learning rates, first values and optimizer; they differ from lesson to lesson.
  case article
  /// One problem for all lessons, so that they can be compared number for number.
  case shared
  /// Real handwritten digits, the same network and first weights in all lessons.
  case digits
  /// Two samples and a network of six weights, all small whole numbers: what chapter 1 computes on paper.
  case paper
}

/// The sizes of a network of two layers: samples, inputs, hidden units, outputs.
public typealias Sizes = (n: Int, inputDim: Int, hiddenDim: Int, outputDim: Int)

/// What a problem puts in the place of the article's numbers, which stand in the lessons; nothing where it is the article's.
struct Prescription {
  var sizes: Sizes?
  var learningRate: Double?
  /// By name: the inputs x, [n, inputDim], the targets y, [n, outputDim], and the first weights w1, [inputDim, hiddenDim],
  /// and w2, [hiddenDim, outputDim]. All are float32 and on the CPU.
  var tensors: [String: Tensor] = [:]

  init(_ problem: Problem, samples: Int?, seed: Int, optimizer: OptimizerChoice? = nil) {
    switch problem {
    case .article: break
    case .shared: share(seed: seed)
    case .digits: showDigits(samples: samples ?? Digits.count, seed: seed)
    case .paper: writeOnPaper()
    }
    // Its steps are about as long as its learning rate, whatever the gradient's size.
    if optimizer == .adam && problem != .article { learningRate = 1e-3 }
  }

  /// The problem of the article's lessons 2 and 3: the same numbers in the same order.
  private mutating func share(seed: Int) {
    let generator = Generator(seed: seed)
    let (n, inputDim, hiddenDim, outputDim) = (64, 784, 100, 10)
    sizes = (n, inputDim, hiddenDim, outputDim)
    learningRate = 1e-6
    tensors["x"] = Tensor.randn(n, inputDim, generator: generator)
    tensors["y"] = Tensor.randn(n, outputDim, generator: generator)
    tensors["w1"] = Tensor.randn(inputDim, hiddenDim, generator: generator)
    tensors["w2"] = Tensor.randn(hiddenDim, outputDim, generator: generator)
  }

  private mutating func showDigits(samples n: Int, seed: Int) {
    let generator = Generator(seed: seed)
    let (inputDim, hiddenDim, outputDim) = (64, 100, 10)
    sizes = (n, inputDim, hiddenDim, outputDim)
    // The loss is a sum over the samples, and so is the gradient: fewer samples allow a longer step.
    learningRate = 0.05 / Double(n)
    (tensors["x"], tensors["y"]) = Digits.load(samples: n)
    // Scaled so that the outputs start near the size of the targets, and 0 to 1.
    tensors["w1"] = Tensor.randn(inputDim, hiddenDim, generator: generator) * (1 / Double(inputDim).squareRoot())
    tensors["w2"] = Tensor.randn(hiddenDim, outputDim, generator: generator) * (1 / Double(hiddenDim).squareRoot())
  }

  /// Nothing is drawn, so that every seed trains the same.
  private mutating func writeOnPaper() {
    sizes = (n: 2, inputDim: 2, hiddenDim: 2, outputDim: 1)
    learningRate = 0.01
    tensors["x"] = Tensor([[1.0, 2], [3, -1]])
    tensors["y"] = Tensor([[2.0], [1]])
    tensors["w1"] = Tensor([[1.0, -1], [0, 1]])
    tensors["w2"] = Tensor([[1.0], [2]])
  }
}
