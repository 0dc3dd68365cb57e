import Foundation
import LessonKit
import TestSupport
import Testing

/// The HTML report of `compare`, as a file and in a browser.
@Suite struct ReportTests {
  @Test func isOneFileThatAsksForNothing() throws {
    let page = try Self.page(["--steps", "20"])
    for address in ["http:", "https:", "//cdn", "@import", "url(", " src=", "fetch(", "XMLHttpRequest"] {
      #expect(!page.contains(address), "\(address)")
    }
    // Whatever a later change adds, the browser is told to load nothing.
    #expect(page.contains("default-src 'none'"))
    #expect(page.contains("prefers-color-scheme: dark"))
    #expect(!page.contains("{{"), "a part of the template was left open")
  }

  @Test func showsNeighbouringLoopsAndWhatChanged() throws {
    let page = try Self.page(["--steps", "2"])
    let pairs = page.components(separatedBy: "<details class=\"pair\"").dropFirst()
    #expect(pairs.count == LessonFacts.all.count - 1)
    #expect(pairs.count { $0.hasPrefix(" open>") } == 1, "one is open, the others are an offer")
    for pair in pairs {
      let (old, new) = (Self.side("before", of: pair), Self.side("after", of: pair))
      #expect(old.first?.code.hasPrefix("for t in 0..&lt;run.steps {") == true && old.first?.code == new.first?.code)
      #expect(old.contains { $0.kind == "gone" } && new.contains { $0.kind == "new" })
      #expect(old.allSatisfy { $0.kind != "new" } && new.allSatisfy { $0.kind != "gone" })
      // What both have stands beside each other, and so in the same order.
      func kept(_ side: [(kind: String, code: String)], _ changed: String) -> [String] {
        side.filter { $0.kind != changed && !$0.code.isEmpty && !$0.code.contains("run.observe") }.map(\.code)
      }
      let (keptOld, keptNew) = (kept(old, "gone"), kept(new, "new"))
      #expect(
        keptOld.filter { $0.contains("{") || $0.contains("=") }
          == keptNew.filter { $0.contains("{") || $0.contains("=") })
    }
    #expect(
      page.contains("<td class=\"text\">the backward half of the loop: every gradient that was worked out by hand</td>")
    )
  }

  @Test func namesTheFloorAndListsTheBoundsApart() throws {
    let page = try Self.page([])
    #expect(page.contains("<th scope=\"col\">Losses to step 199</th><th scope=\"col\">Losses at the floor</th>"))
    #expect(page.contains("<li>A, float32 against float64"))
    #expect(!page.contains(">Bound</th>"), "a column of bounds stretches the rows on a phone")
  }

  @Test func countsFewerAndFewerLines() throws {
    let file = Program.scratch("report.json")
    defer { try? FileManager.default.removeItem(at: file) }
    #expect(try Program.run("compare", ["--steps", "2", "--json", file.path()]).status == 0)
    let lines = try JSONDecoder().decode(ComparisonFile.self, from: Data(contentsOf: file)).stages.map(\.loopLines)
    #expect(zip(lines, lines.dropFirst()).allSatisfy { $0 >= $1 }, "\(lines)")
    #expect(lines[0] >= 2 * lines[4], "\(lines)")
  }

  @Test func isSafeFromWhatItShows() throws {
    // A lesson's source has < and >, and JSON could end the script element that holds it.
    let page = try Self.page(["--steps", "2"])
    #expect(page.contains("gradH[h &lt; 0] = 0"))
    let json = page.components(separatedBy: "<script type=\"application/json\" id=\"report\">")[1]
      .components(separatedBy: "</script>")[0]
    #expect(!json.contains("<"))
    _ = try JSONDecoder().decode(ComparisonFile.self, from: Data(json.utf8))
  }

  // MARK: In a browser

  /// What a visitor does, noted as JSON: the page is opened, moved along by keys, zoomed, switched to linear, a curve
  /// hidden, the theme changed.
  private static let probe = """
    <script>
    window.addEventListener("load", () => setTimeout(() => {
      const seen = { errors: window.probeErrors };
      const svg = document.querySelector('figure[data-chart="losses"] svg.plot');
      const readout = document.querySelector('figure[data-chart="losses"] .readout');
      const press = (key) => svg.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
      const ticks = () => [...svg.querySelectorAll("text")].map((text) => text.textContent).join(" ");
      seen.curves = svg.querySelectorAll("path.curve").length;
      seen.drawn = [...svg.querySelectorAll("path.curve")].every((path) => path.getBBox().width > 200);
      seen.differences = document.querySelectorAll('figure[data-chart="differences"] path.curve').length;
      seen.logTicks = ticks();
      press("ArrowRight"); press("ArrowRight"); press("End"); press("ArrowLeft");
      seen.readout = readout.textContent;
      seen.dots = svg.querySelectorAll("circle").length;
      press("l");
      seen.linearTicks = ticks();
      press("l"); press("Home"); press("+");
      seen.zoomedTicks = ticks();
      press("0");
      document.querySelector('figure[data-chart="losses"] .legend button').click();
      seen.curvesAfterHiding = svg.querySelectorAll("path.curve").length;
      const color = () => getComputedStyle(document.body).backgroundColor;
      const theme = document.getElementById("theme");
      theme.click(); seen.light = color();
      theme.click(); seen.dark = color();
      seen.focusable = svg.tabIndex === 0;
      seen.overflow = document.documentElement.scrollWidth - document.documentElement.clientWidth;
      seen.requests = performance.getEntriesByType("resource").map((entry) => entry.name);
      const note = document.createElement("pre");
      note.id = "probe";
      note.textContent = JSON.stringify(seen);
      document.body.append(note);
    }, 200));
    </script></body>
    """

  /// What must be in place before the page's own script runs.
  private static let watcher = """
    <script>
    window.probeErrors = [];
    addEventListener("error", (event) => window.probeErrors.push(event.message));
    addEventListener("securitypolicyviolation", (event) => window.probeErrors.push("blocked: " + event.blockedURI));
    </script></head>
    """

  private struct Seen: Decodable {
    let errors: [String]
    let curves: Int
    let drawn: Bool
    let differences: Int
    let logTicks: String
    let readout: String
    let dots: Int
    let linearTicks: String
    let zoomedTicks: String
    let curvesAfterHiding: Int
    let light: String
    let dark: String
    let focusable: Bool
    let overflow: Int
    let requests: [String]
  }

  private static let browser = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]
    .first { FileManager.default.isExecutableFile(atPath: $0) }

  @Test(
    .enabled(if: browser != nil, "no chromium to open the report in; apt-get install chromium"), arguments: [1280, 400])
  func worksInABrowser(width: Int) throws {
    let file = Program.scratch("report.html")
    let profile = Program.scratch("profile")
    defer { [file, profile].forEach { try? FileManager.default.removeItem(at: $0) } }
    let page = try Self.page(["--steps", "100"])
    try page.replacing("</head>", with: Self.watcher).replacing("</body>", with: Self.probe)
      .write(to: file, atomically: true, encoding: .utf8)
    let result = try Tool.run(
      Self.browser!,
      [
        // The sandbox needs rights that a container does not give.
        "--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=3000", "--enable-logging=stderr",
        "--user-data-dir=\(profile.path())", "--window-size=\(width),900", "--dump-dom", file.absoluteString,
      ])
    #expect(!result.error.contains("CONSOLE"), "the browser's console has something to say")
    let note = try #require(result.output.components(separatedBy: "<pre id=\"probe\">").dropFirst().first)
    let json = note.components(separatedBy: "</pre>")[0].replacing("&lt;", with: "<").replacing("&amp;", with: "&")
    let seen = try JSONDecoder().decode(Seen.self, from: Data(json.utf8))
    #expect(seen.errors == [])
    #expect(seen.requests == [], "nothing is loaded")
    let count = LessonFacts.all.count
    #expect(seen.curves == count && seen.drawn)
    #expect(seen.differences == count - 1, "each stage from the stage before")
    #expect(seen.readout.hasPrefix("Step 98") && seen.readout.contains("lesson 5: "))
    #expect(seen.dots == count)
    #expect(seen.logTicks.contains("10⁶") && !seen.linearTicks.contains("10⁶"))
    #expect(seen.zoomedTicks.contains(" 40 ") && !seen.zoomedTicks.contains(" 80 "), "\(seen.zoomedTicks)")
    #expect(seen.curvesAfterHiding == count - 1)
    #expect(seen.light != seen.dark)
    #expect(seen.focusable)
    #expect(seen.overflow <= 0, "the page itself must not scroll sideways; wide tables do so inside it")
  }

  // MARK: Helpers

  private static func page(_ arguments: [String]) throws -> String {
    let file = Program.scratch("report.html")
    defer { try? FileManager.default.removeItem(at: file) }
    let result = try Program.run("compare", arguments + ["--html", file.path()])
    #expect(result.status == 0, "\(result.error)")
    return try String(contentsOf: file, encoding: .utf8)
  }

  /// The lines of one side of a pair: what marks them, and their code without tags and comment.
  private static func side(_ name: String, of pair: String) -> [(kind: String, code: String)] {
    pair.components(separatedBy: "<pre class=\"\(name)\">").dropFirst().flatMap { hunk in
      hunk.components(separatedBy: "</pre>")[0].components(separatedBy: "<span class=\"code").dropFirst().map { line in
        let body = line.components(separatedBy: "</span>").dropFirst().first ?? ""
        let code = body.components(separatedBy: "<span class=\"comment\">")[0]
        return (line.prefix { $0 != "\"" }.trimmingCharacters(in: .whitespaces), code)
      }
    }
  }
}
