import Kindling

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// One cycle over a whole training: the rate rises from a small one to `maxLR` and falls to nearly nothing, while the momentum
/// falls and rises. It counts batches: call `step()` after each.
///
/// Source: Smith and Topin, "Super-convergence: very fast training of neural networks using large learning rates",
/// arXiv:1708.07120.
public final class OneCycleLR: LRScheduler {
  /// How a number gets from one value to another.
  public enum AnnealStrategy: Sendable {
    /// Along half a wave of a cosine.
    case cos
    /// In a straight line.
    case linear

    func value(from start: Double, to end: Double, _ share: Double) -> Double {
      switch self {
      case .cos: end + (start - end) / 2 * (cosine(.pi * share) + 1)
      case .linear: (end - start) * share + start
      }
    }
  }

  /// A part of the cycle: where it ends, and between which of a group's noted numbers it leads.
  private struct Phase {
    let end: Double
    let rates: (ScheduleNote, ScheduleNote)
    let momenta: (ScheduleNote, ScheduleNote)
  }

  /// How many steps the cycle has.
  public private(set) var totalSteps: Int
  /// How rates and momenta get from one value to another.
  public let annealStrategy: AnnealStrategy
  /// Whether the momentum goes the other way.
  public let cycleMomentum: Bool
  private let pctStart: Double
  private let phases: [Phase]
  /// PyTorch's name of the option that is the rule's momentum.
  private let momentumKey: String?

  /// A cycle of `totalSteps` steps, or of `epochs` times `stepsPerEpoch`.
  ///
  /// - Parameters:
  ///   - optimizer: An optimizer; one that has a momentum, or Adam's first beta, unless `cycleMomentum` is false.
  ///   - maxLR: The highest rate, of all groups.
  ///   - totalSteps: How many steps the cycle has; the first is made by `init`.
  ///   - epochs: With `stepsPerEpoch`, in the place of `totalSteps`.
  ///   - stepsPerEpoch: How many batches there are.
  ///   - pctStart: The share of the cycle in which the rate rises.
  ///   - annealStrategy: How numbers get from one value to another.
  ///   - cycleMomentum: Whether the momentum goes from `maxMomentum` to `baseMomentum` and back.
  ///   - baseMomentum: The momentum where the rate is highest.
  ///   - maxMomentum: The momentum at start and end.
  ///   - divFactor: The first rate is `maxLR` over this.
  ///   - finalDivFactor: The last rate is the first over this.
  ///   - threePhase: Whether the rate falls as it rose, and to nearly nothing in a third part.
  ///   - lastEpoch: The step to go on after, if the optimizer's state dict has been loaded already; -1 to start.
  public convenience init(
    _ optimizer: Optimizer, maxLR: Double, totalSteps: Int? = nil, epochs: Int? = nil, stepsPerEpoch: Int? = nil,
    pctStart: Double = 0.3, annealStrategy: AnnealStrategy = .cos, cycleMomentum: Bool = true,
    baseMomentum: Double = 0.85, maxMomentum: Double = 0.95, divFactor: Double = 25, finalDivFactor: Double = 1e4,
    threePhase: Bool = false, lastEpoch: Int = -1
  ) {
    let count = LRScheduler.groups(of: optimizer, Self.self).groupCount
    self.init(
      optimizer, maxLR: Array(repeating: maxLR, count: count), totalSteps: totalSteps, epochs: epochs,
      stepsPerEpoch: stepsPerEpoch, pctStart: pctStart, annealStrategy: annealStrategy, cycleMomentum: cycleMomentum,
      baseMomentum: baseMomentum, maxMomentum: maxMomentum, divFactor: divFactor, finalDivFactor: finalDivFactor,
      threePhase: threePhase, lastEpoch: lastEpoch)
  }

  /// The same with a highest rate for each group.
  public init(
    _ optimizer: Optimizer, maxLR: [Double], totalSteps: Int? = nil, epochs: Int? = nil, stepsPerEpoch: Int? = nil,
    pctStart: Double = 0.3, annealStrategy: AnnealStrategy = .cos, cycleMomentum: Bool = true,
    baseMomentum: Double = 0.85, maxMomentum: Double = 0.95, divFactor: Double = 25, finalDivFactor: Double = 1e4,
    threePhase: Bool = false, lastEpoch: Int = -1
  ) {
    let groups = LRScheduler.groups(of: optimizer, Self.self)
    let steps = OneCycleLR.steps(totalSteps, epochs, stepsPerEpoch)
    self.totalSteps = steps
    (self.annealStrategy, self.cycleMomentum, self.pctStart) = (annealStrategy, cycleMomentum, pctStart)
    momentumKey =
      cycleMomentum ? ["betas.0", "momentum"].first { groups.number($0, ofGroup: 0) != nil } : nil
    phases = OneCycleLR.phases(steps, pctStart, threePhase)
    if cycleMomentum && momentumKey == nil {
      fail("OneCycleLR", "\(optimizer.typeName) has no momentum that could be cycled; say cycleMomentum: false")
    }
    if maxLR.count != groups.groupCount {
      fail("OneCycleLR", "\(maxLR.count) highest rates for \(groups.groupCount) groups of parameters")
    }
    if lastEpoch == -1 {
      for (g, rate) in maxLR.enumerated() {
        groups.setNote(.initialLearningRate, ofGroup: g, to: rate / divFactor)
        groups.setNote(.maxLearningRate, ofGroup: g, to: rate)
        groups.setNote(.minLearningRate, ofGroup: g, to: rate / divFactor / finalDivFactor)
        if momentumKey == nil { continue }
        groups.setNote(.maxMomentum, ofGroup: g, to: maxMomentum)
        groups.setNote(.baseMomentum, ofGroup: g, to: baseMomentum)
      }
    }
    super.init(optimizer, lastEpoch: lastEpoch)
  }

  private static func steps(_ total: Int?, _ epochs: Int?, _ stepsPerEpoch: Int?) -> Int {
    if let total { return total }
    guard let epochs, let stepsPerEpoch else {
      fail("OneCycleLR", "it must be told how many steps there are: totalSteps, or epochs and stepsPerEpoch")
    }
    if epochs < 1 || stepsPerEpoch < 1 {
      fail("OneCycleLR", "\(epochs) epochs of \(stepsPerEpoch) steps; there must be 1 or more of each")
    }
    return epochs * stepsPerEpoch
  }

  private static func phases(_ steps: Int, _ pctStart: Double, _ three: Bool) -> [Phase] {
    let rise = pctStart * Double(steps)
    let last = Double(steps - 1)
    let up = Phase(
      end: rise - 1, rates: (.initialLearningRate, .maxLearningRate), momenta: (.maxMomentum, .baseMomentum))
    if !three {
      return [
        up, Phase(end: last, rates: (.maxLearningRate, .minLearningRate), momenta: (.baseMomentum, .maxMomentum)),
      ]
    }
    return [
      up,
      Phase(
        end: 2 * rise - 2, rates: (.maxLearningRate, .initialLearningRate), momenta: (.baseMomentum, .maxMomentum)),
      Phase(end: last, rates: (.initialLearningRate, .minLearningRate), momenta: (.maxMomentum, .maxMomentum)),
    ]
  }

  /// The rates for this step; the momenta are set along with them.
  public override func getLR() -> [Double] {
    if lastEpoch > totalSteps {
      fail("OneCycleLR", "step \(lastEpoch) of a cycle of \(totalSteps)")
    }
    let t = Double(lastEpoch)
    let n = phases.firstIndex { t <= $0.end } ?? phases.count - 1
    let start = n == 0 ? 0 : phases[n - 1].end
    let share = (t - start) / (phases[n].end - start)
    func value(_ g: Int, _ ends: (ScheduleNote, ScheduleNote)) -> Double {
      annealStrategy.value(from: noted(ends.0, g), to: noted(ends.1, g), share)
    }
    return (0..<groups.groupCount).map { g in
      if let momentumKey { groups.setNumber(momentumKey, ofGroup: g, to: value(g, phases[n].momenta)) }
      return value(g, phases[n].rates)
    }
  }

  private func noted(_ note: ScheduleNote, _ g: Int) -> Double {
    if let value = groups.note(note, ofGroup: g) { return value }
    fail("OneCycleLR", "group \(g) has no \(note.rawValue); make the schedule after the last group was added")
  }

  override var problem: String? {
    if totalSteps < 1 { return "\(totalSteps) totalSteps; there must be 1 or more" }
    if !(0...1).contains(pctStart) { return "a pctStart of \(pctStart); it must be 0 to 1" }
    return lastEpoch > totalSteps ? "step \(lastEpoch) of a cycle of \(totalSteps)" : super.problem
  }

  override var fields: [ScheduleField] { super.fields + [.init("total_steps", self, \OneCycleLR.totalSteps)] }
}

/// The system's cosine, by a name that no case of `AnnealStrategy` has.
private func cosine(_ angle: Double) -> Double { cos(angle) }
