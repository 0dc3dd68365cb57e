import Kindling
import LessonKit

/// All that `compare` found out, as `--json` writes it and the other forms show it.
struct Report: Codable, Sendable {
  let kindling: String
  let problem: Problem
  let seed: Int
  let steps: Int
  let devices: [String]
  let agrees: Bool
  let verdict: [String]
  let stages: [Row]
  let findings: [Finding]
  let references: [ReferenceRow]

  /// A stage with everything that is known of it.
  struct Row: Codable, Sendable {
    let stage: Stage
    let topic: Topic
    let learningRate: Double
    let secondsPerStep: Double
    let loopLines: Int
    let losses: [Double]
    /// What the stage said where it ended early.
    let failure: String?
    /// Against the stage before, of the same device if there is one.
    let before: Comparison?
    /// Against the first stage, lesson 1 if it was run.
    let first: Comparison?
    /// Against the same lesson on the first device.
    let device: Comparison?
    let gradients: [TensorSummary]
  }

  /// A tensor in a few numbers.
  struct TensorSummary: Codable, Sendable {
    let name: String
    let shape: [Int]
    let norm: Double
    let largest: Double
    let start: [Double]
  }

  /// A stage against a run of the article's program in another language.
  struct ReferenceRow: Codable, Sendable {
    /// Such as "PyTorch 2.13.0", "NumPy, committed".
    let source: String
    let losses: [Double]
    /// Nil for a committed curve.
    let secondsPerStep: Double?
    let comparison: Comparison
  }

  init(_ outcomes: [Outcome], problem: Problem, findings: [Finding], references: [ReferenceRow]) {
    let record = outcomes[0].record
    self.kindling = kindlingVersion
    self.problem = problem
    (seed, steps) = (record.seed, record.steps)
    devices = outcomes.reduce(into: []) { if !$0.contains($1.stage.device) { $0.append($1.stage.device) } }
    stages = outcomes.indices.map { Report.row($0, outcomes, problem) }
    self.findings = findings
    self.references = references
    agrees = findings.isEmpty && references.allSatisfy { $0.comparison.agrees }
    verdict =
      Verdict(
        stages: stages, findings: findings, references: references, devices: devices, problem: problem
      ).sentences
  }

  private static func row(_ index: Int, _ outcomes: [Outcome], _ problem: Problem) -> Row {
    let outcome = outcomes[index]
    let stage = outcome.stage
    func comparison(_ other: Outcome?) -> Comparison? {
      guard let other, other.stage != stage else { return nil }
      let comparison = Comparison(outcome, against: other, problem: problem)
      return comparison.scope == .nothing ? nil : comparison
    }
    let earlier = outcomes[..<index]
    let before =
      earlier.last { $0.stage.device == stage.device } ?? earlier.last { $0.stage.lesson < stage.lesson }
    let gradients = outcome.tensors.filter { $0.key.hasPrefix("gradient.") }
    return Row(
      stage: stage, topic: LessonFacts.of(stage.lesson).topic, learningRate: outcome.record.learningRate,
      secondsPerStep: outcome.record.secondsPerStep, loopLines: TrainingLoop.of(lesson: stage.lesson)?.count ?? 0,
      losses: outcome.record.losses, failure: outcome.failure,
      before: comparison(before), first: comparison(earlier.first),
      device: comparison(earlier.first { $0.stage.lesson == stage.lesson }),
      gradients: gradients.mapValues { $0.to(.float64) }.sorted { $0.key < $1.key }.map { name, tensor in
        TensorSummary(
          name: name, shape: Array(tensor.shape), norm: tensor.norm().item(), largest: Difference.largest(tensor),
          start: Array(tensor.toArray().prefix(3)))
      })
  }

  /// What holds a stage against others: the stage before and, unless the two are the same bit for bit and so say the same
  /// of it, the first stage.
  func comparisons(_ row: Row) -> [Comparison] {
    let first = row.before?.isExact == true || row.first?.other == row.before?.other ? nil : row.first
    return [row.before, first].compactMap { $0 }
  }

  /// The heads of the columns in which losses are compared: up to step 199, and from there on if any run goes so far.
  func lossHeads(among comparisons: [Comparison]) -> [String] {
    let early = "to step \(max(0, min(steps, Comparison.lateStep) - 1))"
    if !comparisons.contains(where: { $0.late != nil }) { return [early] }
    return [early, comparisons.contains(where: \.reachesFloor) ? "at the floor" : "later"]
  }

  /// What the floor is, for the reader of a table that has such a column.
  static let floor = """
    At the floor an update is smaller than half of a float32 weight's last digit, and the small loss that is left depends on \
    rounding.
    """

  /// The steps whose losses a table shows: 0, then the last of each hundred as the article prints them, at most five.
  static func shownSteps(_ steps: Int) -> [Int] {
    if steps <= 5 { return Array(0..<steps) }
    if steps == 500 { return [0, 99, 199, 299, 499] }
    // i (steps - 1) / 4, for any number of steps.
    let last = steps - 1
    return (0..<5).map { last / 4 * $0 + last % 4 * $0 / 4 }
  }
}

extension Problem: Codable {}
