import Kindling

/// Makes a failing program as short as it gets while it still fails the same check.
struct Shrinker {
  let judge: Judge
  let check: Check
  /// How many programs may be tried.
  var budget = 600

  private(set) var smallest: Program
  private(set) var problem: Problem

  init(_ program: Program, _ problem: Problem, _ judge: Judge) {
    (smallest, self.problem, self.judge, check) = (program, problem, judge, problem.check)
  }

  mutating func run() throws {
    let attempts: [(Program) -> [Program]] = [
      Shrinking.cutAfter, Shrinking.withoutStatement, Shrinking.withInput, Shrinking.bypassed,
      Shrinking.simplerGradient,
      Shrinking.smallerSizes, Shrinking.simplerValues, Shrinking.simplerNumbers,
    ]
    var isShrinking = true
    while isShrinking && budget > 0 {
      isShrinking = false
      for attempt in attempts {
        // Each change that holds makes new ones possible of the same kind.
        while let next = try first(attempt(smallest)) {
          smallest = next
          isShrinking = true
        }
      }
    }
  }

  private mutating func first(_ candidates: [Program]) throws -> Program? {
    for candidate in candidates where candidate != smallest && Shrinking.isSound(candidate) {
      if budget <= 0 { return nil }
      budget -= 1
      if let found = try judge.judge(candidate).problem, found.check == check {
        problem = found
        return candidate
      }
    }
    return nil
  }
}

/// Ways to make a program simpler.
enum Shrinking {
  /// Whether something is promised of each statement, and none is there after one that is refused.
  static func isSound(_ program: Program) -> Bool {
    var known = Set(program.inputs.map(\.id))
    for statement in program.statements {
      if !known.isSuperset(of: statement.operands) { return false }
      if statement.row.effect != .write { known.insert(statement.id) }
    }
    var analysis = Analysis()
    for input in program.inputs { analysis.add(input) }
    for (place, statement) in program.statements.enumerated() {
      switch analysis.step(statement) {
      case .undefined: return false
      case .refused where place < program.statements.count - 1: return false
      default: break
      }
    }
    return program.outputs.allSatisfy { analysis.variables[$0]?.isTracked ?? false }
  }

  /// The program's first statements only.
  static func cutAfter(_ program: Program) -> [Program] {
    program.statements.indices.map { place in
      var copy = program
      copy.statements.removeSubrange((place)...)
      return copy.tidied()
    }
  }

  /// Each statement left out, with all that need its result.
  static func withoutStatement(_ program: Program) -> [Program] {
    program.statements.indices.reversed().map { place in
      var copy = program
      var gone: Set<Int> = [program.statements[place].id]
      copy.statements.removeAll { statement in
        let goes = statement.id == program.statements[place].id || !gone.isDisjoint(with: statement.operands)
        if goes { gone.insert(statement.id) }
        return goes
      }
      return copy.tidied()
    }
  }

  /// The result of each statement replaced by an input of that type.
  static func withInput(_ program: Program) -> [Program] {
    let analysis = Analysis(program)
    return program.statements.reversed().compactMap { statement -> Program? in
      guard statement.row.effect != .write, let variable = analysis.variables[statement.id] else { return nil }
      var copy = program
      copy.statements.removeAll { $0.id == statement.id }
      let count = variable.type.count
      let values = (0..<count).map { variable.type.dtype == .bool ? Double($0 % 2) : Double($0 + 1) }
      copy.inputs.append(
        Program.Input(
          id: statement.id, dtype: variable.type.dtype, shape: variable.type.shape, values: values,
          requiresGrad: variable.isTracked))
      return copy.tidied()
    }
  }

  /// The result of each statement replaced by one of its operands, where that has the same type.
  static func bypassed(_ program: Program) -> [Program] {
    let analysis = Analysis(program)
    return program.statements.flatMap { statement -> [Program] in
      guard statement.row.effect != .write, let type = analysis.variables[statement.id]?.type else { return [] }
      let same = statement.operands.filter {
        let other = analysis.variables[$0]!.type
        return other.dtype == type.dtype && other.shape == type.shape
      }
      return same.map { operand in
        var copy = program
        copy.statements.removeAll { $0.id == statement.id }
        func renamed(_ id: Int) -> Int { id == statement.id ? operand : id }
        for i in copy.statements.indices { copy.statements[i].operands = copy.statements[i].operands.map(renamed) }
        copy.outputs = copy.outputs.map(renamed)
        return copy.tidied()
      }
    }
  }

  /// Fewer outputs, no weights, fewer gradients, nothing inside noGrad.
  static func simplerGradient(_ program: Program) -> [Program] {
    var copies: [Program] = []
    func change(_ body: (inout Program) -> Void) {
      var copy = program
      body(&copy)
      copies.append(copy.tidied())
    }
    change { $0.outputs = [] }
    for id in program.outputs where program.outputs.count > 1 { change { $0.outputs = [id] } }
    if program.isWeighted { change { $0.isWeighted = false } }
    for i in program.inputs.indices where program.inputs[i].requiresGrad {
      change { $0.inputs[i].requiresGrad = false }
    }
    for i in program.statements.indices where !program.statements[i].isRecorded {
      change { $0.statements[i].isRecorded = true }
    }
    // One operand twice in the place of two.
    for i in program.statements.indices {
      for (j, operand) in program.statements[i].operands.enumerated()
      where j > 0 && operand != program.statements[i].operands[0] {
        change { $0.statements[i].operands[j] = $0.statements[i].operands[0] }
      }
    }
    return copies
  }

  /// Each size replaced by a smaller one wherever it stands, or in one input only.
  static func smallerSizes(_ program: Program) -> [Program] {
    let sizes = Set(program.inputs.flatMap(\.shape)).filter { $0 > 1 }.sorted(by: >)
    let pairs = sizes.flatMap { size in
      Set([1, 2, size / 2, size - 1]).filter { $0 < size && $0 > 0 }.sorted().map { (size, $0) }
    }
    var copies: [Program] = []
    for (size, smaller) in pairs {
      var copy = program
      for i in copy.inputs.indices { copy.inputs[i].resize { $0 == size ? smaller : $0 } }
      for i in copy.statements.indices {
        copy.statements[i].integers = copy.statements[i].integers.map { $0 == size ? smaller : $0 }
      }
      copies.append(copy)
    }
    for i in program.inputs.indices {
      for (size, smaller) in pairs where program.inputs[i].shape.contains(size) {
        var copy = program
        copy.inputs[i].resize { $0 == size ? smaller : $0 }
        copies.append(copy)
      }
      if program.inputs[i].shape.first == 1 {
        var copy = program
        copy.inputs[i].shape.removeFirst()
        copies.append(copy)
      }
    }
    return copies
  }

  /// Inputs of simple numbers: ones, or 1, 2, 3, …, or whole numbers.
  static func simplerValues(_ program: Program) -> [Program] {
    program.inputs.indices.flatMap { i -> [Program] in
      let input = program.inputs[i]
      let ones = [Double](repeating: 1, count: input.count)
      let counted = (0..<input.count).map {
        Double(input.dtype == .bool ? $0 % 2 : input.dtype == .int64 ? $0 : $0 + 1)
      }
      // What is special stays, one kind of number after another.
      let isPlain = input.values.map { $0.isFinite && abs($0) < 100 }
      let plain = zip(input.values, isPlain).map { $1 ? 1 : $0 }
      let rounded = zip(input.values, isPlain).map { $1 ? $0.rounded() : $0 }
      // Only to what is simpler, or it would never end.
      let ladder = [ones, counted, plain, rounded]
      let simpler = ladder.prefix(ladder.firstIndex(of: input.values) ?? ladder.count)
      return simpler.map { values in
        var copy = program
        copy.inputs[i].values = values
        return copy
      }
    }
  }

  /// Numbers of statements: 2, and 0 for integers.
  static func simplerNumbers(_ program: Program) -> [Program] {
    program.statements.indices.flatMap { i -> [Program] in
      var copies: [Program] = []
      for j in program.statements[i].reals.indices where program.statements[i].reals[j] != 2 {
        var copy = program
        copy.statements[i].reals[j] = 2
        copies.append(copy)
      }
      for j in program.statements[i].integers.indices where program.statements[i].integers[j] != 0 {
        var copy = program
        copy.statements[i].integers[j] = 0
        copies.append(copy)
      }
      return copies
    }
  }
}

extension Program {
  /// The same without outputs that are gone, and without inputs that nobody reads.
  fileprivate func tidied() -> Program {
    var copy = self
    let there = Set(copy.ids)
    let tracked = Analysis(copy.withoutOutputs)
    copy.outputs = outputs.filter {
      there.contains($0) && tracked.variables[$0].map { $0.isTracked && !$0.isLeaf } ?? false
    }
    if copy.outputs.isEmpty && !outputs.isEmpty {
      copy.outputs =
        copy.statements.last { tracked.variables[$0.id].map { $0.isTracked && !$0.isLeaf } ?? false }.map { [$0.id] }
        ?? []
    }
    let used = Set(copy.statements.flatMap(\.operands) + copy.outputs)
    copy.inputs.removeAll { !used.contains($0.id) }
    return copy
  }

  private var withoutOutputs: Program {
    var copy = self
    copy.outputs = []
    return copy
  }
}

extension Program.Input {
  /// Other sizes, the values from the start on.
  fileprivate mutating func resize(_ size: (Int) -> Int) {
    shape = shape.map(size)
    values = (0..<count).map { values.isEmpty ? 1 : values[$0 % values.count] }
  }
}
