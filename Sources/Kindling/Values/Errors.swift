import Runtime

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
  fatalError("\(operation): \(message)\(Computing.endOfMessage)\(callersLine().map { "\n  called from \($0)" } ?? "")")
}

/// The line that made the call: the file and line of the innermost frame outside this library, which a release build knows
/// too. Nil where it cannot be told.
private func callersLine() -> String? {
  guard let backtrace = try? Backtrace.capture(limit: 64).symbolicated(options: [.showInlineFrames]) else { return nil }
  // This file is Sources/Kindling/Values/Errors.swift; what stands in Sources is none of the reader's, LessonKit included.
  let library = #filePath.dropLast("Kindling/Values/Errors.swift".count)
  for frame in backtrace.frames {
    guard let place = frame.symbol?.sourceLocation, place.line > 0, place.path.hasPrefix("/") else { continue }
    if place.path.hasPrefix(library) { continue }
    let folder = getcwd(nil, 0).map { String(cString: $0) + "/" } ?? ""
    return "\(place.path.dropFirst(place.path.hasPrefix(folder) ? folder.count : 0)):\(place.line)"
  }
  return nil
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
