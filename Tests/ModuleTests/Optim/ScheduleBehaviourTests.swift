import Kindling
import KindlingNN
import KindlingOptim
import TestSupport
import Testing

/// What schedules do besides their formulas, which ScheduleTests compares with PyTorch, and groups that come later.
@Suite struct ScheduleBehaviourTests {
  private static func leaf() -> Tensor { Tensor.ones(2, requiresGrad: true) }

  @Test func oneOfYourOwnSaysWhatTheRatesAre() {
    final class Halving: LRScheduler {
      override func getLR() -> [Double] { lastEpoch == 0 ? learningRates : learningRates.map { $0 / 2 } }
    }
    let optimizer = SGD([Self.leaf()], learningRate: 1)
    let schedule = Halving(optimizer)
    for _ in 0..<3 { schedule.step() }
    #expect(optimizer.learningRate == 0.125 && schedule.getLastLR() == [0.125] && schedule.baseLearningRates == [1])
  }

  @Test func goesOnAfterAnEpochOfTheOptimizersState() throws {
    let optimizer = SGD([Self.leaf()], learningRate: 1, momentum: 0.5)
    let schedule = ExponentialLR(optimizer, gamma: 0.5)
    for _ in 0..<3 { schedule.step() }
    let loaded = SGD([Self.leaf()], learningRate: 1, momentum: 0.5)
    try loaded.load(stateDict: optimizer.stateDict())
    let again = ExponentialLR(loaded, gamma: 0.5, lastEpoch: 2)
    #expect(again.lastEpoch == 3 && loaded.learningRate == 0.125 && again.baseLearningRates == [1])
  }

  @Test func aStateThatDoesNotFitChangesNothing() throws {
    let schedule = StepLR(SGD([Self.leaf()], learningRate: 1), stepSize: 3)
    let before = schedule.stateDict().mapValues { $0.toArray() }
    let misfits: [(String, Tensor?, String)] = [
      ("gamma", nil, "gamma is missing"),
      ("step_size", Tensor(0), "a stepSize of 0; it must be 1 or more"),
      ("step_size", Tensor(2.5), "step_size is 2.5, and should be a whole number"),
      ("last_epoch", Tensor(Double.nan), "last_epoch is nan, and should be a whole number"),
      ("base_lrs", Tensor([1.0, 2]), "base_lrs has 2 numbers, and should have 1"),
      ("gamma", Tensor(-1.0), "gamma is -1.0, and must be 0 or more"),
      ("milestones", Tensor([3]), "there is no place for milestones"),
    ]
    for (name, value, problem) in misfits {
      var state = schedule.stateDict()
      state["last_epoch"] = Tensor(7)
      state[name] = value
      #expect(throws: KindlingError("this state dict does not fit StepLR: \(problem)")) {
        try schedule.load(stateDict: state)
      }
      #expect(schedule.stateDict().mapValues { $0.toArray() } == before)
    }
    var whole = schedule.stateDict()
    whole["_is_initial"] = Tensor(false)
    try schedule.load(stateDict: whole)
  }

  // MARK: Groups that come later

  @Test func aLaterGroupHasTheOptimizersOptions() {
    let (w, b) = (Self.leaf(), Self.leaf())
    let optimizer = SGD([w], learningRate: 0.25, momentum: 0.5)
    optimizer.learningRate = 4
    optimizer.addParameterGroup(ParameterGroup([b]))
    #expect(optimizer.groups.count == 2 && optimizer.parameters.count == 2)
    // As in PyTorch: what it was made with, and not what has been set since.
    #expect(optimizer.groups[1].learningRate == 0.25 && optimizer.groups[1].momentum == 0.5)
    b.grad = Tensor.ones(2)
    optimizer.step()
    #expect(b.toArray() == [0.75, 0.75] && w.toArray() == [1, 1])
    optimizer.zeroGrad()
    #expect(b.grad == nil)
    optimizer.addParameterGroup(ParameterGroup([Self.leaf()], learningRate: 2))
    #expect(optimizer.groups[2].learningRate == 2 && optimizer.stateDict()["param_groups.2.params"]!.toArray() == [2])
  }

  @Test func aScheduleTakesALaterGroupAlong() {
    let optimizer = SGD([Self.leaf()], learningRate: 1)
    let (step, plateau) = (StepLR(optimizer, stepSize: 1), ReduceLROnPlateau(optimizer, factor: 0.5, patience: 0))
    optimizer.addParameterGroup(ParameterGroup([Self.leaf()], learningRate: 0.5))
    step.step()
    #expect(step.getLastLR() == [0.1, 0.05])
    plateau.step(1)
    plateau.step(2)
    #expect(plateau.getLastLR() == [0.05, 0.025])
  }

  static let mistakes: [Mistake] = [
    .init("StepLR: a stepSize of 0; it must be 1 or more") { _ = StepLR(SGD([leaf()]), stepSize: 0) },
    .init("ExponentialLR: gamma is nan, and must be 0 or more") { _ = ExponentialLR(SGD([leaf()]), gamma: .nan) },
    .init("LinearLR: a startFactor of 0.0; it must be above 0 and 1 or less") {
      _ = LinearLR(SGD([leaf()]), startFactor: 0)
    },
    .init("LinearLR: an endFactor of 1.5; it must be 0 to 1") { _ = LinearLR(SGD([leaf()]), endFactor: 1.5) },
    .init("CosineAnnealingLR: a tMax of 0; it must be 1 or more") { _ = CosineAnnealingLR(SGD([leaf()]), tMax: 0) },
    .init("StepLR: group 0 has no initial learning rate to go on from; load the optimizer's state dict first") {
      _ = StepLR(SGD([leaf()]), stepSize: 1, lastEpoch: 4)
    },
    .init("OneCycleLR: it must be told how many steps there are: totalSteps, or epochs and stepsPerEpoch") {
      _ = OneCycleLR(SGD([leaf()], momentum: 0.5), maxLR: 1)
    },
    .init("OneCycleLR: a pctStart of 2.0; it must be 0 to 1") {
      _ = OneCycleLR(SGD([leaf()], momentum: 0.5), maxLR: 1, totalSteps: 9, pctStart: 2)
    },
    .init("OneCycleLR: Adagrad has no momentum that could be cycled; say cycleMomentum: false") {
      _ = OneCycleLR(Adagrad([leaf()]), maxLR: 1, totalSteps: 9)
    },
    .init("OneCycleLR: 2 highest rates for 1 groups of parameters") {
      _ = OneCycleLR(SGD([leaf()]), maxLR: [1, 2], totalSteps: 9)
    },
    .init("SequentialLR: 0 milestones for 2 schedules; there must be one between each two") {
      let optimizer = SGD([leaf()])
      _ = SequentialLR(
        optimizer, schedulers: [LinearLR(optimizer), ExponentialLR(optimizer, gamma: 0.5)], milestones: [])
    },
    .init("SequentialLR: a LinearLR of another optimizer") {
      _ = SequentialLR(SGD([leaf()]), schedulers: [LinearLR(SGD([leaf()]))], milestones: [])
    },
    .init("SequentialLR: the milestones [9, 3]; they must be 0 or more, and in order") {
      let optimizer = SGD([leaf()])
      _ = SequentialLR(
        optimizer, schedulers: (0..<3).map { _ in ExponentialLR(optimizer, gamma: 0.5) }, milestones: [9, 3])
    },
    .init(
      "SequentialLR: a ReduceLROnPlateau, whose step must be told a number; use that one beside this schedule"
    ) {
      let optimizer = SGD([leaf()])
      _ = SequentialLR(optimizer, schedulers: [ReduceLROnPlateau(optimizer)], milestones: [])
    },
    .init("OneCycleLR: step 3 of a cycle of 2") {
      let schedule = OneCycleLR(SGD([leaf()]), maxLR: 1, totalSteps: 2)
      for _ in 0..<3 { schedule.step() }
    },
    .init("ReduceLROnPlateau: a factor of 1.0; it must be 0 or more and less than 1") {
      _ = ReduceLROnPlateau(SGD([leaf()]), factor: 1)
    },
    .init("ReduceLROnPlateau: 2 lowest rates for 1 groups of parameters") {
      _ = ReduceLROnPlateau(SGD([leaf()]), minLR: [0, 0])
    },
    .init("ReduceLROnPlateau: step() says nothing of what is watched; call step(validationLoss)") {
      ReduceLROnPlateau(SGD([leaf()])).step()
    },
    .init("LRScheduler: it does not say what the rates are; override getLR()") { _ = LRScheduler(SGD([leaf()])) },
    .init("StepLR: Mine has no groups of parameters whose learning rate could be set; derive it from GroupedOptimizer")
    {
      final class Mine: Optimizer {}
      _ = StepLR(Mine([leaf()]), stepSize: 1)
    },
    .init("SGD: parameter 1, of shape [2], is in the list twice") {
      let w = leaf()
      SGD([w]).addParameterGroup(ParameterGroup([w]))
    },
    .init("SGD: learningRate is -1.0, and must be 0 or more") {
      SGD([leaf()]).addParameterGroup(ParameterGroup([leaf()], learningRate: -1))
    },
    .init("clipGradNorm_: the gradients, as one vector, have a length of inf, and cannot be scaled to 1.0") {
      let w = leaf()
      w.grad = Tensor([1, Double.infinity])
      clipGradNorm_([w], maxNorm: 1, errorIfNonfinite: true)
    },
  ]

  @Test(arguments: mistakes.indices) func endsWithItsMessage(_ number: Int) async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { [number] in
      ScheduleBehaviourTests.mistakes[number].make()
    }
    #expect(fatalMessage(result) == ScheduleBehaviourTests.mistakes[number].message)
  }
}
