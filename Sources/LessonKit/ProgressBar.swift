import Kindling

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// How fast it goes, and a line in the terminal that shows it while it goes.
package struct Speed {
  private let program: String
  private let unit: String
  private let isShown: Bool
  private let isTerminal = isatty(STDERR_FILENO) == 1
  private var samples = 0
  /// Since the epoch's, or this run's, first step.
  private var start: ContinuousClock.Instant?
  private var lastShown: ContinuousClock.Instant?

  /// - Parameters:
  ///   - program: Who says it.
  ///   - unit: What is counted.
  ///   - isShown: Whether to show anything: of several processes one does.
  package init(program: String, unit: String = "samples", isShown: Bool = true) {
    (self.program, self.unit, self.isShown) = (program, unit, isShown)
  }

  package mutating func begin() { if start == nil { start = .now } }

  package mutating func note(_ count: Int) { samples += count }

  private var perSecond: String {
    guard let start else { return "0 \(unit)/s" }
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    return "\(Int((Double(samples) / max(seconds, 1e-9)).rounded())) \(unit)/s"
  }

  /// Shows a line in the place of the last one, ten times a second.
  ///
  /// - Parameter line: Makes it of how fast it goes and of how many columns there are.
  package mutating func show(_ line: (_ speed: String, _ columns: Int) -> String) {
    guard isShown && isTerminal else { return }
    let now = ContinuousClock.now
    if let lastShown, now - lastShown < .milliseconds(100) { return }
    lastShown = now
    StandardError.write("\r\(line(perSecond, Speed.columns))\u{1B}[K")
  }

  /// How many columns the terminal has now: its window may have been drawn wider or narrower.
  private static var columns: Int {
    var size = winsize()
    return ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
  }

  /// Takes the line away.
  package mutating func clear() { if lastShown != nil { StandardError.write("\r\u{1B}[K") } }

  /// Where there is no terminal, and so no line, says it once an epoch.
  package mutating func sayIfNobodyLooks(_ what: String) {
    if isShown && !isTerminal { StandardError.print("\(program): \(what): \(perSecond)") }
    (samples, start, lastShown) = (0, nil, nil)
  }
}

/// `epoch 3/20 [=====>    ] loss 0.1234 accuracy 0.9876 1234 samples/s`, never as wide as the terminal: a line that wraps
/// cannot be overwritten. The bar becomes shorter first; where that is not enough it goes, and then the numbers that do not fit.
package func progressLine(_ title: String, _ done: Int, of count: Int, _ numbers: [String], columns: Int) -> String {
  let room = columns - 1 - ([title] + numbers).map { $0.count + 1 }.reduce(0, +) - 2
  let bars = room >= 5 ? [bar(done, of: count, width: min(20, room))] : []
  return ([title] + bars + numbers).reduce("") { line, word in
    let longer = line.isEmpty ? word : "\(line) \(word)"
    return longer.count < columns ? longer : line
  }
}

/// `[=====>    ]`.
private func bar(_ done: Int, of count: Int, width: Int) -> String {
  let filled = count == 0 ? width : min(width, done * width / count)
  let head = filled < width ? ">" : ""
  let bar = String(repeating: "=", count: filled) + head
  return "[" + bar + String(repeating: " ", count: width - bar.count) + "]"
}

/// A number with four digits after the point.
package func fixed(_ value: Double) -> String {
  let scaled = (value * 10_000).rounded()
  guard abs(scaled) < 1e15 else { return "\(value)" }
  let digits = String(Int(abs(scaled)))
  let padded = String(repeating: "0", count: max(0, 5 - digits.count)) + digits
  return (scaled < 0 ? "-" : "") + padded.dropLast(4) + "." + padded.suffix(4)
}

/// A word as a shell takes it.
package func quoted(_ word: String) -> String {
  let plain = word.utf8.allSatisfy { byte in
    UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20 || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
      || "-_=./,:+@%".utf8.contains(byte)
  }
  return plain && !word.isEmpty ? word : "'" + word.replacing("'", with: "'\\''") + "'"
}

/// The command that goes on from a file: this one, resumed from there.
package func commandToGoOn(from path: String) -> String {
  var words: [String] = []
  var skip = false
  for word in CommandLine.arguments {
    if skip {
      skip = false
    } else if word == "--resume" {
      skip = true
    } else if !word.hasPrefix("--resume=") {
      words.append(quoted(word))
    }
  }
  return (words + ["--resume", quoted(path)]).joined(separator: " ")
}
