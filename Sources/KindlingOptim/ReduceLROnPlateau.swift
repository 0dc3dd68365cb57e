import Kindling

/// Lowers the rates by a factor where a number, such as the loss on held-out samples, has not improved for some epochs.
///
/// ```swift
/// let schedule = ReduceLROnPlateau(optimizer, patience: 5)
/// schedule.step(validationLoss)
/// ```
public final class ReduceLROnPlateau: LRScheduler {
  /// Which way is better.
  public enum Mode: Sendable {
    /// The number is to fall, as a loss.
    case min
    /// The number is to rise, as an accuracy.
    case max
  }

  /// By how much a number must be better than the best to count.
  public enum ThresholdMode: Sendable {
    /// By a share of the best.
    case rel
    /// By an amount.
    case abs
  }

  /// Which way is better.
  public let mode: Mode
  /// How `threshold` is meant.
  public let thresholdMode: ThresholdMode
  /// What the rates are multiplied by.
  public private(set) var factor: Double
  /// How many epochs without improvement are let pass.
  public private(set) var patience: Int
  /// By how much a number must be better than the best to count.
  public private(set) var threshold: Double
  /// For how many epochs after a fall nothing is counted.
  public private(set) var cooldown: Int
  /// Below which the rates do not fall, group by group.
  public private(set) var minLearningRates: [Double]
  /// A fall that is not greater than this is left out.
  public private(set) var eps: Double
  /// The best number so far.
  public private(set) var best: Double
  /// The lowest rate of all groups, also of those that are added later; nil if each has its own.
  private var commonMinimum: Double?
  private var badEpochs = 0
  private var cooldownCounter = 0

  /// A schedule that watches a number.
  public convenience init(
    _ optimizer: Optimizer, mode: Mode = .min, factor: Double = 0.1, patience: Int = 10, threshold: Double = 1e-4,
    thresholdMode: ThresholdMode = .rel, cooldown: Int = 0, minLR: Double = 0, eps: Double = 1e-8
  ) {
    let count = LRScheduler.groups(of: optimizer, Self.self).groupCount
    self.init(
      optimizer, mode: mode, factor: factor, patience: patience, threshold: threshold, thresholdMode: thresholdMode,
      cooldown: cooldown, minLR: Array(repeating: minLR, count: count), eps: eps)
    commonMinimum = minLR
  }

  /// The same with a lowest rate for each group.
  public init(
    _ optimizer: Optimizer, mode: Mode = .min, factor: Double = 0.1, patience: Int = 10, threshold: Double = 1e-4,
    thresholdMode: ThresholdMode = .rel, cooldown: Int = 0, minLR: [Double], eps: Double = 1e-8
  ) {
    (self.mode, self.factor, self.patience, self.threshold) = (mode, factor, patience, threshold)
    (self.thresholdMode, self.cooldown, minLearningRates, self.eps) = (thresholdMode, cooldown, minLR, eps)
    best = mode == .min ? .infinity : -.infinity
    super.init(unstarted: optimizer)
  }

  /// Ends the program: it must be told the number that is watched, `step(validationLoss)`.
  public override func step() { fail(typeName, "step() says nothing of what is watched; call step(validationLoss)") }

  /// Goes on by one epoch, in which the number that is watched was `metric`.
  public func step(_ metric: Double) {
    lastEpoch += 1
    if isBetter(metric) {
      best = metric
      badEpochs = 0
    } else {
      badEpochs += 1
    }
    if cooldownCounter > 0 {
      cooldownCounter -= 1
      badEpochs = 0
    }
    if badEpochs > patience {
      reduce()
      cooldownCounter = cooldown
      badEpochs = 0
    }
    lastLearningRates = learningRates
  }

  private func isBetter(_ metric: Double) -> Bool {
    switch (mode, thresholdMode) {
    case (.min, .rel): metric < best * (1 - threshold)
    case (.min, .abs): metric < best - threshold
    case (.max, .rel): metric > best * (1 + threshold)
    case (.max, .abs): metric > best + threshold
    }
  }

  private func reduce() {
    if let commonMinimum { minLearningRates = Array(repeating: commonMinimum, count: groups.groupCount) }
    if minLearningRates.count != groups.groupCount {
      fail(
        typeName,
        "\(minLearningRates.count) lowest rates for \(groups.groupCount) groups of parameters; make the schedule after the "
          + "last group was added")
    }
    for (g, old) in learningRates.enumerated() {
      let new = Swift.max(old * factor, minLearningRates[g])
      if old - new > eps { groups.setNumber("lr", ofGroup: g, to: new) }
    }
  }

  override var problem: String? {
    if !(factor < 1 && factor >= 0) { return "a factor of \(factor); it must be 0 or more and less than 1" }
    if patience < 0 || cooldown < 0 || cooldownCounter < 0 || badEpochs < 0 {
      return "a patience of \(patience) and a cooldown of \(cooldown); neither can be negative"
    }
    if minLearningRates.count != groups.groupCount {
      return "\(minLearningRates.count) lowest rates for \(groups.groupCount) groups of parameters"
    }
    return minLearningRates.lazy.compactMap { factorProblem("minLR", $0) }.first ?? super.problem
  }

  /// Without `base_lrs` and `_step_count`, which PyTorch's has not either.
  override var fields: [ScheduleField] {
    [
      .init("factor", self, \ReduceLROnPlateau.factor), .init("patience", self, \ReduceLROnPlateau.patience),
      .init("threshold", self, \ReduceLROnPlateau.threshold), .init("cooldown", self, \ReduceLROnPlateau.cooldown),
      .init("min_lrs", self, \ReduceLROnPlateau.minLearningRates), .init("eps", self, \ReduceLROnPlateau.eps),
      .init("best", self, \ReduceLROnPlateau.best), .init("num_bad_epochs", self, \ReduceLROnPlateau.badEpochs),
      .init("cooldown_counter", self, \ReduceLROnPlateau.cooldownCounter),
      .init("last_epoch", self, \LRScheduler.lastEpoch), .init("_last_lr", self, \LRScheduler.lastLearningRates),
    ]
  }
}
