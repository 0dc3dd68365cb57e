import CUDADriver
import Kindling
import KindlingNN
import KindlingOptim
import TestSupport
import Testing

/// How many kernels a step of each lesson launches on a GPU: at the size of a lesson a launch costs more than what it
/// computes. Chapter 12 says what they are. Each test is a process of its own, with the host's side as it is on a GPU.
@Suite struct CUDALaunchTests {
  private static let device = Device.cudaEmulator

  /// The step of a lesson, with the article's sizes: the lines of its loop.
  private static func step(ofLesson number: Int) -> () -> Void {
    let (n, inputDim, hiddenDim, outputDim) = (64, number < 4 ? 784 : 1000, 100, 10)
    let x = Tensor.randn(n, inputDim).to(device)
    let y = Tensor.randn(n, outputDim).to(device)
    let w1 = Tensor.randn(inputDim, hiddenDim).to(device)
    let w2 = Tensor.randn(hiddenDim, outputDim).to(device)
    let rate = 1e-6
    switch number {
    case 2:
      return {
        let h = x.mm(w1)
        let hRelu = h.clamp(min: 0)
        let yPred = hRelu.mm(w2)
        _ = (yPred - y).pow(2).sum().item()
        let gradYPred = 2.0 * (yPred - y)
        let gradW2 = hRelu.t().mm(gradYPred)
        let gradHRelu = gradYPred.mm(w2.t())
        let gradH = gradHRelu.clone()
        gradH[h < 0] = 0
        let gradW1 = x.t().mm(gradH)
        w1 -= rate * gradW1
        w2 -= rate * gradW2
      }
    case 3:
      w1.requiresGrad = true
      w2.requiresGrad = true
      return {
        let yPred = x.mm(w1).clamp(min: 0).mm(w2)
        let loss = (yPred - y).pow(2).sum()
        _ = loss.item()
        loss.backward()
        noGrad {
          w1 -= rate * w1.grad!
          w2 -= rate * w2.grad!
          w1.grad!.zero_()
          w2.grad!.zero_()
        }
      }
    default:
      let model = Sequential(Linear(inputDim, hiddenDim), ReLU(), Linear(hiddenDim, outputDim)).to(device)
      let lossFunction = MSELoss(reduction: .sum)
      let optimizer = Adam(model.parameters(), learningRate: rate)
      return {
        let loss = lossFunction(model(x), y)
        _ = loss.item()
        model.zeroGrad()
        loss.backward()
        if number == 5 { return optimizer.step() }
        noGrad {
          for parameter in model.parameters() { parameter -= rate * parameter.grad! }
        }
      }
    }
  }

  @Test(arguments: [(2, 19), (3, 21), (4, 25), (5, 18)]) func aStepOfALessonLaunches(_ number: Int, _ count: Int) async
  {
    await #expect(processExitsWith: .success) { [number, count] in
      CUDAHostTests.pretendToBeAGPU()
      let step = Self.step(ofLesson: number)
      step()  // makes the gradients, and what the optimizer remembers
      let launches = Self.device.launches(in: step).map(\.kernel)
      #expect(launches.count == count, "\(launches)")
    }
  }

  // MARK: An optimizer's steps

  private static func parameters(_ sizes: [Int], on device: Device, _ dtype: DType = .float32) -> [Tensor] {
    sizes.enumerated().map { i, size in
      let generator = Generator(seed: i)
      let w = Tensor.randn(size, dtype: dtype, generator: generator).to(device).requiresGrad_()
      w.grad = Tensor.randn(size, dtype: dtype, generator: generator).to(device)
      return w
    }
  }

  /// Sizes of more and of fewer elements than a block has threads; 16 parameters share a launch.
  @Test func parametersShareALaunch() async {
    await #expect(processExitsWith: .success) {
      CUDAHostTests.pretendToBeAGPU()
      for (count, launches) in [(1, 1), (4, 1), (16, 1), (17, 2), (40, 3)] {
        let sizes = (0..<count).map { 1 + $0 * $0 * 37 % 2000 }
        for dtype in [DType.float32, .float64] {
          let (there, here) = (Self.parameters(sizes, on: Self.device, dtype), Self.parameters(sizes, on: .cpu, dtype))
          let optimizers = [Adam(there), Adam(here)]
          optimizers.forEach { $0.step() }
          #expect(Self.device.launches { optimizers[0].step() }.count == launches, "\(count) parameters of \(dtype)")
          optimizers[1].step()
          // Numbers below 8, where rounding goes by 4 ε: each of two steps may be rounded up here and down there.
          let epsilon = dtype == .float64 ? Double.ulpOfOne : Double(Float.ulpOfOne)
          for (w, other) in zip(there, here) {
            let (largest, difference): (Double, Double) = (
              other.abs().max().item(), (w.to(.cpu) - other).abs().max().item()
            )
            #expect(largest < 8)
            #expect(difference <= 8 * epsilon)
          }
        }
      }
    }
  }

  /// Two steps of one parameter come one after the other, also where nothing is asked of the device in between; and so do
  /// those of two that share memory.
  @Test func stepsOfOneParameterKeepTheirOrder() async {
    await #expect(processExitsWith: .success) {
      CUDAHostTests.pretendToBeAGPU()
      let w = Self.parameters([5], on: Self.device)[0]
      let (first, g) = (w.toArray(), w.grad!.toArray())
      let optimizers = [SGD([w], learningRate: 0.5), SGD([w], learningRate: 0.25)]
      let launches = Self.device.launches { optimizers.forEach { $0.step() } }
      #expect(launches.map(\.kernel) == ["sgd_float32", "sgd_float32"])
      for (now, (before, gradient)) in zip(w.toArray(), zip(first, g)) {
        #expect(abs(now - (before - 0.75 * gradient)) < 1e-6)
      }
      let part = w.detach()[1..<3].requiresGrad_()
      part.grad = Tensor.ones(2, device: Self.device)
      let both = SGD([w, part], learningRate: 1)
      #expect(Self.device.launches { both.step() }.count == 2)
    }
  }

  /// A gradient may be another parameter's own memory: it is read before that parameter's step or after it, as written.
  @Test(arguments: [0, 1]) func aGradientThatIsAParameterKeepsItsOrder(_ reader: Int) async {
    await #expect(processExitsWith: .success) { [reader] in
      CUDAHostTests.pretendToBeAGPU()
      let w = [Tensor([3.0], device: Self.device), Tensor([5.0], device: Self.device)].map { $0.requiresGrad_() }
      w[reader].grad = w[1 - reader].detach()
      w[1 - reader].grad = Tensor.ones(1, device: Self.device)
      let step = SGD(w, learningRate: 1)
      #expect(Self.device.launches { step.step() }.count == 2)
      let now: [Double] = w.map { $0.item() }
      let expected: [Double] = reader == 0 ? [-2, 4] : [2, 3]  // 3 - 5 and 5 - 1; 3 - 1 and 5 - 2
      #expect(now == expected)
    }
  }

  /// Also where nothing is asked of the device before the end.
  @Test func aStepThatIsRefusedIsTold() async throws {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let table = CUDAHostTests.gpuTable()
      Emulator.driver = UnsafePointer(table)
      let step = SGD(Self.parameters([5], on: Self.device))
      _ = Self.device.launches {
        step.step()
        table.pointee.cuLaunchKernel = CUDAHostTests.takesNone
      }
    }
    let error = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
    #expect(error.contains("launches on cuda-emulator: cuLaunchKernel for sgd_float32: "), "\(error)")
  }

  /// What waits is no secret: a read, a copy and another kernel see it done.
  @Test func aStepIsDoneBeforeAnythingElse() async {
    await #expect(processExitsWith: .success) {
      CUDAHostTests.pretendToBeAGPU()
      let looks: [(Tensor) -> Double] = [
        { $0[0].item() }, { $0.toArray()[0] }, { ($0 + 0)[0].item() }, { $0.clone().to(.cpu)[0].item() },
      ]
      for look in looks {
        let w = Tensor.ones(3, device: Self.device).requiresGrad_()
        w.grad = Tensor.ones(3, device: Self.device)
        SGD([w], learningRate: 0.25).step()
        #expect(look(w.detach()) == 0.75)
      }
    }
  }
}
