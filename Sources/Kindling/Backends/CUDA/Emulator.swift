import CUDADriver
import CUDAEmulator
import Synchronization

/// What the CUDA emulator can do that a GPU cannot: run a kernel's threads in any order, check every access to memory, and
/// tell what each thread did.
///
/// ```swift
/// let x = Tensor([1.0, 2, 3, 4], device: .cudaEmulator)
/// print(Emulator.trace { _ = x.sum() })
/// ```
///
/// All of it holds for the whole program, whichever thread sets it.
public enum Emulator {
  /// The order in which the blocks of a launch run, and the threads of a block between two barriers.
  public enum Order: Hashable, Sendable {
    /// From the first to the last.
    case forward
    /// From the last to the first.
    case reverse
    /// Mixed, in another way for each seed.
    case shuffled(seed: UInt64 = 0)
  }

  /// The functions that stand in for a driver's. Set before the first tensor is made on the emulator, to ones that count
  /// and hand on, for instance.
  nonisolated(unsafe) package static var driver: UnsafePointer<KindlingCUDADriver> = KindlingEmulatorDriver()

  private struct Settings {
    var order = Order.forward
    var isChecking = false
  }
  private static let settings = Mutex(Settings())

  /// The order in which threads run: forward at first.
  ///
  /// A GPU promises none, so a kernel whose result depends on it has a race. Only sums of floating-point numbers by atomics
  /// (`scatterAdd` with an index that comes twice) may differ, in the last digits.
  public static var order: Order {
    get { settings.withLock(\.order) }
    set {
      settings.withLock { settings in
        settings.order = newValue
        switch newValue {
        case .forward: KindlingEmulatorSetOrder(.forward, 0)
        case .reverse: KindlingEmulatorSetOrder(.reverse, 0)
        case .shuffled(let seed): KindlingEmulatorSetOrder(.shuffled, seed)
        }
      }
    }
  }

  /// Whether every access to global and shared memory is checked: not at first.
  ///
  /// An access out of bounds, a read of shared memory that nobody has written, and a race (two threads touch one element,
  /// one of them writes, and no barrier stands between) end the program with the kernel, the threads and the lines. It
  /// makes kernels about a hundred times slower.
  public static var isChecking: Bool {
    get { settings.withLock(\.isChecking) }
    set {
      settings.withLock { settings in
        settings.isChecking = newValue
        KindlingEmulatorSetChecking(newValue)
      }
    }
  }

  /// What the launches in `body` did, to read: launch by launch, block by block, from barrier to barrier, which thread read
  /// and wrote which element.
  ///
  /// Meant for launches of a few elements. Their accesses are checked meanwhile, as with ``isChecking``, and other threads
  /// of the program should leave the emulator alone.
  ///
  /// - Parameters:
  ///   - limit: How many events are noted before the trace breaks off.
  ///   - body: What to watch; it runs once.
  public static func trace(limit: Int = 10_000, _ body: () throws -> Void) rethrows -> String {
    KindlingEmulatorTraceBegin(Int64(limit))
    do { try body() } catch {
      KindlingEmulatorTraceEnd()
      throw error
    }
    KindlingEmulatorTraceEnd()
    Device.cudaEmulator.synchronize()  // reports what went wrong
    return String(cString: KindlingEmulatorTraceText())
  }
}
