import FoundationEssentials
import Kindling

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Another program, running, that is written to and read from line by line.
final class Child {
  let id: pid_t
  private let input: Int32
  private let output: Int32
  private var unread: [UInt8] = []
  private var start = 0

  /// Starts a program. What it writes to standard error is read among its lines where `mixesErrors`.
  ///
  /// - Throws: `KindlingError` where it cannot be started.
  init(_ program: String, _ arguments: [String], environment: [String: String], mixesErrors: Bool) throws {
    var (down, up): ([Int32], [Int32]) = ([0, 0], [0, 0])
    if pipe(&down) != 0 || pipe(&up) != 0 { throw KindlingError("no pipe for \(program): \(Child.reason(errno))") }
    // Else a child that is started later holds these ends too, and nobody ever reads an end of file.
    for end in down + up { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, down[0], STDIN_FILENO)
    posix_spawn_file_actions_adddup2(&actions, up[1], STDOUT_FILENO)
    if mixesErrors { posix_spawn_file_actions_adddup2(&actions, up[1], STDERR_FILENO) }
    let merged = ProcessInfo.processInfo.environment.merging(environment) { $1 }.map { "\($0.key)=\($0.value)" }
    let argumentPointers = ([program] + arguments).map { strdup($0) } + [nil]
    let environmentPointers = merged.map { strdup($0) } + [nil]
    defer { (argumentPointers + environmentPointers).forEach { free($0) } }
    var child = pid_t()
    let result = posix_spawnp(&child, program, &actions, nil, argumentPointers, environmentPointers)
    close(down[0])
    close(up[1])
    (id, input, output) = (child, down[1], up[0])
    if result != 0 { throw KindlingError("\(program) cannot be started: \(Child.reason(result))") }
  }

  private static func reason(_ number: Int32) -> String { String(cString: strerror(number)) }

  /// Writes one line; false where the child has ended.
  func writeLine(_ line: String) -> Bool {
    var bytes = Array((line + "\n").utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { write(input, $0.baseAddress!, $0.count) }
      if count < 0 && errno == EINTR { continue }
      if count <= 0 { return false }
      bytes = bytes.dropFirst(count)
    }
    return true
  }

  /// The next line without its end; nil at the end of the output, or when nothing has come for `seconds`.
  func readLine(within seconds: Int) -> String? {
    while true {
      if let end = unread[start...].firstIndex(of: UInt8(ascii: "\n")) {
        defer { start = end + 1 }
        return String(decoding: unread[start..<end], as: UTF8.self)
      }
      unread.removeSubrange(..<start)
      start = 0
      var ready = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
      let answer = poll(&ready, 1, Int32(seconds * 1000))
      if answer < 0 && errno == EINTR { continue }
      if answer <= 0 { return nil }
      let count = withUnsafeTemporaryAllocation(byteCount: 65536, alignment: 1) { chunk in
        let count = read(output, chunk.baseAddress!, chunk.count)
        if count > 0 { unread += chunk[..<count] }
        return count
      }
      if count < 0 && errno == EINTR { continue }
      if count <= 0 { return nil }
    }
  }

  /// Ends the child if it has not ended, and gives what waitpid gives as status.
  func end() -> Int32 {
    close(input)
    close(output)
    kill(id, SIGKILL)
    var status: Int32 = 0
    while waitpid(id, &status, 0) < 0 && errno == EINTR {}
    return status
  }
}
