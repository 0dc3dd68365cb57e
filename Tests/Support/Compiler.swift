import Foundation

/// The Swift compiler, run against the modules of this build.
package enum Compiler {
  /// Whether it is there: a machine that only runs the tests may have none.
  package static let isThere = (try? run(["--version"]).status) == 0

  package static func run(_ arguments: [String]) throws -> Program.Result {
    try Running("/usr/bin/env", ["swiftc"] + arguments).ending()
  }

  /// What it says to a program, which it does not build.
  package static func check(_ source: String) throws -> Program.Result {
    let file = Program.scratch("main.swift")
    try source.write(to: file, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(at: file) }
    return try run(["-typecheck"] + modules() + [file.path()])
  }

  /// Where the modules of this build are, and the C modules behind them: SwiftPM's module maps, or the package's own.
  package static func modules() throws -> [String] {
    let files = FileManager.default
    let sources = Repository.url("Sources")
    let targets = try files.contentsOfDirectory(atPath: sources.path())
    // A target need not be named as its folder is, so that the folders of the build are looked through too.
    let builds = try files.contentsOfDirectory(atPath: Program.folder.path()).filter { $0.hasSuffix(".build") }
    let maps =
      builds.sorted().map { Program.folder.appending(path: "\($0)/module.modulemap") }
      + targets.flatMap {
        [sources.appending(path: "\($0)/include/module.modulemap"), sources.appending(path: "\($0)/module.modulemap")]
      }
    return ["-I", Program.folder.appending(path: "Modules").path()]
      + maps.filter { files.fileExists(atPath: $0.path()) }.flatMap { ["-Xcc", "-fmodule-map-file=\($0.path())"] }
      + targets.flatMap { ["-Xcc", "-I\(sources.appending(path: "\($0)/include").path())"] }
  }
}
