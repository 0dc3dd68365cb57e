import CUDADriver
import CUDAEmulator
import Foundation
import Kindling
import Synchronization
import TestSupport
import Testing

/// The host's side as it is on a GPU: 132 multiprocessors, so that work is cut into shares; freed memory handed out again;
/// modules looked for in the PTX. The emulator runs the kernels, but says that it is none. Each test is a process of its
/// own.
@Suite struct CUDAHostTests {
  /// The emulator's functions, for a change of some of them.
  static func table() -> UnsafeMutablePointer<KindlingCUDADriver> {
    let table = UnsafeMutablePointer<KindlingCUDADriver>.allocate(capacity: 1)
    table.initialize(to: KindlingEmulatorDriver().pointee)
    return table
  }

  /// Those of a GPU, as far as the host can tell.
  static func gpuTable() -> UnsafeMutablePointer<KindlingCUDADriver> {
    let table = table()
    table.pointee.emulated = 0
    table.pointee.cuDeviceGetAttribute = { value, attribute, device in
      let result = KindlingEmulatorDriver().pointee.cuDeviceGetAttribute(value, attribute, device)
      if attribute == CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT { value!.pointee = 132 }
      return result
    }
    // A module is its PTX, and has the kernels that stand in it.
    table.pointee.cuModuleLoadDataEx = { module, image, _, _, _ in
      module!.pointee = OpaquePointer(strdup(image!.assumingMemoryBound(to: CChar.self)))
      return 0
    }
    table.pointee.cuModuleUnload = { module in
      free(UnsafeMutableRawPointer(module))
      return 0
    }
    table.pointee.cuModuleGetFunction = { function, module, name in
      let isThere = strstr(UnsafePointer<CChar>(module!), ".entry \(String(cString: name!))(") != nil
      if !isThere { return CUresult(CUDA_ERROR_NOT_FOUND) }
      return KindlingEmulatorDriver().pointee.cuModuleGetFunction(function, module, name)
    }
    return table
  }

  static func pretendToBeAGPU() { Emulator.driver = UnsafePointer(gpuTable()) }

  @Test func operationsAreRight() async {
    await #expect(processExitsWith: .success) {
      Self.pretendToBeAGPU()
      for operation in CUDATables.operations {
        report(operation.checkValues(on: .cudaEmulator, .emulator))
        report(operation.checkGradients(on: .cudaEmulator, .emulator))
      }
      for row in OptimizerTests.rows { report(OptimizerTests.problems(of: row, on: .cudaEmulator)) }
    }
  }

  /// All kernels of lessons 2 to 5, and the other losses' and optimizers'.
  @Test func trainingStaysWithTheCPU() async {
    await #expect(processExitsWith: .success) {
      Self.pretendToBeAGPU()
      // Three steps in float32; the losses are sums of 700 numbers.
      for (a, b) in zip(EmulatorTests.trainings(on: .cudaEmulator), EmulatorTests.trainings(on: .cpu)) {
        #expect(abs(a - b) <= 1e-4 * max(1, abs(b)))
      }
    }
  }

  /// The tests for a GPU, each of them, with a driver that is the emulator under another name.
  @Test func theSuitesForAGPUPass() throws {
    let suites = "GPUOperationTests|CUDADeviceTests|CUDAGraphTests|CUDAMatmulTests"
    let result = try Program.run(
      "KindlingPackageTests.xctest", ["--testing-library", "swift-testing", "--filter", suites],
      environment: ["LD_LIBRARY_PATH": try FakeDriver.folder.get().path()])
    #expect(result.status == 0, "\(result.error.suffix(3000))")
    #expect(result.error.contains("Suite GPUOperationTests passed"), "it was not skipped")
  }

  @Test func largeReductionsAreRight() async {
    await #expect(processExitsWith: .success) {
      Self.pretendToBeAGPU()
      for test in CUDAReductions.cases { report(test.problems(on: .cudaEmulator)) }
      report(CUDADeviceTests.problemsWithTransposedCopies(on: .cudaEmulator))
    }
  }

  /// A share of nothing but -∞ adds nothing; an infinity or NaN in one share is felt in all.
  @Test(arguments: [false, true]) func aSoftmaxInSharesIsThatOfTheRow(_ isDouble: Bool) async {
    await #expect(processExitsWith: .success) { [isDouble] in
      Self.pretendToBeAGPU()
      let dtype: DType = isDouble ? .float64 : .float32
      let epsilon = isDouble ? Double.ulpOfOne : Double(Float.ulpOfOne)
      let count = 20_000
      let numbers = (0..<count).map { Double($0 * 7919 % 1009) / 100 }
      let changes: [(Range<Int>, Double)] = [
        (0..<0, 0), (0..<10_000, -.infinity), (15_000..<20_000, -.infinity), (0..<count, -.infinity),
        (7..<8, .infinity),
        (count - 1..<count, .nan),
      ]
      for (places, value) in changes {
        let row = numbers.enumerated().map { places.contains($0.offset) ? value : $0.element }
        let x = Tensor(row, shape: [1, count], dtype: dtype)
        for function in [{ $0.softmax(dim: 1) }, { $0.logSoftmax(dim: 1) }] as [(Tensor) -> Tensor] {
          var there = x
          let kernels = Device.cudaEmulator.launches { there = function(x.to(.cudaEmulator)) }.map(\.kernel)
          #expect(kernels == ["softmax_\(dtype)_shares", "softmax_\(dtype)_fromShares"])
          // Both take the same maximum off. A power, the sum, which both add up in parts, and the quotient or the
          // logarithm are each good to an ε or two, on either side.
          let pairs = Array(zip(there.toArray(), function(x).toArray()))
          let wrong = pairs.first { a, b in
            !(a == b || a.isNaN && b.isNaN || abs(a - b) <= 8 * epsilon * abs(b))
          }
          #expect(pairs.count == count && wrong == nil, "\(value) in \(places)")
        }
      }
    }
  }

  /// A product of few tiles is cut along its inner dimension.
  @Test(arguments: MatmulKernel.allCases.filter { $0 != .cublas }.map(\.rawValue))
  func productsInSharesAreRight(_ name: String) async {
    await #expect(processExitsWith: .success) { [name] in
      Self.pretendToBeAGPU()
      let sizes = CUDAMatmulTests.sizes + [(1, 20, 400, 24), (2, 5, 300, 7), (1, 130, 130, 1)]
      report(CUDAMatmulTests.problems(with: MatmulKernel(rawValue: name)!, sizes: sizes))
      let x = Tensor.ones(20, 400, device: .cudaEmulator), y = Tensor.ones(400, 24, device: .cudaEmulator)
      try Device.cudaEmulator.setMatmulKernel(MatmulKernel(rawValue: name)!)
      let kernels = Device.cudaEmulator.launches { _ = x.mm(y) }.map(\.kernel)
      if name != "naive" { #expect(kernels.last == "matmul_addShares_float32", "\(kernels)") }
    }
  }

  /// Memory that was freed while a step was recorded, or before, is nobody else's as long as it is replayed.
  @Test(arguments: CUDAGraphTests.Rule.allCases) func replaysTrainAsThePlainLoopDoes(_ rule: CUDAGraphTests.Rule) async
  {
    await #expect(processExitsWith: .success) { [rule] in
      Self.pretendToBeAGPU()
      let plain = CUDAGraphTests.train(rule, on: .cudaEmulator, captured: false)
      #expect(CUDAGraphTests.train(rule, on: .cudaEmulator, captured: true) == plain, "bit for bit")
    }
  }

  @Test func graphsKeepTheirMemory() async {
    await #expect(processExitsWith: .success) {
      Self.pretendToBeAGPU()
      CUDAGraphTests.checkGraphsOutliveTheirTensors(on: .cudaEmulator)
      CUDAGraphTests.checkWhatIsGivenUpIsKept(on: .cudaEmulator)
      CUDAGraphTests.checkEveryReplayReadsTheSame(on: .cudaEmulator)
      CUDAGraphTests.checkAStepKeepsWhatAnotherHasMade(on: .cudaEmulator)
      CUDAGraphTests.checkAGraphMayGoWhileAnotherIsRecorded(on: .cudaEmulator)
    }
  }

  @Test func sharesPassTheChecks() async {
    await #expect(processExitsWith: .success) {
      Self.pretendToBeAGPU()
      Emulator.isChecking = true
      for kernel in MatmulKernel.allCases where kernel != .cublas {
        report(CUDAMatmulTests.problems(with: kernel, sizes: [(1, 5, 300, 8)]))
      }
      let x = Tensor.arange(20_000, dtype: .float32, device: .cudaEmulator)
      let kernels = Device.cudaEmulator.launches { #expect(x.argmax().item() == 19_999) }.map(\.kernel)
      #expect(kernels == ["reduce_argmax_float32_rows", "reduce_argmax_float32_candidates"])
      #expect(
        Tensor.ones(1000, 20, device: .cudaEmulator).sum(dim: 0).toArray() == [Double](repeating: 1000, count: 20))
    }
  }

  // MARK: Messages

  @Test func theDriversCompilerIsQuoted() async {
    await #expect(processExitsWith: .success) {
      let table = Self.gpuTable()
      table.pointee.cuModuleLoadDataEx = { _, _, _, options, values in
        #expect(options![0] == CU_JIT_ERROR_LOG_BUFFER && options![1] == CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES)
        strcpy(values![0]!, "ptxas fatal: bad day")
        return 218
      }
      let message = RawEmulator(table).launch("countReplay", block: (1, 1, 1), [], count: 0) ?? ""
      #expect(message.hasPrefix("cuModuleLoadDataEx: "), "\(message)")
      #expect(message.hasSuffix("update it. The driver's compiler says: ptxas fatal: bad day"), "\(message)")
    }
  }

  private static let code = Atomic<Int32>(0)
  static let hints: [(code: Int32, hint: String)] = [
    (209, "compute capability 7.5"), (218, "update it"), (221, "libnvidia-ptxjitcompiler.so.1"), (222, "525.60"),
    (700, "cannot be used any more"), (716, "cannot be used any more"), (719, "--device cuda-emulator"),
    (802, "nvidia-fabricmanager"), (803, "restart the machine"),
  ]

  @Test(arguments: hints.indices) func anErrorComesWithWhatToDo(_ number: Int) async {
    await #expect(processExitsWith: .success) { [number] in
      Self.code.store(Self.hints[number].code, ordering: .relaxed)
      let table = Self.gpuTable()
      table.pointee.cuMemAlloc = { pointer, bytes in
        // The first one is the device's own.
        if bytes == 8 { return KindlingEmulatorDriver().pointee.cuMemAlloc(pointer, bytes) }
        return CUDAHostTests.code.load(ordering: .relaxed)
      }
      var pointer: UnsafeMutableRawPointer?
      #expect(KindlingCUDAAllocate(RawEmulator(table).device, 4, &pointer) != .success)
      let message = String(cString: KindlingCUDAMessage())
      #expect(
        message.contains("(\(Self.hints[number].code))") && message.contains(Self.hints[number].hint), "\(message)")
    }
  }

  @Test func aFailedCaptureNamesTheCallThatFailed() async {
    await #expect(processExitsWith: .success) {
      let table = Self.table()
      table.pointee.cuStreamEndCapture = { stream, graph in
        _ = KindlingEmulatorDriver().pointee.cuStreamEndCapture(stream, graph)
        return 901
      }
      let device = RawEmulator(table).device
      var graph: OpaquePointer?
      #expect(KindlingCUDABeginCapture(device) == .success)
      #expect(KindlingCUDAEndCapture(device, &graph) == .failed && graph == nil)
      #expect(String(cString: KindlingCUDAMessage()).hasPrefix("cuStreamEndCapture: "))
      // And the device is as it was before.
      table.pointee.cuStreamEndCapture = KindlingEmulatorDriver().pointee.cuStreamEndCapture
      #expect(KindlingCUDABeginCapture(device) == .success)
      #expect(KindlingCUDAEndCapture(device, &graph) == .success && graph != nil)
    }
  }

  /// A driver that takes no launch, for tests of who is told.
  static let takesNone:
    @convention(c) (
      CUfunction?, UInt32, UInt32, UInt32, UInt32, UInt32, UInt32, UInt32, CUstream?,
      UnsafeMutablePointer<UnsafeMutableRawPointer?>?, UnsafeMutablePointer<UnsafeMutableRawPointer?>?
    ) -> CUresult = { _, _, _, _, _, _, _, _, _, _, _ in CUresult(CUDA_ERROR_INVALID_VALUE) }

  @Test func aStepThatIsRefusedAtTheEndOfACaptureEndsIt() async {
    await #expect(processExitsWith: .success) {
      let table = Self.table()
      let emulator = RawEmulator(table), device = emulator.device
      let (w, g) = (emulator.place([3]), emulator.place([1]))
      var graph: OpaquePointer?
      #expect(KindlingCUDABeginCapture(device) == .success)
      emulator.queueStep(w, g, count: 1)
      table.pointee.cuLaunchKernel = Self.takesNone
      #expect(KindlingCUDAEndCapture(device, &graph) == .failed && graph == nil)
      #expect(String(cString: KindlingCUDAMessage()).hasPrefix("cuLaunchKernel for sgd_float32: "))
      // And the device is as it was before.
      table.pointee.cuLaunchKernel = KindlingEmulatorDriver().pointee.cuLaunchKernel
      #expect(KindlingCUDABeginCapture(device) == .success)
      emulator.queueStep(w, g, count: 1)
      #expect(KindlingCUDAEndCapture(device, &graph) == .success && KindlingCUDAReplay(device, graph!) == .success)
      #expect(emulator.read(w, 1) == [2], "of two steps one was refused")
    }
  }

  @Test func aStepThatIsRefusedWhileNobodyWaitsForItIsTold() async {
    await #expect(processExitsWith: .success) {
      let table = Self.table()
      let emulator = RawEmulator(table), device = emulator.device
      let (w, g) = (emulator.place([3]), emulator.place([1]))
      table.pointee.cuLaunchKernel = Self.takesNone
      let calls = [
        { KindlingCUDAObserve(device, nil, nil) }, { KindlingCUDAPauseTimes(device, true) },
        { KindlingCUDAPauseTimes(device, false) },
      ]
      for call in calls {
        emulator.queueStep(w, g, count: 1)
        #expect(call() == .failed)
        #expect(String(cString: KindlingCUDAMessage()).hasPrefix("cuLaunchKernel for sgd_float32: "))
        #expect(call() == .success, "it is told once")
      }
    }
  }

  @Test func timeIsNotTakenInACapturedStep() async {
    await #expect(processExitsWith: .success) {
      let device = RawEmulator().device
      var event: OpaquePointer?, other: OpaquePointer?, graph: OpaquePointer?
      var milliseconds = 0.0
      #expect(KindlingCUDARecordEvent(device, &event) == .success)
      #expect(KindlingCUDABeginCapture(device) == .success)
      #expect(KindlingCUDARecordEvent(device, &other) == .unsupported)
      #expect(KindlingCUDAElapsedMilliseconds(device, event!, event!, &milliseconds) == .unsupported)
      #expect(String(cString: KindlingCUDAMessage()).hasPrefix("taking the time cannot be part of a captured step"))
      #expect(KindlingCUDAEndCapture(device, &graph) == .success, "asking has not spoilt it")
    }
  }
}
