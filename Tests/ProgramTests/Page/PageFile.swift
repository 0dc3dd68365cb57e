import Foundation
import Kindling
import TestSupport
import Testing

/// What a page says of itself: as much of its data as the tests ask for.
struct PageFile {
  struct Run: Decodable {
    let title: String
    let kept: [String: [Int]?]
    let tensors: [TensorData]
    let steps: [Step]
    let health: Health?
    let timeline: Timeline?
    let attention: Attention?
    let files: [File]
    let loop: Loop?
  }
  struct File: Decodable { let name, text: String }
  struct Loop: Decodable { let file, first, last: Int }
  struct Timeline: Decodable {
    struct Lane: Decodable {
      struct Event: Decodable { let name: String }
      let name: String
      let events: [Event]
    }
    let lanes: [Lane]
  }
  struct Attention: Decodable {
    struct Layer: Decodable {
      let heads: Int
      let weights: Data
    }
    let queries, keys: [String]
    let layers: [Layer]
  }
  struct TensorData: Decodable {
    let shape: [Int]
    let dtype: String
    let name: String?
    let parts: [String: String]
    let bad: Int
  }
  struct Step: Decodable {
    let step: Int
    let operations: [Operation]
  }
  struct Operation: Decodable {
    struct Output: Decodable { let tensor: Int }
    let phase, name: String
    let outputs: [Output]
  }
  struct Health: Decodable {
    let steps: [Int]
    let loss: [Double?]
    let ratios: [String: [Double?]]
  }

  let text: String
  let runs: [Run]

  init(at path: String) throws {
    text = try String(contentsOfFile: path, encoding: .utf8)
    runs = try text.components(separatedBy: "<script type=\"application/json\" class=\"run\">").dropFirst().map {
      try JSONDecoder().decode(Run.self, from: Data($0.components(separatedBy: "</script>")[0].utf8))
    }
  }

  /// A page of a program, gone from the disk afterwards.
  static func of(_ program: String, _ arguments: [String], status: Int32 = 0) throws -> PageFile {
    let path = Program.scratch("page.html").path()
    defer { try? FileManager.default.removeItem(atPath: path) }
    let result = try Program.run(
      program, arguments + ["--quiet", "--page", path].filter { program != "compare" || $0 != "--quiet" })
    #expect(result.status == status, "\(result.error)")
    return try PageFile(at: path)
  }
}

/// A lesson's page of two steps on the problem that all lessons share, and what `--save` keeps of the same run.
struct SavedPage {
  let page: PageFile
  let saved: [String: Tensor]
  var run: PageFile.Run { page.runs[0] }

  nonisolated(unsafe) private static var made: [Int: SavedPage] = [:]
  private static let lock = NSLock()

  static func of(_ lesson: Int) throws -> SavedPage {
    try lock.withLock {
      if let known = made[lesson] { return known }
      let path = Program.scratch("tensors").path()
      defer { try? FileManager.default.removeItem(atPath: path) }
      let options = ["--problem=shared", "--steps=2", "--page-steps=0,last", "--save=\(path)"]
      made[lesson] = SavedPage(
        page: try PageFile.of("lesson\(lesson)", options), saved: try Safetensors.load(path).tensors)
      return made[lesson]!
    }
  }

  /// The name that the lesson gives the gradient of a weight.
  static func gradient(_ weight: String, in lesson: Int) -> String {
    lesson < 3 ? "grad\(weight.capitalized)" : "\(weight).grad"
  }

  /// The first or the last tensor of a name, with its place.
  func tensor(_ name: String, last: Bool = false) throws -> (place: Int, tensor: PageFile.TensorData) {
    let all = run.tensors.enumerated().filter { $0.element.name == name }.map { (place: $0.offset, tensor: $0.element) }
    return try #require(last ? all.last : all.first, "no tensor is called \(name)")
  }

  /// The kept indices of a dimension.
  func kept(_ size: Int) -> [Int] { (run.kept["\(size)"] ?? nil) ?? Array(0..<size) }

  /// A saved tensor, with the dimensions as the lesson's layers have them.
  func saved(_ name: String, like shape: [Int]) throws -> Tensor {
    let tensor = try #require(saved[name])
    return Array(tensor.shape) == shape ? tensor : tensor.t().contiguous()
  }
}

/// Chromium, as far as the tests need it.
enum Browser {
  static let path = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]
    .first { FileManager.default.isExecutableFile(atPath: $0) }
  static let hint: Comment = "no chromium to open the page in; apt-get install chromium"

  /// What stands before the page's own script: errors, and what the page was kept from.
  private static let watcher = """
    <script>
    window.complaints = [];
    addEventListener("error", (event) => window.complaints.push(event.message));
    addEventListener("securitypolicyviolation", (event) => window.complaints.push("blocked: " + event.blockedURI));
    window.alert = () => window.complaints.push("alert");
    </script></head>
    """

  /// Opens a page at a place, lets `body` of an async function fill the object `seen`, and gives that.
  static func look<Seen: Decodable>(
    _ page: String, at place: String = "", flags: [String] = [], _ body: String, as: Seen.Type = Seen.self
  ) throws -> Seen {
    let (file, profile) = (Program.scratch("page.html"), Program.scratch("profile"))
    defer { [file, profile].forEach { try? FileManager.default.removeItem(at: $0) } }
    let probe = """
      <script>
      addEventListener("load", async () => {
        const seen = {};
        const pause = (time) => new Promise((done) => setTimeout(done, time));
        try { \(body) } catch (error) { window.complaints.push(String(error)); }
        seen.complaints = window.complaints;
        seen.requests = performance.getEntriesByType("resource").map((entry) => entry.name);
        const note = document.createElement("pre");
        note.id = "probe";
        note.textContent = btoa(unescape(encodeURIComponent(JSON.stringify(seen))));
        document.body.append(note);
      });
      </script></body>
      """
    // By their last places: the sources that the page shows have such words too.
    var text = page
    let head = try #require(text.range(of: "</head>"))
    text.replaceSubrange(head, with: watcher)
    let end = try #require(text.range(of: "</body>", options: .backwards))
    text.replaceSubrange(end, with: probe)
    try text.write(to: file, atomically: true, encoding: .utf8)
    let result = try Running(
      path!,
      [
        // The sandbox needs rights that a container does not give.
        "--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=20000", "--enable-logging=stderr",
        "--lang=en",
        "--user-data-dir=\(profile.path())", "--window-size=1300,900", "--dump-dom",
      ] + flags + ["\(file.absoluteString)?lang=en\(place)"]
    ).ending()
    #expect(
      !result.error.contains("CONSOLE"), "the browser's console has something to say: \(result.error.suffix(500))")
    let note = try #require(result.output.components(separatedBy: "<pre id=\"probe\">").dropFirst().first)
    let json = try #require(Data(base64Encoded: note.components(separatedBy: "</pre>")[0]))
    return try JSONDecoder().decode(Seen.self, from: json)
  }
}
