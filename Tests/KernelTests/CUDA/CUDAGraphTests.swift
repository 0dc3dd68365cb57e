import CUDADriver
import CUDAEmulator
import Foundation
import Kindling
import KindlingNN
import KindlingOptim
import Synchronization
import TestSupport
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

  @Test(arguments: CUDADevices.names, Rule.allCases)
  func replaysTrainAsThePlainLoopDoes(_ name: String, _ rule: Rule) async {
    await #expect(processExitsWith: .success) { [name, rule] in
      let device = try Device(name)
      let plain = Self.train(rule, on: device, captured: false)
      #expect(Self.train(rule, on: device, captured: true) == plain, "bit for bit")
      let cpu = Self.train(rule, on: .cpu, captured: false)
      #expect(Self.train(rule, on: .cpu, captured: true) == cpu, "on the CPU a replay runs the step")
      // 20 steps in float32.
      for (a, b) in zip(plain, cpu) { #expect(abs(a - b) <= 1e-4 * max(1, abs(b))) }
    }
  }

  @Test(arguments: CUDADevices.names) func recordingRunsNothing(_ name: String) async {
    await #expect(processExitsWith: .success) { [name] in
      let device = try Device(name)
      let x = Tensor.zeros(3, device: device)
      let step = captureStep(on: device) { x += 1 }
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

  @Test(arguments: CUDADevices.names) func everyReplayDrawsNewNumbers(_ name: String) async {
    await #expect(processExitsWith: .success) { [name] in
      let device = try Device(name)
      let generator = Generator(seed: 3, device: device)
      let x = Tensor.zeros(1000, device: device)
      let step = captureStep(on: device) { x.uniform_(generator: generator) }
      var seen: Set<[Double]> = []
      for _ in 0..<4 {
        step.replay()
        seen.insert(x.toArray())
      }
      #expect(seen.count == 4)
    }
  }

  private static let kernels = Atomic(0), graphs = Atomic(0), reads = Atomic(0)

  /// What is left of a step's launches is one, and one more call if the loss is read.
  @Test func aReplayIsOneLaunch() async {
    await #expect(processExitsWith: .success) {
      let table = CUDAHostTests.gpuTable()
      table.pointee.cuLaunchKernel = {
        function, gridX, gridY, gridZ, blockX, blockY, blockZ, shared, stream, parameters, extra in
        CUDAGraphTests.kernels.add(1, ordering: .relaxed)
        return KindlingEmulatorDriver().pointee.cuLaunchKernel(
          function, gridX, gridY, gridZ, blockX, blockY, blockZ, shared, stream, parameters, extra)
      }
      table.pointee.cuGraphLaunch = { graph, stream in
        CUDAGraphTests.graphs.add(1, ordering: .relaxed)
        return KindlingEmulatorDriver().pointee.cuGraphLaunch(graph, stream)
      }
      table.pointee.cuMemcpyDtoHAsync = { out, source, count, stream in
        CUDAGraphTests.reads.add(1, ordering: .relaxed)
        return KindlingEmulatorDriver().pointee.cuMemcpyDtoHAsync(out, source, count, stream)
      }
      Emulator.driver = UnsafePointer(table)
      func counts() -> [Int] {
        [
          Self.kernels.exchange(0, ordering: .relaxed), Self.graphs.exchange(0, ordering: .relaxed),
          Self.reads.exchange(0, ordering: .relaxed),
        ]
      }
      let (x, loss) = (Tensor.ones(4, device: .cudaEmulator), Tensor.zeros([], device: .cudaEmulator))
      func step() { loss.copy_((x * 2 - 1).square().sum()) }
      step()
      _ = loss.item()
      #expect(counts()[1...] == [0, 1])
      let recorded = captureStep(on: .cudaEmulator, step)
      _ = counts()
      for _ in 0..<10 {
        recorded.replay()
        #expect(loss.item() == 4)
      }
      #expect(counts() == [0, 10, 10])
    }
  }

  // MARK: Memory

  static func checkGraphsOutliveTheirTensors(on device: Device) {
    let x = Tensor.arange(5, dtype: .float32, device: device)
    let out = Tensor.zeros(5, device: device)
    // The tensors in between are gone when the step is replayed; their memory must not have been given to others.
    let step = captureStep(on: device) { out.copy_((x * 2 + 1).exp().log()) }
    let others = (0..<20).map { Tensor.full([5], Double($0), device: device) }
    step.replay()
    for (a, b) in zip(out.toArray(), [1.0, 3, 5, 7, 9]) { #expect(abs(a - b) < 1e-5) }
    for (i, other) in others.enumerated() { #expect(other.toArray() == [Double](repeating: Double(i), count: 5)) }
  }

  @Test(arguments: CUDADevices.names) func outlivesItsOwnTensors(_ name: String) async {
    await #expect(processExitsWith: .success) { [name] in
      Self.checkGraphsOutliveTheirTensors(on: try Device(name))
    }
  }

  /// What was made before the recording and given up in it is read by every replay, so that nobody else may have its
  /// memory.
  static func checkWhatIsGivenUpIsKept(on device: Device) {
    let out = Tensor.zeros(4, device: device)
    var x = Tensor.ones(4, device: device)
    let step = captureStep(on: device) {
      x = x * 2
      out.copy_(x)
    }
    let others = (0..<20).map { Tensor.full([4], Double($0) + 100, device: device) }
    step.replay()
    #expect(out.toArray() == [2, 2, 2, 2])
    #expect(others[3].toArray() == [103, 103, 103, 103])
  }

  @Test(arguments: CUDADevices.names) func keepsWhatIsGivenUpInTheStep(_ name: String) async {
    await #expect(processExitsWith: .success) { [name] in Self.checkWhatIsGivenUpIsKept(on: try Device(name)) }
  }

  /// Not even the rest of the step may have that memory: the next replay would read what this one wrote there.
  static func checkEveryReplayReadsTheSame(on device: Device) {
    let out = Tensor.zeros(4, device: device)
    var x = Tensor.ones(4, device: device)
    let step = captureStep(on: device) {
      x = x * 2
      out.copy_(x + 1)
    }
    for _ in 0..<3 {
      step.replay()
      #expect(out.toArray() == [3, 3, 3, 3])
    }
  }

  @Test(arguments: CUDADevices.names) func everyReplayReadsTheSame(_ name: String) async {
    await #expect(processExitsWith: .success) { [name] in Self.checkEveryReplayReadsTheSame(on: try Device(name)) }
  }

  /// What a step reads may have been made by another step, which is gone when it is replayed.
  static func checkAStepKeepsWhatAnotherHasMade(on device: Device) {
    let out = Tensor.zeros(4, device: device)
    var x = out
    var first: CapturedStep? = captureStep(on: device) { x = out + 5 }
    first!.replay()
    let second = captureStep(on: device) {
      x = x * 2
      out.copy_(x)
    }
    first = nil
    let others = (0..<20).map { Tensor.full([4], Double($0) + 100, device: device) }
    second.replay()
    #expect(out.toArray() == [10, 10, 10, 10])
    #expect(others[3].toArray() == [103, 103, 103, 103])
  }

  @Test(arguments: CUDADevices.names) func aStepKeepsWhatAnotherHasMade(_ name: String) async {
    await #expect(processExitsWith: .success) { [name] in Self.checkAStepKeepsWhatAnotherHasMade(on: try Device(name)) }
  }

  /// Destroying a graph waits for the device, which a recording must not.
  static func checkAGraphMayGoWhileAnotherIsRecorded(on device: Device) {
    let x = Tensor.zeros(3, device: device)
    var first: CapturedStep? = captureStep(on: device) { x += 1 }
    first!.replay()
    let second = captureStep(on: device) {
      first = nil
      x += 10
    }
    second.replay()
    #expect(x.toArray() == [11, 11, 11])
  }

  @Test(arguments: CUDADevices.names) func aGraphMayGoWhileAnotherIsRecorded(_ name: String) async {
    await #expect(processExitsWith: .success) { [name] in
      Self.checkAGraphMayGoWhileAnotherIsRecorded(on: try Device(name))
    }
  }

  // MARK: Mistakes

  private static let onlyRepeats =
    "cannot be part of a captured step: a graph only repeats what the device does by itself."

  static func mistakes(on device: Device) -> [Mistake] {
    [
      Mistake("copy on DEVICE: reading a value \(onlyRepeats)") {
        let x = Tensor.ones(3, device: device)
        _ = captureStep(on: device) { _ = x.sum().item() }
      },
      Mistake("copy on DEVICE: a copy from the host \(onlyRepeats)") {
        _ = captureStep(on: device) { _ = Tensor([1.0, 2], device: device) }
      },
      Mistake("synchronize on DEVICE: waiting for the device \(onlyRepeats)") {
        _ = captureStep(on: device) { device.synchronize() }
      },
      Mistake("replay on DEVICE: a replay \(onlyRepeats)") {
        let x = Tensor.zeros(3, device: device)
        let step = captureStep(on: device) { x += 1 }
        _ = captureStep(on: device) { step.replay() }
      },
      Mistake("captureStep on DEVICE: beginCapture: a step is being captured already") {
        _ = captureStep(on: device) { _ = captureStep(on: device) {} }
      },
    ]
  }

  @Test(arguments: CUDADevices.names, mistakes(on: .cudaEmulator).indices)
  func saysWhatCannotBeRecorded(_ name: String, _ number: Int) async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { [name, number] in
      CUDAGraphTests.mistakes(on: try Device(name))[number].make()
    }
    let message = Self.mistakes(on: .cudaEmulator)[number].message
    #expect(fatalMessage(result) == message.replacingOccurrences(of: "DEVICE", with: name))
  }
}
