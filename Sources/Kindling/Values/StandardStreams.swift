import Synchronization

#if canImport(Glibc)
  @preconcurrency import Glibc
#elseif canImport(Musl)
  @preconcurrency import Musl
#else
  @preconcurrency import Darwin
#endif

/// Standard output that does not get lost in silence.
package enum StandardOutput {
  private struct Program {
    var name = ""
    var status: Int32 = 1
    var problem: String?
  }
  private static let program = Mutex(Program())

  /// What every program of this package calls first. From then on, output that cannot be written (on a full disk, into a
  /// pipe that nobody reads any more, into a stream that is closed) ends the program with a sentence and `status`, and
  /// neither by a signal nor with a success.
  package static func begin(_ name: String, failure status: Int32 = 1) {
    program.withLock { ($0.name, $0.status) = (name, status) }
    // A file that is opened later would get the number of a closed stream, and then all that is printed there.
    for stream in STDIN_FILENO...STDERR_FILENO where fcntl(stream, F_GETFD) < 0 { _ = open("/dev/null", O_RDONLY) }
    // These end a program that writes into a broken pipe or a file that may not grow. With a handler, even one that does
    // nothing, the write fails instead; and unlike an ignored signal, that does not pass on to other programs.
    for number in [SIGPIPE, SIGXFSZ] { signal(number) { _ in } }
    atexit {
      guard let problem = StandardOutput.problem else { return }
      StandardError.print("\(StandardOutput.prefix)standard output cannot be written: \(problem)")
      _exit(StandardOutput.program.withLock { $0.status })
    }
  }

  /// Hands on each line as soon as it is printed: for a program that ends with a message of `fail`, which would lose what a
  /// pipe or a file has not been given yet.
  package static func flushEachLine() { setvbuf(stdout, nil, _IOLBF, 0) }

  /// Drops what is printed from here on: for all processes but the first.
  package static func silence() { _ = freopen("/dev/null", "w", stdout) }

  /// Why something that was printed has not arrived; nil if everything has.
  package static var problem: String? {
    program.withLock { program in
      // The first time tells why: a buffer that could not be written is gone afterwards.
      if program.problem == nil && fflush(nil) != 0 { program.problem = String(cString: strerror(errno)) }
      if program.problem == nil && ferror(stdout) != 0 { program.problem = "a part of it is lost" }
      return program.problem
    }
  }

  /// What messages begin with: "lesson1: ", or nothing in a program of somebody else's.
  package static var prefix: String { program.withLock { $0.name.isEmpty ? "" : "\($0.name): " } }
}

/// Standard error.
package enum StandardError {
  /// Writes a line. Where even that fails there is nobody left to tell.
  package static func print(_ message: String) { write(message + "\n") }

  /// Writes a text as it is.
  package static func write(_ text: String) {
    // Not through `stderr`, which Swift counts as a variable shared between threads.
    var text = text
    text.withUTF8 { bytes in
      var written = 0
      while written < bytes.count {
        let count = systemWrite(STDERR_FILENO, bytes.baseAddress! + written, bytes.count - written)
        if count < 0 && errno != EINTR { return }
        written += max(count, 0)
      }
    }
  }
}

private func systemWrite(_ file: Int32, _ bytes: UnsafeRawPointer, _ count: Int) -> Int { write(file, bytes, count) }
