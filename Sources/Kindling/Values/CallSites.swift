import Runtime

/// A line of a program.
public struct SourceLine: Hashable, Sendable {
  /// The file, with its whole path.
  public let path: String
  /// Its number, from 1 on.
  public let line: Int
}

/// The lines of a program that led to a place in this library.
///
/// To note where the processor is takes a fraction of a millisecond. To find the line that belongs to it takes 30, so that
/// is done once for each place, and only for frames that can be the program's own.
struct CallSites {
  /// This file is Sources/Kindling/Values/CallSites.swift; what stands in Sources is none of the program's, LessonKit included.
  private static let library = String(#filePath.dropLast("Kindling/Values/CallSites.swift".count))

  private let images = ImageMap.capture()
  /// The program's frames, innermost first, of each place that was met.
  private var frames: [[String]: [Backtrace]] = [:]
  private var known: [String: [SourceLine]] = [:]
  private var noted: [[String]] = []

  /// Notes the place that the program is at.
  ///
  /// - Returns: What to ask `lines(at:)` with; nil where it cannot be told.
  mutating func note() -> Int? {
    guard let all = try? Backtrace.capture(limit: 64, images: images) else { return nil }
    let place = all.frames.map { "\($0)" }
    if frames[place] == nil { frames[place] = programsFrames(all) }
    noted.append(place)
    return noted.count - 1
  }

  /// The frames of a backtrace that can be the program's, each in a backtrace of its own. Called by what captured `all`.
  @inline(never)
  private func programsFrames(_ all: Backtrace) -> [Backtrace] {
    let named = all.symbolicated(with: images, options: [])?.frames ?? []
    let addresses = all.frames.map { "\($0)" }
    var found: [Backtrace] = []
    for (offset, frame) in named.enumerated() {
      guard let name = frame.symbol?.rawName, !CallSites.isLibrarys(name) else { continue }
      // One frame deeper here than there.
      for depth in offset...offset + 2 {
        guard let one = try? Backtrace.capture(limit: 2, offset: depth, top: 0, images: images),
          one.frames.first(where: { _ in true }).map({ "\($0)" }) == addresses[offset]
        else { continue }
        found.append(one)
        break
      }
    }
    return found
  }

  /// The lines of a noted place, innermost first, without those of this library and of others that the program was built
  /// with.
  mutating func lines(at place: Int) -> [SourceLine] {
    var lines: [SourceLine] = []
    for line in (frames[noted[place]] ?? []).flatMap({ self.lines(of: $0) }) where lines.last != line {
      lines.append(line)
    }
    return lines
  }

  /// The innermost of these lines.
  mutating func firstLine(at place: Int) -> SourceLine? {
    for frame in frames[noted[place]] ?? [] { if let line = lines(of: frame).first { return line } }
    return nil
  }

  private mutating func lines(of frame: Backtrace) -> [SourceLine] {
    guard let address = frame.frames.first(where: { _ in true }).map({ "\($0)" }) else { return [] }
    if let lines = known[address] { return lines }
    var lines = symbolicated(frame, [.showSourceLocations])
    // Something of the library, or of the compiler, can have been inlined there. What it was inlined into takes a quarter of
    // a second to find.
    if lines.first?.path.hasPrefix(CallSites.library) ?? true {
      lines = symbolicated(frame, [.showSourceLocations, .showInlineFrames])
    }
    lines.removeAll { $0.path.hasPrefix(CallSites.library) || $0.path.contains("/.build/checkouts/") }
    known[address] = lines
    return lines
  }

  private func symbolicated(_ frame: Backtrace, _ options: Backtrace.SymbolicationOptions) -> [SourceLine] {
    (frame.symbolicated(with: images, options: options)?.frames ?? []).compactMap(\.symbol?.sourceLocation)
      .filter { $0.line > 0 && $0.path.hasPrefix("/") }.map { SourceLine(path: $0.path, line: $0.line) }
  }

  /// Whether a mangled name is a function of the library. One with `E` and a number in it may be of an extension of yours.
  private static func isLibrarys(_ name: String) -> Bool {
    let modules = ["Kindling", "KindlingNN", "KindlingOptim", "KindlingArrays", "KindlingPage", "LessonKit"]
    return modules.contains { name.hasPrefix("$s\($0.count)\($0)") }
      && !zip(name.utf8, name.utf8.dropFirst()).contains { $0 == UInt8(ascii: "E") && (48...57).contains($1) }
  }

  /// Forgets the places, but not what was found out.
  mutating func forget() { noted = [] }
}
