import Kindling
import LessonKit

/// A stage that does not agree, and where it parts from one that does.
struct Finding: Codable, Sendable {
  let stage: Stage
  let other: Stage
  let disagreement: Disagreement
  /// What the stage said where it ended early.
  let failure: String?
  /// The tensors after as many updates as were needed for the loss to differ, from a second, shorter run of both; empty
  /// where there was none.
  var pinpoint: [Comparison.TensorDifference] = []

  /// The stages to blame. Every two stages that can be compared are, and a stage that is at odds with most others is the
  /// one that is wrong: with lesson 3 broken, lessons 1, 2, 4 and 5 agree with each other and each disagrees with 3. The
  /// later stage, where it is one against one.
  static func all(_ outcomes: [Outcome], problem: Problem) -> [Finding] {
    var conflicts: [Comparison] = []
    for (index, outcome) in outcomes.enumerated() {
      for other in outcomes[..<index] {
        let comparison = Comparison(outcome, against: other, problem: problem)
        if !comparison.agrees { conflicts.append(comparison) }
      }
    }
    var findings: [Finding] = []
    while !conflicts.isEmpty {
      func weight(_ stage: Stage) -> Int { conflicts.count { $0.stage == stage || $0.other == stage } }
      let order = outcomes.map(\.stage)
      let culprit = order.indices.max { (weight(order[$0]), $0) < (weight(order[$1]), $1) }!
      let stage = order[culprit]
      let partners = order.filter { other in
        conflicts.contains { [$0.stage, $0.other].contains(stage) && [$0.stage, $0.other].contains(other) }
      }
      // The stage just before it shows best what went wrong; for the first there is only one after it.
      let partner = partners.last { order.firstIndex(of: $0)! < culprit } ?? partners[0]
      let outcome = outcomes[culprit]
      let comparison = Comparison(
        outcome, against: outcomes.first { $0.stage == partner }!, problem: problem)
      findings.append(
        Finding(
          stage: stage, other: partner, disagreement: comparison.disagreement!, failure: outcome.failure))
      conflicts.removeAll { $0.stage == stage || $0.other == stage }
    }
    return findings
  }

  /// How many updates to rerun so that the tensors show what the loss only shows afterwards: the loss of step 2 comes out of
  /// the weights after two updates.
  var stepsToRerun: Int { max(disagreement.step ?? 1, 1) }

  /// Runs both stages again up to the step where they part, and notes which tensors differ then.
  mutating func rerun(_ runner: LessonRunner, _ settings: Settings, folder: String) throws {
    // Without a step there is nothing to look for: the tensor has been named.
    if disagreement.step == nil { return }
    var settings = settings
    settings.steps = stepsToRerun
    let a = try runner.run(stage, settings, folder: folder)
    let b = try runner.run(other, settings, folder: folder)
    pinpoint = Comparison(a, against: b, problem: settings.problem).tensors
  }

  // MARK: In words

  /// The tensor that is to blame, if one was found.
  var tensor: String? {
    if disagreement.tensor != "loss" { return disagreement.tensor }
    return pinpoint.first { !($0.difference.map { $0.relative == 0 } ?? false) }?.name
  }

  /// What to say to the learner: which stage, at which step, which tensor, and where to look.
  func sentences(among devices: [String]) -> [String] {
    let (name, other) = (stage.name(among: devices).capitalizedFirst, other.name(among: devices))
    var sentences: [String] = []
    if let failure {
      sentences.append("\(name) ended early, at step \(disagreement.step ?? 0): \(failure)")
      if disagreement.values == nil && disagreement.difference == nil { return sentences }
    }
    let place = disagreement.step.map { " at step \($0)" } ?? ""
    if let values = disagreement.values {
      sentences.append(
        "\(name) parts from \(other)\(place): its loss is \(Format.number(values[0], digits: 7)) and not "
          + "\(Format.number(values[1], digits: 7)) \(measure).")
    } else {
      sentences.append("\(name) parts from \(other)\(place): \(disagreement.tensor) differs \(measure).")
    }
    if let state = pinpointSentence { sentences.append(state) }
    sentences.append(hint)
    return sentences
  }

  private var measure: String {
    guard let difference = disagreement.difference else { return "(the shapes differ, or one has no such tensor)" }
    return "(\(Format.number(difference.relative, digits: 2)) of it, allowed "
      + "\(Format.number(disagreement.allowed, digits: 2)))"
  }

  private var pinpointSentence: String? {
    if disagreement.tensor != "loss" || pinpoint.isEmpty { return nil }
    let updates = stepsToRerun == 1 ? "one update" : "\(stepsToRerun) updates"
    let kinds = disagreement.step == 0 ? ["first.", "gradient."] : ["gradient.", "last."]
    let states = pinpoint.filter { tensor in kinds.contains { tensor.name.hasPrefix($0) } }.map { tensor in
      let relative = tensor.difference?.relative
      return tensor.name
        + (relative == 0
          ? " is the same" : " differs by \(relative.map { Format.number($0, digits: 2) } ?? "its shape")")
    }
    return "Run again for \(updates): " + states.joined(separator: ", ") + "."
  }

  private var hint: String {
    switch disagreement.tensor {
    case "x", "y": "Look at the data: it is not the same."
    case let name where name.hasPrefix("first."): "Look at the first weights: they are not the same."
    case let name where name.hasPrefix("gradient."):
      "The forward pass agrees, so look at how that gradient is computed."
    case let name where name.hasPrefix("last."):
      "All losses agree, so look at the very last update, or at how the weights are saved."
    case "loss" where disagreement.step == 0: "Data and first weights agree, so look at the forward pass and the loss."
    default: "The first gradients agree, so look at the update, and at whether gradients start again from zero."
    }
  }
}

extension String {
  var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
