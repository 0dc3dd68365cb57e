import LessonKit

/// The comparison in one sentence, or as many as there are stages that do not agree.
struct Verdict {
  let stages: [Report.Row]
  let findings: [Finding]
  let references: [Report.ReferenceRow]
  let devices: [String]
  let problem: Problem

  var sentences: [String] {
    var sentences = findings.flatMap { $0.sentences(among: devices) }
    for row in references where !row.comparison.agrees {
      let comparison = row.comparison
      let step = comparison.disagreement?.step.map { " from step \($0)" } ?? ""
      sentences.append(
        "\(comparison.stage.name(among: devices).capitalizedFirst) does not follow \(row.source)\(step): "
          + "\(comparison.disagreement?.tensor ?? "loss") is "
          + "\(Format.number(comparison.disagreement?.difference?.relative ?? 0, digits: 2)) of it away.")
    }
    if sentences.isEmpty {
      sentences.append(stages.count == 1 ? "One stage alone; there is nothing to compare it with." : agreement)
    }
    if !references.isEmpty && references.allSatisfy(\.comparison.agrees) {
      sentences.append(
        "Every curve follows \(sources), within the bounds that rounding sets.")
    }
    return sentences
  }

  private var sources: String {
    let names = references.map(\.source)
    return Verdict.list(names.indices.filter { names.firstIndex(of: names[$0]) == $0 }.map { names[$0] })
  }

  private var agreement: String {
    let comparisons = stages.flatMap { [$0.before, $0.first, $0.device] }.compactMap { $0 }
    if comparisons.isEmpty { return "These lessons train different networks, so there is nothing to compare." }
    let float32 = comparisons.filter { !$0.stage.isDouble && !$0.other.isDouble && $0.stage.device == $0.other.device }
    var parts: [String] = []
    if !float32.isEmpty {
      let exact = float32.allSatisfy(\.isExact)
      parts.append(
        "\(Verdict.participants(float32)) give the same losses, gradients and weights "
          + (devices.count > 1 ? "on each device " : "")
          + (exact ? "bit for bit" : "to within what the order of a sum can change"))
    }
    for device in devices.dropFirst() {
      let others = stages.compactMap(\.device).filter { $0.stage.device == device }
      guard let furthest = others.max(by: { apart($0) < apart($1) }) else { continue }
      let difference = Format.number(apart(furthest), digits: 2)
      parts.append("\(device) and \(devices[0]) agree to \(difference) up to step \(reach(furthest))")
    }
    if let other = comparisons.filter({ $0.stage.isDouble != $0.other.isDouble }).max(by: { apart($0) < apart($1) }) {
      let difference = Format.number(apart(other), digits: 2)
      parts.append(
        "lesson 1, in float64, agrees with float32 to \(difference) up to step \(reach(other))"
          + (other.largestLoss.relative > 0.01 ? ", after which rounding leaves the float32 loss a floor" : ""))
    }
    let scope = problem == .article ? "Where the article's lessons solve one problem, " : ""
    return (scope + parts.joined(separator: "; ") + ".").capitalizedFirst
  }

  /// The step up to which two losses are held together: 199, or the last one before rounding drives them apart.
  private func reach(_ comparison: Comparison) -> Int {
    let losses = comparison.losses.prefix(200)
    return max(0, (losses.firstIndex { $0 > 0.01 } ?? losses.count) - 1)
  }

  private func apart(_ comparison: Comparison) -> Double { comparison.losses.prefix(reach(comparison) + 1).max() ?? 0 }

  /// The lessons that take part: "lessons 2 to 5".
  private static func participants(_ comparisons: [Comparison]) -> String {
    let lessons = Set(comparisons.flatMap { [$0.stage.lesson, $0.other.lesson] }).sorted()
    if lessons.count == 1 { return "lesson \(lessons[0]) on all devices" }
    let isRange = lessons.count > 2 && lessons.last! - lessons[0] == lessons.count - 1
    return "lessons "
      + (isRange ? "\(lessons[0]) to \(lessons.last!)" : list(lessons.map(String.init)))
  }

  /// One, two and three.
  private static func list(_ words: [String]) -> String {
    words.count < 2 ? words.joined() : words.dropLast().joined(separator: ", ") + " and " + words.last!
  }
}
