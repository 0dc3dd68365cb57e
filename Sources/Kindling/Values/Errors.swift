#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Ends the program over a mistake in the program itself: shapes that do not fit, a second `backward()`.
///
/// What the environment can cause (a file, a driver, an option) is a thrown error instead. The message is one readable
/// line, and another that names the line of yours that made the call. Swift's crash report, all registers and addresses,
/// would bury them, so it is left out unless `SWIFT_BACKTRACE` is set, as in `SWIFT_BACKTRACE=enable=yes`, which shows every
/// call on the way.
package func fail(_ operation: String, _ message: String) -> Never {
  if getenv("SWIFT_BACKTRACE") != nil { fatalError("\(operation): \(message)\(Computing.endOfMessage)") }
  signal(SIGILL, SIG_DFL)
  signal(SIGTRAP, SIG_DFL)
  let whole = "\(operation): \(message)\(Computing.endOfMessage)"
  let line = guarded(whole) { callersLine() }
  fatalError("\(whole)\(line.map { "\n  called from \($0)" } ?? "")")
}

/// What is said if the search for the line fails.
private nonisolated(unsafe) var lastWords: UnsafeMutablePointer<CChar>?

/// Runs `body`, which walks the stack. In a program that was built without frame pointers that can lead anywhere; then the
/// message is said without a line.
private func guarded<R>(_ message: String, _ body: () -> R) -> R {
  lastWords = strdup("Fatal error: \(message)\n")
  for number in [SIGSEGV, SIGBUS] {
    signal(number) { _ in
      if let lastWords { _ = write(2, lastWords, strlen(lastWords)) }
      signal(SIGABRT, SIG_DFL)
      abort()
    }
  }
  defer { for number in [SIGSEGV, SIGBUS] { signal(number, SIG_DFL) } }
  return body()
}

/// The line that made the call: the file and line of the innermost frame outside this library, which a release build knows
/// too. Nil where it cannot be told.
private func callersLine() -> String? {
  var sites = CallSites()
  return sites.note().flatMap { sites.firstLine(at: $0) }.map { "\(shortened($0.path)):\($0.line)" }
}

/// A path as it is seen from where the program runs.
private func shortened(_ path: String) -> Substring {
  let folder = getcwd(nil, 0).map { String(cString: $0) + "/" } ?? ""
  return path.dropFirst(path.hasPrefix(folder) ? folder.count : 0)
}

/// Ends the program over something outside it that went wrong where no error can be thrown: a GPU that fails in the middle
/// of a training. Status 1 and a line, and not a crash: there is no mistake to look for in the program.
package func giveUp(_ operation: String, _ message: String) -> Never {
  StandardError.print("\(StandardOutput.prefix)\(operation): \(message)")
  exit(1)
}

/// An error that the environment caused, with a message a person can act on.
public struct KindlingError: Error, CustomStringConvertible, Equatable, Sendable {
  /// What was expected, what came, where, and what to do.
  public let description: String

  /// Creates an error from its message.
  public init(_ description: String) { self.description = description }
}
