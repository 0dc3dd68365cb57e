import LessonKit

/// The report as a person reads it in a terminal.
struct Summary {
  let report: Report
  let terminal: Terminal

  var text: String {
    var lines = [heading, ""] + losses + [""] + topics
    if report.stages.count > 1 { lines += [""] + differences }
    if report.devices.count > 1 { lines += [""] + devices }
    if !report.references.isEmpty { lines += [""] + references }
    let chart = Chart(curves: curves, terminal: terminal).lines
    if !chart.isEmpty { lines += ["", terminal.bold("Loss, on a logarithmic scale"), ""] + chart }
    return (lines + [""] + verdict).joined(separator: "\n")
  }

  private var heading: String {
    let rates = Set(report.stages.map(\.learningRate)).sorted().map { Format.number($0, digits: 3) }
    let words =
      "Problem \(report.problem.rawValue), seed \(report.seed), \(report.steps) steps, learning rate "
      + rates.joined(separator: " or ") + ", on " + report.devices.joined(separator: " and ")
    return terminal.bold(words.wrapped(terminal.width))
  }

  // MARK: The parts of the table

  private func label(_ row: Report.Row) -> String {
    let device = report.devices.count > 1 ? " " + Summary.short(row.stage.device) : ""
    return "\(row.stage.lesson) \(row.topic.name)\(device)".left(labelWidth)
  }

  private var labelWidth: Int { report.devices.count > 1 ? 20 : 13 }

  /// A device's name in a narrow column.
  private static func short(_ device: String) -> String { device == "cuda-emulator" ? "emulator" : device }

  private var losses: [String] {
    let shown = Report.shownSteps(report.steps)
    let width = report.devices.count > 1 ? 10 : 11
    let head = "lesson".left(labelWidth) + shown.map { "step \($0)".right(width) }.joined() + "ms/step".right(9)
    return [terminal.dim(head)]
      + report.stages.map { row in
        let values = shown.map { step in
          (step < row.losses.count ? Format.number(row.losses[step], digits: 5) : "-").right(width)
        }
        return terminal.colored(label(row), lesson: row.stage.lesson) + values.joined()
          + Format.fixed(row.secondsPerStep * 1000, places: 3).right(9)
      }
  }

  private var topics: [String] {
    let rows = report.stages.filter { $0.stage.device == report.devices[0] || $0.stage.lesson == 1 }
    return [terminal.dim("lesson".left(13) + "what is new".left(terminal.width - 13 - 15) + "lines in loop".right(14))]
      + rows.map { row in
        let name = terminal.colored("\(row.stage.lesson) \(row.topic.name)".left(13), lesson: row.stage.lesson)
        return name + row.topic.new.left(terminal.width - 13 - 15) + "\(row.loopLines)".right(14)
      }
  }

  private var differences: [String] {
    let kinds = ["losses", "gradient", "weights"]
    let width = report.devices.count > 1 ? 9 : 10
    let columns = kinds.map { $0.right(width) }.joined()
    let group = width * 3
    var lines = [
      terminal.dim(
        "largest".left(labelWidth) + "from the stage before".right(group) + "from the first stage".right(group + 2)),
      terminal.dim("difference".left(labelWidth) + columns + "  " + columns),
    ]
    for row in report.stages.dropFirst() {
      let (before, first) = (cells(row.before), cells(row.first))
      lines.append(
        terminal.colored(label(row), lesson: row.stage.lesson)
          + before.map { $0.relative.right(width) }.joined() + "  "
          + first.map { $0.relative.right(width) }.joined())
      if (before + first).allSatisfy(\.ulps.isEmpty) { continue }
      lines.append(
        terminal.dim(
          "  in ulps".left(labelWidth) + before.map { $0.ulps.right(width) }.joined() + "  "
            + first.map { $0.ulps.right(width) }.joined()))
    }
    return lines
  }

  /// Losses, first gradients, last weights: the relative difference and, where there is one, units in the last place.
  private func cells(_ comparison: Comparison?) -> [(relative: String, ulps: String)] {
    guard let comparison else { return [("-", ""), ("-", ""), ("-", "")] }
    return [comparison.largestLoss, comparison.largest("gradient"), comparison.largest("last")].map { difference in
      guard let difference else { return ("-", "") }
      return difference.relative == 0
        ? ("same", "") : (Format.number(difference.relative, digits: 2), Format.ulps(difference.ulps))
    }
  }

  private var devices: [String] {
    let width = 12
    let head = "from the same lesson on \(report.devices[0])"
    var lines = [terminal.dim(head.left(40) + ["losses", "gradients", "weights"].map { $0.right(width) }.joined())]
    for row in report.stages {
      guard let comparison = row.device else { continue }
      let name = "\(row.stage.lesson) \(row.topic.name), \(row.stage.device)".left(40)
      lines.append(
        terminal.colored(name, lesson: row.stage.lesson) + cells(comparison).map { $0.relative.right(width) }.joined())
    }
    return lines
  }

  private var references: [String] {
    let head = "against".left(36) + "largest difference".right(20) + "ms/step".right(10) + "there".right(10)
    return [terminal.dim(head)]
      + report.references.map { row in
        let comparison = row.comparison
        let name = "\(comparison.stage.lesson) \(row.source)".left(36)
        let largest =
          comparison.largestLoss.relative == 0
          ? "same" : "\(Format.number(comparison.largestLoss.relative, digits: 2)), step \(comparison.largestLossStep)"
        let own = report.stages.first { $0.stage == comparison.stage }?.secondsPerStep ?? 0
        return terminal.colored(name, lesson: comparison.stage.lesson) + largest.right(20)
          + Format.fixed(own * 1000, places: 3).right(10)
          + (row.secondsPerStep.map { Format.fixed($0 * 1000, places: 3) } ?? "-").right(10)
      }
  }

  // MARK: Chart and verdict

  private var curves: [Chart.Curve] {
    report.stages.map {
      Chart.Curve(losses: $0.losses, mark: Character("\($0.stage.lesson)"), lesson: $0.stage.lesson)
    }
  }

  private var verdict: [String] {
    let mark = report.agrees ? terminal.good("✓") : terminal.bad("✗")
    let text = report.verdict.map { $0.wrapped(terminal.width, indent: "  ") }.joined(separator: "\n")
    return ["\(mark) " + text.dropFirst(2)]
  }
}
