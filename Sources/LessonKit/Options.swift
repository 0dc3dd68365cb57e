import ArgumentParser
import Kindling
import KindlingDistributed

/// The values of `--optimizer`.
enum OptimizerChoice: String, CaseIterable, ExpressibleByArgument {
  case sgd, adam
}

/// The options that all lessons take. Numbers are parsed unconditionally, so that a negative one is a value, which is then
/// refused as what it is, and not taken for another option.
struct Options: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "What to train: article (as the article has it), shared (one problem for all lessons), digits (real images), "
        + "paper (small enough for paper).",
      valueName: "name"))
  var problem = Problem.article

  @Option(parsing: .unconditional, help: ArgumentHelp("Training steps.", valueName: "count"))
  var steps = 500

  @Option(parsing: .unconditional, help: ArgumentHelp("Seed of the random numbers.", valueName: "number"))
  var seed = 0

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Step size; the problem's own if not given.", valueName: "number"))
  var learningRate: Double?

  @OptionGroup var machine: MachineOptions

  @OptionGroup var sharing: ProcessOptions

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Use only the first images of the digits problem.", valueName: "count"))
  var samples: Int?

  @Flag(
    help: ArgumentHelp(
      "On a CUDA device, record the second step as a graph, and take it and all that follow by replaying that (from lesson 2 on)."
    ))
  var graphStep = false

  @Option(
    help: ArgumentHelp(
      "On the emulator, the order in which a kernel's threads run; shuffled by --seed.", valueName: "name"))
  var emulatorOrder: EmulatorOrder?

  @Flag(help: "On the emulator, check every access to memory for its bounds and for races: 100 times slower.")
  var emulatorCheck = false

  @Option(
    help: ArgumentHelp(
      "On the emulator, do not train, but print what each thread of one small launch does.", valueName: "name"))
  var traceKernel: KernelExample?

  @Flag(
    help: ArgumentHelp(
      "With --trace-kernel: what the memory accesses of a larger launch would cost on a GPU, line by line; with --page, also "
        + "beside the kernel's source."))
  var counters = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Print the loss of every n-th step; the article's choice if not given.", valueName: "n"))
  var printEvery: Int?

  @Option(help: ArgumentHelp("Write every loss, in full precision, to a JSON file.", valueName: "file"))
  var record: String?

  @Option(
    help: ArgumentHelp(
      "Write data, first weights, first gradients and last weights to a safetensors file.", valueName: "file"))
  var save: String?

  @Flag(help: "Print the first step operation by operation, forward and backward (from lesson 3 on).")
  var trace = false

  @Option(
    help: ArgumentHelp(
      "Draw the first step's graph: a .dot, .mmd or .svg file (from lesson 3 on).", valueName: "file"))
  var graph: String?

  @Option(
    help: ArgumentHelp(
      "Write a page to walk through some steps in a browser, number by number.", valueName: "file"))
  var page: String?

  @Option(
    help: ArgumentHelp(
      "The steps that the page shows, such as 0,5,last; 0,1,10,100,last if not given.", valueName: "list"))
  var pageSteps: String?

  @Option(
    help: ArgumentHelp(
      "Write where the time of the first steps goes, for Perfetto or Chrome's tracing.", valueName: "file"))
  var profile: String?

  /// How many indices of a dimension the page shows: for `compare`, which puts several runs on one.
  @Option(help: .hidden)
  var pageIndices: Int?

  @Option(
    help: ArgumentHelp(
      "What updates the weights, sgd or adam; the problem's own if not given (lesson 5).", valueName: "name"))
  var optimizer: OptimizerChoice?

  @Flag(help: "Print no losses.")
  var quiet = false

  func validate(lesson: LessonFacts) throws {
    try checkTraining(lesson)
    try checkLooking(lesson)
    try checkSharing(lesson: lesson, looking)
    if !lesson.hasAutograd && (trace || graph != nil) {
      throw ValidationError("--trace and --graph show autograd at work, which begins with lesson 3.")
    }
    try checkEmulator(lesson)
    try checkLearningRate(learningRate)
    if !lesson.hasTensors { try checkArrays() }
  }

  /// What is trained, and how long.
  private func checkTraining(_ lesson: LessonFacts) throws {
    try checkAtLeast(1, steps, "--steps")
    try checkAtLeast(1, printEvery, "--print-every")
    try checkAtLeast(1, samples, "--samples")
    if samples != nil && problem != .digits {
      throw ValidationError("--samples goes with --problem digits; the other problems have as many as they have.")
    }
    if let samples, samples > Digits.count {
      throw ValidationError("--samples \(samples) is more than there are; the digits problem has \(Digits.count).")
    }
    if let pageSteps {
      if page == nil { throw ValidationError("--page-steps says which steps a page shows; add --page.") }
      if let problem = PageStep.problem(pageSteps, of: steps) { throw ValidationError(problem) }
    }
    try checkAtLeast(2, pageIndices, "--page-indices")
    if optimizer != nil && !lesson.hasOptimizer {
      throw ValidationError("--optimizer chooses among optimizers, and those begin with lesson 5.")
    }
  }

  /// The options that look into the steps.
  private var looking: [String] {
    let all = [
      ("--page", page != nil), ("--profile", profile != nil), ("--trace", trace), ("--graph", graph != nil),
    ]
    return all.filter(\.1).map(\.0)
  }

  private func checkLooking(_ lesson: LessonFacts) throws {
    if looking.count > 1 && looking != ["--trace", "--graph"] {
      throw ValidationError("\(looking[0]) and \(looking[1]) both look into the steps; give each in a run of its own.")
    }
    if graphStep {
      if lesson.hasTensors { try machine.checkGraphStep() }
      try sharing.checkGraphStep()
      if let option = looking.first(where: { $0 == "--page" || $0 == "--profile" }) {
        throw ValidationError(
          "--graph-step replays the steps as a whole, and \(option) looks into them; give one of the two.")
      }
    }
  }

  /// What is shown of a kernel.
  private func checkEmulator(_ lesson: LessonFacts) throws {
    if counters && traceKernel == nil {
      throw ValidationError("--counters counts what one kernel costs; say which with --trace-kernel.")
    }
    if let traceKernel, page != nil && !counters {
      throw ValidationError("--trace-kernel \(traceKernel.rawValue) has a page of its counters only; add --counters.")
    }
    let looksIntoEmulator = [
      ("--emulator-order", emulatorOrder != nil), ("--emulator-check", emulatorCheck),
      ("--trace-kernel", traceKernel != nil),
    ]
    for (option, isGiven) in looksIntoEmulator where isGiven && machine.device != "cuda-emulator" {
      let advice =
        lesson.hasTensors
        ? "add --device cuda-emulator. (A GPU does not show this.)"
        : "lesson 1 has no kernels to show; see lesson 2."
      throw ValidationError("\(option) looks into the emulator; \(advice)")
    }
  }

  /// What the lesson on arrays does not have.
  private func checkArrays() throws {
    if problem == .article && !(0...0xFFFF_FFFF).contains(seed) {
      throw ValidationError("--seed must be 0 to 4294967295 here, the seeds that NumPy takes, and is \(seed).")
    }
    if graphStep {
      throw ValidationError("--graph-step replays a CUDA graph, and lesson 1 computes on the CPU; see lesson 2.")
    }
    if machine.device != "cpu" {
      throw ValidationError(
        "--device \(machine.device): lesson 1 computes on raw arrays, and those live on the CPU. "
          + "That is its point; from lesson 2 on a tensor can live elsewhere.")
    }
  }

  private func checkSharing(lesson: LessonFacts, _ looking: [String]) throws {
    if !sharing.areShared { return }
    if !lesson.hasOptimizer {
      let rule = "Several processes, and --shards, begin with lesson 5: what they share is its step."
      throw ValidationError(sharing.shards == nil ? "\(rule) Here \(ProcessOptions.launched)" : rule)
    }
    if let option = looking.first {
      throw ValidationError("\(option) looks into the steps of one process; leave --processes and --shards out.")
    }
  }

  /// Those that must be the same in all processes. Data and first weights are compared themselves.
  var mustBeShared: String {
    """
    --problem \(problem)
    --steps \(steps)
    --learning-rate \(learningRate.map { "\($0)" } ?? "not given")
    --optimizer \(optimizer?.rawValue ?? "not given")
    --ordered \(sharing.ordered)
    """
  }

  /// Sets the machine up as they say, and makes sure that the files they name can be written.
  ///
  /// - Returns: Where tensors are to live.
  func prepare(lesson: LessonFacts, for group: ProcessGroup?) throws -> Device {
    let device = try machine.prepare(program: "lesson\(lesson.number)", for: group)
    if graphStep { try MachineOptions.checkGraphStep(on: device) }
    if let graph { try ComputationGraph.checkEnding(of: graph) }
    try FileAccess.checkWritable([
      ("--record", record), ("--save", save), ("--graph", graph), ("--page", page), ("--profile", profile),
    ])
    if emulatorOrder != nil { Emulator.order = order }
    if emulatorCheck { Emulator.isChecking = true }
    manualSeed(seed)
    return device
  }
}
