import Kindling
import LessonKit

/// A stage that does not agree, and where it parts from one that does.
struct Finding: Codable, Sendable {
  let stage: Stage
  let other: Stage
  let disagreement: Disagreement
  /// What the stage said where it ended early.
  let failure: String?
  /// The tensor to blame, if one was found.
  private(set) var tensor: String?
  /// The tensors after as many updates as were needed for the loss to differ, from a second, shorter run of both; empty
  /// where there was none.
  private(set) var pinpoint: [Comparison.TensorDifference] = []

  init(_ comparison: Comparison, _ disagreement: Disagreement, failure: String?) {
    stage = comparison.stage
    other = comparison.other
    self.disagreement = disagreement
    self.failure = failure
    tensor = disagreement.tensor == "loss" ? nil : disagreement.tensor
  }

  /// The stages to blame. Every two stages that can be compared are, and a stage that is at odds with most others is the
  /// one that is wrong: with lesson 3 broken, lessons 1, 2, 4 and 5 agree with each other and each disagrees with 3. The
  /// later stage, where it is one against one.
  static func all(_ outcomes: [Outcome], problem: Problem) -> [Finding] {
    // By the places of the two in `outcomes`; each in both directions, as either may be to blame.
    var conflicts: [(culprit: Int, partner: Int)] = []
    for a in outcomes.indices {
      for b in outcomes.indices where a != b {
        if !Comparison(outcomes[a], against: outcomes[b], problem: problem).agrees { conflicts.append((a, b)) }
      }
    }
    var findings: [Finding] = []
    while !conflicts.isEmpty {
      func weight(_ index: Int) -> Int { conflicts.count { $0.culprit == index } }
      let culprit = outcomes.indices.max { (weight($0), $0) < (weight($1), $1) }!
      let partners = conflicts.filter { $0.culprit == culprit }.map(\.partner)
      // The stage just before it shows best what went wrong; for the first there are only stages after it.
      let partner = partners.last { $0 < culprit } ?? partners[0]
      let comparison = Comparison(outcomes[culprit], against: outcomes[partner], problem: problem)
      if let disagreement = comparison.disagreement {
        findings.append(Finding(comparison, disagreement, failure: outcomes[culprit].failure))
      }
      conflicts.removeAll { $0.culprit == culprit || $0.partner == culprit }
    }
    return findings
  }

  /// How many updates to rerun so that the tensors show what the loss only shows afterwards: the loss of step 2 comes out of
  /// the weights after two updates.
  private var stepsToRerun: Int { max(disagreement.step ?? 1, 1) }

  /// Runs both stages again up to the step where they part, and notes which tensors differ then.
  mutating func rerun(_ runner: LessonRunner, _ settings: Settings, folder: String) throws {
    // Where no loss differs there is nothing to look for: the tensor has been named, or the stage never got that far.
    guard disagreement.tensor == "loss", disagreement.values != nil else { return }
    var settings = settings
    settings.steps = stepsToRerun
    let a = try runner.run(stage, settings, folder: folder)
    let b = try runner.run(other, settings, folder: folder)
    pinpoint = Comparison(a, against: b, problem: settings.problem).tensors
    tensor = pinpoint.first { !Finding.isSame($0) }?.name
  }

  private static func isSame(_ tensor: Comparison.TensorDifference) -> Bool {
    tensor.difference.map { $0.relative <= tensor.allowed } ?? false
  }

  // MARK: In words

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
    return "(by \(Format.number(difference.relative, digits: 2)) of it; allowed "
      + "\(Format.number(disagreement.allowed, digits: 2)))"
  }

  private var pinpointSentence: String? {
    if disagreement.tensor != "loss" || pinpoint.isEmpty { return nil }
    let updates = stepsToRerun == 1 ? "one update" : "\(stepsToRerun) updates"
    let kinds = disagreement.step == 0 ? ["first.", "gradient."] : ["gradient.", "last."]
    let states = pinpoint.filter { tensor in kinds.contains { tensor.name.hasPrefix($0) } }.map { tensor in
      let distance = tensor.difference.map { Format.number($0.relative, digits: 2) } ?? "its shape"
      return tensor.name + (Finding.isSame(tensor) ? " agrees" : " differs by \(distance)")
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
