#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// NumPy's random numbers: those that `np.random.seed` and `np.random.randn` give, bit for bit.
///
/// ```swift
/// let random = NumPyGenerator(seed: 0)       // np.random.seed(0)
/// let x = random.randn(64, 784)              // np.random.randn(64, 784), as 64 · 784 numbers in a row
/// ```
///
/// It shares the Mersenne Twister with ``Generator``, and nothing else: NumPy makes numbers out of the bits in another way.
public final class NumPyGenerator {
  private var twister: MersenneTwister
  private var spareNormal: Double?

  /// Starts the stream of `np.random.seed(seed)`. As there, the seed lies between 0 and 2³² - 1.
  public init(seed: Int) {
    guard let seed = UInt32(exactly: seed) else {
      fail("NumPyGenerator", "the seed is \(seed); NumPy takes one from 0 to \(UInt32.max).")
    }
    twister = MersenneTwister(seed: seed)
  }

  /// Numbers spread evenly over [0, 1), as many as the product of `sizes`, row after row: `np.random.rand`.
  public func rand(_ sizes: Int...) -> [Double] {
    let count = elementCount("rand", sizes)
    return [Double](unsafeUninitializedCapacity: count) { values, initializedCount in
      for i in 0..<count {
        values[i] = nextDouble()
      }
      initializedCount = count
    }
  }

  /// Numbers of the standard normal distribution, as many as the product of `sizes`, row after row: `np.random.randn`.
  public func randn(_ sizes: Int...) -> [Double] {
    let count = elementCount("randn", sizes)
    return [Double](unsafeUninitializedCapacity: count) { values, initializedCount in
      for i in 0..<count {
        values[i] = nextNormal()
      }
      initializedCount = count
    }
  }

  /// 53 bits out of two draws, the high ones of each. PyTorch takes the low ones.
  @inline(__always)
  private func nextDouble() -> Double {
    let high = twister.next() &>> 5
    let low = twister.next() &>> 6
    return (Double(high) * 0x1p26 + Double(low)) * 0x1p-53
  }

  /// The polar method (G. Marsaglia and T. Bray, 1964): a random point of the square that lies within the unit circle
  /// gives two normal numbers, without a sine or cosine. NumPy hands out the second coordinate first.
  @inline(__always)
  private func nextNormal() -> Double {
    if let spare = spareNormal {
      spareNormal = nil
      return spare
    }
    while true {
      let x = 2 * nextDouble() - 1
      let y = 2 * nextDouble() - 1
      let squaredRadius = x * x + y * y
      if squaredRadius < 1 && squaredRadius != 0 {
        let factor = (-2 * log(squaredRadius) / squaredRadius).squareRoot()
        spareNormal = factor * x
        return factor * y
      }
    }
  }

  private func elementCount(_ operation: String, _ sizes: [Int]) -> Int {
    if sizes.contains(where: { $0 < 0 }) {
      fail(operation, "the sizes are \(sizes); none may be negative.")
    }
    let shape = Shape(sizes)
    shape.checkIsPossible(.float64, in: operation)
    return shape.elementCount
  }
}
