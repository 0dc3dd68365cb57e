import Kindling

/// What changes the learning rates of an optimizer from step to step, or from epoch to epoch.
///
/// ```swift
/// let schedule = StepLR(optimizer, stepSize: 30)
/// for epoch in 0..<90 {
///   train()  // calls optimizer.step()
///   schedule.step()
/// }
/// ```
///
/// A schedule that multiplies what is there can be used beside another one: both work on the rates as they are. A group's
/// first rate is noted in the optimizer and saved with it, so that a later schedule starts from it too.
///
/// To go on with a training, make optimizer and schedule as at its beginning, load the optimizer's state dict, and then the
/// schedule's.
///
/// One of your own overrides `getLR()`.
open class LRScheduler {
  /// The optimizer whose rates are set.
  public final let optimizer: Optimizer
  /// How often `step()` has been called.
  public internal(set) final var lastEpoch: Int
  /// The rates that the schedule started from, group by group.
  public internal(set) final var baseLearningRates: [Double]
  final var lastLearningRates: [Double] = []
  final var stepCount = 0
  /// The optimizer as a schedule sees it.
  final let groups: any ScheduledOptimizer
  /// Whether the step is the one that `init` makes, which sets the first rates.
  public private(set) final var isInitial = false

  /// A schedule, which sets the first rates at once.
  ///
  /// - Parameters:
  ///   - optimizer: An optimizer that has groups of parameters, as all of the library's do.
  ///   - lastEpoch: The epoch to go on after, if the optimizer's state dict has been loaded already; -1 to start.
  public init(_ optimizer: Optimizer, lastEpoch: Int = -1) {
    self.optimizer = optimizer
    groups = LRScheduler.groups(of: optimizer, Self.self)
    self.lastEpoch = lastEpoch
    baseLearningRates = []
    baseLearningRates = (0..<groups.groupCount).map { baseLearningRate(ofGroup: $0) }
    if let problem { fail(typeName, problem) }
    begin()
  }

  private func begin() {
    isInitial = true
    step()
    isInitial = false
  }

  /// Begins anew, with the first rates.
  final func restart() {
    (lastEpoch, stepCount) = (-1, 0)
    for (g, rate) in baseLearningRates.enumerated() { groups.setNumber("lr", ofGroup: g, to: rate) }
    begin()
  }

  /// One that sets no first rates and starts from none.
  init(unstarted optimizer: Optimizer) {
    self.optimizer = optimizer
    groups = LRScheduler.groups(of: optimizer, Self.self)
    lastEpoch = 0
    baseLearningRates = []
    lastLearningRates = learningRates
    if let problem { fail(typeName, problem) }
  }

  static func groups(of optimizer: Optimizer, _ type: LRScheduler.Type) -> any ScheduledOptimizer {
    if let groups = optimizer as? any ScheduledOptimizer { return groups }
    fail(
      String(describing: type),
      "\(optimizer.typeName) has no groups of parameters whose learning rate could be set; derive it from GroupedOptimizer"
    )
  }

  private func baseLearningRate(ofGroup g: Int) -> Double {
    if let noted = groups.note(.initialLearningRate, ofGroup: g) { return noted }
    if lastEpoch != -1 {
      fail(typeName, "group \(g) has no initial learning rate to go on from; load the optimizer's state dict first")
    }
    groups.setNote(.initialLearningRate, ofGroup: g, to: learningRates[g])
    return learningRates[g]
  }

  /// The name of the class.
  final var typeName: String { String(describing: type(of: self)) }

  // MARK: Stepping

  /// The learning rates that the groups now have.
  public final var learningRates: [Double] { (0..<groups.groupCount).map { groups.number("lr", ofGroup: $0)! } }

  /// The rates for `lastEpoch`, group by group, from `learningRates`, those of the epoch before. A subclass says which.
  open func getLR() -> [Double] { fail(typeName, "it does not say what the rates are; override getLR()") }

  /// Goes on by one epoch, or by one batch if that is what the schedule counts. Call it after `optimizer.step()`.
  open func step() {
    stepCount += 1
    lastEpoch += 1
    let rates = getLR()
    if rates.count != groups.groupCount {
      fail(
        typeName,
        "\(rates.count) rates for \(groups.groupCount) groups of parameters; make the schedule after the last group was added"
      )
    }
    for (g, rate) in rates.enumerated() { groups.setNumber("lr", ofGroup: g, to: rate) }
    lastLearningRates = learningRates
  }

  /// The rates that the schedule set last, group by group.
  public final func getLastLR() -> [Double] { lastLearningRates }

  // MARK: Saving and loading

  /// What is wrong with the options or with where the schedule stands; nil if nothing is.
  var problem: String? { nil }

  /// What is saved, and how it is read and set.
  var fields: [ScheduleField] {
    [
      .init("base_lrs", self, \LRScheduler.baseLearningRates), .init("last_epoch", self, \LRScheduler.lastEpoch),
      .init("_step_count", self, \LRScheduler.stepCount), .init("_last_lr", self, \LRScheduler.lastLearningRates),
    ]
  }

  /// What PyTorch saves besides: it follows from the rest, or from how the schedule was made.
  private static let leftOut: Set = [
    "_is_initial", "_get_lr_called_within_step", "cycle_momentum", "use_beta1", "mode_worse", "default_min_lr",
  ]

  /// All that the schedule would need to go on, under PyTorch's names: `last_epoch`, `_last_lr`, `base_lrs`, and options
  /// that are numbers, such as `step_size`.
  open func stateDict() -> [String: Tensor] {
    Dictionary(uniqueKeysWithValues: fields.map { ($0.key, $0.entry()) })
  }

  /// Takes over options and counts from `stateDict`: `load_state_dict` of PyTorch. The optimizer's rates are left to its own.
  ///
  /// - Throws: `KindlingError` if it is not that of a schedule of this kind with as many groups. Nothing is taken over then.
  open func load(stateDict: [String: Tensor]) throws {
    let before = fields.map { ($0, $0.entry()) }
    do {
      for field in fields {
        guard let entry = stateDict[field.key] else { throw KindlingError("\(field.key) is missing") }
        try field.set(entry)
      }
      if let problem { throw KindlingError(problem) }
      let known = Set(fields.map(\.key))
      func isLeftOut(_ key: String) -> Bool {
        LRScheduler.leftOut.contains(String(key.split(separator: ".").last ?? ""))
      }
      if let stranger = stateDict.keys.filter({ !known.contains($0) && !isLeftOut($0) }).min() {
        throw KindlingError("there is no place for \(stranger)")
      }
    } catch let error as KindlingError {
      for (field, entry) in before { try! field.set(entry) }
      throw KindlingError("this state dict does not fit \(typeName): \(error.description)")
    }
  }
}

/// What schedules note of a group, under PyTorch's names.
enum ScheduleNote: String, CaseIterable {
  case initialLearningRate = "initial_lr"
  case maxLearningRate = "max_lr"
  case minLearningRate = "min_lr"
  case maxMomentum = "max_momentum"
  case baseMomentum = "base_momentum"
}

/// An optimizer as a schedule sees it, whatever its rule: groups with numbers, which go by PyTorch's names.
protocol ScheduledOptimizer: Optimizer {
  var groupCount: Int { get }
  /// An option such as `lr`; nil if the rule has none of that name.
  func number(_ key: String, ofGroup g: Int) -> Double?
  func setNumber(_ key: String, ofGroup g: Int, to value: Double)
  func note(_ note: ScheduleNote, ofGroup g: Int) -> Double?
  func setNote(_ note: ScheduleNote, ofGroup g: Int, to value: Double)
}

/// Something that a schedule saves: its name in PyTorch, and how it is read and set.
struct ScheduleField {
  var key: String
  let entry: () -> Tensor
  let set: (Tensor) throws -> Void

  /// A real number.
  init<S: LRScheduler>(_ key: String, _ schedule: S, _ path: ReferenceWritableKeyPath<S, Double>) {
    self.key = key
    entry = { Tensor(schedule[keyPath: path], dtype: .float64) }
    set = { schedule[keyPath: path] = try ScheduleField.numbers(key, $0, count: 1)[0] }
  }

  /// A whole number.
  init<S: LRScheduler>(_ key: String, _ schedule: S, _ path: ReferenceWritableKeyPath<S, Int>) {
    self.key = key
    entry = { Tensor(schedule[keyPath: path]) }
    set = { schedule[keyPath: path] = try ScheduleField.whole(key, ScheduleField.numbers(key, $0, count: 1)[0]) }
  }

  /// As many real numbers as there are.
  init<S: LRScheduler>(_ key: String, _ schedule: S, _ path: ReferenceWritableKeyPath<S, [Double]>) {
    self.key = key
    entry = { Tensor(schedule[keyPath: path], dtype: .float64) }
    set = { schedule[keyPath: path] = try ScheduleField.numbers(key, $0, count: schedule[keyPath: path].count) }
  }

  /// Any number of whole numbers.
  init<S: LRScheduler>(_ key: String, _ schedule: S, _ path: ReferenceWritableKeyPath<S, [Int]>) {
    self.key = key
    entry = { Tensor(schedule[keyPath: path], shape: [schedule[keyPath: path].count]) }
    set = { schedule[keyPath: path] = try $0.toArray().map { try ScheduleField.whole(key, $0) } }
  }

  /// The same of a schedule within another.
  func prefixed(_ prefix: String) -> ScheduleField {
    var copy = self
    copy.key = prefix + key
    return copy
  }

  private static func numbers(_ key: String, _ entry: Tensor, count: Int) throws -> [Double] {
    if entry.elementCount != count {
      throw KindlingError("\(key) has \(entry.elementCount) numbers, and should have \(count)")
    }
    return entry.toArray()
  }

  private static func whole(_ key: String, _ number: Double) throws -> Int {
    guard number.magnitude <= 0x1p53, number == number.rounded() else {
      throw KindlingError("\(key) is \(number), and should be a whole number")
    }
    return Int(number)
  }
}
