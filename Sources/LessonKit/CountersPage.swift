import Kindling

/// A page in one file: the source of a kernel, and beside each line what its accesses to memory would cost on a GPU.
struct CountersPage {
  private let heading: String
  private let launches: [CountedLaunch]

  init(_ heading: String, _ launches: [CountedLaunch]) {
    (self.heading, self.launches) = (heading, launches)
  }

  var text: String {
    let title = launches.first?.kernel ?? "counters"
    return """
      <!DOCTYPE html>
      <html lang="en">
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>\(Self.escaped(title)), counted</title>
      <style>\(Self.style)</style>
      <main>
      \(launches.map(section).joined(separator: "\n"))
      <p>A request is one access of the 32 lanes of a warp. Figures are those of one request: lanes that take part, sectors \
      of 32 bytes that global memory moves, the fewest that would hold the bytes asked for, and extra turns of shared \
      memory, since lanes want different words of one bank. What could be less is <mark>marked</mark>.</p>
      <p>\(Self.escaped(CountedLaunch.unknown))</p>
      </main>
      </html>

      """
  }

  private func section(_ launch: CountedLaunch) -> String {
    """
    <h1>\(Self.escaped(launch.title))</h1>
    <p>\(Self.escaped(heading.split(separator: "\n").first.map(String.init) ?? ""))</p>
    <pre>\(Self.escaped(launch.summary.joined(separator: "\n")))</pre>
    \(launch.files.map(table).joined(separator: "\n"))
    """
  }

  /// The lines of a file from a little before the first access to a little behind the last.
  private func table(_ file: CountedLaunch.File) -> String {
    let counted = Dictionary(file.lines.map { ($0.line, $0) }, uniquingKeysWith: { first, _ in first })
    let source = SourceFile.of(file.path)?.lines ?? []
    let numbers = counted.keys.sorted()
    let shown =
      source.isEmpty
      ? numbers
      : (1...source.count).filter { line in numbers.contains { abs($0 - line) <= 4 } || Self.isBetween(line, numbers) }
    let rows = shown.map { number in
      row(number, source.indices.contains(number - 1) ? source[number - 1] : "", counted[number]?.accesses ?? [])
    }
    return """
      <h2>\(Self.escaped(file.name))</h2>
      <div><table>
      <thead><tr><th>access<th>requests<th>lanes<th>sectors<th>fewest<th>conflicts<th>line<th>source</tr></thead>
      <tbody>
      \(rows.joined(separator: "\n"))
      </tbody>
      </table></div>
      """
  }

  /// Whether a line stands between two counted ones that belong together: a function's, rather than a file's.
  private static func isBetween(_ line: Int, _ counted: [Int]) -> Bool {
    zip(counted, counted.dropFirst()).contains { $0 < line && line < $1 && $1 - $0 < 30 }
  }

  private func row(_ number: Int, _ source: String, _ accesses: [CountedLaunch.Access]) -> String {
    let cells = accesses.map { access -> [String] in
      let figures = ["\(access.requests)"] + access.figures.map { $0 ?? "" }
      return [access.words]
        + figures.enumerated().map { $0 >= 2 && access.isWasteful && !$1.isEmpty ? "<mark>\($1)</mark>" : $1 }
    }
    let columns = (0..<6).map { column in "<td>" + cells.map { $0[column] }.joined(separator: "<br>") }
    return "<tr>\(columns.joined())<td>\(number)<td><code>\(Self.escaped(source))</code></tr>"
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
  }

  private static let style = """
    :root { color-scheme: light dark; --mark: #ffe08a; --line: #8886; }
    @media (prefers-color-scheme: dark) { :root { --mark: #6b4e00; } }
    body { font: 1rem/1.5 system-ui, sans-serif; margin: 0; }
    main { max-width: 90rem; margin: 0 auto; padding: 1rem; }
    h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; }
    div, pre { overflow-x: auto; }
    table { border-collapse: collapse; font-size: .9rem; }
    th { text-align: left; font-weight: 600; }
    th, td { padding: 0 .6rem; vertical-align: top; border-bottom: 1px solid var(--line); white-space: nowrap; }
    th:nth-child(n+2):nth-child(-n+7), td:nth-child(n+2):nth-child(-n+7) { text-align: right; font-variant-numeric: tabular-nums; }
    code, pre { font: .85rem/1.5 ui-monospace, monospace; white-space: pre; }
    mark { background: var(--mark); color: inherit; }
    """
}
