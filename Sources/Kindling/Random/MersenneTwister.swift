/// The Mersenne Twister, MT19937: the source of every random number here, as it is in PyTorch on the CPU and in
/// NumPy's `np.random`.
///
/// The state is 624 words of 32 bits. Twisting mixes all of them into the next 624; each is then tempered (its bits are
/// scrambled) on its way out. Both run over the whole block at once, so that drawing a number is one load.
///
/// Source: M. Matsumoto and T. Nishimura, "Mersenne Twister: a 623-dimensionally equidistributed uniform pseudo-random
/// number generator", ACM TOMACS 8 (1998), with the seeding of their 2002 revision.
struct MersenneTwister: ~Copyable {
  static let size = 624
  /// How far ahead a word finds its partner.
  private static let offset = 397

  private let state = UnsafeMutablePointer<UInt32>.allocate(capacity: size)
  private let tempered = UnsafeMutablePointer<UInt32>.allocate(capacity: size)
  private var position = size

  /// Starts the sequence that belongs to `seed`.
  init(seed: UInt32) {
    var word = seed
    for i in 0..<Self.size {
      state[i] = word
      word = 1_812_433_253 &* (word ^ (word &>> 30)) &+ UInt32(truncatingIfNeeded: i &+ 1)
    }
    tempered.initialize(repeating: 0, count: Self.size)
  }

  deinit {
    state.deallocate()
    tempered.deallocate()
  }

  /// The next 32 bits.
  @inline(__always)
  mutating func next() -> UInt32 {
    if position == Self.size { refill() }
    let word = tempered[position]
    position &+= 1
    return word
  }

  /// The next 64 bits: two draws, the first above the second.
  @inline(__always)
  mutating func next64() -> UInt64 {
    let high = next()
    let low = next()
    return UInt64(high) &<< 32 | UInt64(low)
  }

  /// A number in [0, 1) with the 24 bits a Float can hold, made as PyTorch makes it: from the low bits of one draw.
  @inline(__always)
  mutating func nextFloat() -> Float {
    Float(next() & 0xFF_FFFF) * 0x1p-24
  }

  /// A number in [0, 1) with the 53 bits a Double can hold, made as PyTorch makes it: from the low bits of two draws.
  @inline(__always)
  mutating func nextDouble() -> Double {
    Double(next64() & 0x1F_FFFF_FFFF_FFFF) * 0x1p-53
  }

  /// 1 if the bits of the next Double, as a whole number, are less than `limit` (at most 2⁵³), else 0.
  @inline(__always)
  mutating func nextIsBelow(_ limit: UInt64) -> Int32 {
    // The borrow of a subtraction: a branch on a random bit would be mispredicted every other time.
    Int32(truncatingIfNeeded: (next64() & 0x1F_FFFF_FFFF_FFFF &- limit) &>> 63)
  }

  @inline(never)
  private mutating func refill() {
    // Three runs rather than one loop with a remainder in its index: each is straight enough to be vectorised.
    let split = Self.size - Self.offset
    for i in 0..<split {
      state[i] = Self.twist(state[i], state[i &+ 1]) ^ state[i &+ Self.offset]
    }
    for i in split..<(Self.size - 1) {
      state[i] = Self.twist(state[i], state[i &+ 1]) ^ state[i &- split]
    }
    state[Self.size - 1] = Self.twist(state[Self.size - 1], state[0]) ^ state[Self.offset - 1]
    temper()
    position = 0
  }

  private mutating func temper() {
    for i in 0..<Self.size {
      var word = state[i]
      word ^= word &>> 11
      word ^= word &<< 7 & 0x9D2C_5680
      word ^= word &<< 15 & 0xEFC6_0000
      word ^= word &>> 18
      tempered[i] = word
    }
  }

  /// All that the next draws depend on: how many words of the block are spent, and the words.
  var snapshot: (spent: Int, words: [UInt32]) {
    (position, Array(UnsafeBufferPointer(start: state, count: Self.size)))
  }

  /// Goes on from a snapshot.
  mutating func restore(spent: Int, _ words: [UInt32]) {
    for i in 0..<Self.size { state[i] = words[i] }
    position = spent
    temper()
  }

  /// The top bit of one word and the other bits of the next, multiplied by the generator's matrix.
  @inline(__always)
  private static func twist(_ word: UInt32, _ following: UInt32) -> UInt32 {
    let joined = word & 0x8000_0000 | following & 0x7FFF_FFFF
    // All ones where the last bit is set: a mask instead of a branch that would be mispredicted every other time.
    let mask = 0 &- (following & 1)
    return joined &>> 1 ^ mask & 0x9908_B0DF
  }
}
