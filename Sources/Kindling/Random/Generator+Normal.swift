import Kernels

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

// Two uniform numbers u₁ in (0, 1] and u₂ in [0, 1) make two normal ones (G. Box and M. Muller, 1958): seen as a point of
// the plane, at the distance √(-2 ln u₁) from the middle and at the angle 2π u₂.
//
// PyTorch does this in two ways, and which one decides which numbers come out: 16 elements or more are filled block by
// block, fewer are drawn one by one.
extension Generator {
  /// Fills `values` with numbers that scatter around `mean`: bit for bit those of PyTorch's `randn` and `normal_` in
  /// float32, on an x86-64 processor that has AVX2.
  public func fillNormal(
    _ values: UnsafeMutableBufferPointer<Float>, mean: Double = 0, standardDeviation: Double = 1
  ) {
    checkNormal(mean, standardDeviation)
    if values.count < 16 {
      for i in values.indices {
        values[i] = Float(mean.addingProduct(nextNormal(), standardDeviation))
      }
      return
    }
    let base = values.baseAddress!
    let (mean, deviation) = (Float(mean), Float(standardDeviation))
    for i in values.indices {
      values[i] = twister.nextFloat()
    }
    KindlingNormalBlocks(Int64(values.count / 16), base, mean, deviation)
    // A rest of fewer than 16 makes no block. PyTorch fills the last 16 places anew, the rest among them.
    if values.count % 16 != 0 {
      for i in values.indices.suffix(16) {
        values[i] = twister.nextFloat()
      }
      KindlingNormalBlocks(1, base + values.count - 16, mean, deviation)
    }
  }

  /// Fills `values` with numbers that scatter around `mean`: bit for bit those of PyTorch's `randn` and `normal_` in
  /// float64, on a system whose `log`, `sin` and `cos` are those of PyTorch's.
  public func fillNormal(
    _ values: UnsafeMutableBufferPointer<Double>, mean: Double = 0, standardDeviation: Double = 1
  ) {
    checkNormal(mean, standardDeviation)
    if values.count < 16 {
      for i in values.indices {
        values[i] = mean.addingProduct(nextNormal(), standardDeviation)
      }
      return
    }
    for i in values.indices {
      values[i] = twister.nextDouble()
    }
    for start in stride(from: 0, through: values.count - 16, by: 16) {
      transformBlock(values, start, mean, standardDeviation)
    }
    if values.count % 16 != 0 {
      let start = values.count - 16
      for i in start..<values.count {
        values[i] = twister.nextDouble()
      }
      transformBlock(values, start, mean, standardDeviation)
    }
  }

  /// Turns 16 uniform numbers into 16 normal ones: eight radii, then eight angles; eight cosines, then eight sines. For
  /// Float it is Sources/Kernels/Random/normal.cpp.
  @inline(__always)
  private func transformBlock(
    _ values: UnsafeMutableBufferPointer<Double>, _ start: Int, _ mean: Double, _ deviation: Double
  ) {
    for i in start..<(start &+ 8) {
      let radius = (-2 * log(1 - values[i])).squareRoot()
      let angle = 2 * Double.pi * values[i &+ 8]
      values[i] = mean.addingProduct(radius * cos(angle), deviation)
      values[i &+ 8] = mean.addingProduct(radius * sin(angle), deviation)
    }
  }

  /// One normal number, for the short fills: a pair is made at a time, and its second kept for the next call.
  private func nextNormal() -> Double {
    if let spare = spareNormal {
      spareNormal = nil
      return spare
    }
    let angle = 2 * Double.pi * twister.nextDouble()
    let radius = (-2 * log1p(-twister.nextDouble())).squareRoot()
    spareNormal = radius * sin(angle)
    return radius * cos(angle)
  }

  private func checkNormal(_ mean: Double, _ standardDeviation: Double) {
    drawsOnCPU("normal")
    if !(standardDeviation >= 0) {
      fail("normal", "the standard deviation is \(standardDeviation); it must not be negative.")
    }
  }
}
