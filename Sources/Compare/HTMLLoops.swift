import LessonKit

/// The loops side by side, with what came and what went from stage to stage.
struct HTMLLoops {
  let report: Report

  var body: String {
    let lessons = report.stages.reduce(into: [Int]()) {
      if !$0.contains($1.stage.lesson) { $0.append($1.stage.lesson) }
    }
    let loops = lessons.map { (lesson: $0, lines: TrainingLoop.of(lesson: $0)?.lines ?? []) }
    let rows = loops.indices.map { index in
      let lesson = loops[index].lesson
      let fewer = index == 0 ? "" : HTMLLoops.change(from: count(loops[index - 1].lines), to: count(loops[index].lines))
      return (
        head: "<span class=\"swatch k\(lesson)\"></span>\(lesson) \(HTML.escaped(LessonFacts.of(lesson).topic.name))",
        cells: [
          HTML.cell("\(count(loops[index].lines))"), HTML.cell(fewer), HTML.text(LessonFacts.of(lesson).topic.removed),
        ]
      )
    }
    return "<p class=\"note\">\(HTML.escaped(TrainingLoop.rule))</p>"
      + HTML.table(
        "Lines of the loop", ["Stage", "Lines", "Change", "What this abstraction removed"], rows)
        + """
        <p class="note"><span class="key new">+ new since the stage before</span> \
        <span class="key gone">− gone in the next stage</span></p>
        <div class="loops" tabindex="0" role="region" aria-label="The training loops side by side">
        """
      + loops.indices.map { panel($0, loops) }.joined(separator: "\n") + "</div>"
  }

  private func count(_ lines: [String]) -> Int { lines.count { TrainingLoop.counts($0) } }

  private static func change(from old: Int, to new: Int) -> String {
    old == new ? "0" : new < old ? "−\(old - new)" : "+\(new - old)"
  }

  private func panel(_ index: Int, _ loops: [(lesson: Int, lines: [String])]) -> String {
    let (lesson, lines) = loops[index]
    // A comment may say the same in other words; only code counts as a change.
    let code = loops.map { $0.lines.map(TrainingLoop.code) }
    let new = index > 0 ? LineDiff(code[index - 1], code[index]).new : []
    let gone = index + 1 < loops.count ? LineDiff(code[index], code[index + 1]).gone : []
    let text = lines.indices.map { line in
      let hasCode = TrainingLoop.counts(lines[line])
      return self.line(
        lines[line], isNew: hasCode && !new.isEmpty && new[line], isGone: hasCode && !gone.isEmpty && gone[line])
    }
    return """
      <article class="loop">
      <header><h3><span class="swatch k\(lesson)"></span>Lesson \(lesson): \(HTML.escaped(LessonFacts.of(lesson).topic.name))</h3>
      <p>\(count(lines)) lines. New: \(HTML.escaped(LessonFacts.of(lesson).topic.new)).</p></header>
      <pre tabindex="0" aria-label="Loop of lesson \(lesson)"><code>\(text.joined())</code></pre>
      </article>
      """
  }

  private func line(_ line: String, isNew: Bool, isGone: Bool) -> String {
    let code = TrainingLoop.code(line)
    let comment = line.dropFirst(code.count)
    let kinds = (isNew ? " new" : "") + (isGone ? " gone" : "")
    let mark = isNew && isGone ? "+−" : isNew ? "+" : isGone ? "−" : " "
    let description = isNew && isGone ? "new, gone next" : isNew ? "new" : isGone ? "gone next" : ""
    let label = description.isEmpty ? "" : " title=\"\(description)\""
    return "<span class=\"code\(kinds)\"\(label)><span class=\"mark\">\(mark)</span>\(HTML.escaped(code))"
      + (comment.isEmpty ? "" : "<span class=\"comment\">\(HTML.escaped(String(comment)))</span>") + "</span>"
  }
}

/// Pieces of HTML.
enum HTML {
  static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
      .replacing("\"", with: "&quot;")
  }

  /// JSON that can stand in a script element: a "</script>" in it would end the element.
  static func script(_ json: String) -> String { json.replacing("<", with: "\\u003C") }

  /// A template with {{name}} replaced, in one pass, so that nothing inserted is taken for a name.
  static func filled(_ template: String, _ parts: [String: String]) -> String {
    var result = ""
    var rest = template[...]
    while let open = rest.firstRange(of: "{{"), let close = rest[open.upperBound...].firstRange(of: "}}") {
      let name = String(rest[open.upperBound..<close.lowerBound])
      guard let part = parts[name] else { fatalError("report.html asks for \(name), which there is not") }
      result += rest[..<open.lowerBound] + part
      rest = rest[close.upperBound...]
    }
    return result + rest
  }

  static func cell(_ text: String) -> String { "<td>\(escaped(text))</td>" }
  static func text(_ text: String) -> String { "<td class=\"text\">\(escaped(text))</td>" }

  /// - Parameter rows: A row's head in HTML, and its finished cells.
  static func table(_ caption: String, _ heads: [String], _ rows: [(head: String, cells: [String])]) -> String {
    // A head stands at the side on which its column's text does; column 0 holds the heads of the rows.
    let isText = heads.indices.map { $0 > 0 && rows.first?.cells[$0 - 1].hasPrefix("<td class=\"text\">") == true }
    let head = zip(heads, isText).map { head, isText in
      "<th scope=\"col\"\(isText ? " class=\"text\"" : "")>\(escaped(head))</th>"
    }.joined()
    let body = rows.map { "<tr><th scope=\"row\">\($0.head)</th>\($0.cells.joined())</tr>" }.joined(separator: "\n")
    return """
      <div class="scroll" tabindex="0" role="region" aria-label="\(escaped(caption))"><table><caption>\(escaped(caption))</caption>
      <thead><tr>\(head)</tr></thead>
      <tbody>
      \(body)
      </tbody></table></div>
      """
  }
}
