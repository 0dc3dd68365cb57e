import CUDADriver
import CUDAEmulator
import Kindling
import KindlingNN
import KindlingOptim
import Synchronization
import TestSupport
import Testing

/// What the emulator shows of the kernels: whether their order matters, whether they keep to their memory, what they do.
/// Each test is a process of its own, since the emulator's settings hold for all of one.
@Suite struct EmulatorTests {
  static let orders: [Emulator.Order] = [.reverse, .shuffled(seed: 1), .shuffled(seed: 2)]

  @Test(arguments: orders.indices) func allOperationsAreRightInEveryOrder(_ number: Int) async {
    await #expect(processExitsWith: .success) { [number] in
      Emulator.order = Self.orders[number]
      for operation in CUDATables.operations {
        report(operation.checkValues(on: .cudaEmulator, .emulator))
        report(operation.checkGradients(on: .cudaEmulator, .emulator))
      }
      for test in CUDAReductions.cases { report(test.problems(on: .cudaEmulator)) }
    }
  }

  /// All kernels that lessons 2 to 5 launch, and the other losses' and optimizers'. None of them adds by atomics.
  @Test func trainingIsTheSameToTheBitInEveryOrder() async {
    await #expect(processExitsWith: .success) {
      let forward = Self.trainings()
      for order in Self.orders {
        Emulator.order = order
        #expect(Self.trainings() == forward, "\(order)")
      }
      Emulator.order = .forward
      #expect(Emulator.order == .forward)
    }
  }

  /// The losses of three steps with each optimizer.
  static func trainings(on device: Device = .cudaEmulator) -> [Double] {
    CUDAGraphTests.Rule.allCases.flatMap { rule -> [Double] in
      manualSeed(1)
      // More rows than a block has, so that blocks have an order too.
      let (x, y) = (Tensor.randn(70, 80, device: device), Tensor.randn(70, 10, device: device))
      let labels = y.argmax(dim: 1)
      let model = Sequential(Linear(80, 100), ReLU(), Linear(100, 10)).to(device)
      let optimizer = rule.optimizer(model.parameters())
      return (0..<3).flatMap { _ -> [Double] in
        optimizer.zeroGrad()
        let prediction = model(x)
        let sum = (prediction - y).pow(2).sum()
        let loss = sum + MSELoss()(prediction, y) + SmoothL1Loss()(prediction, y) + prediction.logSoftmax(dim: 1).mean()
        (loss + CrossEntropyLoss()(prediction, labels)).backward()
        optimizer.step()
        return [sum.item(), loss.item()] + model.parameters().map { $0.sum().item() }
      }
    }
  }

  /// Atomics add in the order of the threads: integers come out the same, floats within rounding.
  @Test func scatteringAddsUpInEveryOrder() async {
    await #expect(processExitsWith: .success) {
      let index = Tensor((0..<5000).map { $0 * 7 % 11 }, device: .cudaEmulator)
      let numbers = Tensor((0..<5000).map { Double($0 % 17) / 16 + 0.1 }, device: .cudaEmulator)
      let integers = Tensor(Array(0..<5000), device: .cudaEmulator)
      func sums() -> ([Double], [Int]) {
        (
          Tensor.zeros(11, device: .cudaEmulator).scatterAdd_(dim: 0, index: index, src: numbers).toArray(),
          Tensor.zeros(11, dtype: .int64, device: .cudaEmulator).scatterAdd_(dim: 0, index: index, src: integers)
            .toArray(of: Int.self)
        )
      }
      let forward = sums()
      for order in Self.orders {
        Emulator.order = order
        let (real, integer) = sums()
        #expect(integer == forward.1)
        // 455 additions to each sum, of size 250.
        for (a, b) in zip(real, forward.0) { #expect(abs(a - b) <= 1e-3) }
      }
    }
  }

  /// Each access to memory by each kernel: within bounds, of something written, without a race.
  @Test func allOperationsPassTheChecks() async {
    await #expect(processExitsWith: .success) {
      Emulator.isChecking = true
      #expect(Emulator.isChecking)
      for operation in CUDATables.operations {
        report(operation.checkValues(on: .cudaEmulator, .emulator))
        report(operation.checkGradients(on: .cudaEmulator, .emulator))
      }
      for row in OptimizerTests.rows { report(OptimizerTests.problems(of: row, on: .cudaEmulator)) }
      let sizes = CUDAMatmulTests.sizes.filter { $0.1 * $0.2 * $0.3 < 10_000 }
      for kernel in MatmulKernel.allCases where kernel != .cublas {
        report(CUDAMatmulTests.problems(with: kernel, sizes: sizes))
      }
    }
  }

  // MARK: The trace

  @Test func tracesASum() async {
    await #expect(processExitsWith: .success) {
      let x = Tensor([1.0, 2, 3, 4, 5, 6, 7, 8], device: .cudaEmulator)
      let lines = Emulator.trace { _ = x.sum() }.split(separator: "\n").map(String.init)
      #expect(
        lines.prefix(3) == [
          "reduce_sum_float32_rows, 1 block of 256 threads", "  block 0",
          "    thread 0 reads x[0] = 1; gets 5 from lane 4, 10 from lane 2, 20 from lane 1; writes out[0] = 36",
        ])
      #expect(lines.last == "    and 248 threads that touch no global memory")
      #expect(lines.count == 11)
    }
  }

  @Test func tracesBarriersAndSharedMemory() async {
    await #expect(processExitsWith: .success) {
      try Device.cudaEmulator.setMatmulKernel(.tiled)
      let x = Tensor([[1.0, 2], [3, 4]], device: .cudaEmulator)
      let y = x.clone()  // memory of its own, or the trace could not tell the two apart
      let trace = Emulator.trace { _ = x.mm(y) }
      #expect(trace.hasPrefix("matmul_tiled_float32, 1 block of 256 threads\n"), "\(trace)")
      for line in [
        "thread 0 reads x[0] = 1; writes xTile[0][0] = 1; reads y[0] = 1; writes yTile[0][0] = 1\n",
        "thread 0 reads xTile[0][0] = 1, yTile[0][0] = 1, xTile[0][1] = 2, yTile[1][0] = 3, ",
        "thread 17 writes out[3] = 22\n",
      ] {
        #expect(trace.contains(line), "\(line) in \(trace)")
      }
      #expect(trace.matches(of: #/barrier in line \d+/#).count == 2, "\(trace)")
      let cut = Emulator.trace(limit: 10) { _ = x.mm(y) }
      #expect(cut.hasSuffix("… (the trace ends here, after 10 events)\n"), "\(cut)")
    }
  }

  // MARK: Waiting

  private static let waits = Atomic(0)
  private static let copies = Atomic(0)

  /// A driver's functions in between that count how often the host waits for the device.
  private static func countWaits() {
    let table = UnsafeMutablePointer<KindlingCUDADriver>.allocate(capacity: 1)
    table.initialize(to: KindlingEmulatorDriver().pointee)
    table.pointee.cuStreamSynchronize = { stream in
      EmulatorTests.waits.add(1, ordering: .relaxed)
      return KindlingEmulatorDriver().pointee.cuStreamSynchronize(stream)
    }
    table.pointee.cuEventSynchronize = { event in
      EmulatorTests.waits.add(1, ordering: .relaxed)
      return KindlingEmulatorDriver().pointee.cuEventSynchronize(event)
    }
    table.pointee.cuMemcpyDtoHAsync = { out, source, bytes, stream in
      EmulatorTests.copies.add(1, ordering: .relaxed)
      return KindlingEmulatorDriver().pointee.cuMemcpyDtoHAsync(out, source, bytes, stream)
    }
    Emulator.driver = UnsafePointer(table)
  }

  @Test func onlyReadingAValueWaits() async {
    await #expect(processExitsWith: .success) {
      Self.countWaits()
      let device = Device.cudaEmulator
      manualSeed(0)
      let (x, y) = (Tensor.randn(8, 12, device: device), Tensor.randint(0, 3, [8], device: device))
      let model = Sequential(Linear(12, 10), ReLU(), Linear(10, 3)).to(device)
      let optimizer = Adam(model.parameters())
      for round in 1...2 {
        Self.waits.store(0, ordering: .relaxed)
        Self.copies.store(0, ordering: .relaxed)
        var loss = Tensor(0.0)
        for _ in 0..<3 {
          loss = CrossEntropyLoss()(model(x), y)
          optimizer.zeroGrad()
          loss.backward()
          optimizer.step()
        }
        #expect(Self.waits.load(ordering: .relaxed) == 0, "round \(round)")
        #expect(Self.copies.load(ordering: .relaxed) == 0)
        _ = loss.item()
        // For the value, and perhaps for a pinned buffer to come free, which it has long been.
        #expect((1...2).contains(Self.waits.load(ordering: .relaxed)))
        #expect(Self.copies.load(ordering: .relaxed) == 1)
      }
    }
  }

  @Test func namesTheLaunchesOfAStep() async {
    await #expect(processExitsWith: .success) {
      let x = Tensor.ones(4, 8, device: .cudaEmulator)
      let launches = Device.cudaEmulator.launches { _ = (x + 1).relu().sum() }
      let kernels = ["unary_addScalar_float32", "unary_relu_float32", "reduce_sum_float32_rows"]
      #expect(launches.map(\.kernel) == kernels, "\(launches)")
      #expect("\(launches[2])" == "reduce_sum_float32_rows, (1, 1, 1) blocks of (32, 8, 1) threads")
      #expect(Device.cpu.launches { _ = Tensor.ones(2) + 1 } == [])
    }
  }
}
