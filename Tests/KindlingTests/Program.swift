import Foundation

/// A program of this package, run as a user runs it.
enum Program {
  struct Result: Sendable {
    let output: String
    let error: String
    let status: Int32
  }

  /// Where SwiftPM put the programs: beside the one that runs the tests.
  static let folder = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()

  static func run(_ name: String, _ arguments: [String]) throws -> Result {
    let process = Process()
    process.executableURL = folder.appending(path: name)
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    // Into files: a pipe that fills up would stop the program.
    let files = try [scratch("output"), scratch("error")].map { url in
      try Data().write(to: url)
      return (url, try FileHandle(forWritingTo: url))
    }
    process.standardOutput = files[0].1
    process.standardError = files[1].1
    try process.run()
    process.waitUntilExit()
    let texts = try files.map { String(decoding: try Data(contentsOf: $0.0), as: UTF8.self) }
    for file in files { try? FileManager.default.removeItem(at: file.0) }
    return Result(output: texts[0], error: texts[1], status: process.terminationStatus)
  }

  /// A name for a file that nobody else uses.
  static func scratch(_ name: String) -> URL {
    FileManager.default.temporaryDirectory.appending(path: "kindling-\(UUID().uuidString)-\(name)")
  }
}
