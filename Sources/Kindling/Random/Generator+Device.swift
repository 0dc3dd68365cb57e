// Generators that draw on a device, and what any generator is asked for.

extension Generator {
  /// How the numbers are spread that a tensor is filled with.
  package enum Distribution {
    case uniform(from: Double, to: Double)
    case normal(mean: Double, deviation: Double)
    /// 1 or 0; only a generator of the CPU draws them.
    case bernoulli(probability: Double)
  }

  /// Refuses to hand out numbers of the CPU's stream where another was asked for.
  @inline(__always)
  func drawsOnCPU(_ name: StaticString) {
    if device != .cpu {
      fail("\(name)", "the generator draws on \(device); use one of the CPU's, and copy with .to(_:)")
    }
  }
}
