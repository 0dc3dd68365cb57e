extension Generator {
  /// Fills `values` with whole numbers from `from` up to, not including, `to`: those of PyTorch's `randint`.
  public func fillIntegers(_ values: UnsafeMutableBufferPointer<Int64>, from: Int64 = 0, to: Int64) {
    drawsOnCPU("randint")
    if from >= to {
      fail("randint", "nothing lies from \(from) up to, not including, \(to): the second must be greater.")
    }
    // Wrapping: the range of two Int64 may take all 64 bits of an unsigned number.
    let range = UInt64(bitPattern: to &- from)
    // The remainder favours small numbers, the more so the nearer the range comes to that of the draw. From 2²⁸ on,
    // PyTorch therefore spends 64 bits.
    if range < 1 << 28 {
      let range = UInt32(range)
      for i in values.indices {
        values[i] = from &+ Int64(twister.next() % range)
      }
    } else {
      for i in values.indices {
        values[i] = from &+ Int64(bitPattern: twister.next64() % range)
      }
    }
  }

  /// A whole number from 0 to 2⁶³ - 1: PyTorch's `torch.empty((), dtype=torch.int64).random_()`, from which a `DataLoader`
  /// makes the seed of an epoch.
  public func random() -> Int64 {
    drawsOnCPU("random")
    return Int64(twister.next64() & UInt64(Int64.max))
  }

  /// Fills `values` with 0, 1, 2, … in random order: PyTorch's `randperm`, for fewer than 214,748,364 of them.
  ///
  /// Each place, from the first on, is exchanged with one at or after it (the shuffle of Fisher and Yates).
  public func fillPermutation(_ values: UnsafeMutableBufferPointer<Int64>) {
    drawsOnCPU("randperm")
    let count = values.count
    for i in 0..<count {
      values[i] = Int64(i)
    }
    if count < 2 { return }
    let needs64Bits = count >= Int(UInt32.max / 20)
    for i in 0..<(count - 1) {
      let rest = UInt64(count - i)
      let draw = needs64Bits ? twister.next64() : UInt64(twister.next())
      values.swapAt(i, i + Int(draw % rest))
    }
  }

  /// The numbers 0 ..< `count` in random order: PyTorch's `randperm`.
  public func permutation(_ count: Int) -> [Int64] {
    if count < 0 {
      fail("randperm", "asked for \(count) numbers.")
    }
    Shape([count]).checkIsPossible(.int64, in: "randperm")
    return [Int64](unsafeUninitializedCapacity: count) { buffer, initializedCount in
      fillPermutation(UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
      initializedCount = count
    }
  }
}
