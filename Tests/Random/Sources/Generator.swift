extension Program {
  /// The program of that seed: the same on every machine.
  static func drawn(seed: UInt64, without: Set<String> = [], with extra: [Row] = []) -> Program {
    var chooser = Chooser(seed: seed)
    let families =
      Table.families.map { ($0.share, $0.rows.filter { !without.contains($0.name) }) }
      + (extra.isEmpty ? [] : [(60, extra)])
    let length = chooser.random.element([1, 2, 3, 3, 4, 4, 5, 5, 6, 7, 8, 10, 12])
    var isOver = false
    while chooser.program.statements.count < length && !isOver {
      guard let (next, expectation) = chooser.statement(families) else { break }
      chooser = next
      isOver = expectation == .refused
    }
    chooser.chooseOutputs()
    return chooser.program
  }
}

extension Chooser {
  /// This chooser with one statement more, and what is to be expected of it; nil where nothing was found.
  ///
  /// What is refused here or in PyTorch ends a program. It is wanted, but not often.
  fileprivate mutating func statement(_ families: [(share: Int, rows: [Row])]) -> (Chooser, Analysis.Expectation)? {
    for _ in 0..<30 {
      let row = draw(families)
      if row.overflows && extras == .extreme { continue }
      isWild = random.chance(0.04)
      var next = self
      let choice = row.choose(&next)
      random = next.random
      let isRecorded = !random.chance(row.effect == .write ? 0.35 : 0.08)
      let statement = Program.Statement(
        id: next.program.nextID, operation: row.name, operands: choice.operands, integers: choice.integers,
        reals: choice.reals, isRecorded: isRecorded)
      let expectation = next.analysis.step(statement)
      let share =
        switch expectation {
        case .undefined: 0.0
        case .works: next.analysis.mayLackSavedValue && !analysis.mayLackSavedValue ? 0.15 : 1
        case .refused: isWild ? 0.5 : 0.02
        }
      let tooLarge = next.analysis.variables[statement.id].map { $0.type.count > Chooser.most } ?? false
      let readsWhatItWrites = next.analysis.readsWhatItWrites && !analysis.readsWhatItWrites
      if tooLarge || (readsWhatItWrites && !random.chance(0.2)) || !random.chance(share) { continue }
      next.random = random
      next.isWild = false
      next.program.statements.append(statement)
      return (next, expectation)
    }
    return nil
  }

  private mutating func draw(_ families: [(share: Int, rows: [Row])]) -> Row {
    var ticket = random.integer(1...families.reduce(0) { $0 + $1.share })
    for family in families {
      ticket -= family.share
      if ticket <= 0 { return random.element(family.rows) }
    }
    return random.element(families[0].rows)
  }

  /// The last value with a history is differentiated, and perhaps one or two more.
  fileprivate mutating func chooseOutputs() {
    let candidates = program.ids.filter { analysis.variables[$0].map { $0.isTracked && !$0.isLeaf } ?? false }
    guard let last = candidates.last else { return }
    program.outputs = [last]
    for id in candidates.dropLast() where random.chance(0.25) && program.outputs.count < 3 {
      program.outputs.append(id)
    }
  }
}
