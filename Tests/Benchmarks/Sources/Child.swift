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
///
/// One that takes turns is stopped (SIGSTOP) while others are measured: threads that wait awake for more work would else
/// take a processor from them. However this program ends, those that it has started do not stay behind.
final class Child {
  private let id: pid_t
  private let input: Int32
  private let output: Int32
  private var unread: [UInt8] = []
  private var status: Int32?
  private var takesTurns = false

  /// Starts a program.
  ///
  /// - Parameters:
  ///   - program: A path, or a name that is looked up in PATH.
  ///   - environment: What is added to this program's environment.
  ///   - isQuiet: Whether what it writes to standard error is thrown away.
  /// - Throws: `KindlingError` where it cannot be started.
  init(_ program: String, _ arguments: [String], environment: [String: String] = [:], isQuiet: Bool = false) throws {
    var (down, up): ([Int32], [Int32]) = ([0, 0], [0, 0])
    if pipe(&down) != 0 || pipe(&up) != 0 { throw KindlingError("no pipe for \(program): \(Child.reason(errno))") }
    // Else every child that is started later holds these ends too, and nobody ever reads an end of file.
    for end in down + up { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, down[0], STDIN_FILENO)
    posix_spawn_file_actions_adddup2(&actions, up[1], STDOUT_FILENO)
    if isQuiet { posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0) }

    let merged = ProcessInfo.processInfo.environment.merging(environment) { $1 }.map { "\($0.key)=\($0.value)" }
    let argumentPointers = ([program] + arguments).map { strdup($0) } + [nil]
    let environmentPointers = merged.map { strdup($0) } + [nil]
    defer { (argumentPointers + environmentPointers).forEach { free($0) } }
    var child = pid_t()
    let result = posix_spawnp(&child, program, &actions, nil, argumentPointers, environmentPointers)
    close(down[0])
    close(up[1])
    (id, input, output) = (child, down[1], up[0])
    if result != 0 {
      status = -1  // nothing to wait for
      throw KindlingError("\(program) cannot be started: \(Child.reason(result))")
    }
    Running.add(id)
  }

  deinit {
    if takesTurns { kill(id, SIGCONT) }
    close(input)
    close(output)
    // A child that reads lines ends with its input; one that does not is a training run of a few seconds at most.
    _ = wait()
  }

  private static func reason(_ number: Int32) -> String { String(cString: strerror(number)) }

  /// From now on the child runs while it is asked something, and else stands still.
  func takeTurns() {
    takesTurns = true
    kill(id, SIGSTOP)
  }

  /// Writes one line and reads one; nil where the child has ended.
  func ask(_ line: String) -> String? {
    if takesTurns { kill(id, SIGCONT) }
    defer { if takesTurns { kill(id, SIGSTOP) } }
    let bytes = Array((line + "\n").utf8)
    return write(input, bytes, bytes.count) == bytes.count ? readLine() : nil
  }

  /// The next line without its end; nil at the end of the output.
  func readLine() -> String? {
    var chunk = [UInt8](repeating: 0, count: 65536)
    while true {
      if let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
        defer { unread.removeSubrange(...end) }
        return String(decoding: unread[..<end], as: UTF8.self)
      }
      let count = read(output, &chunk, chunk.count)
      if count < 0 && errno == EINTR { continue }
      if count <= 0 { return nil }
      unread += chunk[..<count]
    }
  }

  /// Reads to the end of the output.
  func drain() { while readLine() != nil {} }

  /// Waits for the end; gives what waitpid gives as status, 0 for a good end.
  func wait() -> Int32 {
    if let status { return status }
    var ended: Int32 = 0
    while waitpid(id, &ended, 0) < 0 && errno == EINTR {}
    Running.remove(id)
    status = ended
    return ended
  }

  /// Watches the child to its end, and gives the most memory it ever held, in bytes, as the system counts it (VmHWM); nil
  /// where the system does not tell.
  ///
  /// wait4 would tell without watching, but what it counts begins with the memory of the program that started the child.
  func peakMemory() -> Double? {
    var peak: Double?
    while status == nil {
      if let seen = Child.highWaterMark(of: id) { peak = max(peak ?? 0, seen) }
      var ended: Int32 = 0
      if waitpid(id, &ended, WNOHANG) == id {
        Running.remove(id)
        status = ended
      }
      usleep(500)
    }
    return status == 0 ? peak : nil
  }

  private static func highWaterMark(of id: pid_t) -> Double? {
    guard let file = fopen("/proc/\(id)/status", "r") else { return nil }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    while fgets(&line, Int32(line.count), file) != nil {
      let words = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self).split {
        $0.isWhitespace
      }
      if words.first == "VmHWM:" { return Double(words[1]).map { $0 * 1024 } }
    }
    return nil
  }
}

/// The programs that run, so that a signal or a failure that ends this one takes them along: one that stands still would
/// wait for ever.
private enum Running {
  private static let most = 64
  /// Read by a signal's handler, which may not allocate; 0 where there is none.
  nonisolated(unsafe) private static let ids: UnsafeMutablePointer<pid_t> = {
    let ids = UnsafeMutablePointer<pid_t>.allocate(capacity: most)
    ids.initialize(repeating: 0, count: most)
    for number in [SIGINT, SIGTERM, SIGHUP, SIGABRT, SIGILL, SIGTRAP, SIGSEGV] {
      signal(number) { number in
        Running.killAll()
        signal(number, SIG_DFL)
        raise(number)
      }
    }
    return ids
  }()

  static func add(_ id: pid_t) { (0..<most).first { ids[$0] == 0 }.map { ids[$0] = id } }
  static func remove(_ id: pid_t) { (0..<most).first { ids[$0] == id }.map { ids[$0] = 0 } }
  private static func killAll() { for i in 0..<most where ids[i] != 0 { kill(ids[i], SIGKILL) } }
}
