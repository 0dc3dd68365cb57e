import Runtime

/// The lines of a program that led to a place in this library, found out as late as possible: to note where the processor is
/// takes a fraction of a millisecond, and to find the line that belongs to it takes many.
struct CallSites {
  private let images = ImageMap.capture()
  private var noted: [Backtrace] = []
  private var known: [[String]: [SourceLine]] = [:]

  /// Where the library lies. What is in it is none of the program's.
  private static let library = String(#filePath.dropLast("Kindling/Inspection/CallSites.swift".count))

  /// Notes the place that the program is at.
  ///
  /// - Returns: What to ask `lines(at:)` with.
  mutating func note() -> Int? {
    guard let backtrace = try? Backtrace.capture(limit: 64, images: images) else { return nil }
    noted.append(backtrace)
    return noted.count - 1
  }

  /// The lines of a noted place, innermost first, without those of this library and of
  /// others that the program was built with.
  mutating func lines(at place: Int) -> [SourceLine] {
    let backtrace = noted[place]
    let addresses = backtrace.frames.map { "\($0)" }
    if let lines = known[addresses] { return lines }
    var lines: [SourceLine] = []
    for frame in backtrace.symbolicated(with: images, options: [.showSourceLocations, .showInlineFrames, .useSymbolCache])?.frames ?? [] {
      guard let place = frame.symbol?.sourceLocation, place.line > 0, place.path.hasPrefix("/") else { continue }
      if place.path.hasPrefix(CallSites.library) || place.path.contains("/.build/") { continue }
      let line = SourceLine(path: place.path, line: place.line)
      if lines.last != line { lines.append(line) }
    }
    known[addresses] = lines
    return lines
  }

  /// Forgets the places, but not what was found out.
  mutating func forget() { noted = [] }
}
