import FoundationEssentials
import Kindling

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What standard output can show.
struct Terminal: Sendable {
  let width: Int
  let hasColor: Bool

  /// Standard output as it is: a terminal's width and colours; 80 columns and none for a file or a pipe. `COLUMNS` and
  /// `NO_COLOR` (no-color.org) have the last word.
  static var standardOutput: Terminal {
    let environment = ProcessInfo.processInfo.environment
    let isTerminal = isatty(STDOUT_FILENO) == 1
    var size = winsize()
    let known = isTerminal && ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
    let columns = environment["COLUMNS"].flatMap { Int($0) } ?? (known ? Int(size.ws_col) : 80)
    let noColor = !(environment["NO_COLOR"] ?? "").isEmpty || environment["TERM"] == "dumb"
    return Terminal(width: max(columns, 40), hasColor: isTerminal && !noColor)
  }

  /// A colour for each lesson; they differ in lightness too, for readers who see few colours.
  func colored(_ text: String, lesson: Int) -> String { styled(text, [34, 31, 32, 35, 33][(lesson - 1) % 5]) }
  func bold(_ text: String) -> String { styled(text, 1) }
  func dim(_ text: String) -> String { styled(text, 2) }
  func good(_ text: String) -> String { styled(text, 32) }
  func bad(_ text: String) -> String { styled(text, 31) }

  private func styled(_ text: String, _ code: Int) -> String { hasColor ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text }
}

extension StandardError {
  private static let isTerminal = isatty(STDERR_FILENO) == 1

  /// A line that says what is running, and that the next one overwrites; nothing where nobody looks.
  static func show(progress text: String) { if isTerminal { write("\r\u{1B}[K\(text)") } }
  static func clearProgress() { show(progress: "") }
}
