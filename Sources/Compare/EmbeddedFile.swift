import CompareFiles
import Kindling

/// The files that this program needs: the lessons' sources, the reference curves, the article's Python, the report's parts.
///
/// They are read from the package while it lies where it was built, so that a lesson that was just changed is shown as it
/// is; SwiftPM does not notice that a file inside Files/files.c has changed. Elsewhere the copies inside serve.
enum EmbeddedFile {
  static let curves = "Tests/Reference/curves.safetensors"
  static let programs = "Sources/Compare/Files/programs.py"
  static let page = "Sources/Compare/Files/report.html"
  static let style = "Sources/Compare/Files/report.css"
  static let script = "Sources/Compare/Files/report.js"

  /// The bytes of a file, by its path from the package's folder.
  static func bytes(_ path: String) -> [UInt8] {
    if let bytes = try? FileAccess.bytes(of: "\(package)/\(path)", for: "compare") { return bytes }
    let file = KindlingEmbeddedFile(path)
    if file.path == nil { fatalError("\(path) is not among the files of Sources/Compare/Files/files.c") }
    return Array(UnsafeBufferPointer(start: file.bytes, count: file.count))
  }

  static func text(_ path: String) -> String { String(decoding: bytes(path), as: UTF8.self) }

  /// The package's folder, two above the one of this source.
  private static let package = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    .dropLast(3).joined(separator: "/")
}
