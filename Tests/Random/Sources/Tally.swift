/// What has been checked so far, and what has not.
struct Tally: Codable {
  var programs = 0
  var statements = 0
  /// Inputs whose gradient agreed with finite differences.
  var gradients = 0
  /// Programs that were moved away from where nothing is smooth, for that.
  var moved = 0
  var layouts = 0
  var emulatorRuns = 0
  /// Programs that were compared with PyTorch.
  var torch = 0
  /// Programs that were ended by the library, as they should be.
  var endings = 0
  /// Failures.
  var failures = 0
  var skips: [String: Int] = [:]

  mutating func skip(_ reason: String) { skips[reason, default: 0] += 1 }

  mutating func add(_ other: Tally) {
    programs += other.programs
    statements += other.statements
    gradients += other.gradients
    moved += other.moved
    layouts += other.layouts
    emulatorRuns += other.emulatorRuns
    torch += other.torch
    endings += other.endings
    failures += other.failures
    skips.merge(other.skips, uniquingKeysWith: +)
  }
}
