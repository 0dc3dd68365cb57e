import FoundationEssentials
import Kindling
import KindlingPageFiles

extension Walkthrough {
  /// Writes the captured steps as a page to walk through: one HTML file, that asks for nothing from anywhere.
  ///
  /// - Parameters:
  ///   - path: Where the file is to be; one that is there is replaced when the new one is whole.
  ///   - title: What the page is called.
  ///   - attention: Where tokens look, to be shown above the steps.
  /// - Throws: `KindlingError` where the file cannot be written, or would be larger than `Page.byteLimit`.
  public func writePage(to path: String, title: String = "training", attention: PageData.Attention? = nil) throws {
    try Page.write([PageData(self, title: title, attention: attention)], to: path)
  }
}

/// A page that shows runs.
public enum Page {
  /// The most bytes that a page has.
  public static let byteLimit = 3_000_000

  /// Writes a page of some runs.
  ///
  /// - Throws: `KindlingError` where the file cannot be written, or would be larger than `byteLimit`.
  public static func write(_ runs: [PageData], to path: String, for purpose: String = "writePage") throws {
    try write(try runs.map(json), titled: runs.map(\.title).joined(separator: ", "), to: path, for: purpose)
  }

  /// The same for runs that are JSON already.
  package static func write(_ runs: [String], titled title: String, to path: String, for purpose: String) throws {
    let blocks = runs.map { "<script type=\"application/json\" class=\"run\">\($0)</script>\n" }.joined()
    let titles = "\(escaped(title)): training steps, number by number"
    var text = file(0)
    for (placeholder, value) in [
      ("<!--TITLE-->", titles), ("/*STYLE*/", file(1)),
      ("/*SCRIPT*/", (2..<pageFileCount()).map(file).joined(separator: "\n")),
      ("<!--RUNS-->", blocks),
    ] {
      let parts = text.split(separator: placeholder, maxSplits: 1, omittingEmptySubsequences: false)
      if parts.count == 2 { text = parts[0] + value + parts[1] }
    }
    if text.utf8.count > byteLimit {
      throw KindlingError(
        "\(purpose): \(path) would have \(text.utf8.count) bytes, and a page has \(byteLimit) at most; capture fewer steps"
      )
    }
    try FileAccess.store([Array(text.utf8)], at: path, for: purpose)
  }

  /// A run as JSON that can stand within a page: no markup can come of it.
  package static func json(_ run: PageData) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // By bytes: a < with a combining mark is another character, and begins a tag all the same.
    let bytes = try encoder.encode(run).flatMap { $0 == UInt8(ascii: "<") ? Array("\\u003c".utf8) : [$0] }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The runs of a page, as JSON.
  package static func runs(in page: String) -> [String] {
    page.split(separator: "<script type=\"application/json\" class=\"run\">", omittingEmptySubsequences: false)
      .dropFirst()
      .compactMap { $0.split(separator: "</script>", maxSplits: 1).first.map(String.init) }
  }

  private static func escaped(_ text: String) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }

  /// A file of the page, in the order of Files/files.c.
  private static func file(_ i: Int32) -> String {
    let file = pageFile(i)
    return String(decoding: UnsafeBufferPointer(start: file.bytes, count: file.count), as: UTF8.self)
  }
}
