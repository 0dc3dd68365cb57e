import Kindling

/// Puts one wrong operation after another into the table, and sees to it that it is found, by the check that it is for, and made
/// short.
struct SelfTest {
  let python: String?

  /// Whether all were found.
  func run() throws -> Bool {
    var areFound = true
    for fault in Table.faults {
      if fault.check == .torch && python == nil {
        print("not tried, for want of PyTorch: \(fault.name)")
        continue
      }
      let torch = fault.check == .torch ? try python.map { try Torch(python: $0) } : nil
      let settings = Request.Settings(faults: [fault.row.name])
      let judge = Judge(torch: torch, checks: [.emulator, .layouts, .differences], settings: settings)
      areFound = try find(fault, judge) && areFound
    }
    return areFound
  }

  private func find(_ fault: Fault, _ judge: Judge) throws -> Bool {
    for seed in 1...UInt64(200) {
      let verdict = try judge.judge(seeds: seed..<(seed + 1))[0]
      guard let problem = verdict.problem else { continue }
      if problem.check != fault.check { continue }
      let failure = try Failure(verdict.program, problem, judge)
      let statements = failure.shrunk.statements
      let isShort = statements.count <= 2 && statements.contains { $0.operation == fault.row.name }
      print(
        "\(isShort ? "found" : "NOT MADE SHORT"): \(fault.name), in program \(seed), shown in \(statements.count) statements"
      )
      if !isShort { print(failure.text) }
      return isShort
    }
    print("NOT FOUND: \(fault.name)")
    return false
  }
}
