import CUDAEmulator
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
/// To note where the processor is takes a fraction of a millisecond. To go through the program's line table takes many, for one
/// line or for all: so all places that were met are looked up at once, and only frames that can be the program's own.
struct CallSites {
  /// This file is Sources/Kindling/Values/CallSites.swift; what stands in Sources is none of the program's, LessonKit included.
  private static let library = String(#filePath.dropLast("Kindling/Values/CallSites.swift".count))

  private let images = ImageMap.capture()
  /// The program's frames, innermost first, of each place that was met.
  private var frames: [[String]: [Backtrace]] = [:]
  private var known: [String: [SourceLine]] = [:]
  /// What the line table has, of return addresses: the innermost line.
  private var innermost: [UInt: SourceLine?] = [:]
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
    guard let first = frame.frames.first(where: { _ in true }) else { return [] }
    let place = "\(first)"
    if let lines = known[place] { return lines }
    var lines = innermostLine(of: first).map { [$0] } ?? []
    // Something of the library, or of the compiler, can have been inlined there. What it was inlined into takes a quarter of
    // a second to find.
    if lines.first?.path.hasPrefix(CallSites.library) ?? true {
      let all = frame.symbolicated(with: images, options: [.showSourceLocations, .showInlineFrames])?.frames ?? []
      lines = all.compactMap(\.symbol?.sourceLocation).map { SourceLine(path: $0.path, line: $0.line) }
    }
    lines.removeAll {
      $0.line <= 0 || !$0.path.hasPrefix("/") || $0.path.hasPrefix(CallSites.library)
        || $0.path.contains("/.build/checkouts/")
    }
    known[place] = lines
    return lines
  }

  /// What the line table has of a frame; where that was not asked yet, of all frames that were met.
  private mutating func innermostLine(of frame: Backtrace.Frame) -> SourceLine? {
    guard let address = CallSites.returnAddress(of: frame) else { return nil }
    if let line = innermost[address] { return line }
    let met = frames.flatMap(\.value).compactMap { $0.frames.first { _ in true }.flatMap(CallSites.returnAddress) }
    let addresses = Set(met + [address]).filter { innermost[$0] == nil }.map { UnsafeRawPointer(bitPattern: $0) }
    var found = [KindlingSourceLine](repeating: KindlingSourceLine(), count: addresses.count)
    KindlingSourceLines(addresses, Int64(addresses.count), &found)
    for (address, line) in zip(addresses, found) {
      let path = line.path.map { String(cString: $0) }
      innermost[UInt(bitPattern: address)] = .some(path.map { SourceLine(path: $0, line: Int(line.line)) })
    }
    return innermost[address] ?? nil
  }

  /// Where the call that the processor was in returns to: behind the call itself.
  private static func returnAddress(of frame: Backtrace.Frame) -> UInt? {
    UInt(frame.adjustedProgramCounter).map { $0 + 1 }
  }

  /// Whether a mangled name is a function of the library. An extension of yours has your module's name and an `E` in it
  /// (the library's own have `AAE`). What tells private names apart, 32 hexadecimal digits, is no such `E`.
  private static func isLibrarys(_ name: String) -> Bool {
    let modules = ["Kindling", "KindlingNN", "KindlingOptim", "KindlingArrays", "KindlingPage", "LessonKit"]
    guard modules.contains(where: { name.hasPrefix("$s\($0.count)\($0)") }) else { return false }
    return !name.replacing(/33_[0-9A-F]{32}|AAE/, with: "").contains(/E[0-9]/)
  }

  /// Forgets the places, but not what was found out.
  mutating func forget() { noted = [] }
}
