import CUDADriver
import CUDAEmulator
import Foundation
import Kindling
import Testing

/// Kernels that are wrong on purpose, copies of the block's sum and of the tiled product: the emulator says what is wrong,
/// which threads it concerns, and in which line.
///
/// Sources/CUDAEmulator/broken.cu has them. Each test is a process of its own, since checks and orders hold for all of one.
@Suite struct CUDAMistakeTests {
  static let cases = ["sound_blockSum", "broken_blockSum_withoutBarrier", "broken_blockSum_boundOffByOne", "broken_blockSum_divergentBarrier", "broken_blockSum_missingLanes", "sound_tiledProduct", "broken_tiledProduct_withoutFirstBarrier", "broken_tiledProduct_withoutSecondBarrier", "broken_tiledProduct_boundOffByOne", "broken_tiledProduct_divergentBarrier"]
  @Test(arguments: cases, [0, 1, 2, 3, 4, 5]) func explore(_ entry: String, _ mode: Int) async {
    await #expect(processExitsWith: .success) { [entry, mode] in
      KindlingEmulatorSetChecking(mode >= 3)
      KindlingEmulatorSetOrder(KindlingEmulatorOrder(rawValue: Int32(mode % 3))!, 1)
      let emulator = RawDevice()
      let (out, message) = entry.contains("blockSum") ? emulator.blockSum(entry) : emulator.product(entry)
      Issue.record("\(entry) \(mode): \(message ?? "fine") \(out)")
    }
  }
}

/// The emulator's device without the backend, so that a kernel of any name can be launched.
struct RawDevice {
  let handle: OpaquePointer

  init() {
    var handle: OpaquePointer?
    _ = KindlingCUDAOpen(KindlingEmulatorDriver(), 0, &handle)
    self.handle = handle!
  }

  func allocate(_ numbers: [Float]) -> UnsafeMutableRawPointer {
    var pointer: UnsafeMutableRawPointer?
    _ = KindlingCUDAAllocate(handle, numbers.count * 4, &pointer)
    _ = numbers.withUnsafeBytes { KindlingCUDACopyIn(handle, pointer!, $0.baseAddress!, $0.count) }
    return pointer!
  }

  func read(_ pointer: UnsafeMutableRawPointer, _ count: Int) -> [Float] {
    [Float](unsafeUninitializedCapacity: count) { buffer, filled in
      _ = KindlingCUDACopyOut(handle, UnsafeMutableRawPointer(buffer.baseAddress!), pointer, count * 4)
      filled = count
    }
  }

  /// The message of the launch; nil where it went well.
  func launch(
    _ entry: String, grid: (UInt32, UInt32, UInt32) = (1, 1, 1), block: (UInt32, UInt32, UInt32),
    pointers: [UnsafeMutableRawPointer], number: Int
  ) -> String? {
    var words = pointers.map { UInt64(UInt(bitPattern: $0)) } + [UInt64(number)]
    let sizes = [Int](repeating: 8, count: words.count)
    return words.withUnsafeMutableBufferPointer { words in
      let parameters = words.indices.map { UnsafeMutableRawPointer(words.baseAddress! + $0) as UnsafeMutableRawPointer? }
      return entry.withCString { entry in
        parameters.withUnsafeBufferPointer { parameters in
          sizes.withUnsafeBufferPointer { sizes in
            parameters.baseAddress!.withMemoryRebound(to: UnsafeMutableRawPointer.self, capacity: parameters.count) { parameters in
            var launch = KindlingCUDALaunch(
              entry: entry, grid: grid, block: block, sharedBytes: 0, parameterCount: Int32(words.count),
              parameters: parameters, sizes: sizes.baseAddress)
            let status = KindlingCUDALaunchKernel(handle, &launch)
            return status == .success ? nil : String(cString: KindlingCUDAMessage())
            }
          }
        }
      }
    }
  }

  func blockSum(_ entry: String) -> ([Float], String?) {
    let (x, out) = (allocate((1...200).map(Float.init)), allocate([0]))
    let message = launch(entry, block: (256, 1, 1), pointers: [x, out], number: 200)
    return (read(out, 1), message)
  }

  func product(_ entry: String) -> ([Float], String?) {
    let n = 20
    let x = allocate((0..<n * n).map { Float($0 % 7) }), y = allocate((0..<n * n).map { Float($0 % 5) })
    let out = allocate([Float](repeating: 0, count: n * n))
    let message = launch(entry, grid: (2, 2, 1), block: (16, 16, 1), pointers: [x, y, out], number: n)
    return (Array(read(out, n * n)[..<4]), message)
  }
}
