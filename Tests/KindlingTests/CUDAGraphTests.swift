import Foundation
import Kindling
import KindlingNN
import KindlingOptim
import Testing

/// A training step that was recorded once leaves what the plain loop leaves. Each test is a process of its own: while one
/// records, nothing else may use the device.
@Suite struct CUDAGraphTests {
  enum Rule: String, CaseIterable, Codable, Sendable {
    case sgd, momentum, adagrad, rmsprop, adam, amsgrad, adamW

    func optimizer(_ parameters: [Tensor]) -> Optimizer {
      switch self {
      case .sgd: SGD(parameters, learningRate: 1e-3)
      case .momentum: SGD(parameters, learningRate: 1e-3, momentum: 0.9, nesterov: true)
      case .adagrad: Adagrad(parameters, learningRate: 1e-2)
      case .rmsprop: RMSprop(parameters, learningRate: 1e-2, momentum: 0.9, centered: true)
      case .adam: Adam(parameters, learningRate: 1e-2)
      case .amsgrad: Adam(parameters, learningRate: 1e-2, amsgrad: true)
      case .adamW: AdamW(parameters, learningRate: 1e-2)
      }
    }
  }

  /// The weights and the loss after 20 steps, the first of them plain, since it makes what the optimizer remembers.
  static func train(_ rule: Rule, on device: Device, captured: Bool) -> [Double] {
    manualSeed(0)
    let (x, y) = (Tensor.randn(8, 12, device: device), Tensor.randn(8, 3, device: device))
    let model = Sequential(Linear(12, 10), ReLU(), Linear(10, 3)).to(device)
    let optimizer = rule.optimizer(model.parameters())
    let lastLoss = Tensor.zeros([], device: device)
    func step() {
      let loss = MSELoss()(model(x), y)
      optimizer.zeroGrad()
      loss.backward()
      optimizer.step()
      noGrad { _ = lastLoss.copy_(loss) }
    }
    step()
    if captured {
      let recorded = captureStep(on: device, step)
      for _ in 1..<20 { recorded.replay() }
    } else {
      for _ in 1..<20 { step() }
    }
    return model.parameters().flatMap { $0.toArray() } + lastLoss.toArray()
  }

  @Test(arguments: Rule.allCases) func replaysTrainAsThePlainLoopDoes(_ rule: Rule) async {
    await #expect(processExitsWith: .success) { [rule] in
      let plain = Self.train(rule, on: .cudaEmulator, captured: false)
      #expect(Self.train(rule, on: .cudaEmulator, captured: true) == plain, "bit for bit")
      let cpu = Self.train(rule, on: .cpu, captured: false)
      #expect(Self.train(rule, on: .cpu, captured: true) == cpu, "on the CPU a replay runs the step")
      // 20 steps in float32.
      for (a, b) in zip(plain, cpu) { #expect(abs(a - b) <= 1e-4 * max(1, abs(b))) }
    }
  }

  @Test(.enabled(if: Device.cuda.isAvailable, "no GPU here"), arguments: Rule.allCases)
  func replaysTrainAsThePlainLoopDoesOnAGPU(_ rule: Rule) async {
    await #expect(processExitsWith: .success) { [rule] in
      let plain = Self.train(rule, on: .cuda, captured: false)
      #expect(Self.train(rule, on: .cuda, captured: true) == plain, "bit for bit")
    }
  }

  @Test func recordingRunsNothing() async {
    await #expect(processExitsWith: .success) {
      let x = Tensor.zeros(3, device: .cudaEmulator)
      let step = captureStep(on: .cudaEmulator) { x += 1 }
      #expect(x.toArray() == [0, 0, 0])
      step.replay()
      step.replay()
      #expect(x.toArray() == [2, 2, 2])
      // Other work goes on between replays, with the values that are there by then.
      x *= 10
      step.replay()
      #expect(x.toArray() == [21, 21, 21])
    }
  }

  @Test func everyReplayDrawsNewNumbers() async {
    await #expect(processExitsWith: .success) {
      let generator = Generator(seed: 3, device: .cudaEmulator)
      let x = Tensor.zeros(1000, device: .cudaEmulator)
      let step = captureStep(on: .cudaEmulator) { x.uniform_(generator: generator) }
      var seen: Set<[Double]> = []
      for _ in 0..<4 {
        step.replay()
        seen.insert(x.toArray())
      }
      #expect(seen.count == 4)
    }
  }

  @Test func outlivesItsOwnTensors() async {
    await #expect(processExitsWith: .success) {
      let x = Tensor.arange(5, dtype: .float32, device: .cudaEmulator)
      let out = Tensor.zeros(5, device: .cudaEmulator)
      // The tensors in between are gone when the step is replayed; their memory must not have been given to others.
      let step = captureStep(on: .cudaEmulator) { out.copy_((x * 2 + 1).exp().log()) }
      let others = (0..<20).map { Tensor.full([5], Double($0), device: .cudaEmulator) }
      step.replay()
      for (a, b) in zip(out.toArray(), [1.0, 3, 5, 7, 9]) { #expect(abs(a - b) < 1e-5) }
      for (i, other) in others.enumerated() { #expect(other.toArray() == [Double](repeating: Double(i), count: 5)) }
    }
  }

  // MARK: Mistakes

  private static let onlyRepeats =
    "cannot be part of a captured step: a graph only repeats what the device does by itself."

  static let mistakes = [
    ErrorTests.Mistake("copy on cuda-emulator: reading a value \(onlyRepeats)") {
      let x = Tensor.ones(3, device: .cudaEmulator)
      _ = captureStep(on: .cudaEmulator) { _ = x.sum().item() }
    },
    ErrorTests.Mistake("copy on cuda-emulator: a copy from the host \(onlyRepeats)") {
      _ = captureStep(on: .cudaEmulator) { _ = Tensor([1.0, 2], device: .cudaEmulator) }
    },
    ErrorTests.Mistake("synchronize on cuda-emulator: waiting for the device \(onlyRepeats)") {
      _ = captureStep(on: .cudaEmulator) { Device.cudaEmulator.synchronize() }
    },
    ErrorTests.Mistake("captureStep on cuda-emulator: beginCapture: a step is being captured already") {
      _ = captureStep(on: .cudaEmulator) { _ = captureStep(on: .cudaEmulator) {} }
    },
  ]

  @Test(arguments: mistakes.indices) func saysWhatCannotBeRecorded(_ number: Int) async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { [number] in
      CUDAGraphTests.mistakes[number].make()
    }
    #expect(fatalMessage(result) == CUDAGraphTests.mistakes[number].message)
  }
}
