import Kindling

/// One run of a lesson: what it is to train on, and where it reports.
public final class Run {
  /// The lesson's number.
  public let lesson: Int
  /// What is trained on what.
  public let problem: Problem
  /// How many training steps to take: `for t in 0..<run.steps`.
  public let steps: StepCount
  /// The factor of each step along the gradient.
  public let learningRate: Double
  /// Where tensors should live.
  public let device: Device
  /// The network's sizes: samples, inputs, hidden units, outputs.
  public let sizes: (n: Int, inputDim: Int, hiddenDim: Int, outputDim: Int)
  /// Whether the network's layers add a bias: in the article's lessons 4 and 5.
  public let hasBias: Bool

  let options: Options
  private var recorder: Recorder
  private var loaded: Data?
  /// The article's first program draws from NumPy.
  private lazy var numPy = NumPyGenerator(seed: options.seed)
  /// The tensors that a trace calls by name.
  private var traced: [String: Tensor] = [:]
  private var graph: ComputationGraph?

  init(lesson: Int, options: Options) throws {
    self.lesson = lesson
    self.options = options
    problem = options.problem
    steps = StepCount(count: options.steps)
    device = try Run.device(options.device, lesson: lesson)
    let usesModules = problem == .article && lesson >= 4
    hasBias = usesModules
    switch problem {
    case .article, .shared:
      sizes = (64, usesModules ? 1000 : 784, 100, 10)
      learningRate = options.learningRate ?? (usesModules ? 1e-4 : 1e-6)
    case .digits:
      sizes = (options.samples ?? Digits.count, 64, 100, 10)
      // The loss is a sum over the samples, and so is the gradient: fewer samples allow a longer step.
      learningRate = options.learningRate ?? 0.05 / Double(sizes.n)
    }
    if let graph = options.graph { try ComputationGraph.checkEnding(of: graph) }
    try FileAccess.checkWritable([
      ("--record", options.record), ("--save", options.save), ("--graph", options.graph),
    ])
    recorder = Recorder(lesson: lesson, options: options, device: device, learningRate: learningRate)
    if let threads = options.threads { setNumThreads(threads) }
    if options.emulatorOrder != nil { Emulator.order = options.order }
    if options.emulatorCheck { Emulator.isChecking = true }
    manualSeed(options.seed)
    Interruption.watch()
  }

  private static func device(_ name: String, lesson: Int) throws -> Device {
    if name != "auto" { return try Device(name) }
    let (device, problem) = Device.automatic()
    if let problem { StandardError.print("lesson\(lesson): --device auto computes on the CPU. \(problem)") }
    return device
  }

  // MARK: Data and first weights

  private struct Data {
    let x, y: Tensor
    /// The first weights, [inputDim, hiddenDim] and [hiddenDim, outputDim]; nil where the layers draw their own.
    let weights: (Tensor, Tensor)?
  }

  /// Everything is drawn in the article's order: x, y, then the weights.
  private func load() throws -> Data {
    if let loaded { return loaded }
    let (n, inputDim, hiddenDim, outputDim) = sizes
    let data: Data
    switch problem {
    case .article where hasBias:
      data = Data(x: Tensor.randn(n, inputDim), y: Tensor.randn(n, outputDim), weights: nil)
    case .article, .shared:
      let (x, y) = (Tensor.randn(n, inputDim), Tensor.randn(n, outputDim))
      data = Data(x: x, y: y, weights: (Tensor.randn(inputDim, hiddenDim), Tensor.randn(hiddenDim, outputDim)))
    case .digits:
      let (x, y) = try Digits.load(samples: n)
      // Scaled so that the outputs start near the size of the targets, and 0 to 1.
      let w1 = Tensor.randn(inputDim, hiddenDim) * (1 / Double(inputDim).squareRoot())
      let w2 = Tensor.randn(hiddenDim, outputDim) * (1 / Double(hiddenDim).squareRoot())
      data = Data(x: x, y: y, weights: (w1, w2))
    }
    loaded = data
    return data
  }

  /// The inputs, [n, inputDim], and the targets, [n, outputDim]. For the article's problem these are
  /// `Tensor.randn(n, inputDim)` and `Tensor.randn(n, outputDim)`.
  public func data() throws -> (x: Tensor, y: Tensor) {
    let data = try load()
    recorder.keep("x", data.x)
    recorder.keep("y", data.y)
    let placed = (data.x.to(device), data.y.to(device))
    traced = ["x": placed.0, "y": placed.1]
    return placed
  }

  /// The first weights, [inputDim, hiddenDim] and [hiddenDim, outputDim]. For the article's problem these are
  /// `Tensor.randn(inputDim, hiddenDim, requiresGrad:)` and `Tensor.randn(hiddenDim, outputDim, requiresGrad:)`.
  public func weights(requiresGrad: Bool = false) throws -> (w1: Tensor, w2: Tensor) {
    let (w1, w2) = try load().weights!
    let weights = (w1.to(device).requiresGrad_(requiresGrad), w2.to(device).requiresGrad_(requiresGrad))
    beginTrace(parameters: [weights.0, weights.1])
    return weights
  }

  /// The inputs and the targets as plain arrays, row by row. For the article's problem these are
  /// `random.randn(n, inputDim)` and `random.randn(n, outputDim)` of NumPy's stream; else the other lessons' numbers.
  public func arrays() throws -> (x: [Double], y: [Double]) {
    let (n, inputDim, _, outputDim) = sizes
    let (x, y): ([Double], [Double])
    if problem == .article {
      (x, y) = (numPy.randn(n, inputDim), numPy.randn(n, outputDim))
    } else {
      let data = try load()
      (x, y) = (data.x.toArray(), data.y.toArray())
    }
    recorder.keep("x", x, [n, inputDim])
    recorder.keep("y", y, [n, outputDim])
    return (x, y)
  }

  /// The first weights as plain arrays, row by row, drawn after `arrays()`.
  public func weightArrays() throws -> (w1: [Double], w2: [Double]) {
    let (_, inputDim, hiddenDim, outputDim) = sizes
    if problem == .article { return (numPy.randn(inputDim, hiddenDim), numPy.randn(hiddenDim, outputDim)) }
    let (w1, w2) = try load().weights!
    return (w1.toArray(), w2.toArray())
  }

  /// Gives a network's weights the values that every lesson starts with, where the problem prescribes them; the article's
  /// layers keep the numbers that they drew.
  public func setFirstWeights(_ parameters: [Tensor]) throws {
    defer { beginTrace(parameters: parameters) }
    guard let (w1, w2) = try load().weights else { return }
    noGrad {
      // A Linear layer keeps its weight as [out, in].
      parameters[0].copy_(w1.t().to(device))
      parameters[1].copy_(w2.t().to(device))
    }
  }

  // MARK: Reports

  /// Notes the loss of a step, and prints it if its turn has come. Ends the program if it is no longer a finite number.
  ///
  /// - Parameter prediction: The network's outputs, [n, outputDim], read after the last step for the accuracy on digits.
  public func report(_ step: Int, _ loss: Double, _ prediction: @autoclosure () -> Tensor) {
    recorder.report(step, loss)
    if problem == .digits && step == steps.count - 1 { recorder.predictions = prediction().toArray() }
  }

  /// The same with outputs as a plain array.
  public func report(_ step: Int, _ loss: Double, _ prediction: @autoclosure () -> [Double]) {
    recorder.report(step, loss)
    if problem == .digits && step == steps.count - 1 { recorder.predictions = prediction() }
  }

  /// Shows the run the weights and their gradients, just before the first update; for `--save`.
  public func observe(
    _ step: Int, weights: @autoclosure () -> [Tensor], gradients: @autoclosure () -> [Tensor]
  ) {
    if step > 0 || !recorder.saves { return }
    keep("first", weights())
    keep("gradient", gradients())
  }

  /// The same for weights that carry their gradients.
  public func observe(_ step: Int, _ parameters: @autoclosure () -> [Tensor]) {
    if step == 0 { endTrace() }
    if step > 0 || !recorder.saves { return }
    keep("first", parameters())
    keep("gradient", parameters().compactMap(\.grad))
  }

  /// The same for plain arrays.
  public func observe(
    _ step: Int, weights: @autoclosure () -> [[Double]], gradients: @autoclosure () -> [[Double]]
  ) {
    if step > 0 || !recorder.saves { return }
    keep("first", weights())
    keep("gradient", gradients())
  }

  /// Shows the run the weights after the last update; for `--save`.
  public func finish(_ weights: [Tensor]) { if recorder.saves { keep("last", weights) } }

  /// The same for plain arrays.
  public func finish(_ weights: [[Double]]) { if recorder.saves { keep("last", weights) } }

  /// Keeps weights under the names that they have in every lesson: w1, w2, and b1, b2 where there are biases.
  private func keep(_ stage: String, _ weights: [Tensor]) {
    for (name, weight) in named(weights) {
      // A Linear layer keeps its weight as [out, in]; the file has [in, out] from every lesson.
      let isTransposed = lesson >= 4 && weight.rank == 2
      recorder.keep("\(stage).\(name)", noGrad { isTransposed ? weight.t() : weight })
    }
  }

  private func named(_ weights: [Tensor]) -> [(name: String, weight: Tensor)] {
    var layer = 0
    return weights.map { weight in
      if weight.rank == 2 { layer += 1 }
      return ("\(weight.rank == 2 ? "w" : "b")\(layer)", weight)
    }
  }

  private func keep(_ stage: String, _ weights: [[Double]]) {
    recorder.keep("\(stage).w1", weights[0], [sizes.inputDim, sizes.hiddenDim])
    recorder.keep("\(stage).w2", weights[1], [sizes.hiddenDim, sizes.outputDim])
  }

  // MARK: Seeing autograd

  /// From here to the first update every operation is noted.
  private func beginTrace(parameters: [Tensor]) {
    if !options.trace && options.graph == nil { return }
    for (name, weight) in named(parameters) { traced[name] = weight }
    Tracer.begin(names: traced)
  }

  private func endTrace() {
    if !options.trace && options.graph == nil { return }
    let trace = Tracer.end()
    if options.trace { print(trace) }
    graph = trace.graph
  }

  /// Prints and writes what is to be printed and written.
  ///
  /// - Returns: The exit status: not 0 where the training was stopped before its end, or a file could not be written.
  func end() -> Int32 {
    var status = recorder.endedEarly() ?? 0
    if let predictions = recorder.predictions, let y = try? load().y {
      let scores = Tensor(predictions, shape: y.shape, dtype: .float64)
      let hits = scores.argmax(dim: 1) == y.argmax(dim: 1)
      recorder.accuracy(hits.to(.float64).mean().item())
    }
    if recorder.hasNothing { return status }
    // A file that cannot be written does not keep the others from it.
    func attempt(_ write: () throws -> Void) {
      do { try write() } catch {
        StandardError.print("lesson\(lesson): \(error)")
        status = 1
      }
    }
    attempt { try recorder.writeRecord() }
    attempt { try recorder.writeTensors() }
    attempt { if let path = options.graph { try graph?.write(to: path) } }
    return status
  }
}
