import LessonKit

/// The loops of neighbouring stages side by side, with what went and what came.
struct HTMLLoops {
  let report: Report

  private typealias Loop = (lesson: Int, lines: [String])

  var body: String {
    let lessons = report.stages.reduce(into: [Int]()) {
      if !$0.contains($1.stage.lesson) { $0.append($1.stage.lesson) }
    }
    let loops = lessons.map { (lesson: $0, lines: TrainingLoop.of(lesson: $0)?.lines ?? []) }
    let pairs = Array(zip(loops, loops.dropFirst()))
    // The step at which most lines fall away is open when the page is.
    let most = pairs.indices.max { (fall(pairs[$0]), $1) < (fall(pairs[$1]), $0) }
    return "<p class=\"note\">\(HTML.escaped(TrainingLoop.rule))</p>" + table(loops)
      + (pairs.isEmpty
        ? hunk(loops.first.map { $0.lines.map { line($0) } } ?? [], [], kind: "alone")
        : """
        <p class="note">Open a pair to see two neighbouring stages beside each other. \
        <span class="key gone">− falls away</span> <span class="key new">+ comes in its place</span></p>
        """)
      + pairs.indices.map { pair(pairs[$0].0, pairs[$0].1, isOpen: $0 == most) }.joined(separator: "\n")
  }

  private func count(_ loop: Loop) -> Int { loop.lines.count { TrainingLoop.counts($0) } }
  private func fall(_ pair: (Loop, Loop)) -> Int { count(pair.0) - count(pair.1) }

  private func table(_ loops: [Loop]) -> String {
    let rows = loops.indices.map { index in
      let lesson = loops[index].lesson
      let change = index == 0 ? "" : HTMLLoops.signed(-fall((loops[index - 1], loops[index])))
      return (
        head: name(lesson),
        cells: [
          HTML.cell("\(count(loops[index]))"), HTML.cell(change), HTML.text(LessonFacts.of(lesson).topic.removed),
        ]
      )
    }
    return HTML.table("Lines of the loop", ["Stage", "Lines", "Change", "What this abstraction removed"], rows)
  }

  private static func signed(_ number: Int) -> String {
    number == 0 ? "0" : number < 0 ? "−\(-number)" : "+\(number)"
  }

  private func name(_ lesson: Int) -> String {
    "<span class=\"swatch k\(lesson)\"></span>\(lesson) \(HTML.escaped(LessonFacts.of(lesson).topic.name))"
  }

  /// Two loops, cut where they differ: in a hunk both sides are the same, or the lines that fall away stand beside those
  /// that come in their place.
  private func pair(_ old: Loop, _ new: Loop, isOpen: Bool) -> String {
    // A comment may say the same in other words; only code counts as a change.
    let difference = LineDiff(old.lines.map(TrainingLoop.code), new.lines.map(TrainingLoop.code))
    var hunks: [String] = []
    var (i, j) = (0, 0)
    while i < old.lines.count || j < new.lines.count {
      let starts = (i, j)
      while i < old.lines.count && j < new.lines.count && !difference.gone[i] && !difference.new[j] {
        (i, j) = (i + 1, j + 1)
      }
      if starts.0 < i {
        hunks.append(
          hunk(old.lines[starts.0..<i].map { line($0) }, new.lines[starts.1..<j].map { line($0) }, kind: "both"))
        continue
      }
      while i < old.lines.count && difference.gone[i] { i += 1 }
      while j < new.lines.count && difference.new[j] { j += 1 }
      hunks.append(
        hunk(
          old.lines[starts.0..<i].map { line($0, "gone") }, new.lines[starts.1..<j].map { line($0, "new") },
          kind: "changed"))
    }
    return """
      <details class="pair"\(isOpen ? " open" : "")>
      <summary>\(name(old.lesson)) → \(name(new.lesson)): \(count(old)) lines → \(count(new))</summary>
      <p class="note">New: \(HTML.escaped(LessonFacts.of(new.lesson).topic.new)).</p>
      <div class="hunk heads"><p>Lesson \(old.lesson)</p><p>Lesson \(new.lesson)</p></div>
      \(hunks.joined(separator: "\n"))
      </details>
      """
  }

  private func hunk(_ before: [String], _ after: [String], kind: String) -> String {
    let sides = [("before", before), ("after", after)].map { side, lines in
      "<pre class=\"\(side)\"><code>\(lines.joined())</code></pre>"
    }
    return "<div class=\"hunk \(kind)\">\(sides.joined())</div>"
  }

  /// - Parameter kind: "gone", "new", or nothing for a line that both have.
  private func line(_ line: String, _ kind: String = "") -> String {
    let code = TrainingLoop.code(line)
    let comment = line.dropFirst(code.count)
    let kind = TrainingLoop.counts(line) ? kind : ""
    let mark = ["gone": "−", "new": "+"][kind] ?? " "
    let label = ["gone": " title=\"falls away\"", "new": " title=\"new\""][kind] ?? ""
    return
      "<span class=\"code\(kind.isEmpty ? "" : " " + kind)\"\(label)><span class=\"mark\">\(mark)</span>\(HTML.escaped(code))"
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
