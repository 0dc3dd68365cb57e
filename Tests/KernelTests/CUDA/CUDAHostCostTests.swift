import CUDADriver
import CUDAEmulator
import Foundation
import Kindling
import KindlingNN
import KindlingOptim
import Synchronization
import TestSupport
import Testing

/// What the host spares a GPU and its driver: calls, compiling, launches, and launches of one block. Each test is a
/// process of its own, with the host's side as it is on a GPU.
@Suite struct CUDAHostCostTests {
  // MARK: Contexts

  private static let contexts = Atomic(0)

  private static func countContexts() -> UnsafeMutablePointer<KindlingCUDADriver> {
    let table = CUDAHostTests.gpuTable()
    table.pointee.cuCtxSetCurrent = { context in
      CUDAHostCostTests.contexts.add(1, ordering: .relaxed)
      return KindlingEmulatorDriver().pointee.cuCtxSetCurrent(context)
    }
    return table
  }

  @Test func aThreadMakesTheContextCurrentOnce() async {
    await #expect(processExitsWith: .success) {
      Emulator.driver = UnsafePointer(Self.countContexts())
      @Sendable func work() {
        let x = Tensor.ones(3, device: .cudaEmulator)
        for _ in 0..<10 { #expect((x + x).relu().toArray() == [2, 2, 2]) }
      }
      work()
      #expect(Self.contexts.load(ordering: .relaxed) == 1)
      let done = DispatchSemaphore(value: 0)
      Thread.detachNewThread {
        work()
        done.signal()
      }
      done.wait()
      #expect(Self.contexts.load(ordering: .relaxed) == 2)
    }
  }

  @Test func aThreadThatTurnsToAnotherDeviceSaysSo() async {
    await #expect(processExitsWith: .success) {
      let table = Self.countContexts()
      let (first, second) = (RawEmulator(table), RawEmulator(table))
      for device in [first, first, second, first] { #expect(device.read(device.place([1, 2]), 2) == [1, 2]) }
      #expect(Self.contexts.load(ordering: .relaxed) == 5, "two to open them, and three turns")
      // A device may come to lie where one was that has been closed.
      for _ in 0..<3 {
        let device = RawEmulator()
        #expect(device.read(device.place([3]), 1) == [3])
        #expect(KindlingCUDAClose(device.device) == .success)
      }
    }
  }

  // MARK: Start-up

  private static let loads = Atomic(0), loadedBytes = Atomic(0)

  /// Making machine code of all kernels takes a driver many seconds, and of those of a family up to two.
  @Test func onlyTheKernelsThatAreLaunchedAreCompiled() async {
    await #expect(processExitsWith: .success) {
      let table = CUDAHostTests.gpuTable()
      table.pointee.cuModuleLoadDataEx = { module, image, _, _, _ in
        let ptx = String(cString: image!.assumingMemoryBound(to: CChar.self))
        #expect(ptx.hasPrefix("//") || ptx.hasPrefix(".version"))
        #expect(ptx.matches(of: #/\.visible \.entry /#).count == 1)
        CUDAHostCostTests.loads.add(1, ordering: .relaxed)
        CUDAHostCostTests.loadedBytes.add(ptx.utf8.count, ordering: .relaxed)
        module!.pointee = OpaquePointer(strdup(ptx))
        return 0
      }
      Emulator.driver = UnsafePointer(table)
      #expect(Device.cudaEmulator.isAvailable)
      #expect(Self.loads.load(ordering: .relaxed) == 0, "to look whether a device is there loads none")
      let x = Tensor([1.0, 2], device: .cudaEmulator)
      for _ in 0..<3 { _ = (x + x).exp() }
      #expect(Self.loads.load(ordering: .relaxed) == 2, "each once")
      // A step of lesson 5.
      let model = Sequential(Linear(784, 100), ReLU(), Linear(100, 10)).to(.cudaEmulator)
      let loss = MSELoss()(model(Tensor.randn(64, 784).to(.cudaEmulator)), Tensor.randn(64, 10).to(.cudaEmulator))
      loss.backward()
      Adam(model.parameters()).step()
      _ = loss.item()
      let all = (0..<100).lazy.map(KindlingCUDAPTX).prefix { $0 != nil }.map { strlen($0!) }.reduce(0, +)
      let loaded = Self.loadedBytes.load(ordering: .relaxed)
      #expect(loaded * 10 < all, "\(loaded) of \(all) bytes of PTX")
    }
  }

  // MARK: Launches

  @Test func readingAValueLaunchesNothing() async {
    await #expect(processExitsWith: .success) {
      CUDAHostTests.pretendToBeAGPU()
      let sum = Tensor.ones(3, 4, device: .cudaEmulator).sum()
      let kernels = Device.cudaEmulator.launches {
        #expect(sum.item() == 12 && sum.item(as: Int.self) == 12 && sum.item(as: Float.self) == 12)
        #expect(sum.toArray() == [12])
      }
      #expect(kernels == [], "a conversion belongs on the host")
    }
  }

  private static let replays = Atomic<UInt64>(1)

  /// The two powers of the correction are worked out once, by the host; only in a graph by every block.
  @Test func theHostCorrectsAPlainStepOfAdam() async {
    await #expect(processExitsWith: .success) {
      let table = CUDAHostTests.gpuTable()
      table.pointee.cuLaunchKernel = {
        function, gridX, gridY, gridZ, blockX, blockY, blockZ, shared, stream, parameters, extra in
        if CUDAHostCostTests.isStepping.load(ordering: .relaxed) {
          let count = parameters![1]!.load(as: UInt64.self)
          CUDAHostCostTests.replays.store(count, ordering: .relaxed)
        }
        return KindlingEmulatorDriver().pointee.cuLaunchKernel(
          function, gridX, gridY, gridZ, blockX, blockY, blockZ, shared, stream, parameters, extra)
      }
      Emulator.driver = UnsafePointer(table)
      let w = Tensor.ones(5, device: .cudaEmulator).requiresGrad_()
      w.grad = Tensor.ones(5, device: .cudaEmulator)
      let optimizer = Adam([w])
      optimizer.step()
      func step() {
        Self.isStepping.store(true, ordering: .relaxed)
        optimizer.step()
        _ = Device.cudaEmulator.launches {}  // a step waits for others until the device is asked for anything else
        Self.isStepping.store(false, ordering: .relaxed)
      }
      step()
      #expect(Self.replays.load(ordering: .relaxed) == 0, "no place where replays are counted")
      _ = captureStep(on: .cudaEmulator, step)
      #expect(Self.replays.load(ordering: .relaxed) != 0)
    }
  }
  private static let isStepping = Atomic(false)

  // MARK: Blocks

  /// A reduction of many elements, and how many blocks it has to have.
  struct Spread: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let shape: Shape
    var blocks = 100
    let body: @Sendable (Tensor) -> Tensor
  }

  static let spreads = [
    Spread(testDescription: "sum()", shape: [1 << 19]) { $0.sum() },
    Spread(testDescription: "t().sum()", shape: [512, 1024]) { $0.t().sum() },
    Spread(testDescription: "argmax()", shape: [1 << 19]) { $0.argmax() },
    Spread(testDescription: "t().argmin()", shape: [512, 1024]) { $0.t().argmin() },
    Spread(testDescription: "argmax(dim: 0)", shape: [1 << 16, 8]) { $0.argmax(dim: 0) },
    Spread(testDescription: "sum over N, H, W", shape: [32, 8, 40, 50]) { $0.sum(dims: [0, 2, 3]) },
    Spread(testDescription: "amax over N, H, W", shape: [32, 8, 40, 50]) { $0.amax(dims: [0, 2, 3]) },
    Spread(testDescription: "cumsum(dim: 0)", shape: [1 << 19]) { $0.cumsum(dim: 0) },
    Spread(testDescription: "cumsum(dim: 0) of columns", shape: [1 << 17, 4]) { $0.cumsum(dim: 0) },
    Spread(testDescription: "softmax", shape: [2, 1 << 18]) { $0.softmax(dim: 1) },
    Spread(testDescription: "a filter's gradient", shape: [16, 2, 20, 20], blocks: 54) { x in
      let w = Tensor.arange(54, dtype: .float32).reshape(3, 2, 3, 3).to(x.device).requiresGrad_()
      conv2d(x, w).sum().backward()
      return w.grad!
    },
  ]

  /// On one block a GPU reads a hundredth of what it could.
  @Test(arguments: spreads.indices) func aReductionSpreadsOverTheGPU(_ number: Int) async {
    await #expect(processExitsWith: .success) { [number] in
      CUDAHostTests.pretendToBeAGPU()
      let spread = Self.spreads[number]
      let numbers = (0..<spread.shape.elementCount).map { Double(($0 * 7919) % 1009) / 1009 + 0.5 }
      let x = Tensor(numbers, shape: spread.shape)
      let onGPU = x.to(.cudaEmulator)
      var result = x
      let launches = Device.cudaEmulator.launches { result = spread.body(onGPU) }
      let blocks = launches.map { Int($0.grid.x * $0.grid.y * $0.grid.z) }.max() ?? 0
      #expect(blocks >= spread.blocks, "\(launches)")
      let expected = spread.body(x).toArray()
      #expect(difference(of: result.toArray(), from: expected, .float32, .cpu, .ofLargest) == nil)
    }
  }
}
