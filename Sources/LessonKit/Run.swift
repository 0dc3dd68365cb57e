import Kindling
import KindlingDistributed

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// One run of a lesson, as the lesson sees it: what it is to train on, and where it reports.
///
/// A lesson has the article's numbers in its own lines, and shows each to its run. For the article's problem the run hands it
/// back; the other problems have numbers of their own, which it hands back instead.
public final class Run {
  /// What is trained on what.
  public let problem: Problem
  /// How many training steps to take: `for t in 0..<run.steps`.
  public let steps: StepCount
  /// Where tensors live.
  public let device: Device
  /// NumPy's random numbers, from this run's seed: `run.random.randn(64, 784)` stands for `np.random.randn(64, 784)`.
  public let random: NumPyGenerator
  /// Whether the network's layers add a bias: in the article's lessons from 4 on.
  public let hasBias: Bool
  /// Whether Adam updates the weights: in the article, and where it is asked for. Where the lessons are to be compared it is
  /// plain gradient descent.
  public let usesAdam: Bool

  private let lesson: LessonFacts
  /// Those who train together; nil for one alone.
  private let group: ProcessGroup?
  private let prescribed: Prescription
  private let chosenLearningRate: Double?
  private var sizes: Sizes = (0, 0, 0, 0)
  /// The network's outputs in the last step on digits.
  private var predictions: [Double]?
  /// The digits that are not trained on, if any are not.
  private let heldOut: Digits.Samples?
  /// The share of them that the weights of the last step read right.
  private var heldOutAccuracy: Double?

  private var recorder: Recorder
  private var printer: LossPrinter
  private var snapshots: Snapshots
  private var trace: StepTrace
  private let page: PageRecorder?
  private let profile: ProfileRecorder?
  private let graphStep: GraphStep?

  init(lesson: LessonFacts, options: Options, group: ProcessGroup? = nil) throws {
    var options = options
    // Of several processes the first prints and writes for all.
    if let group, group.rank > 0 { (options.quiet, options.record, options.save) = (true, nil, nil) }
    (self.lesson, self.group) = (lesson, group)
    group?.requireSame("options", options.mustBeShared)
    problem = options.problem
    page = options.page.map {
      PageRecorder(
        path: $0, steps: PageStep.list(options.pageSteps ?? "0,1,10,100,last") ?? [], lesson: lesson, options: options)
    }
    profile = options.profile.map { ProfileRecorder(path: $0) }
    let (page, profile, device) = (page, profile, try options.prepare(lesson: lesson, for: group))
    let graphStep = options.graphStep ? GraphStep(on: device) : nil
    (self.device, self.graphStep) = (device, graphStep)
    steps = StepCount(
      count: options.steps,
      begins: { step in
        page?.begin(step)
        profile?.begin(step)
        return graphStep?.begin(step) ?? true
      },
      group: group)
    // NumPy takes seeds of 32 bits; a wider one was refused where these numbers are used.
    random = NumPyGenerator(seed: options.seed & 0xFFFF_FFFF)
    hasBias = problem == .article && lesson.hasModules
    usesAdam = options.optimizer.map { $0 == .adam } ?? (problem == .article)
    prescribed = Prescription(
      problem, samples: options.samples, seed: options.seed, optimizer: options.optimizer)
    heldOut = problem == .digits ? Digits.heldOut(after: options.samples ?? Digits.count) : nil
    chosenLearningRate = options.learningRate
    recorder = Recorder(lesson: lesson, options: options, device: device)
    printer = LossPrinter(lesson: lesson, options: options)
    snapshots = Snapshots(path: options.save)
    trace = StepTrace(options: options)
    if let page, let y = prescribed.tensors["y"], problem == .digits {
      page.showDigits(DigitsRecorder(stepCount: options.steps, labels: y.argmax(dim: 1), heldOut: heldOut))
    }
    Interruption.watch()
  }

  // MARK: The article's numbers, or the problem's

  /// The network's sizes: samples, inputs, hidden units, outputs.
  public func sizes(_ n: Int, _ inputDim: Int, _ hiddenDim: Int, _ outputDim: Int) -> Sizes {
    sizes = prescribed.sizes ?? (n, inputDim, hiddenDim, outputDim)
    if let group, group.size > sizes.n {
      group.endTogether("there are \(sizes.n) samples, too few to share them among \(group.size)")
    }
    return sizes
  }

  /// The factor of each step along the gradient; `--learning-rate` comes before the problem's and the lesson's.
  public func learningRate(_ rate: Double) -> Double {
    let rate = chosenLearningRate ?? prescribed.learningRate ?? rate
    recorder.note(learningRate: rate)
    return rate
  }

  /// The inputs, "x", [n, inputDim], or the targets, "y", [n, outputDim], on the run's device.
  public func data(_ name: String, _ drawn: Tensor) -> Tensor {
    let tensor = placed(name, drawn)
    snapshots.keep(name, tensor)
    return tensor
  }

  /// The first weights, "w1", [inputDim, hiddenDim], or "w2", [hiddenDim, outputDim], on the run's device. They require a
  /// gradient if `drawn` does.
  public func weight(_ name: String, _ drawn: Tensor) -> Tensor { placed(name, drawn) }

  private func placed(_ name: String, _ drawn: Tensor) -> Tensor {
    let tensor = noGrad { (prescribed.tensors[name] ?? drawn).to(device) }.requiresGrad_(drawn.requiresGrad)
    trace.begin(naming: [(name, tensor)])
    page?.name(tensor, name)
    return tensor
  }

  /// The inputs, "x", or the targets, "y", as a plain array, row by row.
  public func data(_ name: String, _ drawn: [Double]) -> [Double] {
    let values = prescribed.tensors[name]?.toArray() ?? drawn
    let shape: Shape = name == "x" ? [sizes.n, sizes.inputDim] : [sizes.n, sizes.outputDim]
    snapshots.keep(name, values, shape)
    page?.name(values, shape, name)
    return values
  }

  /// The first weights, "w1" or "w2", as a plain array, row by row.
  public func weight(_ name: String, _ drawn: [Double]) -> [Double] {
    let values = prescribed.tensors[name]?.toArray() ?? drawn
    page?.name(values, shape(ofWeight: name), name)
    return values
  }

  private func shape(ofWeight name: String) -> Shape {
    name == "w1" ? [sizes.inputDim, sizes.hiddenDim] : [sizes.hiddenDim, sizes.outputDim]
  }

  /// Gives a network's weights the values that every lesson starts with, where the problem prescribes them; the article's
  /// layers keep the numbers that they drew.
  public func setFirstWeights(_ parameters: [Tensor]) {
    for (parameter, name) in zip(parameters, ["w1", "w2"]) {
      guard let weight = prescribed.tensors[name] else { continue }
      // A Linear layer keeps its weight as [out, in].
      noGrad { _ = parameter.copy_(weight.t().to(device)) }
    }
    trace.begin(naming: named(parameters))
    for (name, parameter) in named(parameters) { page?.name(parameter, name) }
  }

  // MARK: Reports

  /// Notes the loss of a step, and prints it if its turn has come. Ends the program if it is no longer a finite number.
  ///
  /// - Parameter prediction: The network's outputs, [n, outputDim], read after the last step for the accuracy on digits.
  public func report(
    _ step: Int, _ loss: @autoclosure @escaping () -> Double, _ prediction: @autoclosure @escaping () -> Tensor
  ) {
    // While a step is recorded there is no loss yet.
    if let graphStep, graphStep.isRecording { return graphStep.keep(loss, prediction) }
    let loss = loss()
    profile?.enter(.backward)
    page?.report(loss) { .tensor(prediction()) }
    note(step, loss)
    if problem == .digits && step == steps.count - 1 { predictions = prediction().toArray() }
  }

  /// The same with outputs as a plain array.
  public func report(_ step: Int, _ loss: Double, _ prediction: @autoclosure () -> [Double]) {
    profile?.enter(.backward)
    page?.report(loss) { .plain(prediction(), [sizes.n, sizes.outputDim]) }
    note(step, loss)
    if problem == .digits && step == steps.count - 1 { predictions = prediction() }
  }

  /// Takes the steps that are left from the graph, if one has been recorded.
  private func replay() {
    graphStep?.replay(to: steps.count) { step, loss, prediction in
      note(step, loss)
      if problem == .digits && step == steps.count - 1 { predictions = prediction().toArray() }
      if let weights = graphStep?.weights { readHeldOut(step, weights) }
    }
  }

  private func note(_ step: Int, _ loss: Double) {
    recorder.note(loss: loss)
    if !loss.isFinite { stop(step, loss) }
    printer.note(step, loss)
  }

  private func stop(_ step: Int, _ loss: Double) -> Never {
    let rate = recorder.record.learningRate
    say(
      """
      the loss became \(loss) at step \(step), so the training stops here. The steps are too long for this problem: try \
      --learning-rate \(shorterStep(than: rate)) (it was \(rate)).
      """)
    do { try recorder.write() } catch { say("\(error)") }
    do { try page?.write() } catch { say("\(error)") }
    do { try profile?.write() } catch { say("\(error)") }
    group?.end()
    exit(1)
  }

  /// Shows the run the weights and their gradients, just before the first update; for `--save`.
  public func observe(
    _ step: Int, weights: @autoclosure () -> [Tensor], gradients: @autoclosure () -> [Tensor]
  ) {
    if let graphStep, graphStep.isRecording {
      if heldOut != nil { graphStep.keep(weights: inOneShape(weights()).map(\.tensor)) }
      return
    }
    profile?.enter(.update)
    page?.observe(inOneShape(weights()), gradients())
    readHeldOut(step, inOneShape(weights()).map(\.tensor))
    if step > 0 || !snapshots.areWanted { return }
    keep("first", weights())
    keep("gradient", gradients())
  }

  /// The same for weights that carry their gradients.
  public func observe(_ step: Int, _ parameters: @autoclosure () -> [Tensor]) {
    if step == 0 { trace.end() }
    observe(step, weights: parameters(), gradients: parameters().compactMap(\.grad))
  }

  /// The same for plain arrays.
  public func observe(
    _ step: Int, weights: @autoclosure () -> [[Double]], gradients: @autoclosure () -> [[Double]]
  ) {
    profile?.enter(.update)
    if let page {
      for (name, values) in zip(["w1", "w2"], weights()) { page.name(values, shape(ofWeight: name), name) }
      page.observe(asTensors(weights()), asTensors(gradients()).map(\.tensor))
    }
    readHeldOut(step, asTensors(weights()).map(\.tensor))
    if step > 0 || !snapshots.areWanted { return }
    keep("first", weights())
    keep("gradient", gradients())
  }

  /// Notes after the last step how the digits that were held out are read; with the weights that the outputs are of.
  private func readHeldOut(_ step: Int, _ weights: @autoclosure () -> [Tensor]) {
    guard let heldOut, step == steps.count - 1 else { return }
    heldOutAccuracy = unwatched { noGrad { Digits.accuracy(of: weights(), heldOut) } }
  }

  /// Shows the run the weights after the last update; for `--save`.
  public func finish(_ weights: [Tensor]) {
    replay()
    page?.finish(inOneShape(weights))
    if snapshots.areWanted { keep("last", weights) }
  }

  /// The same for plain arrays.
  public func finish(_ weights: [[Double]]) {
    page?.finish(asTensors(weights))
    if snapshots.areWanted { keep("last", weights) }
  }

  private func keep(_ stage: String, _ weights: [Tensor]) {
    for (name, weight) in inOneShape(weights) { snapshots.keep("\(stage).\(name)", weight) }
  }

  private func keep(_ stage: String, _ weights: [[Double]]) {
    for (name, values) in zip(["w1", "w2"], weights) {
      snapshots.keep("\(stage).\(name)", values, shape(ofWeight: name))
    }
  }

  /// Weights by name, [in, out] in every lesson; a Linear layer keeps its own as [out, in].
  private func inOneShape(_ weights: [Tensor]) -> [(name: String, tensor: Tensor)] {
    unwatched {
      noGrad { named(weights).map { ($0.name, lesson.hasModules && $0.tensor.rank == 2 ? $0.tensor.t() : $0.tensor) } }
    }
  }

  private func asTensors(_ weights: [[Double]]) -> [(name: String, tensor: Tensor)] {
    zip(["w1", "w2"], weights).map { ($0, Tensor($1, shape: shape(ofWeight: $0), dtype: .float64)) }
  }

  /// Weights with the names that they have in every lesson: w1, w2, and b1, b2 where there are biases.
  private func named(_ weights: [Tensor]) -> [(name: String, tensor: Tensor)] {
    var layer = 0
    return weights.map { weight in
      if weight.rank == 2 { layer += 1 }
      return ("\(weight.rank == 2 ? "w" : "b")\(layer)", weight)
    }
  }

  // MARK: The end

  /// Prints and writes what is to be printed and written.
  ///
  /// - Returns: The exit status: not 0 where the training was stopped before its end, or a file could not be written.
  func end() -> Int32 {
    var status = endedEarly() ?? 0
    printer.printOne()
    if let predictions, let y = prescribed.tensors["y"] {
      let scores = Tensor(predictions, shape: y.shape, dtype: .float64)
      printer.printAccuracy(Digits.accuracy(scores, y.argmax(dim: 1)), of: "training", count: y.shape[0])
    }
    if let heldOut, let heldOutAccuracy {
      printer.printAccuracy(heldOutAccuracy, of: "held out", count: heldOut.labels.elementCount)
    }
    // Who was stopped before the first step leaves older files alone.
    if recorder.record.losses.isEmpty && Interruption.status != nil { return status }
    // A file that cannot be written does not keep the others from it.
    func attempt(_ write: () throws -> Void) {
      do { try write() } catch {
        say("\(error)")
        status = 1
      }
    }
    attempt { try recorder.write() }
    attempt { try snapshots.write() }
    attempt { try trace.write() }
    attempt { try page?.write() }
    attempt { try profile?.write() }
    return status
  }

  /// Says where the training stopped, and gives the exit status for that; nil if it went to its end.
  private func endedEarly() -> Int32? {
    guard let status = Interruption.status, recorder.isIncomplete else { return nil }
    if let signal = Interruption.name {
      printer.printLast()
      say("stopped by \(signal) after \(recorder.record.losses.count) of \(recorder.record.steps) steps.")
    }
    return status
  }

  private func say(_ message: String) {
    if group?.rank ?? 0 == 0 { StandardError.print("lesson\(lesson.number): \(message)") }
  }
}
