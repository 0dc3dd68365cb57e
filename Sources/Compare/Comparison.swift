import LessonKit

/// How one stage differs from another, everywhere that they can be compared.
struct Comparison: Codable, Sendable {
  /// The stage that is judged, and the one it is held against.
  let stage: Stage
  let other: Stage
  let scope: Scope
  let tolerance: Tolerance
  /// A step's relative difference, over the steps that both have.
  let losses: [Double]
  /// The largest of them, and its step.
  let largestLoss: Difference
  let largestLossStep: Int
  /// The largest of those before `lateStep`, and of those from there on; nil where no step is as late.
  let early: Difference
  let late: Difference?
  /// By name, in the order in which a lesson computes them.
  let tensors: [TensorDifference]
  /// Where they first part; nil where they agree.
  let disagreement: Disagreement?

  struct TensorDifference: Codable, Sendable {
    let name: String
    /// Nil where the shapes differ, or one of the two has no such tensor.
    let difference: Difference?
    let allowed: Double
  }

  /// How much of two runs can be compared. The article changes its problem from lesson to lesson.
  enum Scope: String, Codable, Sendable {
    /// Data, first weights, losses, gradients and last weights.
    case everything
    /// The same up to the first gradients: the article's lesson 5 goes on with Adam.
    case start
    case nothing

    static func of(_ a: Stage, _ b: Stage, problem: Problem) -> Scope {
      if problem != .article || a.lesson == b.lesson { return .everything }
      let (a, b) = (LessonFacts.of(a.lesson), LessonFacts.of(b.lesson))
      if a.hasTensors != b.hasTensors || a.hasModules != b.hasModules { return .nothing }
      return a.hasOptimizer == b.hasOptimizer ? .everything : .start
    }
  }

  /// From here on a float32 loss nears the floor that rounding leaves it: so much of it is lost that its size says little.
  static let lateStep = 200

  /// Whether the late steps agree within the bound and yet differ by more than a hundredth: they are at that floor.
  var reachesFloor: Bool { agrees && (late?.relative ?? 0) > 0.01 }

  var agrees: Bool { disagreement == nil }
  /// Not a bit is different.
  var isExact: Bool {
    scope != .nothing && losses.allSatisfy { $0 == 0 } && tensors.allSatisfy { $0.difference?.relative == 0 }
  }

  /// The larger of the differences of the tensors of a kind: first, gradient, last.
  func largest(_ kind: String) -> Difference? {
    tensors.filter { $0.name.hasPrefix(kind + ".") }.reduce(nil) { Difference.larger($0, $1.difference) }
  }

  init(_ outcome: Outcome, against other: Outcome, problem: Problem) {
    let scope = Scope.of(outcome.stage, other.stage, problem: problem)
    let tolerance = Tolerance.between(outcome.stage, other.stage, problem: problem)
    self.init(outcome, against: other, scope: scope, tolerance: tolerance)
  }

  init(_ outcome: Outcome, against other: Outcome, scope: Scope, tolerance: Tolerance) {
    stage = outcome.stage
    self.other = other.stage
    self.scope = scope
    self.tolerance = tolerance
    let count = scope == .everything ? Int.max : scope == .start ? 1 : 0
    let pairs = Array(zip(outcome.record.losses, other.record.losses).prefix(count))
    let differences = pairs.map { Difference($0, $1) }
    losses = differences.map(\.relative)
    largestLossStep = differences.indices.max { differences[$0].relative < differences[$1].relative } ?? 0
    largestLoss = differences.isEmpty ? .none : differences[largestLossStep]
    early = differences.prefix(Comparison.lateStep).reduce(.none) { Difference.larger($0, $1)! }
    late = differences.dropFirst(Comparison.lateStep).reduce(nil) { Difference.larger($0, $1) }
    tensors = scope == .nothing ? [] : Comparison.tensors(outcome, other, scope, tolerance)
    disagreement = Disagreement.first(
      losses: pairs, tensors: tensors, tolerance: tolerance, ends: scope == .everything ? [outcome, other] : [])
  }

  private static func tensors(
    _ outcome: Outcome, _ other: Outcome, _ scope: Scope, _ tolerance: Tolerance
  ) -> [TensorDifference] {
    let order = ["x": 0, "y": 1, "first": 2, "gradient": 3, "last": 4]
    func rank(_ name: String) -> Int { order[String(name.split(separator: ".")[0])] ?? 5 }
    let kinds = scope == .everything ? 5 : 4
    // A lesson that ended early saved nothing; that is said once, not of every tensor.
    if outcome.tensors.isEmpty || other.tensors.isEmpty { return [] }
    return Set(outcome.tensors.keys).union(other.tensors.keys)
      .filter { rank($0) < kinds }
      .sorted { (rank($0), $0) < (rank($1), $1) }
      .map { name in
        let allowed = rank(name) == 3 ? tolerance.gradients : rank(name) == 4 ? tolerance.weights : 0
        guard let a = outcome.tensors[name], let b = other.tensors[name] else {
          return TensorDifference(name: name, difference: nil, allowed: allowed)
        }
        return TensorDifference(name: name, difference: Difference.between(a, b), allowed: allowed)
      }
  }
}

/// The first place, in the order of the computation, at which two runs part.
struct Disagreement: Codable, Sendable {
  /// The training step; nil for the data and the first weights, which come before, and for the last weights.
  let step: Int?
  /// The tensor's name, or "loss".
  let tensor: String
  /// The losses of the two, where it is a loss.
  let values: [Double]?
  /// Nil where there is nothing to measure: other shapes, a tensor or a step that one does not have.
  let difference: Difference?
  let allowed: Double

  /// - Parameter ends: The two runs, if they are to be compared to their ends.
  static func first(
    losses: [(Double, Double)], tensors: [Comparison.TensorDifference], tolerance: Tolerance, ends: [Outcome]
  ) -> Disagreement? {
    func tensor(_ prefixes: [String], step: Int?) -> Disagreement? {
      tensors.first { tensor in
        prefixes.contains { tensor.name.hasPrefix($0) }
          && !(tensor.difference.map { $0.relative <= tensor.allowed } ?? false)
      }.map { Disagreement(step: step, tensor: $0.name, values: nil, difference: $0.difference, allowed: $0.allowed) }
    }
    let firstLoss = losses.first?.1 ?? 0
    func loss(_ steps: Range<Int>) -> Disagreement? {
      steps.first { !tolerance.allows(losses[$0].0, losses[$0].1, firstLoss: firstLoss) }.map { step in
        let (a, b) = losses[step]
        let allowed = tolerance.relative + tolerance.floor * abs(firstLoss) / max(abs(a), abs(b))
        return Disagreement(
          step: step, tensor: "loss", values: [a, b], difference: Difference(a, b), allowed: allowed)
      }
    }
    let early = ends.first { $0.failure != nil }.map {
      Disagreement(step: $0.record.losses.count, tensor: "loss", values: nil, difference: nil, allowed: 0)
    }
    let start = min(1, losses.count)
    return tensor(["x", "y", "first."], step: nil) ?? loss(0..<start) ?? tensor(["gradient."], step: 0)
      ?? loss(start..<losses.count) ?? early ?? tensor(["last."], step: nil)
  }
}
