import Kindling

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

// Schedules in the form that multiplies what is there, so that two of them can be used side by side. Each says what the rate
// η is after t steps, from the first rate η₀, where it is the only one.

/// η = η₀ γ^⌊t / stepSize⌋: the rate falls by a factor every so many epochs.
public final class StepLR: LRScheduler {
  /// After how many epochs the rate falls.
  public private(set) var stepSize: Int
  /// γ: the factor.
  public private(set) var gamma: Double

  /// A schedule that multiplies the rates by `gamma` every `stepSize` epochs.
  public init(_ optimizer: Optimizer, stepSize: Int, gamma: Double = 0.1, lastEpoch: Int = -1) {
    (self.stepSize, self.gamma) = (stepSize, gamma)
    super.init(optimizer, lastEpoch: lastEpoch)
  }

  /// The rates for this epoch.
  public override func getLR() -> [Double] {
    if lastEpoch == 0 || lastEpoch % stepSize != 0 { return learningRates }
    return learningRates.map { $0 * gamma }
  }

  override var problem: String? {
    if stepSize < 1 { return "a stepSize of \(stepSize); it must be 1 or more" }
    return factorProblem("gamma", gamma) ?? super.problem
  }

  override var fields: [ScheduleField] {
    super.fields + [.init("step_size", self, \StepLR.stepSize), .init("gamma", self, \StepLR.gamma)]
  }
}

/// η = η₀ γ^n, where n of the milestones have been reached: the rate falls by a factor at certain epochs.
public final class MultiStepLR: LRScheduler {
  /// The epochs at which the rate falls, in order; at one that is there twice, twice.
  public private(set) var milestones: [Int]
  /// γ: the factor.
  public private(set) var gamma: Double

  /// A schedule that multiplies the rates by `gamma` at each of the milestones.
  public init(_ optimizer: Optimizer, milestones: [Int], gamma: Double = 0.1, lastEpoch: Int = -1) {
    (self.milestones, self.gamma) = (milestones.sorted(), gamma)
    super.init(optimizer, lastEpoch: lastEpoch)
  }

  /// The rates for this epoch.
  public override func getLR() -> [Double] {
    let times = milestones.count { $0 == lastEpoch }
    return times == 0 ? learningRates : learningRates.map { $0 * pow(gamma, times) }
  }

  override var problem: String? { factorProblem("gamma", gamma) ?? super.problem }

  /// The milestones are saved as one list; in PyTorch they are a `Counter`.
  override var fields: [ScheduleField] {
    super.fields + [.init("milestones", self, \MultiStepLR.milestones), .init("gamma", self, \MultiStepLR.gamma)]
  }
}

/// η = η₀ γᵗ: the rate falls by a factor every epoch.
public final class ExponentialLR: LRScheduler {
  /// γ: the factor.
  public private(set) var gamma: Double

  /// A schedule that multiplies the rates by `gamma` every epoch.
  public init(_ optimizer: Optimizer, gamma: Double, lastEpoch: Int = -1) {
    self.gamma = gamma
    super.init(optimizer, lastEpoch: lastEpoch)
  }

  /// The rates for this epoch.
  public override func getLR() -> [Double] { isInitial ? learningRates : learningRates.map { $0 * gamma } }

  override var problem: String? { factorProblem("gamma", gamma) ?? super.problem }

  override var fields: [ScheduleField] { super.fields + [.init("gamma", self, \ExponentialLR.gamma)] }
}

/// η = η₀ f(t), where f is a function of your own: a start with small steps and a fall along a cosine, for example.
public final class LambdaLR: LRScheduler {
  private let factor: (Int) -> Double

  /// A schedule by a function of the epoch, or of the step if that is what the schedule counts: 0 at first.
  ///
  /// A state dict does not have the function: go on with the same.
  public init(_ optimizer: Optimizer, lastEpoch: Int = -1, _ lrLambda: @escaping (_ epoch: Int) -> Double) {
    factor = lrLambda
    super.init(optimizer, lastEpoch: lastEpoch)
  }

  /// The rates for this epoch: the first ones, times the factor.
  public override func getLR() -> [Double] { baseLearningRates.map { $0 * factor(lastEpoch) } }
}

/// η = η₀ f, where f goes in a straight line from `startFactor` to `endFactor` in `totalIters` epochs, and stays there: for a
/// start with small steps.
public final class LinearLR: LRScheduler {
  /// f at the start.
  public private(set) var startFactor: Double
  /// f at the end.
  public private(set) var endFactor: Double
  /// How many epochs it takes from one to the other.
  public private(set) var totalIters: Int

  /// A schedule along a straight line.
  public init(
    _ optimizer: Optimizer, startFactor: Double = 1.0 / 3, endFactor: Double = 1, totalIters: Int = 5,
    lastEpoch: Int = -1
  ) {
    (self.startFactor, self.endFactor, self.totalIters) = (startFactor, endFactor, totalIters)
    super.init(optimizer, lastEpoch: lastEpoch)
  }

  /// The rates for this epoch: those before, times f(t) / f(t - 1).
  public override func getLR() -> [Double] {
    if lastEpoch == 0 { return learningRates.map { $0 * startFactor } }
    if isInitial || lastEpoch > totalIters { return learningRates }
    let rise = endFactor - startFactor
    let growth = 1 + rise / (Double(totalIters) * startFactor + Double(lastEpoch - 1) * rise)
    return learningRates.map { $0 * growth }
  }

  override var problem: String? {
    if !(startFactor > 0 && startFactor <= 1) {
      return "a startFactor of \(startFactor); it must be above 0 and 1 or less"
    }
    if !(0...1).contains(endFactor) { return "an endFactor of \(endFactor); it must be 0 to 1" }
    return totalIters < 0 ? "\(totalIters) totalIters; there must be 0 or more" : super.problem
  }

  override var fields: [ScheduleField] {
    super.fields + [
      .init("start_factor", self, \LinearLR.startFactor), .init("end_factor", self, \LinearLR.endFactor),
      .init("total_iters", self, \LinearLR.totalIters),
    ]
  }
}

/// η = η_min + (η₀ - η_min) (1 + cos(π t / tMax)) / 2: half a wave down in `tMax` epochs, and up again if it goes on.
///
/// Source: Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts", arXiv:1608.03983.
public final class CosineAnnealingLR: LRScheduler {
  /// How many epochs half a wave takes.
  public private(set) var tMax: Int
  /// η_min: the lowest rate.
  public private(set) var etaMin: Double

  /// A schedule along a cosine.
  public init(_ optimizer: Optimizer, tMax: Int, etaMin: Double = 0, lastEpoch: Int = -1) {
    (self.tMax, self.etaMin) = (tMax, etaMin)
    super.init(optimizer, lastEpoch: lastEpoch)
  }

  /// The rates for this epoch: those before, times the ratio of the two heights above the lowest rate.
  public override func getLR() -> [Double] {
    if isInitial { return learningRates }
    func height(_ t: Int) -> Double { 1 + cos(.pi * Double(t) / Double(tMax)) }
    if stepCount == 1 && lastEpoch > 0 {
      return baseLearningRates.map { etaMin + ($0 - etaMin) * (1 + cos(Double(lastEpoch) * .pi / Double(tMax))) / 2 }
    }
    if (lastEpoch - 1 - tMax) % (2 * tMax) == 0 {  // the height before is 0, and a ratio to it none
      return zip(baseLearningRates, learningRates).map { base, rate in
        rate + (base - etaMin) * (1 - cos(.pi / Double(tMax))) / 2
      }
    }
    return learningRates.map { height(lastEpoch) / height(lastEpoch - 1) * ($0 - etaMin) + etaMin }
  }

  override var problem: String? {
    if tMax < 1 { return "a tMax of \(tMax); it must be 1 or more" }
    return factorProblem("etaMin", etaMin) ?? super.problem
  }

  override var fields: [ScheduleField] {
    super.fields + [.init("T_max", self, \CosineAnnealingLR.tMax), .init("eta_min", self, \CosineAnnealingLR.etaMin)]
  }
}

/// What is wrong with a factor or a rate; nil if nothing is.
func factorProblem(_ name: String, _ value: Double) -> String? {
  value >= 0 && value.isFinite ? nil : "\(name) is \(value), and must be 0 or more"
}
