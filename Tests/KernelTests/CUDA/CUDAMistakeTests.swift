import CUDADriver
import CUDAEmulator
import Foundation
import TestSupport
import Testing

/// Kernels that are wrong on purpose, copies of the block's sum and of the tiled product: the emulator says what is wrong,
/// which threads it concerns, and in which line.
///
/// Sources/CUDAEmulator/broken.cu has them. Each test is a process of its own, since checks and orders hold for all of one.
@Suite struct CUDAMistakeTests {
  // MARK: Two sound kernels and what they should give

  /// 1 + 2 + … + 200, by one block.
  static func sum(_ kernel: String) -> (out: [Float], message: String?) {
    let device = RawEmulator()
    let (x, out) = (device.place((1...200).map(Float.init)), device.place([0]))
    let message = device.launch(kernel, block: (256, 1, 1), [x, out], count: 200)
    return (device.read(out, 1), message)
  }

  /// Two matrices of 20 × 20, by four blocks, of which three reach over the edge.
  static func product(_ kernel: String) -> (out: [Float], message: String?) {
    let (n, device) = (20, RawEmulator())
    let x = device.place((0..<n * n).map { Float($0 % 7) })
    let y = device.place((0..<n * n).map { Float($0 % 5) })
    let out = device.place([Float](repeating: 0, count: n * n))
    let message = device.launch(kernel, grid: (2, 2, 1), block: (16, 16, 1), [x, y, out], count: n)
    return (device.read(out, n * n), message)
  }

  static let expectedProduct: [Float] = (0..<400).map { place in
    let (row, column) = (place / 20, place % 20)
    var sum = 0
    for i in 0..<20 { sum += (row * 20 + i) % 7 * ((i * 20 + column) % 5) }
    return Float(sum)
  }

  @Test(arguments: [false, true], [0, 1, 2]) func soundOnesPassInEveryOrder(_ checking: Bool, _ order: Int32) async {
    await #expect(processExitsWith: .success) { [checking, order] in
      KindlingEmulatorSetChecking(checking)
      KindlingEmulatorSetOrder(KindlingEmulatorOrder(rawValue: order)!, 1)
      #expect(Self.sum("sound_blockSum") == ([20100], nil))
      #expect(Self.product("sound_tiledProduct") == (Self.expectedProduct, nil))
    }
  }

  // MARK: A barrier removed

  @Test func aSumWithoutItsBarrierIsARace() async {
    await #expect(processExitsWith: .success) {
      let line = try Source.broken.line(of: "__syncthreads", after: "broken_blockSum_withoutBarrier")
      KindlingEmulatorSetChecking(true)
      #expect(
        Self.sum("broken_blockSum_withoutBarrier").message
          == failed(
            "broken_blockSum_withoutBarrier",
            "thread 1 writes partial[1] after line \(line), and thread 0 reads it after line \(line): a race, since "
              + "nothing says who comes first"))
    }
  }

  /// Without checks the mistake still shows: the result depends on the order.
  @Test func aRaceGivesAnotherSumInEachOrder() async {
    await #expect(processExitsWith: .success) {
      var sums: Set<Float> = []
      for (order, seed) in [(KindlingEmulatorOrder.forward, 0), (.reverse, 0), (.shuffled, 1), (.shuffled, 2)] {
        KindlingEmulatorSetOrder(order, UInt64(seed))
        sums.formUnion(Self.sum("broken_blockSum_withoutBarrier").out)
      }
      #expect(sums.count > 1, "\(sums)")
    }
  }

  @Test func aTileThatIsReadTooEarlyHoldsNothing() async {
    await #expect(processExitsWith: .success) {
      KindlingEmulatorSetChecking(true)
      #expect(
        Self.product("broken_tiledProduct_withoutFirstBarrier").message
          == failed(
            "broken_tiledProduct_withoutFirstBarrier",
            "thread (0, 0, 0) reads xTile[0][1] at the start, which no thread has written"))
      // Without checks such memory holds NaN, not last block's numbers.
      KindlingEmulatorSetChecking(false)
      #expect(Self.product("broken_tiledProduct_withoutFirstBarrier").out[0].isNaN)
    }
  }

  @Test func aTileThatIsOverwrittenTooEarlyIsARace() async {
    await #expect(processExitsWith: .success) {
      // All of a macro's barriers stand in the line that uses it.
      let line = try Source.broken.line(of: "TILED(broken_tiledProduct_withoutSecondBarrier")
      KindlingEmulatorSetChecking(true)
      #expect(
        Self.product("broken_tiledProduct_withoutSecondBarrier").message
          == failed(
            "broken_tiledProduct_withoutSecondBarrier",
            "thread (1, 0, 0) reads xTile[0][0] after line \(line), and thread (0, 0, 0) writes it after line "
              + "\(line): a race, since nothing says who comes first"))
    }
  }

  @Test func anAtomicOnSharedMemoryThatNobodyHasSetIsNamed() async {
    await #expect(processExitsWith: .success) {
      KindlingEmulatorSetChecking(true)
      #expect(
        Self.sum("broken_blockSum_neverCleared").message
          == failed(
            "broken_blockSum_neverCleared", "thread 0 adds to partial[0] at the start, which no thread has written"))
    }
  }

  // MARK: Types

  /// As on a GPU, where elements are plain floats: the compiler must not find a way to make integers of both.
  @Test(arguments: [false, true]) func anElementOrZeroIsAFloat(checking: Bool) async {
    await #expect(processExitsWith: .success) { [checking] in
      KindlingEmulatorSetChecking(checking)
      #expect(Self.sum("sound_floatOrInteger") == ([0.5], nil))
    }
  }

  // MARK: A bound off by one

  /// What each kernel does outside of an array. An unsigned index below 0 lies 2³² elements away from where the kernel
  /// wants to be, perhaps nearer to another array.
  static let strayed = [
    ("broken_blockSum_boundOffByOne", "thread 200 reads x[200], but x has 200 elements"),
    ("broken_tiledProduct_boundOffByOne", "thread (0, 4, 0) reads y[400], but y has 400 elements"),
    ("broken_secondOfOne", "thread 0 writes out[1], but out has 1 element"),
    (
      "broken_unsignedIndex",
      "thread 0 reads x[4294967295], which is x[-1] with an unsigned index, but x has 200 elements"
    ),
    (
      "broken_unsignedRow",
      "thread 3 reads tile[4294967295][3], which is tile[-1][3] with an unsigned index, but tile has 256 elements"
    ),
  ]

  @Test(arguments: strayed) func anElementOutsideOfItsArrayIsNamed(_ kernel: String, _ why: String) async {
    await #expect(processExitsWith: .success) { [kernel, why] in
      KindlingEmulatorSetChecking(true)
      let run = kernel.contains("tiledProduct") ? Self.product : Self.sum
      #expect(run(kernel).message == failed(kernel, why))
    }
  }

  /// The optimizers' kernels have all pointers in one structure, those of up to 16 parameters.
  @Test(arguments: [0, 1, 2, 3]) func anOptimizersArrayHasItsName(_ short: Int) async {
    await #expect(processExitsWith: .success) { [short] in
      KindlingEmulatorSetChecking(true)
      let device = RawEmulator()
      var options = KernelAdam()
      options.step = 1
      // Of the second parameter one array is shorter than the others. All are there before the steps: a copy would part
      // the launch.
      let places = [5, 4].map { few in
        (0..<4).map { device.place([Float](repeating: 1, count: $0 == short ? few : 5)) }
      }
      for place in places {
        let memory = KernelMemory(first: place[2], second: place[3], third: nil)
        #expect(
          KindlingCUDAOptimizerStep(device.device, .adam, &options, .float32, 5, place[0], place[1], memory) == .success
        )
      }
      #expect(KindlingCUDASynchronize(device.device) == .launchFailed)
      let name = ["parameter", "gradient", "first", "second"][short]
      #expect(
        String(cString: KindlingCUDAMessage())
          == failed("adam_float32", block: "(1, 0, 0)", "thread 4 reads \(name)[4], but \(name) has 4 elements"))
    }
  }

  // MARK: Alignment

  /// On a GPU shared memory is aligned as SHARED declares it, and four numbers at once have to be. A kernel that needs more
  /// must not pass here by luck.
  @Test func sharedMemoryIsAlignedToSixteenBytesAndNoMore() async {
    await #expect(processExitsWith: .success) {
      let device = RawEmulator()
      let out = device.place([0, 0])
      #expect(device.launch("sound_sharedPlaces", block: (1, 1, 1), [out], count: 2) == nil)
      #expect(device.read(out, 2) == [16, 16])
    }
  }

  @Test func fourNumbersAtOnceMustBeAligned() async {
    await #expect(processExitsWith: .success) {
      let device = RawEmulator()
      let (x, out) = (device.place([1, 2, 3, 4, 5]), device.place([0]))
      #expect(
        device.launch("broken_misalignedFour", block: (1, 1, 1), [x, out], count: 5)
          == failed("broken_misalignedFour", "thread 0 moves 16 bytes at a misaligned address"))
    }
  }

  /// The launch itself succeeds, and so do those after it, which do nothing: a GPU has not got to them yet.
  @Test func aFaultIsToldByTheNextRead() async {
    await #expect(processExitsWith: .success) {
      let device = RawEmulator()
      let (x, out) = (device.place([1, 2, 3, 4, 5]), device.place([7]))
      #expect(device.queue("broken_misalignedFour", block: (1, 1, 1), [x, out], count: 5) == nil)
      #expect(device.queue("sound_blockSum", block: (256, 1, 1), [x, out], count: 5) == nil)
      var number: Float = 0
      #expect(KindlingCUDACopyOut(device.device, &number, out, 4) == .launchFailed)
      #expect(KindlingCUDASynchronize(device.device) == .launchFailed, "and the device stays as it is")
    }
  }

  // MARK: A divergent barrier: seen without checks, since nobody can go on

  @Test func aBarrierThatSomeNeverReachIsNamed() async {
    await #expect(processExitsWith: .success) {
      let first = try Source.broken.line(of: "__syncthreads", after: "broken_blockSum_divergentBarrier")
      let second = try Source.broken.line(of: "__syncthreads", after: "broken_blockSum_divergentBarrier", number: 2)
      let macro = try Source.broken.line(of: "TILED(broken_tiledProduct_divergentBarrier")
      #expect(
        Self.sum("broken_blockSum_divergentBarrier").message
          == failed(
            "broken_blockSum_divergentBarrier",
            "barrier divergence: thread 0 waits at the __syncthreads() in line \(second), but thread 128 has ended, "
              + "after line \(first)"))
      KindlingEmulatorSetThreads(1)  // else two blocks fail, and either may be the first
      #expect(
        Self.product("broken_tiledProduct_divergentBarrier").message
          == failed(
            "broken_tiledProduct_divergentBarrier", block: "(0, 1, 0)",
            "barrier divergence: thread (0, 0, 0) waits at the __syncthreads() in line \(macro), but thread (0, 4, 0) "
              + "has ended"))
    }
  }

  @Test func aShuffleThatLacksLanesIsNamed() async {
    await #expect(processExitsWith: .success) {
      let shuffle = try Source.broken.line(of: "__shfl_down_sync", after: "broken_blockSum_missingLanes")
      let barrier = try Source.broken.line(of: "__syncthreads", after: "broken_blockSum_missingLanes")
      #expect(
        Self.sum("broken_blockSum_missingLanes").message
          == failed(
            "broken_blockSum_missingLanes",
            "warp deadlock: thread 0 waits in the __shfl_down_sync in line \(shuffle) (mask ffffffff), but thread 16 "
              + "waits at the __syncthreads() in line \(barrier)"))
    }
  }

  @Test func aLaunchThatNoGPUTakesIsRefused() async {
    await #expect(processExitsWith: .success) {
      let device = RawEmulator()
      let x = device.place([0])
      #expect(
        device.launch("sound_blockSum", block: (1025, 1, 1), [x, x], count: 1)
          == refused(
            "sound_blockSum",
            "sound_blockSum: a block of (1025, 1, 1) threads is too large: a block has at most 1024, and 64 along z"))
      #expect(
        device.launch("sound_blockSum", grid: (1, 0, 1), block: (32, 1, 1), [x, x], count: 1)
          == refused(
            "sound_blockSum", "sound_blockSum: a grid of (1, 0, 1) blocks of (32, 1, 1) threads has no threads"))
      // __launch_bounds__ is a promise to the compiler, which saves registers on the strength of it.
      #expect(
        device.launch("matmul_blocked_float32", block: (16, 32, 1), [x, x, x], count: 1)
          == refused(
            "matmul_blocked_float32",
            "matmul_blocked_float32: a block of (16, 32, 1) threads is too large: this kernel is compiled for at most 256"
          ))
      #expect(device.launch("sound", block: (1, 1, 1), [], count: 1) == "there is no CUDA kernel sound")
    }
  }

  /// Not by the replay, when nobody knows any more which launch it was.
  @Test func aLaunchThatNoGPUTakesIsRefusedWhereItIsRecorded() async {
    await #expect(processExitsWith: .success) {
      let device = RawEmulator()
      let x = device.place([0])
      #expect(KindlingCUDABeginCapture(device.device) == .success)
      #expect(
        device.queue("sound_blockSum", grid: (1, 65536, 1), block: (32, 1, 1), [x, x], count: 1)
          == refused(
            "sound_blockSum",
            "sound_blockSum: a grid of (1, 65536, 1) blocks is too large: it has at most 65535 along y and z"))
    }
  }

  @Test func aDriverWithoutAContextOnThisThreadRefuses() async {
    await #expect(processExitsWith: .success) {
      let driver = KindlingEmulatorDriver().pointee
      var pointer: CUdeviceptr = 0
      #expect(driver.cuMemAlloc(&pointer, 4) == CUresult(CUDA_ERROR_INVALID_CONTEXT))
      let device = RawEmulator()
      #expect(driver.cuMemAlloc(&pointer, 4) == 0)
      KindlingCUDAClose(device.device)
      #expect(driver.cuMemAlloc(&pointer, 4) == CUresult(CUDA_ERROR_INVALID_CONTEXT), "it has ended")
    }
  }

  /// A driver runs nothing of a recording before it is replayed; a replay inside of one would run too early.
  @Test func aReplaySpoilsARecording() async {
    await #expect(processExitsWith: .success) {
      let (driver, device) = (KindlingEmulatorDriver().pointee, RawEmulator())
      var stream: CUstream?, graph: CUgraph?, instance: CUgraphExec?, other: CUgraph?
      #expect(driver.cuStreamCreate(&stream, 0) == 0 && driver.cuStreamBeginCapture(stream, 2) == 0)
      #expect(driver.cuStreamEndCapture(stream, &graph) == 0 && driver.cuGraphInstantiate(&instance, graph, 0) == 0)
      #expect(driver.cuStreamBeginCapture(stream, 2) == 0)
      #expect(driver.cuGraphLaunch(instance, stream) == CUresult(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED))
      #expect(driver.cuStreamEndCapture(stream, &other) == CUresult(CUDA_ERROR_STREAM_CAPTURE_INVALIDATED))
      KindlingCUDAClose(device.device)
    }
  }
}

/// What is said of a launch that failed in its first block: by whoever waits for it, as on a GPU.
private func failed(_ kernel: String, block: String = "(0, 0, 0)", _ why: String) -> String {
  "cuStreamSynchronize: CUDA_ERROR_LAUNCH_FAILED (719): \(kernel), block \(block): \(why)"
}

private func refused(_ kernel: String, _ why: String) -> String {
  "cuLaunchKernel for \(kernel): CUDA_ERROR_INVALID_VALUE (1): \(why)"
}

/// A file of the package, for finding out which line something stands in.
struct Source {
  static let broken = Source("Sources/CUDAEmulator/broken.cu")
  static let costs = Source("Sources/CUDAEmulator/costs.cu")
  let lines: [Substring]

  init(_ path: String) {
    let text = (try? String(contentsOf: Repository.url(path), encoding: .utf8)) ?? ""
    lines = text.split(separator: "\n", omittingEmptySubsequences: false)
  }

  /// The line, counted from 1, of the `number`-th occurrence of `text` after the first of `start`.
  func line(of text: String, after start: String? = nil, number: Int = 1) throws -> Int {
    var first = 0
    if let start { first = try #require(lines.firstIndex { $0.contains(start) }) }
    let found = lines.indices.filter { $0 >= first && lines[$0].contains(text) }
    return try #require(found.count >= number ? found[number - 1] : nil) + 1
  }
}
