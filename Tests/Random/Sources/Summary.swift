import FoundationEssentials
import Kindling

/// What was checked, in words and as JSON.
struct Summary: Encodable {
  let seed: UInt64
  let seconds: Double
  let torchVersion: String?
  let tally: Tally
  /// Of each kind of failure that came more than once, the seeds.
  let repeatedFailures: [[UInt64]]

  init(_ session: Session) {
    seed = session.start
    seconds = session.seconds
    torchVersion = session.torchVersion
    tally = session.tally
    repeatedFailures = session.repeated.sorted { $0[0] < $1[0] }
  }

  var text: String {
    let perSecond = Int(Double(tally.programs) / max(seconds, 1e-3))
    var lines = [
      "",
      "programs \(tally.programs) from seed \(seed) on, statements \(tally.statements), \(perSecond) programs a second",
      "gradients that agree with finite differences: \(tally.gradients), \(tally.moved) programs moved to where they are smooth",
      "runs with other layouts: \(tally.layouts); on the emulator: \(tally.emulatorRuns)",
      "ended by the library, as they should be: \(tally.endings)",
      torchVersion.map { "compared with \($0): \(tally.torch)" }
        ?? "not compared with PyTorch: KINDLING_PYTHON names no Python that has it",
    ]
    for (reason, count) in tally.skips.sorted(by: { $0.key < $1.key }) { lines.append("skipped, \(reason): \(count)") }
    for seeds in repeatedFailures {
      let others = seeds.dropFirst().prefix(5).map { "\($0)" }.joined(separator: ", ")
      lines.append("of the same kind as program \(seeds[0]): \(seeds.count - 1) more, such as \(others)")
    }
    lines.append(tally.failures == 0 ? "no failures" : "failures: \(tally.failures)")
    return lines.joined(separator: "\n")
  }

  /// - Throws: where the file cannot be written.
  func write(to path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    try encoder.encode(self).write(to: URL(filePath: path))
  }
}
