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
    let rows = report.stages.dropFirst().flatMap { row in
      let comparisons: [Comparison?] = report.comparisons(row)
      return (comparisons.isEmpty ? [nil] : comparisons).map { (row: row, comparison: $0) }
    }
    let from = isNarrow ? 0 : 8
    let table = Columns(self, rows.map(\.comparison), start: labelWidth + from, most: 14)
    var lines = table.heads("largest", "difference")
    for (row, comparison) in rows {
      let other = isNarrow ? "" : (comparison.map { "from \($0.other.lesson)" } ?? "").left(from)
      let cells = table.cells(comparison)
      let name = terminal.colored(label(row), lesson: row.stage.lesson)
      lines.append(name + other + table.line(cells.map(\.relative)))
      if cells.allSatisfy(\.ulps.isEmpty) { continue }
      lines.append(terminal.dim("  in ulps".left(labelWidth + from) + table.line(cells.map(\.ulps))))
    }
    let floor = Report.floor.wrapped(min(terminal.width, 80))
    return lines + (table.reachesFloor ? [terminal.dim(floor)] : [])
  }

  /// The columns in which runs are compared: losses up to step 199 and after, first gradients, last weights.
  private struct Columns {
    let heads: [String]
    let width: Int
    let start: Int
    let reachesFloor: Bool
    let terminal: Terminal

    init(_ summary: Summary, _ comparisons: [Comparison?], start: Int, most: Int) {
      heads = summary.report.lossHeads(among: comparisons.compactMap { $0 })
      reachesFloor = comparisons.contains { $0?.reachesFloor == true }
      width = min(most, (min(summary.terminal.width, 80) - start) / (heads.count + 2))
      self.start = start
      terminal = summary.terminal
    }

    func heads(_ first: String, _ second: String) -> [String] {
      // "to step 199" and "at the floor" lose their little words where there is no room.
      let losses = heads.map { $0.count < width ? $0 : $0.replacing("step ", with: "").replacing("at the ", with: "") }
      return [(first, heads.map { _ in "losses" } + ["first", "last"]), (second, losses + ["gradients", "weights"])].map
      {
        terminal.dim($0.left(start) + line($1))
      }
    }

    func line(_ cells: [String]) -> String { cells.map { $0.right(width) }.joined() }

    /// The relative difference and, where it says something, units in the last place.
    func cells(_ comparison: Comparison?) -> [(relative: String, ulps: String)] {
      guard let comparison else { return Array(repeating: ("-", ""), count: heads.count + 2) }
      let losses = [comparison.early, comparison.late].prefix(heads.count)
      return (losses + [comparison.largest("gradient"), comparison.largest("last")]).enumerated().map {
        index, difference in
        guard let difference else { return ("-", "") }
        if difference.relative == 0 { return ("same", "") }
        // The last place of a loss at its floor is no measure of anything.
        let isFloor = index == 1 && heads.count == 2 && comparison.reachesFloor
        return (Format.number(difference.relative, digits: 2), isFloor ? "" : Format.ulps(difference.ulps))
      }
    }
  }

  private var devices: [String] {
    let table = Columns(self, report.stages.map(\.device), start: isNarrow ? labelWidth : 28, most: 13)
    return table.heads("from the same", "lesson on \(Summary.short(report.devices[0]))")
      + report.stages.filter { $0.device != nil }.map { row in
        terminal.colored(label(row).left(table.start), lesson: row.stage.lesson)
          + table.line(table.cells(row.device).map(\.relative))
      }
  }

  private var references: [String] {
    let table = Columns(self, report.references.map(\.comparison), start: isNarrow ? 34 : 36, most: 13)
    let times = isNarrow ? "" : "ms/step".right(9) + "there".right(9)
    return [terminal.dim("losses against".left(table.start) + table.line(table.heads) + times)]
      + report.references.map { row in
        let comparison = row.comparison
        let lesson = comparison.stage.lesson
        let device = report.devices.count > 1 ? ", " + Summary.short(comparison.stage.device) : ""
        let name = terminal.colored("\(lesson)\(device) \(row.source)".left(table.start), lesson: lesson)
        let losses = table.line(table.cells(comparison).prefix(table.heads.count).map(\.relative))
        if isNarrow { return name + losses }
        let own = report.stages.first { $0.stage == comparison.stage }?.secondsPerStep ?? 0
        let there = row.secondsPerStep.map { Format.fixed($0 * 1000, places: 3) } ?? "-"
        return name + losses + Format.fixed(own * 1000, places: 3).right(9) + there.right(9)
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
