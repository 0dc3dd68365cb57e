import CUDAEmulator
import Foundation
import Kindling
import TestSupport
import Testing

/// The emulator's counters, on kernels whose figures are known by hand: Sources/CUDAEmulator/costs.cu has them. Each test is a
/// process of its own, since what is counted is so for all of one.
@Suite struct CounterTests {
  /// One launch of a kernel on a matrix of 64 × 64, counted.
  static func count(_ kernel: String, grid: (UInt32, UInt32, UInt32) = (2, 2, 1), block: (UInt32, UInt32, UInt32)) {
    let device = RawEmulator()
    let x = device.place([Float](repeating: 1, count: 64 * 64))
    let out = device.place([Float](repeating: 0, count: 64 * 64))
    KindlingEmulatorCountBegin()
    #expect(device.launch(kernel, grid: grid, block: block, [x, out], count: 64) == nil)
    KindlingEmulatorCountEnd()
  }

  static func counted(
    _ array: String?, _ kind: KindlingEmulatorEventKind, shared: Bool = false
  ) -> KindlingEmulatorCounters { KindlingEmulatorCountersOf(array, kind, shared) }

  // MARK: Global memory

  static let global: [(kernel: String, block: (UInt32, UInt32, UInt32), reads: [Int64], writes: [Int64])] = [
    // Requests, and sectors of one; 64 × 64 elements are 128 rows of 32.
    ("sound_copyRows", (32, 8, 1), [128, 4], [128, 4]),
    ("sound_copyColumns", (32, 8, 1), [128, 32], [128, 32]),
    // 2 blocks of 64 threads have 4 warps.
    ("sound_broadcast", (64, 1, 1), [4, 1], [4, 4]),
    ("sound_copyFours", (64, 1, 1), [4, 16], [4, 16]),
    ("sound_copyShifted", (64, 1, 1), [4, 5], [4, 4]),
  ]

  @Test(arguments: global.indices) func countsSectorsOfGlobalMemory(_ number: Int) async {
    await #expect(processExitsWith: .success) { [number] in
      let (kernel, block, reads, writes) = Self.global[number]
      // As many blocks along x as the kernels without a second dimension need for their figures.
      Self.count(kernel, grid: block.1 == 1 ? (2, 1, 1) : (2, 2, 1), block: block)
      for (array, kind, expected) in [
        ("x", KindlingEmulatorEventKind.read, reads), ("out", .write, writes),
      ] {
        let all = Self.counted(array, kind)
        #expect(all.requests == expected[0], "\(kernel): \(array)")
        #expect(all.sectors == expected[0] * expected[1], "\(kernel): \(array)")
        #expect(all.lanes == 32 * all.requests && all.conflicts == 0)
      }
    }
  }

  @Test func theFewestSectorsAreThoseOfTheBytesAskedFor() async {
    await #expect(processExitsWith: .success) {
      Self.count("sound_copyColumns", block: (32, 8, 1))
      #expect(Self.counted("x", .read).fewestSectors == 128 * 4)
      Self.count("sound_broadcast", grid: (2, 1, 1), block: (64, 1, 1))
      #expect(Self.counted("x", .read).fewestSectors == 4)
      Self.count("sound_copyShifted", grid: (2, 1, 1), block: (64, 1, 1))
      #expect(Self.counted("x", .read).fewestSectors == 4 * 4)
    }
  }

  // MARK: Shared memory

  static let shared: [(kernel: String, array: String, block: (UInt32, UInt32, UInt32), write: Int64, read: Int64)] = [
    // Extra turns of one request.
    ("sound_transpose", "tile", (32, 8, 1), 0, 31),
    ("sound_transposePadded", "tile", (32, 8, 1), 0, 0),
    ("sound_everySecondWord", "words", (32, 1, 1), 0, 1),
    ("sound_sharedBroadcast", "words", (32, 1, 1), 0, 0),
    ("sound_sharedDoubles", "words", (32, 1, 1), 0, 0),
  ]

  @Test(arguments: shared.indices) func countsConflictsOfSharedMemory(_ number: Int) async {
    await #expect(processExitsWith: .success) { [number] in
      let (kernel, array, block, write, read) = Self.shared[number]
      Self.count(kernel, grid: block.1 == 1 ? (1, 1, 1) : (2, 2, 1), block: block)
      for (kind, turns) in [(KindlingEmulatorEventKind.write, write), (.read, read)] {
        let all = Self.counted(array, kind, shared: true)
        #expect(all.requests > 0 && all.conflicts == turns * all.requests, "\(kernel): \(kind)")
        #expect(all.sectors == 0)
      }
      #expect(Self.counted("x", .read, shared: true).requests == 0)
    }
  }

  /// Of both matrices as they lie and transposed, and of elements that take one bank and two.
  @Test func theTiledProductHasNoConflicts() async {
    await #expect(processExitsWith: .success) {
      try Device.cudaEmulator.setMatmulKernel(.tiled)
      for dtype in [DType.float32, .float64, .int32, .int64] {
        let (x, y) = (
          Tensor.ones(64, 64, dtype: dtype, device: .cudaEmulator),
          Tensor.ones(64, 64, dtype: dtype, device: .cudaEmulator)
        )
        for (x, y) in [(x, y), (x.t(), y), (x, y.t()), (x.t(), y.t())] {
          KindlingEmulatorCountBegin()
          _ = x.mm(y)
          KindlingEmulatorCountEnd()
          for array in ["xTile", "yTile"] {
            for kind in [KindlingEmulatorEventKind.read, .write] {
              let all = Self.counted(array, kind, shared: true)
              #expect(all.requests > 0 && all.conflicts == 0, "\(dtype) \(x.strides) \(y.strides) \(array)")
            }
          }
        }
      }
    }
  }

  @Test func bothSidesOfATransposeThroughATileAreCoalesced() async {
    await #expect(processExitsWith: .success) {
      Self.count("sound_transpose", block: (32, 8, 1))
      for all in [Self.counted("x", .read), Self.counted("out", .write)] {
        #expect(all.requests == 128 && all.sectors == 4 * 128)
      }
    }
  }

  // MARK: Lanes and atomics

  @Test func theLanesOfABranchShareARequest() async {
    await #expect(processExitsWith: .success) {
      Self.count("sound_twoBranches", grid: (1, 1, 1), block: (64, 1, 1))
      let (reads, writes) = (Self.counted("x", .read), Self.counted("out", .write))
      #expect(reads.requests == 2 && reads.lanes == 32)
      #expect(writes.requests == 4 && writes.lanes == 64)
      Self.count("sound_unequalLoops", grid: (1, 1, 1), block: (32, 1, 1))
      let rounds = Self.counted("x", .read)
      #expect(rounds.requests == 4 && rounds.lanes == 32 + 24 + 16 + 8)
    }
  }

  @Test func countsAtomicsOnOneAddress() async {
    await #expect(processExitsWith: .success) {
      Self.count("sound_addToOne", grid: (4, 1, 1), block: (64, 1, 1))
      let one = Self.counted("out", .atomic)
      #expect(one.lanes == 256 && one.busiestAddress == 256 && one.sectors == one.requests && one.requests == 8)
      Self.count("sound_addToMany", grid: (4, 1, 1), block: (64, 1, 1))
      #expect(Self.counted(nil, .atomic).busiestAddress == 8)
      #expect(Self.counted(nil, .atomic).lanes == 256)
    }
  }

  // MARK: What does not matter

  @Test func theOrderOfThreadsDoesNotMatter() async {
    await #expect(processExitsWith: .success) {
      for order in [KindlingEmulatorOrder.forward, .reverse, .shuffled] {
        KindlingEmulatorSetOrder(order, 1)
        Self.count("sound_sharedDoubles", grid: (1, 1, 1), block: (32, 1, 1))
        #expect(Self.counted("words", .read, shared: true).conflicts == 0)
        Self.count("sound_transpose", block: (32, 8, 1))
        #expect(Self.counted("tile", .read, shared: true).conflicts == 128 * 31)
        Self.count("sound_unequalLoops", grid: (1, 1, 1), block: (32, 1, 1))
        #expect(Self.counted("x", .read).requests == 4)
      }
    }
  }

  @Test func nothingIsCountedAfterTheEnd() async {
    await #expect(processExitsWith: .success) {
      let device = RawEmulator()
      let (x, out) = (device.place([1, 2]), device.place([0]))
      Self.count("sound_addToOne", grid: (1, 1, 1), block: (32, 1, 1))
      #expect(device.launch("sound_blockSum", block: (256, 1, 1), [x, out], count: 2) == nil)
      var count: Int64 = 0
      _ = KindlingEmulatorCountedLaunches(&count)
      #expect(count == 1)
    }
  }

  @Test func aLaunchThatFailsLeavesNothingOpen() async {
    await #expect(processExitsWith: .success) {
      let device = RawEmulator()
      let (x, out) = (device.place([1, 2, 3, 4, 5]), device.place([0]))
      KindlingEmulatorCountBegin()
      #expect(device.launch("sound_copyFours", block: (64, 1, 1), [x, out], count: 5) != nil)
      KindlingEmulatorCountEnd()
      Self.count("sound_copyRows", block: (32, 8, 1))
      #expect(Self.counted("x", .read).sectors == 512 && Self.counted("x", .read).requests == 128)
    }
  }

  // MARK: Lines

  @Test func eachRowKnowsItsLine() async {
    await #expect(processExitsWith: .success) {
      Self.count("sound_everySecondWord", grid: (1, 1, 1), block: (32, 1, 1))
      var count: Int64 = 0
      let rows = UnsafeBufferPointer(start: KindlingEmulatorCounterRows(&count), count: Int(count))
      let found = rows.map { "\($0.line) \(String(cString: $0.array)) \($0.kind == .read ? "read" : "written")" }
      let kernel = "sound_everySecondWord"
      let first = try Source.costs.line(of: "words[threadIdx.x] = ", after: kernel)
      let last = try Source.costs.line(of: "out[threadIdx.x] = words", after: kernel)
      #expect(
        found == [
          "\(first) x read", "\(first) words written", "\(first + 1) x read", "\(first + 1) words written",
          "\(last) out written", "\(last) words read",
        ])
      #expect(rows.allSatisfy { String(cString: $0.file).hasSuffix("Sources/CUDAEmulator/costs.cu") })
    }
  }

  // MARK: Occupancy

  /// Registers come in units of 256 for a warp, warps in fours: NVIDIA's calculator gives the same.
  @Test func theOccupancyFollowsFromWhatABlockTakes() {
    func on(_ card: Int32, _ kernel: String, _ threads: Int32, _ shared: Int32) -> (Int32, Int32, String) {
      let o = KindlingEmulatorOccupancyOn(card, kernel, threads, shared)
      return (o.blocks, o.warps, o.limit.map { String(cString: $0) } ?? "")
    }
    // 128 registers · 256 threads: half of the 65536.
    for card: Int32 in 0...2 { #expect(on(card, "matmul_vectorized_float32", 256, 16384) == (2, 16, "registers")) }
    #expect(on(0, "unknown", 256, 0) == (4, 32, "threads"))
    #expect(on(1, "unknown", 256, 0) == (8, 64, "threads"))
    #expect(on(1, "unknown", 32, 0) == (32, 32, "blocks"))
    #expect(on(0, "unknown", 64, 32 * 1024) == (2, 4, "shared memory"))
    // 1 KB of each block is the system's: 164 / 41, and not 164 / 40.
    #expect(on(1, "unknown", 64, 40 * 1024) == (4, 8, "shared memory"))
    #expect(on(2, "unknown", 64, 48 * 1024) == (4, 8, "shared memory"))
    #expect(KindlingEmulatorOccupancyOn(3, "unknown", 32, 0).card == nil)
  }

  /// Each kernel of the PTX has its registers there.
  @Test func everyKernelHasItsRegisters() {
    var index: Int32 = 0
    while let kernel = KindlingEmulatorKernelAt(index) {
      index += 1
      let name = String(cString: kernel.pointee.name)
      let registers = KindlingEmulatorOccupancyOn(0, name, 32, 0).registers
      #expect((registers == 0) == (name.hasPrefix("broken_") || name.hasPrefix("sound_")), "\(name)")
    }
    #expect(index > 300)
  }

  // MARK: As text

  @Test func aTableStandsBesideTheSource() async {
    await #expect(processExitsWith: .success) {
      let x = Tensor.ones(64, 64, device: .cudaEmulator)
      let table = Emulator.counters { _ = x.t().contiguous() }
      let lines = table.split(separator: "\n").map(String.init)
      #expect(lines[0] == "transpose_float32, 4 blocks of 256 threads")
      let read = try #require(
        lines.firstIndex { $0.hasSuffix("reads x                       128   32.0      4.0     4.0") })
      #expect(lines[read - 1].contains("tile[i][tx] = x[(row + i) * xStride + column + tx];"), "\(table)")
      #expect(lines.contains("      reads tile                    128   32.0                         0.0"), "\(table)")
      #expect(lines.contains("shared memory   256 requests, 0.0 extra turns each; 4224 bytes a block"), "\(table)")
      #expect(lines.contains("lanes           100 % take part in an access"), "\(table)")
      #expect(lines.contains { $0.hasPrefix("on one H100     ") && $0.contains("registers; ") }, "\(table)")
    }
  }
}
