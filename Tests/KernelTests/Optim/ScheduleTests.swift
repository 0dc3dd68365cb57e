import Foundation
import Kindling
import KindlingOptim
import TestSupport
import Testing

/// Every schedule, 50 steps, against PyTorch's learning rates and momenta after each.
/// Tests/Reference/tables/schedules.py has a row of the same name.
@Suite struct ScheduleTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let name: String
    var usesAdam = false
    let make: @Sendable (Optimizer) -> [LRScheduler]

    var testDescription: String { name }
  }

  struct Run: Decodable, Sendable {
    let rates: [[Double]]
    let momenta: [[Double]]
    let notes: [String: [Double]]
    let state: [String: [Double]]
  }

  static let reference = ReferenceFile.rows("schedules.json", of: Run.self)

  static let rows: [Row] = falling + cycles + plateaus + sequences + together

  static let falling: [Row] = [
    Row(name: "StepLR") { o in [StepLR(o, stepSize: 10)] },
    Row(name: "StepLR, every step") { o in [StepLR(o, stepSize: 1, gamma: 0.9)] },
    Row(name: "MultiStepLR") { o in [MultiStepLR(o, milestones: [5, 20, 35])] },
    Row(name: "MultiStepLR, out of order and twice") { o in [MultiStepLR(o, milestones: [30, 7, 7, 0], gamma: 0.5)] },
    Row(name: "ExponentialLR") { o in [ExponentialLR(o, gamma: 0.95)] },
    Row(name: "CosineAnnealingLR") { o in [CosineAnnealingLR(o, tMax: 50)] },
    Row(name: "CosineAnnealingLR, up again") { o in [CosineAnnealingLR(o, tMax: 7, etaMin: 0.005)] },
    Row(name: "CosineAnnealingLR, of one epoch") { o in [CosineAnnealingLR(o, tMax: 1, etaMin: 0.001)] },
    Row(name: "LambdaLR") { o in [LambdaLR(o) { t in t < 10 ? Double(t + 1) / 10 : 1 / Double(t - 9) }] },
    Row(name: "LinearLR") { o in [LinearLR(o)] },
    Row(name: "LinearLR, down") { o in [LinearLR(o, startFactor: 1, endFactor: 0.1, totalIters: 30)] },
  ]

  static let cycles: [Row] = [
    Row(name: "OneCycleLR") { o in [OneCycleLR(o, maxLR: 1, totalSteps: 51)] },
    Row(name: "OneCycleLR, epochs", usesAdam: true) { o in
      [OneCycleLR(o, maxLR: [1, 0.5], epochs: 6, stepsPerEpoch: 10)]
    },
    Row(name: "OneCycleLR, three phases") { o in [OneCycleLR(o, maxLR: 1, totalSteps: 60, threePhase: true)] },
    Row(name: "OneCycleLR, straight lines", usesAdam: true) { o in
      [
        OneCycleLR(
          o, maxLR: 0.5, totalSteps: 55, pctStart: 0.2, annealStrategy: .linear, baseMomentum: 0.7, maxMomentum: 0.9)
      ]
    },
    Row(name: "OneCycleLR, no momentum") { o in
      [OneCycleLR(o, maxLR: 0.5, totalSteps: 55, cycleMomentum: false, divFactor: 10, finalDivFactor: 100)]
    },
  ]

  static let plateaus: [Row] = [
    Row(name: "ReduceLROnPlateau") { o in [ReduceLROnPlateau(o)] },
    Row(name: "ReduceLROnPlateau, patience") { o in [ReduceLROnPlateau(o, factor: 0.5, patience: 2)] },
    Row(name: "ReduceLROnPlateau, cooldown and minimum") { o in
      [ReduceLROnPlateau(o, factor: 0.5, patience: 1, cooldown: 4, minLR: [0.02, 0.001])]
    },
    Row(name: "ReduceLROnPlateau, an amount") { o in
      [ReduceLROnPlateau(o, patience: 0, threshold: 0.3, thresholdMode: .abs, eps: 1e-4)]
    },
    Row(name: "ReduceLROnPlateau, upwards") { o in
      [ReduceLROnPlateau(o, mode: .max, patience: 4, threshold: 0.01)]
    },
  ]

  static let sequences: [Row] = [
    Row(name: "SequentialLR") { o in
      [
        SequentialLR(
          o,
          schedulers: [
            LinearLR(o, startFactor: 0.1, totalIters: 8), CosineAnnealingLR(o, tMax: 40, etaMin: 0.001),
          ], milestones: [8])
      ]
    },
    Row(name: "SequentialLR, of every kind", usesAdam: true) { o in
      [
        SequentialLR(
          o,
          schedulers: [
            StepLR(o, stepSize: 2, gamma: 0.5), MultiStepLR(o, milestones: [3, 5]), ExponentialLR(o, gamma: 0.9),
            ExponentialLR(o, gamma: 0.5), LambdaLR(o) { t in 1 / Double(t + 1) }, LinearLR(o, totalIters: 7),
          ], milestones: [6, 15, 20, 20, 33])
      ]
    },
    Row(name: "SequentialLR, from the second") { o in
      [SequentialLR(o, schedulers: [StepLR(o, stepSize: 2), ExponentialLR(o, gamma: 0.8)], milestones: [0])]
    },
  ]

  static let together: [Row] = [
    Row(name: "two side by side") { o in
      [LinearLR(o, startFactor: 0.25, totalIters: 8), StepLR(o, stepSize: 10, gamma: 0.5)]
    },
    Row(name: "one after another") { o in
      ExponentialLR(o, gamma: 0.5).step()
      return [CosineAnnealingLR(o, tMax: 20)]
    },
  ]

  /// Falls, rests, and rises a little. tables/schedules.py has the same line.
  private static func metric(_ step: Int) -> Double { Double(max(8 - step, 2)) / 4 + Double(step % 3) / 1024 }

  /// Either optimizer has two groups, one of them with a rate of its own.
  private static func optimizer(of row: Row) -> Optimizer {
    let groups = [
      ParameterGroup([Tensor.zeros(1, requiresGrad: true)]),
      ParameterGroup([Tensor.zeros(1, requiresGrad: true)], learningRate: 0.01),
    ]
    return row.usesAdam ? Adam(groups, learningRate: 0.1) : SGD(groups, learningRate: 0.1, momentum: 0.5)
  }

  private static func state(_ optimizer: Optimizer) -> [String: Tensor] {
    (optimizer as? SGD)?.stateDict() ?? (optimizer as! Adam).stateDict()
  }

  private static func numbers(_ optimizer: Optimizer, _ key: String) -> [Double] {
    (0..<2).map { state(optimizer)["param_groups.\($0).\(key)"]!.item() }
  }

  private static func step(_ schedule: LRScheduler, _ step: Int) {
    if let plateau = schedule as? ReduceLROnPlateau { plateau.step(metric(step)) } else { schedule.step() }
  }

  /// Both sides compute in double precision, by the same formula: 50 roundings of 1e-16 each.
  private static func areEqual(_ a: [Double], _ b: [Double]) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy { $0 == $1 || abs($0 - $1) <= 1e-14 * abs($1) }
  }

  @Test func everyRowHasItsNumbers() {
    #expect(Set(ScheduleTests.rows.map(\.name)) == Set(ScheduleTests.reference.keys))
  }

  @Test(arguments: rows) func ratesAndMomentaArePyTorchs(_ row: Row) throws {
    let run = try #require(ScheduleTests.reference[row.name]?.first)
    let optimizer = ScheduleTests.optimizer(of: row)
    let schedules = row.make(optimizer)
    for (step, rates) in run.rates.enumerated() {
      if step > 0 { for schedule in schedules { ScheduleTests.step(schedule, step) } }
      let got = ScheduleTests.numbers(optimizer, "lr")
      #expect(ScheduleTests.areEqual(got, rates), "\(row.name), step \(step): \(got), and PyTorch has \(rates)")
      #expect(schedules.last!.getLastLR() == got)
      let momenta = ScheduleTests.numbers(optimizer, row.usesAdam ? "betas.0" : "momentum")
      #expect(ScheduleTests.areEqual(momenta, run.momenta[step]), "\(row.name), step \(step): momenta \(momenta)")
    }
  }

  @Test(arguments: rows) func stateIsPyTorchs(_ row: Row) throws {
    let run = try #require(ScheduleTests.reference[row.name]?.first)
    let optimizer = ScheduleTests.optimizer(of: row)
    let schedules = row.make(optimizer)
    for step in 1..<run.rates.count { for schedule in schedules { ScheduleTests.step(schedule, step) } }
    for (name, values) in run.notes { #expect(ScheduleTests.areEqual(ScheduleTests.numbers(optimizer, name), values)) }
    // What follows from the others PyTorch saves twice.
    let expected = run.state.filter { !["default_min_lr", "mode_worse"].contains($0.key) }
    let got = schedules.last!.stateDict()
    #expect(got.keys.sorted() == expected.keys.sorted())
    for (name, values) in expected { #expect(ScheduleTests.areEqual(got[name]?.toArray() ?? [], values), "\(name)") }
  }

  @Test(arguments: rows, [0, 1, 12, 40]) func aLoadedScheduleGoesOnAsIfNothingHadHappened(_ row: Row, _ stop: Int)
    throws
  {
    let optimizer = ScheduleTests.optimizer(of: row)
    let schedules = row.make(optimizer)
    for step in 1..<stop + 1 { for schedule in schedules { ScheduleTests.step(schedule, step) } }
    let loaded = ScheduleTests.optimizer(of: row)
    let again = row.make(loaded)
    try load(loaded, ScheduleTests.state(optimizer).mapValues { $0.clone() })
    for (new, old) in zip(again, schedules) { try new.load(stateDict: old.stateDict()) }
    for step in stop + 1...50 {
      for schedule in schedules + again { ScheduleTests.step(schedule, step) }
      #expect(ScheduleTests.numbers(optimizer, "lr") == ScheduleTests.numbers(loaded, "lr"))
    }
  }

  private func load(_ optimizer: Optimizer, _ state: [String: Tensor]) throws {
    try (optimizer as? SGD)?.load(stateDict: state)
    try (optimizer as? Adam)?.load(stateDict: state)
  }
}
