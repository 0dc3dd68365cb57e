import Kindling

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// How fast it goes, and a line in the terminal that shows it while it goes.
struct Speed {
  private let isTerminal = isatty(STDERR_FILENO) == 1
  private var samples = 0
  /// Since the epoch's, or this run's, first step.
  private var start: ContinuousClock.Instant?
  private var lastShown: ContinuousClock.Instant?

  mutating func begin() { if start == nil { start = .now } }

  mutating func note(_ count: Int) { samples += count }

  private var perSecond: String {
    guard let start else { return "0 samples/s" }
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    return "\(Int((Double(samples) / max(seconds, 1e-9)).rounded())) samples/s"
  }

  /// Shows a line in the place of the last one, ten times a second.
  mutating func show(_ line: () -> String) {
    guard isTerminal else { return }
    let now = ContinuousClock.now
    if let lastShown, now - lastShown < .milliseconds(100) { return }
    lastShown = now
    StandardError.write("\r\(line()) \(perSecond)\u{1B}[K")
  }

  /// Takes the line away.
  mutating func clear() { if lastShown != nil { StandardError.write("\r\u{1B}[K") } }

  /// Where there is no terminal, and so no line, says it once an epoch.
  mutating func sayIfNobodyLooks(_ what: String) {
    if !isTerminal { StandardError.print("practice: \(what): \(perSecond)") }
    (samples, start, lastShown) = (0, nil, nil)
  }
}

/// `[=====>    ]`.
func bar(_ done: Int, of count: Int, width: Int = 20) -> String {
  let filled = count == 0 ? width : min(width, done * width / count)
  let head = filled < width ? ">" : ""
  let bar = String(repeating: "=", count: filled) + head
  return "[" + bar + String(repeating: " ", count: width - bar.count) + "]"
}

/// A number with four digits after the point.
func fixed(_ value: Double) -> String {
  let scaled = (value * 10_000).rounded()
  guard abs(scaled) < 1e15 else { return "\(value)" }
  let digits = String(Int(abs(scaled)))
  let padded = String(repeating: "0", count: max(0, 5 - digits.count)) + digits
  return (scaled < 0 ? "-" : "") + padded.dropLast(4) + "." + padded.suffix(4)
}

/// A word as a shell takes it.
func quoted(_ word: String) -> String {
  let plain = word.utf8.allSatisfy { byte in
    UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20 || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
      || "-_=./,:+@%".utf8.contains(byte)
  }
  return plain && !word.isEmpty ? word : "'" + word.replacing("'", with: "'\\''") + "'"
}
