import Kindling

/// What is asked of a program.
enum Check: String, Codable, CaseIterable {
  /// Each value has the type and the shape that the table says.
  case types
  /// A value has a history where its operands had one.
  case histories
  /// The program ends where it must, and only there: mistakes in shapes, writes that would spoil a gradient.
  case endings
  /// The gradients against finite differences, in float64.
  case differences
  /// The CPU against the CUDA emulator.
  case emulator
  /// Inputs that lie in order against inputs that do not.
  case layouts
  /// The CPU against PyTorch.
  case torch

  var words: String {
    switch self {
    case .types: "the type or shape of a result"
    case .histories: "who has a history"
    case .endings: "where the program ends"
    case .differences: "gradients against finite differences"
    case .emulator: "the emulator against the CPU"
    case .layouts: "other layouts against inputs in order"
    case .torch: "PyTorch against the library"
    }
  }
}

/// Something wrong with a program.
struct Problem: Codable {
  var check: Check
  var text: String
  var layout = Layout.inOrder
}

/// What came of a program that ran to its end.
struct Report: Codable {
  var problems: [Problem] = []
  var tally = Tally()
  /// For the comparison with PyTorch.
  var observation: Observation?
}

/// Where a process is, for the case that the library ends it.
enum Stage: Int32, Codable {
  case drawing, cpu, emulator, layouts, float64, noise
}

/// Asks a program all questions that need no PyTorch. The library ends the process where it refuses something.
struct Checker {
  let program: Program
  let checks: Set<Check>
  /// Told where the process is: the stage, and the statement.
  let mark: (Stage, Int) -> Void

  func run() -> Report {
    var report = Report()
    report.tally.programs = 1
    report.tally.statements = program.statements.count
    let analysis = Analysis(program)
    let names = program.name
    var interpreter = Interpreter(program: program)
    var problem: Problem?
    interpreter.willRun = { mark(.cpu, $0) }
    interpreter.didRun = { place, result in
      let id = program.statements[place].id
      guard let want = analysis.variables[id]?.type else { return }
      if problem == nil && (result.dtype != want.dtype || Array(result.shape) != want.shape) {
        let got = "\(result.dtype) \(result.shape)"
        problem = Problem(check: .types, text: "\(names(id)) is \(got), and should be \(want.dtype) \(want.shape)")
      }
    }
    let base = interpreter.run()
    report.observation = base
    if let expected = analysis.expectations.firstIndex(of: .refused) {
      report.problems.append(
        Problem(check: .endings, text: "statement \(expected + 1) should end the program, and does not"))
    }
    if let problem { report.problems.append(problem) }
    if !report.problems.isEmpty { return report }
    if let text = historyProblem(base, analysis, names) {
      report.problems.append(Problem(check: .histories, text: text))
    }
    var comparison = Comparison(base: base) {
      mark(.noise, 0)
      return Comparison.noisyRuns(of: program)
    }
    if checks.contains(.emulator) { compare(with: base, &comparison, names, &report) }
    if checks.contains(.layouts) { compareLayouts(with: base, &comparison, names, &report) }
    if checks.contains(.differences) { checkDifferences(base, names, &report) }
    return report
  }

  private func historyProblem(_ base: Observation, _ analysis: Analysis, _ names: (Int) -> String) -> String? {
    let differing = program.ids.first { id in
      guard let variable = analysis.variables[id], variable.type.isFloat, !variable.isUnrecordedView else {
        return false
      }
      return variable.isTracked != base.tracked.contains(id)
    }
    return differing.map {
      base.tracked.contains($0)
        ? "\(names($0)) requires a gradient, and should not" : "\(names($0)) has lost its history"
    }
  }

  private func compare(
    with base: Observation, _ comparison: inout Comparison, _ names: (Int) -> String, _ report: inout Report
  ) {
    // One with threads in another order each; now and then every access is checked, which takes a hundred times as long.
    Emulator.order = program.seed % 2 == 0 ? .forward : .shuffled(seed: program.seed)
    Emulator.isChecking = program.seed % 64 == 0 && program.isSmall
    defer { Emulator.isChecking = false }
    var ignored = Tally()
    // On the processor a normalization of rows with an infinite weight takes it out of the sums, which makes ∞ of what is
    // NaN otherwise.
    let layers = [".layerNorm(", ".rmsNorm("]
    let hasLayer = program.statements.contains { statement in layers.contains { statement.operation.contains($0) } }
    if hasLayer && !base.isDifferentiatedFinitely {
      return report.tally.skip("emulator: gradients of normalizations that are not finite")
    }
    for layout in [Layout.inOrder, .mixed] {
      if layout == .mixed && !isComparable(layout, &ignored) { continue }
      var interpreter = Interpreter(program: program, device: .cudaEmulator, layout: layout)
      interpreter.willRun = { mark(.emulator, $0) }
      let there = interpreter.run()
      report.tally.emulatorRuns += 1
      if let text = comparison.difference(there, from: base, names) {
        let words = layout == .inOrder ? text : "inputs in other layouts: \(text)"
        return report.problems.append(Problem(check: .emulator, text: words, layout: layout))
      }
    }
  }

  /// Whether the program means the same with its inputs in another layout.
  private func isComparable(_ layout: Layout, _ tally: inout Tally) -> Bool {
    let analysis = Analysis(program, inputsInOrder: false, overlap: layout.expands(program))
    if !analysis.isDefined {
      tally.skip("layouts: the layout decides what is a view")
      return false
    }
    if analysis.expectations.contains(.refused) {
      tally.skip("layouts: an expanded input is written")
      return false
    }
    return true
  }

  private func compareLayouts(
    with base: Observation, _ comparison: inout Comparison, _ names: (Int) -> String, _ report: inout Report
  ) {
    for layout in Layout.allCases where layout != .inOrder {
      if !isComparable(layout, &report.tally) { continue }
      var interpreter = Interpreter(program: program, layout: layout)
      interpreter.willRun = { mark(.layouts, $0) }
      let other = interpreter.run()
      report.tally.layouts += 1
      if let text = comparison.difference(other, from: base, names) {
        report.problems.append(Problem(check: .layouts, text: "inputs \(layout.rawValue): \(text)", layout: layout))
        return
      }
    }
  }

  private func checkDifferences(_ base: Observation, _ names: (Int) -> String, _ report: inout Report) {
    if !base.isDifferentiated { return report.tally.skip("gradients: nothing has one") }
    let (smooth, isMoved) = program.inFloat64.tame()
    let analysis = Analysis(smooth)
    if !analysis.expectations.allSatisfy({ $0 == .works }) {
      return report.tally.skip("gradients: float64 decides what is a view")
    }
    if smooth.ids.contains(where: { analysis.variables[$0].map { $0.isTracked && $0.type.dtype == .float32 } ?? false })
    {
      return report.tally.skip("gradients: a quotient of integers is float32")
    }
    var interpreter = Interpreter(program: smooth)
    interpreter.willRun = { mark(.float64, $0) }
    let gradients = interpreter.run().gradients
    mark(.float64, 0)
    var differences = FiniteDifferences(smooth, analysis)
    switch differences.check(gradients, names) {
    case .agree(let count):
      report.tally.gradients += count
      if isMoved { report.tally.moved += 1 }
    case .skipped(let why): report.tally.skip("gradients: \(why)")
    case .differ(let text): report.problems.append(Problem(check: .differences, text: text))
    }
  }
}

extension Program {
  /// Whether no value has many elements.
  fileprivate var isSmall: Bool { inputs.allSatisfy { $0.count <= 64 } }

  /// The same, a little aside of every kink and tie, and with moderate numbers in the place of infinities, NaN, zeros and
  /// numbers near the ends of the type, where nothing has a slope that could be seen; and whether there were any of those.
  func tame() -> (Program, isMoved: Bool) {
    var copy = self
    var random = SplitMix(seed: seed &+ 1)
    var isMoved = false
    for i in inputs.indices where inputs[i].dtype.isFloatingPoint {
      for j in inputs[i].values.indices {
        let size = abs(inputs[i].values[j])
        if size >= 1e-3 && size <= 1e3 {
          copy.inputs[i].values[j] += 0.01 * (random.unit() - 0.5)
        } else {
          copy.inputs[i].values[j] = 0.25 + 2 * random.unit()
          isMoved = true
        }
      }
    }
    return (copy, isMoved)
  }
}
