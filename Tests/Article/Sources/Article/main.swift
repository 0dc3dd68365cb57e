import Kindling
import KindlingNN
import KindlingOptim

manualSeed(0)
let x = Tensor.randn(64, 784), y = Tensor.randn(64, 10)
let w1 = Tensor.randn(784, 100, requiresGrad: true)
let w2 = Tensor.randn(100, 10, requiresGrad: true)
for t in 0..<500 {
  let yPred = x.mm(w1).clamp(min: 0).mm(w2)
  let loss = (yPred - y).pow(2).sum()
  if t % 100 == 99 { print(t, loss.item()) }
  loss.backward()
  noGrad {
    w1 -= 1e-6 * w1.grad!
    w2 -= 1e-6 * w2.grad!
    w1.grad!.zero_()
    w2.grad!.zero_()
  }
}

final class TwoLayerNet: Module {
  let linear1: Linear
  let linear2: Linear
  init(_ dIn: Int, _ h: Int, _ dOut: Int) {
    linear1 = Linear(dIn, h)
    linear2 = Linear(h, dOut)
  }
  override func forward(_ x: Tensor) -> Tensor { linear2(linear1(x).clamp(min: 0)) }
}
let model = TwoLayerNet(784, 100, 10)  // or Sequential(Linear(784, 100), ReLU(), Linear(100, 10))
let lossFunction = MSELoss(reduction: .sum)
let optimizer = Adam(model.parameters(), learningRate: 1e-4)
for _ in 0..<500 {
  let loss = lossFunction(model(x), y)
  optimizer.zeroGrad()  // or model.zeroGrad()
  loss.backward()
  optimizer.step()  // or noGrad { for p in model.parameters() { p -= 1e-4 * p.grad! } }
}

// Beyond the article: the forms that its comments name, and what came of the training.
let sequential = Sequential(Linear(784, 100), ReLU(), Linear(100, 10))
let before = lossFunction(sequential(x), y)
sequential.zeroGrad()
before.backward()
noGrad { for p in sequential.parameters() { p -= 1e-4 * p.grad! } }
print("fell", lossFunction(sequential(x), y).item() < before.item())
print("learned", lossFunction(model(x), y).item() < 1e-3)
print(model)
