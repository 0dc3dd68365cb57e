extension Generator {
  /// Fills `values` with numbers spread evenly over [from, to), bit for bit those of PyTorch's `rand` and `uniform_`.
  ///
  /// `from` must not be greater than `to`. Rounding may give `to` itself, as it may in PyTorch.
  public func fillUniform(_ values: UnsafeMutableBufferPointer<Float>, from: Double = 0, to: Double = 1) {
    checkUniform(from, to)
    let (start, width) = (Float(from), Float(to) - Float(from))
    if !width.isFinite { fail("uniform", "the range \(from) to \(to) is wider than float32 can say.") }
    for i in values.indices {
      values[i] = twister.nextFloat()
    }
    if start == 0 && width == 1 { return }
    for i in values.indices {
      // One rounding instead of two: PyTorch's kernels are compiled to fused multiply-add.
      values[i] = start.addingProduct(values[i], width)
    }
  }

  /// Fills `values` with numbers spread evenly over [from, to), bit for bit those of PyTorch's `rand` and `uniform_`.
  ///
  /// `from` must not be greater than `to`. Rounding may give `to` itself, as it may in PyTorch.
  public func fillUniform(_ values: UnsafeMutableBufferPointer<Double>, from: Double = 0, to: Double = 1) {
    checkUniform(from, to)
    let width = to - from
    for i in values.indices {
      values[i] = from.addingProduct(twister.nextDouble(), width)
    }
  }

  private func checkUniform(_ from: Double, _ to: Double) {
    drawsOnCPU("uniform")
    // `!(from <= to)` rather than `from > to`, so that NaN is refused as well.
    if !(from <= to) || !(to - from).isFinite {
      fail("uniform", "the range \(from) to \(to) is not one: give two finite numbers, the smaller first.")
    }
  }

  /// Fills `values` with 1 (probability `probability`) and 0, as Dropout wants it.
  ///
  /// The numbers are PyTorch's `bernoulli_(p)`: a Double uniform over [0, 1) is drawn, and gives 1 where it is less than
  /// p. On Intel processors, and only there, PyTorch takes them from a generator of Intel's MKL instead.
  public func fillBernoulli(_ values: UnsafeMutableBufferPointer<Float>, probability: Double) {
    let limit = bernoulliLimit(probability)
    for i in values.indices {
      values[i] = Float(twister.nextIsBelow(limit))
    }
  }

  /// Fills `values` with 1 (probability `probability`) and 0, as Dropout wants it. See the one for Float.
  public func fillBernoulli(_ values: UnsafeMutableBufferPointer<Double>, probability: Double) {
    let limit = bernoulliLimit(probability)
    for i in values.indices {
      values[i] = Double(twister.nextIsBelow(limit))
    }
  }

  /// The probability as a limit for the 53 bits that a Double is made of. Scaling by 2⁵³ is exact, and a whole number is
  /// less than p · 2⁵³ where it is less than the next whole number up.
  private func bernoulliLimit(_ probability: Double) -> UInt64 {
    drawsOnCPU("bernoulli")
    if !(0...1).contains(probability) {
      fail("bernoulli", "the probability is \(probability); it must lie between 0 and 1.")
    }
    return UInt64((probability * 0x1p53).rounded(.up))
  }
}
