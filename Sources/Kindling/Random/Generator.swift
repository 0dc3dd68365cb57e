import Kernels

/// A stream of random numbers: the very one that PyTorch draws from on the CPU.
///
/// After the same seed, the same calls give the same numbers as PyTorch's on an x86-64 processor, bit for bit; of the
/// normal ones, those in float64 and fills of fewer than 16 pass through the system's `log`, `sin` and `cos`, whose last
/// digit is not the same everywhere. So a program in Kindling and its twin in PyTorch start from the same weights.
///
/// ```swift
/// manualSeed(0)                      // the thread's default generator
/// let own = Generator(seed: 42)      // one of your own
/// ```
///
/// A tensor on another device gets the same numbers: they are drawn on the CPU and copied. A generator of that device's
/// own draws there instead, all numbers at once; see Generator+Device.swift.
///
/// A generator belongs to one thread at a time.
public final class Generator {
  /// The seed of a generator that was never given one; PyTorch's is the same. So a program without a seed still
  /// repeats itself from run to run.
  public static let defaultSeed = 67_280_421_310_721

  /// The seed that the stream was last started from.
  public private(set) var initialSeed: Int

  var twister: MersenneTwister

  /// Where it draws.
  public let device: Device
  /// How far the stream of a device's own generator has come, in values of Philox's counter.
  var philoxOffset: UInt64 = 0

  /// The second normal number of a pair, when only the first was asked for. Short fills take it before they draw anew.
  var spareNormal: Double?

  /// Makes a generator and starts its stream from `seed`.
  ///
  /// - Parameters:
  ///   - seed: Any number; its low 32 bits count, as in PyTorch.
  ///   - device: Where it draws. On a CUDA device that is another stream, Philox's, which only `Tensor`'s functions can
  ///     draw from, and only for tensors of that device.
  public init(seed: Int = Generator.defaultSeed, device: Device = .cpu) {
    self.device = device
    initialSeed = seed
    twister = MersenneTwister(seed: Self.reduced(seed))
  }

  /// Starts the stream again, from `seed`.
  public func manualSeed(_ seed: Int) {
    initialSeed = seed
    twister = MersenneTwister(seed: Self.reduced(seed))
    spareNormal = nil
    philoxOffset = 0
  }

  // MARK: Saving and loading

  /// Where the stream stands, as 629 whole numbers: for a checkpoint, and to be handed to ``setState(_:)``. PyTorch's
  /// `get_state`, in another layout.
  public func getState() -> [Int64] {
    let (spent, words) = twister.snapshot
    return [
      Int64(initialSeed), Int64(bitPattern: philoxOffset), spareNormal == nil ? 0 : 1,
      Int64(bitPattern: (spareNormal ?? 0).bitPattern), Int64(spent),
    ] + words.map { Int64($0) }
  }

  /// Goes on where the generator stood whose ``getState()`` this is.
  ///
  /// - Throws: `KindlingError` if it is no such state. Nothing changes then.
  public func setState(_ state: [Int64]) throws {
    let words = state.dropFirst(5).compactMap { UInt32(exactly: $0) }
    guard state.count == 5 + MersenneTwister.size, words.count == MersenneTwister.size, (0...1).contains(state[2]),
      (0...Int64(MersenneTwister.size)).contains(state[4])
    else { throw KindlingError("Generator.setState: this is no state of a generator") }
    initialSeed = Int(state[0])
    philoxOffset = UInt64(bitPattern: state[1])
    spareNormal = state[2] == 0 ? nil : Double(bitPattern: UInt64(bitPattern: state[3]))
    twister.restore(spent: Int(state[4]), words)
  }

  /// The Mersenne Twister takes a seed of 32 bits. PyTorch keeps the low ones, so that 3 and 2⁴⁰ + 3 start one and the
  /// same stream, and a negative seed s is the same as 2³² + s.
  private static func reduced(_ seed: Int) -> UInt32 {
    UInt32(truncatingIfNeeded: seed)
  }

  /// The calling thread's own generator: what `Tensor.randn` and the layers of KindlingNN draw from.
  ///
  /// It is made when first asked for, from ``defaultSeed``. PyTorch shares one generator among all threads, behind a lock,
  /// and what a thread gets then depends on who came first; here each thread repeats its own numbers.
  public static var `default`: Generator {
    let state = KindlingThreadState()
    if let existing = state.pointee.generator {
      return Unmanaged<Generator>.fromOpaque(existing).takeUnretainedValue()
    }
    let generator = Generator()
    // The thread owns one reference, and gives it back when it ends.
    state.pointee.generator = Unmanaged.passRetained(generator).toOpaque()
    state.pointee.releaseGenerator = { Unmanaged<Generator>.fromOpaque($0).release() }
    return generator
  }
}

/// Seeds the calling thread's default generator, as `torch.manual_seed` does.
///
/// ```swift
/// manualSeed(0)
/// let x = Tensor.randn(64, 784)  // the numbers of torch.manual_seed(0); torch.randn(64, 784)
/// ```
///
/// Of the seed, the low 32 bits count. Seeding also forgets a normal number kept from the last draw.
public func manualSeed(_ seed: Int) {
  Generator.default.manualSeed(seed)
}
