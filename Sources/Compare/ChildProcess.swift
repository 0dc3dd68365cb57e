import FoundationEssentials
import Kindling

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

  /// Runs a program with its standard output and standard error going to files in `folder`, and waits for it.
  ///
  /// - Parameter program: A path, or a name that is looked up in PATH.
  /// - Throws: `KindlingError` where it cannot be started.
  static func run(_ program: String, _ arguments: [String], folder: String) throws -> Ending {
    let (output, errors) = ("\(folder)/output.txt", "\(folder)/errors.txt")
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, errors, O_WRONLY | O_CREAT | O_TRUNC, 0o600)

    let environment = ProcessInfo.processInfo.environment.map { "\($0.key)=\($0.value)" }
    var child = pid_t()
    let result = withCStrings([program] + arguments) { arguments in
      withCStrings(environment) { posix_spawnp(&child, program, &actions, nil, arguments, $0) }
    }
    if result != 0 { throw KindlingError("\(program) cannot be started: \(String(cString: strerror(result)))") }

    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0 && errno == EINTR {}
    let signal = status & 0x7F
    return Ending(
      status: signal == 0 ? Int(status >> 8) & 0xFF : 128 + Int(signal),
      output: text(output), errors: text(errors))
  }

  private static func text(_ path: String) -> String {
    String(decoding: (try? FileAccess.bytes(of: path, for: "output")) ?? [], as: UTF8.self)
  }

  private static func withCStrings<Result>(
    _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
  ) -> Result {
    let pointers = strings.map { strdup($0) }
    defer { pointers.forEach { free($0) } }
    return body(pointers + [nil])
  }
}

/// A folder of its own under the system's folder for temporary files.
func withTemporaryFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
  let parent = ProcessInfo.processInfo.environment["TMPDIR"] ?? "/tmp"
  var template = Array("\(parent)/kindling-compare-XXXXXX".utf8CString)
  guard mkdtemp(&template) != nil else {
    throw KindlingError("no folder can be made in \(parent): \(String(cString: strerror(errno)))")
  }
  let folder = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
  defer { try? FileManager.default.removeItem(atPath: folder) }
  return try body(folder)
}
