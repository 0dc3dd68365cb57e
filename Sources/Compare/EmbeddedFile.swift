import CompareFiles
import Kindling

/// The files that this program needs: the lessons' sources, the reference curves, the article's Python, the report's parts.
///
/// They are read from the package while it lies where it was built, so that a lesson that was just changed is shown as it
/// is; SwiftPM does not notice that a file inside Files/files.c has changed. Elsewhere the copies inside serve.
enum EmbeddedFile {
  static func bytes(_ file: CompareFile) -> [UInt8] {
    if let bytes = try? FileAccess.bytes(of: "\(package)/\(path(file))", for: "compare") { return bytes }
    let content = compareFileBytes(file)
    return Array(UnsafeBufferPointer(start: content.bytes, count: content.count))
  }

  static func text(_ file: CompareFile) -> String { String(decoding: bytes(file), as: UTF8.self) }

  /// The source of a lesson, 1 to 5.
  static func lesson(_ number: Int) -> String {
    let files: [CompareFile] = [.lesson1, .lesson2, .lesson3, .lesson4, .lesson5]
    return text(files[number - 1])
  }

  /// The package's folder, two above the one of this source.
  private static let package = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    .dropLast(3).joined(separator: "/")

  private static func path(_ file: CompareFile) -> String {
    switch file {
    case .lesson1: "Lessons/Lesson1RawArrays/Lesson.swift"
    case .lesson2: "Lessons/Lesson2Tensors/Lesson.swift"
    case .lesson3: "Lessons/Lesson3Autograd/Lesson.swift"
    case .lesson4: "Lessons/Lesson4NNModule/Lesson.swift"
    case .lesson5: "Lessons/Lesson5OptimModule/Lesson.swift"
    case .curves: "Tests/Reference/curves.safetensors"
    case .programs: "Sources/Compare/Files/programs.py"
    case .page: "Sources/Compare/Files/report.html"
    case .style: "Sources/Compare/Files/report.css"
    case .script: "Sources/Compare/Files/report.js"
    }
  }
}
