import Kindling

/// One schedule after another: each begins, with its first rates, where the milestone before it is reached.
///
/// ```swift
/// let warmUp = LinearLR(optimizer, startFactor: 0.1, totalIters: 5)
/// let fall = CosineAnnealingLR(optimizer, tMax: 45)
/// let schedule = SequentialLR(optimizer, schedulers: [warmUp, fall], milestones: [5])
/// ```
///
/// Only `step()` of this schedule is called then. A state dict has those of the schedules too, as `_schedulers.0.last_epoch`.
public final class SequentialLR: LRScheduler {
  /// The schedules, in their order.
  public let schedulers: [LRScheduler]
  /// The epochs at which all but the first of them begin, in order.
  public private(set) var milestones: [Int]

  /// A sequence of schedules of one optimizer. It sets the rates back to the first ones, and begins.
  ///
  /// Ends the program if a schedule belongs to another optimizer, or is one that another's `step()` cannot call; or if there
  /// is not a milestone between each two of them.
  public init(_ optimizer: Optimizer, schedulers: [LRScheduler], milestones: [Int]) {
    (self.schedulers, self.milestones) = (schedulers, milestones)
    super.init(unstarted: optimizer)
    for schedule in schedulers { schedule.lastEpoch -= 1 }
    current.restart()
    lastLearningRates = learningRates
  }

  /// The schedule whose turn it is.
  private var current: LRScheduler { schedulers[milestones.count { $0 <= lastEpoch }] }

  /// Goes on by one epoch, or by one batch if that is what the schedules count. Call it after `optimizer.step()`.
  public override func step() {
    lastEpoch += 1
    if milestones.contains(lastEpoch) { current.restart() } else { current.step() }
    lastLearningRates = learningRates
  }

  override var problem: String? {
    if let stranger = schedulers.first(where: { $0.optimizer !== optimizer }) {
      return "a \(stranger.typeName) of another optimizer"
    }
    if schedulers.contains(where: { $0 is ReduceLROnPlateau }) {
      return "a ReduceLROnPlateau, whose step must be told a number; use that one beside this schedule"
    }
    if schedulers.contains(where: { $0 is SequentialLR }) {
      return "a SequentialLR in another; put its schedules and milestones into one list"
    }
    if schedulers.isEmpty || milestones.count != schedulers.count - 1 {
      return "\(milestones.count) milestones for \(schedulers.count) schedules; there must be one between each two"
    }
    if milestones != milestones.sorted() || milestones.contains(where: { $0 < 0 }) {
      return "the milestones \(milestones); they must be 0 or more, and in order"
    }
    return schedulers.lazy.compactMap(\.problem).first ?? super.problem
  }

  override var fields: [ScheduleField] {
    let own: [ScheduleField] = [
      .init("_milestones", self, \SequentialLR.milestones), .init("last_epoch", self, \LRScheduler.lastEpoch),
      .init("_last_lr", self, \LRScheduler.lastLearningRates),
    ]
    return schedulers.enumerated().reduce(own) { fields, next in
      fields + next.element.fields.map { $0.prefixed("_schedulers.\(next.offset).") }
    }
  }
}
