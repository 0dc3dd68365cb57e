import Foundation

/// A program of this package, run as a user runs it.
package enum Program {
  package struct Result: Sendable {
    package let output: String
    package let error: String
    package let status: Int32
  }

  /// Where SwiftPM put the programs: beside the one that runs the tests.
  package static let folder = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()

  /// The path of a program.
  package static func path(_ name: String) -> String { folder.appending(path: name).path() }

  package static func run(_ name: String, _ arguments: [String], environment: [String: String] = [:]) throws -> Result {
    try Running(path(name), arguments, environment: environment).ending()
  }

  /// Runs a line of bash in which `$0` is a program of this package.
  package static func shell(_ line: String, _ name: String, environment: [String: String] = [:]) throws -> Result {
    try Running("/bin/bash", ["-c", line, path(name)], environment: environment).ending()
  }

  /// A name for a file that nobody else uses.
  package static func scratch(_ name: String) -> URL {
    FileManager.default.temporaryDirectory.appending(path: "kindling-\(UUID().uuidString)-\(name)")
  }

  /// A folder for one test, gone afterwards.
  package static func withFolder(_ body: (String) throws -> Void) throws {
    let folder = scratch("folder")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder.path())
  }
}

/// A program that runs beside the test.
package final class Running {
  private let process = Process()
  private let output = Program.scratch("output")
  private let error = Program.scratch("error")

  /// - Parameter standardOutput: Where its output goes, if the test does not want to read it.
  package init(
    _ path: String, _ arguments: [String], environment: [String: String] = [:], standardOutput: FileHandle? = nil
  ) throws {
    process.executableURL = URL(filePath: path)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    // Into files: a pipe that fills up would stop the program.
    for file in [output, error] { try Data().write(to: file) }
    process.standardOutput = try standardOutput ?? FileHandle(forWritingTo: output)
    process.standardError = try FileHandle(forWritingTo: error)
    try withSignals { try process.run() }
  }

  /// A program begins with the signals of the thread that starts it, and the threads that run tests have them blocked.
  private func withSignals(_ body: () throws -> Void) rethrows {
    for number in [SIGINT, SIGHUP, SIGTERM] { signal(number, SIG_DFL) }
    var (none, before) = (sigset_t(), sigset_t())
    sigemptyset(&none)
    pthread_sigmask(SIG_SETMASK, &none, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    try body()
  }

  package var id: pid_t { process.processIdentifier }

  /// What it has printed so far.
  package var printed: String { String(decoding: (try? Data(contentsOf: output)) ?? Data(), as: UTF8.self) }

  /// What the system says of the process in a line such as `SigCgt` of its status.
  package func status(_ name: String) -> String? {
    let text = (try? String(contentsOfFile: "/proc/\(id)/status", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix("\(name):") }
    return line.map { $0.dropFirst(name.count + 1).trimmingCharacters(in: .whitespaces) }
  }

  /// Whether it has got so far that a signal does not simply end it.
  package var catchesSignals: Bool {
    guard let mask = status("SigCgt").flatMap({ UInt64($0, radix: 16) }) else { return false }
    return mask & 1 << UInt64(SIGTERM - 1) != 0
  }

  /// How many seconds a processor has worked for it.
  package var processorTime: Double {
    let text = (try? String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8)) ?? ""
    let words = text.split(separator: " ")
    return words.count > 14 ? (Double(words[13])! + Double(words[14])!) / Double(sysconf(Int32(_SC_CLK_TCK))) : 0
  }

  package func send(_ signal: Int32) { kill(id, signal) }

  /// Waits for its end.
  package func ending() throws -> Program.Result {
    process.waitUntilExit()
    let texts = try [output, error].map { String(decoding: try Data(contentsOf: $0), as: UTF8.self) }
    for file in [output, error] { try? FileManager.default.removeItem(at: file) }
    let isSignal = process.terminationReason == .uncaughtSignal
    return Program.Result(
      output: texts[0], error: texts[1], status: process.terminationStatus + (isSignal ? 128 : 0))
  }
}

/// Waits until something is so. False if it is not after half a minute: a slow machine needs seconds.
package func eventually(_ condition: () -> Bool) -> Bool {
  for _ in 0..<3000 {
    if condition() { return true }
    usleep(10_000)
  }
  return false
}
