// How long a step of lessons 3 and 5 takes on a device: with the loss read in every step, without, and replayed from a
// captured graph. Prints name, microseconds.

import Foundation
import Kindling
import KindlingNN
import KindlingOptim

@main
struct Steps {
  static func main() throws {
    let arguments = CommandLine.arguments.dropFirst()
    let device = try Device(arguments.first ?? "cuda")
    let count = arguments.count > 1 ? Int(arguments.last!) ?? 1000 : 1000
    for (name, step, loss) in [lesson3(on: device), lesson5(on: device)] {
      time("\(name), loss read", count, on: device) {
        step()
        _ = loss.item()
      }
      time("\(name), loss not read", count, on: device, step)
      let recorded = captureStep(on: device, step)
      time("\(name), from a graph", count, on: device) { recorded.replay() }
      time("\(name), from a graph, loss read", count, on: device) {
        recorded.replay()
        _ = loss.item()
      }
      print("\(name)\tlaunches a step\t\(device.launches(in: step).count)")
    }
  }

  /// The best of five rounds.
  private static func time(_ name: String, _ count: Int, on device: Device, _ body: () -> Void) {
    for _ in 0..<min(20, count) { body() }
    var best = Duration.seconds(1_000_000)
    for _ in 0..<5 {
      device.synchronize()
      let start = ContinuousClock.now
      for _ in 0..<count { body() }
      device.synchronize()
      best = min(best, ContinuousClock.now - start)
    }
    let microseconds = Double(best.components.attoseconds) / 1e12 + Double(best.components.seconds) * 1e6
    print("\(name)\t\(String(format: "%.1f", microseconds / Double(count))) us")
  }

  private typealias Step = (name: String, body: () -> Void, loss: Tensor)

  private static func lesson3(on device: Device) -> Step {
    manualSeed(0)
    let x = Tensor.randn(64, 784, device: device), y = Tensor.randn(64, 10, device: device)
    let w1 = Tensor.randn(784, 100, device: device, requiresGrad: true)
    let w2 = Tensor.randn(100, 10, device: device, requiresGrad: true)
    let lastLoss = Tensor.zeros([], device: device)
    return (
      "lesson 3's step",
      {
        let loss = (x.mm(w1).clamp(min: 0).mm(w2) - y).pow(2).sum()
        loss.backward()
        noGrad {
          lastLoss.copy_(loss)
          w1 -= 1e-6 * w1.grad!
          w2 -= 1e-6 * w2.grad!
          w1.grad!.zero_()
          w2.grad!.zero_()
        }
      }, lastLoss
    )
  }

  private static func lesson5(on device: Device) -> Step {
    manualSeed(0)
    let x = Tensor.randn(64, 1000, device: device), y = Tensor.randn(64, 10, device: device)
    let model = Sequential(Linear(1000, 100), ReLU(), Linear(100, 10)).to(device)
    let optimizer = Adam(model.parameters(), learningRate: 1e-4)
    let lossFunction = MSELoss(reduction: .sum)
    let lastLoss = Tensor.zeros([], device: device)
    return (
      "lesson 5's step",
      {
        let loss = lossFunction(model(x), y)
        optimizer.zeroGrad()
        loss.backward()
        optimizer.step()
        noGrad { _ = lastLoss.copy_(loss) }
      }, lastLoss
    )
  }
}
