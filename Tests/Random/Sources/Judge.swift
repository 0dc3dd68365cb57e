import Kindling

/// A worker and, where there is one, a PyTorch, and what they say of programs.
final class Judge {
  let worker = WorkerProcess()
  let torch: Torch?
  let settings: Request.Settings
  /// What is checked in a worker.
  let checks: Set<Check>

  init(torch: Torch?, checks: Set<Check>, settings: Request.Settings) {
    self.torch = torch
    self.checks = checks
    self.settings = settings
  }

  /// What is wrong with a program, if anything is, and what was checked.
  typealias Verdict = (program: Program, problem: Problem?, tally: Tally)

  /// Draws and checks the programs of some seeds.
  func judge(seeds: Range<UInt64>) throws -> [Verdict] {
    var outcomes: [(Program, Outcome)] = []
    try worker.check(seeds: seeds, checks: checks, observes: torch != nil, settings) { seed, outcome in
      outcomes.append((settings.program(seed: seed), outcome))
    }
    return try judge(outcomes)
  }

  /// Checks one program.
  func judge(_ program: Program) throws -> Verdict {
    try judge([(program, worker.check(program, checks, observes: torch != nil))])[0]
  }

  private func judge(_ outcomes: [(Program, Outcome)]) throws -> [Verdict] {
    var verdicts: [Verdict] = try outcomes.map { program, outcome in
      switch outcome {
      case .report(let report): return (program, report.problems.first, report.tally)
      case .ended(let ending): return try judge(program, ending)
      }
    }
    guard let torch else { return verdicts }
    // What was not drawn to its end, or is wrong already, need not be asked.
    let asked = verdicts.indices.filter { verdicts[$0].problem == nil }
    let theirs = try torch.run(asked.map { outcomes[$0].0 })
    for (place, their) in zip(asked, theirs) {
      var tally = verdicts[place].tally
      if let text = try difference(outcomes[place].0, outcomes[place].1, their, &tally) {
        verdicts[place].problem = Problem(check: .torch, text: text)
      }
      verdicts[place].tally = tally
    }
    return verdicts
  }

  // MARK: Endings

  /// Of a program that the library has ended.
  private func judge(_ program: Program, _ ending: Ending) throws -> Verdict {
    var tally = Tally()
    tally.programs = 1
    tally.statements = program.statements.count
    if let problem = problem(program, ending) { return (program, problem, tally) }
    if ending.stage == .float64 {
      tally.skip("gradients: float64 decides what is a view")
      return (program, nil, tally)
    }
    tally.endings += 1
    // It takes a process; a part of them is enough.
    if checks.contains(.emulator) && program.seed % 4 == 0 {
      tally.emulatorRuns += 1
      let there = try worker.endingOnEmulator(program)
      // A device reports an index that is out of range when it is next read.
      if there.map({ $0.statement < ending.statement || $0.message == nil }) ?? true {
        let text = "the CPU ends \(place(program, ending)): \(ending.text); the emulator \(there?.text ?? "does not")"
        return (program, Problem(check: .emulator, text: text), tally)
      }
    }
    return (program, nil, tally)
  }

  private func place(_ program: Program, _ ending: Ending) -> String {
    ending.statement < program.statements.count ? "at statement \(ending.statement + 1)" : "in backward()"
  }

  private func problem(_ program: Program, _ ending: Ending) -> Problem? {
    let analysis = Analysis(program)
    let text = "it ends \(place(program, ending)): \(ending.text)"
    switch ending.stage {
    case .drawing, .noise: return Problem(check: .endings, text: "in \(ending.stage): \(ending.text)")
    case .emulator: return Problem(check: .emulator, text: "on the emulator \(text)")
    case .layouts: return Problem(check: .layouts, text: "with another layout \(text)")
    case .cpu, .float64:
      guard let message = ending.message else { return Problem(check: .endings, text: text) }
      // In float64 other values are views of each other, and a write may spoil what it does not spoil here.
      if ending.stage == .float64 { return nil }
      let isExpected =
        ending.statement < program.statements.count
        ? analysis.expectations[ending.statement] == .refused
        : analysis.mayLackSavedValue && Mistake(message) == .savedValueWritten
      return isExpected ? nil : Problem(check: .endings, text: text)
    }
  }

  // MARK: PyTorch

  /// What differs from PyTorch; nil where nothing does.
  private func difference(_ program: Program, _ outcome: Outcome, _ their: TorchOutcome, _ tally: inout Tally) throws
    -> String?
  {
    let analysis = Analysis(program)
    let message = their.message ?? ""
    switch outcome {
    case .report(let report):
      guard let base = report.observation else { return nil }
      if let place = their.raisedAt {
        guard let reason = Judge.strictness(message, analysis) else {
          return "PyTorch raises at statement \(place + 1), \(message)"
        }
        tally.skip("PyTorch: \(reason)")
        return nil
      }
      tally.torch += 1
      var comparison = Comparison(base: base) { [worker] in (try? worker.noisyRuns(of: program)) ?? [] }
      let theirs = their.observation(program)
      guard let text = comparison.difference(base, from: theirs, program.name) else { return nil }
      let isOfGradient = text.hasPrefix("gradient of ")
      guard let reason = Judge.difference(program, base, theirs, analysis, isOfGradient) else { return text }
      tally.skip("PyTorch: \(reason)")
      return nil
    case .ended(let ending):
      if ending.stage == .float64 { return nil }
      return difference(program, ending, their, &tally)
    }
  }

  /// Why PyTorch may refuse what the library does not; nil where there is no reason.
  private static func strictness(_ message: String, _ analysis: Analysis) -> String? {
    if Mistake(message) == .savedValueWritten && analysis.mayLackSavedValue {
      return "its gradient needs a value that was written, ours does not"
    }
    if Mistake(message) == .savedValueWritten && analysis.variables.values.contains(where: \.isUnrecordedView) {
      return "it gives what is made of a view taken inside no_grad a history of its own"
    }
    if message.contains("returned an invalid gradient") {
      return "its gradient of a value that is larger than the index of scatter_ has the shape of the index"
    }
    if analysis.readsWhatItWrites && message.contains("single memory location") {
      return "it refuses to write what it reads"
    }
    if message.contains("created in no_grad mode") {
      return "it refuses views taken inside no_grad when they are written"
    }
    // Where a write must be refused is laid down in the table, not here.
    if Mistake(message) == .leafWritten {
      return "it takes a view for a leaf that nobody has asked for its history yet"
    }
    if message.contains("not implemented for '") { return "it has no such function of whole numbers" }
    if message.contains("returns multiple views") { return "it refuses what split() gave when it is written" }
    return nil
  }

  /// Why PyTorch's answer may be another; nil where there is no reason.
  private static func difference(
    _ program: Program, _ ours: Observation, _ theirs: Observation, _ analysis: Analysis, _ isOfGradient: Bool
  ) -> String? {
    let gradients = Array(ours.gradients.values) + theirs.gradients.values
    if !gradients.allSatisfy({ $0.values.allSatisfy(\.isFinite) }) {
      let reasons = [
        (".batchNorm(", "its gradient of what is infinite is multiplied in another order"),
        (".layerNorm(", "its gradient of what is infinite is multiplied in another order"),
        (".rmsNorm(", "its gradient of what is infinite is multiplied in another order"),
        ("conv2d(", "where each channel has a filter of its own it leaves out the zeros at the border, times ∞"),
        (".prod(", "its derivative of prod() divides, and makes NaN of ∞ / ∞"),
        (".logSumExp(", "its derivative of logsumexp() makes NaN of ∞ - ∞"),
        ("{x} / {a}", "its derivative of a number over a tensor squares the reciprocal, and makes NaN of 0 · ∞"),
        ("{i} / {a}", "its derivative of a number over a tensor squares the reciprocal, and makes NaN of 0 · ∞"),
      ]
      if program.statements.contains(where: { isRunningProduct($0, ofInfinityIn: ours) }) {
        return "its derivative of cumprod() divides, and makes NaN of ∞ / ∞"
      }
      for (name, reason) in reasons where program.statements.contains(where: { $0.operation.contains(name) }) {
        return reason
      }
    }
    if program.statements.contains(where: { isFilterWithInfinity($0, ours) }) {
      return "where each channel has a filter of its own it leaves out the zeros at the border, times ∞"
    }
    if isOfGradient && program.statements.contains(where: { analysis.isVarianceOfTooFew($0) }) {
      return "its derivative of the variance of too few elements loses a sign, or divides by a negative number"
    }
    return analysis.readsWhatItWrites ? "it reads what it has just written" : nil
  }

  private static func isFilterWithInfinity(_ statement: Program.Statement, _ ours: Observation) -> Bool {
    statement.operation.hasPrefix("conv2d(")
      && !(ours.values[statement.operands[1]]?.values.allSatisfy(\.isFinite) ?? true)
  }

  private static func isRunningProduct(_ statement: Program.Statement, ofInfinityIn ours: Observation) -> Bool {
    statement.operation.contains(".cumprod(")
      && ours.values[statement.operands[0]]?.values.contains { abs($0) == .infinity } ?? false
  }

  private func difference(
    _ program: Program, _ ending: Ending, _ their: TorchOutcome, _ tally: inout Tally
  ) -> String? {
    if ending.statement == program.statements.count {
      tally.skip(
        their.raisedAt == nil
          ? "PyTorch: our gradient needs a value that was written, its own does not"
          : "PyTorch: both lack a saved value")
      return nil
    }
    if Mistake(ending.text) == .expandedWritten && their.raisedAt != ending.statement {
      tally.skip("PyTorch: it lets an expanded tensor be written by a mask or by indices")
      return nil
    }
    if ending.text.contains("is out of range") && their.raisedAt != ending.statement
      && Analysis(program).isOfNothing(program.statements[ending.statement])
    {
      tally.skip("PyTorch: it looks at no index where there is nothing to be written")
      return nil
    }
    guard let place = their.raisedAt, let message = their.message else {
      return "PyTorch does not refuse statement \(ending.statement + 1), and the library does: \(ending.text)"
    }
    if place != ending.statement {
      guard let reason = Judge.strictness(message, Analysis(program)) else {
        return "PyTorch raises at statement \(place + 1): \(message)"
      }
      tally.skip("PyTorch: \(reason)")
      return nil
    }
    tally.torch += 1
    // Of two mistakes in one statement either may be named, and not all kinds are told apart.
    guard let ours = Mistake(ending.text), let theirs = Mistake(message), ours != theirs else { return nil }
    if ours == .expandedWritten && theirs == .leafWritten { return nil }
    if ours == .wrongType && theirs == .expandedWritten { return nil }
    return "PyTorch raises \(message); the library says \(ending.text)"
  }
}
