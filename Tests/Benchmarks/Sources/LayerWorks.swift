import Kernels
import Kindling
import KindlingNN
import KindlingOptim

// Layers of networks for pictures and for texts, forward and backward, and an epoch of practice's network. Both sides begin
// with the same numbers, and what they make of them is compared.

extension Work {
  private static let equal = Goal(1, 1)

  /// A row of the table; `make` makes ready what gives the results of one run.
  private static func layer(_ name: String, _ make: @escaping () -> () -> [Tensor]) -> Work {
    Work(
      name: name, peer: .torch,
      ours: .call {
        let run = make()
        return { _ = run() }
      }, goal: equal, outcome: { fingerprint(make()()) })
  }

  /// One number that hardly any mistake leaves as it is: of each result the mean size, one counted more than the one before.
  private static func fingerprint(_ results: [Tensor]) -> Double {
    zip(1..., results).map { Double($0) * $1.to(.float64).abs().mean().item() }.reduce(0, +)
  }

  /// Numbers between -0.5 and 0.5 that do not repeat soon, the same in theirs.py.
  private static func numbers(_ shape: Shape, seed: Int, scale: Float = 1, requiresGrad: Bool = false) -> Tensor {
    let values = (0..<shape.elementCount).map { i in
      (Float((i * 7919 + seed * 104_729) % 1009) / 1009 - 0.5) * scale
    }
    let tensor = Tensor(values, shape: shape)
    return requiresGrad ? tensor.requiresGrad_() : tensor
  }

  /// Forward and backward; the results are the output and the gradients.
  private static func bothWays(_ inputs: [Tensor], _ forward: @escaping () -> Tensor) -> () -> [Tensor] {
    let dy = numbers(forward().shape, seed: 9)
    return {
      for input in inputs { input.grad = nil }
      let y = forward()
      y.backward(gradient: dy)
      return [y] + inputs.map { $0.grad! }
    }
  }

  // MARK: Convolution

  private struct Convolution {
    let input: [Int]
    let channels, kernel, stride, padding: Int

    var name: String {
      "conv2d \(input.map(String.init).joined(separator: "x")), \(channels) of \(kernel)x\(kernel), stride \(stride), "
        + "padding \(padding)"
    }
  }

  static func convolutions() -> [Work] {
    let usual = [
      Convolution(input: [32, 1, 8, 8], channels: 16, kernel: 3, stride: 1, padding: 1),
      Convolution(input: [32, 1, 28, 28], channels: 16, kernel: 3, stride: 1, padding: 1),
      Convolution(input: [32, 16, 14, 14], channels: 32, kernel: 3, stride: 1, padding: 1),
      Convolution(input: [16, 16, 28, 28], channels: 32, kernel: 5, stride: 1, padding: 2),
      Convolution(input: [16, 32, 28, 28], channels: 64, kernel: 3, stride: 2, padding: 1),
      Convolution(input: [8, 64, 28, 28], channels: 64, kernel: 3, stride: 1, padding: 1),
      Convolution(input: [16, 64, 14, 14], channels: 128, kernel: 1, stride: 1, padding: 0),
      Convolution(input: [4, 3, 64, 64], channels: 64, kernel: 7, stride: 2, padding: 3),
    ]
    return usual.flatMap { convolution in
      let channels = convolution.input[1], size = convolution.kernel
      let weightShape: Shape = [convolution.channels, channels, size, size]
      let scale = 1 / Float(channels * size * size).squareRoot()
      func ready(_ tracked: Bool) -> (inputs: [Tensor], forward: () -> Tensor) {
        let x = numbers(Shape(convolution.input), seed: 1, requiresGrad: tracked)
        let w = numbers(weightShape, seed: 2, scale: scale, requiresGrad: tracked)
        let bias = numbers([convolution.channels], seed: 3, requiresGrad: tracked)
        return (
          [x, w, bias], { conv2d(x, w, bias: bias, stride: convolution.stride, padding: convolution.padding) }
        )
      }
      return [
        layer(convolution.name + ", forward") {
          let forward = ready(false).forward
          return { [forward()] }
        },
        layer(convolution.name + ", backward") {
          let (inputs, forward) = ready(true)
          let y = forward()
          let dy = numbers(y.shape, seed: 9)
          return { grad(of: y, wrt: inputs, gradient: dy, retainGraph: true) }
        },
      ]
    }
  }

  // MARK: Normalization and tables

  static func normalizations() -> [Work] {
    let batches: [[Int]] = [[64, 128], [32, 16, 8, 8], [32, 16, 28, 28], [16, 64, 14, 14]]
    let rows: [[Int]] = [[256, 64], [64, 768], [4096, 256]]
    func bothWays(_ sizes: [Int], by parameters: Int, _ forward: @escaping ([Tensor]) -> Tensor) -> () -> [Tensor] {
      let x = numbers(Shape(sizes), seed: 1, requiresGrad: true)
      let weight = (numbers([parameters], seed: 2) + 1).requiresGrad_()
      let inputs = [x, weight, numbers([parameters], seed: 3, requiresGrad: true)]
      return Work.bothWays(inputs) { forward(inputs) }
    }
    return batches.flatMap { sizes in
      [true, false].map { isTraining in
        let size = sizes.map(String.init).joined(separator: "x")
        return layer("batch norm \(size), \(isTraining ? "training" : "evaluation")") {
          let (mean, variance) = (numbers([sizes[1]], seed: 4), numbers([sizes[1]], seed: 5) + 1)
          return bothWays(sizes, by: sizes[1]) {
            $0[0].batchNorm(
              runningMean: mean, runningVar: variance, weight: $0[1], bias: $0[2], training: isTraining)
          }
        }
      }
    }
      + rows.map { sizes in
        layer("layer norm \(sizes[0])x\(sizes[1])") {
          bothWays(sizes, by: sizes[1]) { $0[0].layerNorm([sizes[1]], weight: $0[1], bias: $0[2]) }
        }
      }
  }

  /// A small GPT's characters, and words.
  static func embeddings() -> [Work] {
    [(rows: 65, columns: 64, places: 256), (10_000, 128, 2048)].map { rows, columns, places in
      layer("embedding \(rows)x\(columns), \(places) places") {
        let weight = numbers([rows, columns], seed: 1, requiresGrad: true)
        let index = Tensor((0..<places).map { $0 * 7919 % rows })
        return bothWays([weight]) { index.embedding(weight) }
      }
    }
  }

  // MARK: An epoch

  /// practice's convolutional network, trained on the digits and on as many pictures of Fashion-MNIST's size; which numbers
  /// they hold makes no difference to the time.
  static func epochs() -> [Work] {
    [("digits", 1437, 8), ("28x28", 2000, 28)].map { name, samples, size in
      layer("CNN epoch, \(samples) of \(name)") { epoch(samples, size) }
    }
  }

  private static func epoch(_ samples: Int, _ size: Int) -> () -> [Tensor] {
    let pictures = numbers([samples, 1, size, size], seed: 1)
    let labels = Tensor((0..<samples).map { $0 * 7 % 10 })
    let order = Tensor((0..<samples).map { $0 * 7919 % samples })
    let model = Sequential(
      Conv2d(1, 16, kernelSize: 3, padding: 1), BatchNorm2d(16), ReLU(), MaxPool2d(2),
      Conv2d(16, 32, kernelSize: 3, padding: 1), BatchNorm2d(32), ReLU(), MaxPool2d(2),
      Flatten(), Linear(32 * (size / 4) * (size / 4), 10))
    noGrad {
      for (k, parameter) in model.parameters().enumerated() where parameter.rank > 1 {
        let inputs = parameter.elementCount / parameter.shape[0]
        parameter.copy_(numbers(parameter.shape, seed: k, scale: 2 / Float(inputs).squareRoot()))
      }
      for (name, parameter) in model.namedParameters() where name.hasSuffix("bias") { parameter.zero_() }
    }
    let optimizer = Adam(model.parameters(), learningRate: 0.003)
    let lossFunction = CrossEntropyLoss()
    return {
      var sum = 0.0
      for begin in stride(from: 0, to: samples, by: 32) {
        let batch = order[begin..<min(begin + 32, samples)]
        let loss = lossFunction(
          model(pictures.indexSelect(dim: 0, index: batch)), labels.indexSelect(dim: 0, index: batch))
        optimizer.zeroGrad()
        loss.backward()
        optimizer.step()
        sum += loss.item()
      }
      return [Tensor(sum)]
    }
  }
}
