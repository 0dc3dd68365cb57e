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

  /// Whether the terminal is too narrow for the whole table; it then leaves out what can be left out.
  private var isNarrow: Bool { terminal.width < 78 }

  private var losses: [String] {
    var shown = Report.shownSteps(report.steps)
    if isNarrow && shown.count == 5 { shown = [shown[0], shown[4]] }
    let width = report.devices.count > 1 ? 10 : 11
    let time = isNarrow && report.devices.count > 1 ? 0 : 9
    let head = "lesson".left(labelWidth) + shown.map { "step \($0)".right(width) }.joined()
    return [terminal.dim(head + (time > 0 ? "ms/step".right(time) : ""))]
      + report.stages.map { row in
        let values = shown.map { step in
          (step < row.losses.count ? Format.number(row.losses[step], digits: 5) : "-").right(width)
        }
        let seconds = time > 0 ? Format.fixed(row.secondsPerStep * 1000, places: 3).right(time) : ""
        return terminal.colored(label(row), lesson: row.stage.lesson) + values.joined() + seconds
      }
  }

  private var topics: [String] {
    let rows = report.stages.filter { $0.stage.device == report.devices[0] || $0.stage.lesson == 1 }
    let width = 13
    if isNarrow {
      return rows.map { row in
        let text = "\(row.stage.lesson) \(row.topic.name): \(row.topic.new); \(row.loopLines) lines in the loop"
        return terminal.colored(text.wrapped(terminal.width), lesson: row.stage.lesson)
      }
    }
    let middle = min(terminal.width, 100) - width - 15
    return [terminal.dim("lesson".left(width) + "what is new".left(middle) + "lines in loop".right(14))]
      + rows.map { row in
        let name = terminal.colored("\(row.stage.lesson) \(row.topic.name)".left(width), lesson: row.stage.lesson)
        return name + row.topic.new.left(middle) + "\(row.loopLines)".right(14)
      }
  }

  private var differences: [String] {
    let width = report.devices.count > 1 ? 9 : 10
    let columns = ["losses", "gradient", "weights"].map { $0.right(width) }.joined()
    let heads = isNarrow ? ["from the stage before"] : ["from the stage before", "from the first stage"]
    func line(_ start: String, _ groups: [String]) -> String {
      start.left(labelWidth) + groups.prefix(heads.count).joined(separator: "  ")
    }
    var lines = [
      terminal.dim(line("largest", heads.map { $0.right(width * 3) })),
      terminal.dim(line("difference", [columns, columns])),
    ]
    for row in report.stages.dropFirst() {
      let groups = [cells(row.before), cells(row.first)].prefix(heads.count)
      let name = terminal.colored(label(row), lesson: row.stage.lesson)
      lines.append(name + line("", groups.map { $0.map { $0.relative.right(width) }.joined() }).dropFirst(labelWidth))
      if groups.joined().allSatisfy(\.ulps.isEmpty) { continue }
      lines.append(terminal.dim(line("  in ulps", groups.map { $0.map { $0.ulps.right(width) }.joined() })))
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
    let (width, start) = isNarrow ? (9, 22) : (12, 40)
    let head = isNarrow ? "from \(report.devices[0])" : "from the same lesson on \(report.devices[0])"
    var lines = [terminal.dim(head.left(start) + ["losses", "gradient", "weights"].map { $0.right(width) }.joined())]
    for row in report.stages {
      guard let comparison = row.device else { continue }
      let name = label(row).left(start)
      lines.append(
        terminal.colored(name, lesson: row.stage.lesson) + cells(comparison).map { $0.relative.right(width) }.joined())
    }
    return lines
  }

  private var references: [String] {
    let (start, times) = isNarrow ? (22, false) : (36, true)
    let head = "against".left(start) + "largest, at".right(18)
    return [terminal.dim(head + (times ? "ms/step here".right(14) + "there".right(10) : ""))]
      + report.references.map { row in
        let comparison = row.comparison
        let lesson = comparison.stage.lesson
        let device = report.devices.count > 1 ? ", " + Summary.short(comparison.stage.device) : ""
        let name = terminal.colored("\(lesson)\(device) \(row.source)".left(start), lesson: lesson)
        let largest = comparison.largestLoss.relative
        let text =
          largest == 0 ? "same" : "\(Format.number(largest, digits: 2)), step \(comparison.largestLossStep)"
        if !times { return name + text.right(18) }
        let own = report.stages.first { $0.stage == comparison.stage }?.secondsPerStep ?? 0
        let there = row.secondsPerStep.map { Format.fixed($0 * 1000, places: 3) } ?? "-"
        return name + text.right(18) + Format.fixed(own * 1000, places: 3).right(14) + there.right(10)
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
