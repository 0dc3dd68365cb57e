import CompareFiles
import FoundationEssentials
import Kindling
import LessonKit

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Running another program to its end.
enum ChildProcess {
  struct Ending: Sendable {
    /// The exit status; 128 and the signal's number where a signal ended it, as a shell counts.
    let status: Int
    let output: String
    let errors: String
  }

  /// Runs a program, and waits for it. A signal that this program is sent meanwhile ends it.
  ///
  /// - Parameter program: A path, or a name that is looked up in PATH.
  /// - Throws: `KindlingError` where it cannot be started, the exit status where this program is to stop.
  static func run(_ program: String, _ arguments: [String]) throws -> Ending {
    // Through pipes, and not through files: what it says about a full disk must not need the disk.
    let (output, errors) = (try Pipe(), try Pipe())
    defer {
      close(output.end)
      close(errors.end)
    }
    var child = pid_t()
    let result = withCStrings([program] + arguments) {
      KindlingStartProgram(program, $0, output.start, errors.start, &child)
    }
    close(output.start)
    close(errors.start)
    if result != 0 { throw KindlingError("\(program) cannot be started: \(String(cString: strerror(result)))") }

    var status: Int32 = 0
    let texts = Interruption.handedOn(to: child) {
      let texts = read([output.end, errors.end])
      while waitpid(child, &status, 0) < 0 && errno == EINTR {}
      return texts
    }
    try Interruption.check()
    let signal = status & 0x7F
    return Ending(
      status: signal == 0 ? Int(status >> 8) & 0xFF : 128 + Int(signal), output: texts[0], errors: texts[1])
  }

  private struct Pipe {
    /// What is written here comes out at the end.
    let start, end: Int32

    init() throws {
      var ends: [Int32] = [0, 0]
      if pipe(&ends) != 0 { throw KindlingError("no pipe can be made: \(String(cString: strerror(errno)))") }
      (end, start) = (ends[0], ends[1])
      for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    }
  }

  /// What comes out of several pipes, read as it comes, so that none of them fills up and holds up the program.
  private static func read(_ files: [Int32]) -> [String] {
    var bytes = files.map { _ in [UInt8]() }
    var open = files.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while open.contains(where: { $0.fd >= 0 }) {
      if poll(&open, nfds_t(open.count), -1) < 0 && errno != EINTR { break }
      for i in open.indices where open[i].revents != 0 {
        let count = systemRead(open[i].fd, &chunk, chunk.count)
        if count > 0 { bytes[i] += chunk[..<count] }
        if count == 0 || (count < 0 && errno != EINTR) { open[i].fd = -1 }  // which poll passes over
        open[i].revents = 0
      }
    }
    return bytes.map { String(decoding: $0, as: UTF8.self) }
  }

  private static func withCStrings<Result>(
    _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
  ) -> Result {
    let pointers = strings.map { strdup($0) }
    defer { pointers.forEach { free($0) } }
    return body(pointers + [nil])
  }
}

private func systemRead(_ file: Int32, _ bytes: UnsafeMutableRawPointer, _ count: Int) -> Int {
  read(file, bytes, count)
}

/// A folder of its own under the system's folder for temporary files.
func withTemporaryFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
  let named = ProcessInfo.processInfo.environment["TMPDIR"] ?? ""
  let parent = named.isEmpty ? "/tmp" : named
  var template = Array("\(parent)/kindling-compare-XXXXXX".utf8CString)
  guard mkdtemp(&template) != nil else {
    throw KindlingError(
      "no folder can be made in \(parent): \(String(cString: strerror(errno))). TMPDIR=PATH names another place for what "
        + "the lessons write.")
  }
  let folder = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
  defer { try? FileManager.default.removeItem(atPath: folder) }
  return try body(folder)
}
