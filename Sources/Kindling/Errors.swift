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
/// line; Swift's crash report, all registers and addresses, would bury it, so it is left out unless
/// `SWIFT_BACKTRACE` is set, as in `SWIFT_BACKTRACE=enable=yes`, which shows the line of yours that made the call.
package func fail(_ operation: String, _ message: String) -> Never {
  if getenv("SWIFT_BACKTRACE") == nil {
    signal(SIGILL, SIG_DFL)
    signal(SIGTRAP, SIG_DFL)
  }
  fatalError("\(operation): \(message)\(Computing.place)")
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
