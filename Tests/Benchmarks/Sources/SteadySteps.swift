import Kernels
import Kindling
import KindlingNN
import KindlingOptim

/// The steps of lessons 2 to 5 on the article's problem, and of the larger network, in this program: only from inside can
/// it be counted how often memory is asked of the system.
///
/// Lesson 1 is not among them: Swift's arrays get their memory from malloc, past the kernels' count.
enum SteadySteps {
  static let steps: [(name: String, make: @Sendable () -> Work.Call)] = [
    ("lesson 2", { tensors() }), ("lesson 3", { autograd() }), ("lesson 4", { modules() }),
    ("lesson 5", { optimizer() }), ("MLP 784-512-512-10", { Work.networkStep() }),
  ]
  /// The first steps fill the cache.
  private static let warmUp = 20
  private static let counted = 100

  /// How often the system was asked for memory in 100 steps, after the first 20.
  static func systemAllocations(_ make: () -> Work.Call) -> Int64 {
    let step = make()
    for _ in 0..<warmUp { step() }
    let before = KindlingMemoryStatistics().systemAllocations
    for _ in 0..<counted { step() }
    return KindlingMemoryStatistics().systemAllocations - before
  }

  private static func tensors() -> Work.Call {
    let (x, y) = (Tensor.randn(64, 784), Tensor.randn(64, 10))
    let (w1, w2) = (Tensor.randn(784, 100), Tensor.randn(100, 10))
    return {
      let h = x.mm(w1)
      let hRelu = h.clamp(min: 0)
      let yPred = hRelu.mm(w2)
      _ = (yPred - y).pow(2).sum().item()
      let gradYPred = 2.0 * (yPred - y)
      let gradW2 = hRelu.t().mm(gradYPred)
      let gradH = gradYPred.mm(w2.t()).clone()
      gradH[h < 0] = 0
      let gradW1 = x.t().mm(gradH)
      w1 -= 1e-6 * gradW1
      w2 -= 1e-6 * gradW2
    }
  }

  private static func autograd() -> Work.Call {
    let (x, y) = (Tensor.randn(64, 784), Tensor.randn(64, 10))
    let (w1, w2) = (Tensor.randn(784, 100, requiresGrad: true), Tensor.randn(100, 10, requiresGrad: true))
    return {
      let loss = (x.mm(w1).clamp(min: 0).mm(w2) - y).pow(2).sum()
      _ = loss.item()
      loss.backward()
      noGrad {
        w1 -= 1e-6 * w1.grad!
        w2 -= 1e-6 * w2.grad!
        w1.grad!.zero_()
        w2.grad!.zero_()
      }
    }
  }

  private static func modules() -> Work.Call {
    let (x, y) = (Tensor.randn(64, 1000), Tensor.randn(64, 10))
    let model = Sequential(Linear(1000, 100), ReLU(), Linear(100, 10))
    let lossFunction = MSELoss(reduction: .sum)
    return {
      let loss = lossFunction(model(x), y)
      _ = loss.item()
      model.zeroGrad()
      loss.backward()
      noGrad { for parameter in model.parameters() { parameter -= 1e-4 * parameter.grad! } }
    }
  }

  private static func optimizer() -> Work.Call {
    let (x, y) = (Tensor.randn(64, 1000), Tensor.randn(64, 10))
    let model = Sequential(Linear(1000, 100), ReLU(), Linear(100, 10))
    let lossFunction = MSELoss(reduction: .sum)
    let optimizer = Adam(model.parameters(), learningRate: 1e-4)
    return {
      let loss = lossFunction(model(x), y)
      _ = loss.item()
      optimizer.zeroGrad()
      loss.backward()
      optimizer.step()
    }
  }
}
