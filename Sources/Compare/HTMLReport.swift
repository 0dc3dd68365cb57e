import FoundationEssentials
import Kindling
import LessonKit

/// The report as one HTML file that opens offline. Tables and loops are written here and can be read without a script;
/// the charts are drawn by Files/report.js from the report's JSON.
struct HTMLReport {
  let report: Report

  /// The whole page.
  func page() throws -> String {
    let sections: [(id: String, title: String, body: String)?] = [
      ("losses", "The losses", losses),
      report.stages.count > 1 ? ("differences", "How far the stages are apart", differences) : nil,
      ("loops", "What each stage took off your hands", HTMLLoops(report: report).body),
      ("time", "Time a step", time),
      ("gradients", "The first gradients", gradients),
      report.references.isEmpty ? nil : ("references", "Against NumPy and PyTorch", references),
    ]
    let present = sections.compactMap { $0 }
    let parts = [
      "title": "Kindling: the stages side by side", "version": HTML.escaped(report.kindling),
      "settings": HTML.escaped(settings), "agreement": report.agrees ? "good" : "bad", "verdict": verdict,
      "style": EmbeddedFile.text(EmbeddedFile.style), "script": EmbeddedFile.text(EmbeddedFile.script),
      "navigation": present.map { "<li><a href=\"#\($0.id)\">\($0.title)</a></li>" }.joined(),
      "sections": present.map {
        "<section id=\"\($0.id)\" aria-labelledby=\"\($0.id)-title\">\n<h2 id=\"\($0.id)-title\">\($0.title)</h2>\n\($0.body)\n</section>"
      }.joined(separator: "\n"),
      "data": try HTML.script(report.json()),
    ]
    return HTML.filled(EmbeddedFile.text(EmbeddedFile.page), parts)
  }

  private var settings: String {
    let rates = Set(report.stages.map(\.learningRate)).sorted().map { Format.number($0, digits: 3) }
    return "Problem \(report.problem.rawValue), seed \(report.seed), \(report.steps) steps, learning rate "
      + rates.joined(separator: " or ") + ", on " + report.devices.joined(separator: " and ")
  }

  private var verdict: String {
    "<p><strong>\(report.agrees ? "✓ The stages agree" : "✗ The stages do not agree")</strong></p>"
      + report.verdict.map { "<p>\(HTML.escaped($0))</p>" }.joined()
  }

  private func name(_ row: Report.Row) -> String {
    let device = report.devices.count > 1 ? ", \(row.stage.device)" : ""
    return "<span class=\"swatch k\(row.stage.lesson)\"></span>"
      + HTML.escaped("\(row.stage.lesson) \(row.topic.name)\(device)")
  }

  // MARK: Losses and differences

  private func chart(_ id: String, label: String) -> String {
    """
    <figure data-chart="\(id)">
    <div class="tools"></div>
    <svg class="plot" tabindex="0" role="group" aria-label="\(label)"></svg>
    <output class="readout" aria-live="polite"></output>
    <ul class="legend" aria-label="Curves"></ul>
    </figure>
    """
  }

  private var losses: String {
    let steps = Report.shownSteps(report.steps)
    let rows = report.stages.map { row in
      let cells = steps.map { $0 < row.losses.count ? Format.number(row.losses[$0], digits: 7) : "–" }
      return (head: name(row), cells: [HTML.text(row.topic.new)] + cells.map(HTML.cell))
    }
    return "<p class=\"note\">Where curves lie on top of each other, their colours take turns.</p>"
      + chart("losses", label: "Loss of every stage at each training step. Arrow keys move along the steps.")
      + HTML.table(
        "Losses", ["Stage", "What is new"] + steps.map { "Step \($0)" }, rows)
  }

  private var differences: String {
    let pairs = report.stages.dropFirst().flatMap { row in
      (report.comparisons(row) + [row.device].compactMap { $0 }).map { (row: row, comparison: $0) }
    }
    let comparisons = pairs.map(\.comparison)
    let bounds = Bounds(comparisons)
    let heads = report.lossHeads(among: comparisons)
    let rows = pairs.map { row, comparison in
      (
        head: name(row) + HTMLReport.against(comparison.other.name(among: report.devices)),
        cells: losses(comparison, heads)
          + [cell(comparison.largest("gradient")), cell(comparison.largest("last")), bounds.cell(comparison)]
      )
    }
    return """
      <p class="note">The largest distance of two losses over the larger of them, first up to step \(Comparison.lateStep - 1) and \
      then after it; “same” is bit for bit. \(comparisons.contains(where: \.reachesFloor) ? HTML.escaped(Report.floor) : "") \
      Gradients and weights are measured against the largest element of the tensor. Small figures: units in the last place \
      of float32.</p>
      """
        + HTML.table(
          "Largest differences",
          ["Stage"] + heads.map { "Losses \($0)" } + ["First gradients", "Last weights", "Within bound"],
          rows)
        + bounds.list
        + chart("differences", label: "Relative difference of the losses. Arrow keys move along the steps.")
  }

  private func losses(_ comparison: Comparison, _ heads: [String]) -> [String] {
    let late = comparison.reachesFloor ? cell(comparison.late, hasUlps: false) : cell(comparison.late)
    return Array([cell(comparison.early), late].prefix(heads.count))
  }

  private func cell(_ difference: Difference?, hasUlps: Bool = true) -> String {
    guard let difference else { return HTML.cell("–") }
    if difference.relative == 0 { return "<td class=\"same\">same</td>" }
    // The last place of a loss at its floor is no measure of anything.
    let ulps = hasUlps ? "<small>\(Format.ulps(difference.ulps)) ulp</small>" : ""
    return "<td>\(Format.number(difference.relative, digits: 3))\(ulps)</td>"
  }

  /// The bounds that some comparisons keep to, each with a letter, in a table of their own.
  private struct Bounds {
    private let all: [Tolerance]

    init(_ comparisons: [Comparison]) {
      all = comparisons.map(\.tolerance).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    private func letter(_ index: Int) -> String { String(Unicode.Scalar(UInt8(65 + index))) }

    func cell(_ comparison: Comparison) -> String {
      let bound = all.firstIndex(of: comparison.tolerance).map(letter) ?? ""
      return HTML.cell((comparison.agrees ? "yes, " : "no, ") + bound)
    }

    var list: String {
      let lines = all.enumerated().map { index, bound in
        let numbers = [bound.relative, bound.floor, bound.gradients, bound.weights].map { Format.number($0, digits: 2) }
        let losses = bound.floor > 0 ? "\(numbers[0]) of themselves and \(numbers[1]) of the first loss" : numbers[0]
        let isExact = bound.relative == 0 && bound.gradients == 0 && bound.weights == 0
        let allowed = isExact ? "no difference" : "losses \(losses), gradients \(numbers[2]), weights \(numbers[3])"
        return "<li>\(letter(index)), \(HTML.escaped(bound.reason)). Allowed: \(allowed).</li>"
      }
      return "<ul class=\"note\" aria-label=\"Bounds\">\(lines.joined())</ul>"
    }
  }

  private static func against(_ other: String) -> String { "<small>against \(HTML.escaped(other))</small>" }

  // MARK: Time, gradients, references

  private var time: String {
    let slowest = max(
      report.stages.map(\.secondsPerStep).max() ?? 0, report.references.compactMap(\.secondsPerStep).max() ?? 0)
    func row(_ head: String, _ lesson: Int, _ seconds: Double) -> (head: String, cells: [String]) {
      let share = slowest > 0 ? Format.fixed(seconds / slowest * 100, places: 1) : "0"
      let bar = "<td class=\"wide k\(lesson)\"><span class=\"bar\" style=\"width:\(share)%\"></span></td>"
      return (head, [HTML.cell(Format.fixed(seconds * 1000, places: 3)), bar])
    }
    let rows =
      report.stages.map { row(name($0), $0.stage.lesson, $0.secondsPerStep) }
      + report.references.compactMap { reference in
        reference.secondsPerStep.map {
          let lesson = reference.comparison.stage.lesson
          return row(HTML.escaped("\(lesson) in \(reference.source)"), lesson, $0)
        }
      }
    return "<p class=\"note\">From one report of the loss to the next, on average over this run, on this machine.</p>"
      + HTML.table("Milliseconds a step", ["Stage", "ms", ""], rows)
  }

  private var gradients: String {
    let rows = report.stages.flatMap { row in
      row.gradients.map { tensor in
        let shape = tensor.shape.map(String.init).joined(separator: " × ")
        let start = tensor.start.map { Format.number($0, digits: 6) }.joined(separator: ", ")
        let before = row.before?.tensors.first { $0.name == tensor.name }?.difference
        let first = row.first?.tensors.first { $0.name == tensor.name }?.difference
        return (
          head: name(row),
          cells: [
            HTML.cell(String(tensor.name.dropFirst("gradient.".count))), HTML.cell(shape),
            HTML.cell(Format.number(tensor.norm, digits: 7)), HTML.cell(Format.number(tensor.largest, digits: 6)),
            HTML.cell(start + ", …"), cell(before), cell(first),
          ]
        )
      }
    }
    return "<p class=\"note\">Of the loss with respect to the weights, before the first update.</p>"
      + HTML.table(
        "First gradients",
        [
          "Stage", "Weight", "Shape", "Norm", "Largest", "First elements", "From the stage before",
          "From the first stage",
        ],
        rows)
  }

  private var references: String {
    let comparisons = report.references.map(\.comparison)
    let bounds = Bounds(comparisons)
    let heads = report.lossHeads(among: comparisons)
    let rows = report.references.map { row in
      let comparison = row.comparison
      return (
        head: "<span class=\"swatch k\(comparison.stage.lesson)\"></span>"
          + HTML.escaped(comparison.stage.name(among: report.devices)) + HTMLReport.against(row.source),
        cells: losses(comparison, heads) + [bounds.cell(comparison)]
      )
    }
    return "<p class=\"note\">Their curves can be switched on below the first chart.</p>"
      + HTML.table(
        "Largest differences of the losses",
        ["Stage"] + heads.map { "Losses \($0)" } + ["Within bound"], rows)
      + bounds.list
  }
}

extension Report {
  /// The report as JSON.
  func json(pretty: Bool = false) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = pretty ? [.sortedKeys, .prettyPrinted] : [.sortedKeys]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }
}
