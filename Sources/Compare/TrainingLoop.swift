import LessonKit

/// The training loop of a lesson's source: what the learner writes at every stage.
struct TrainingLoop: Sendable {
  /// From `for t in …` to its closing brace, without the indentation that all lines share.
  let lines: [String]

  /// The rule by which lines are counted, for the reader.
  static let rule = """
    Lines counted are those of the training loop, without blank lines, comments, lone closing braces and run.observe, \
    which only feeds this comparison.
    """

  /// Nil where the source has no loop over the steps.
  init?(source: String) {
    let all = source.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    guard let start = all.firstIndex(where: { $0.contains("for t in 0..<run.steps {") }) else { return nil }
    var depth = 0
    var end = start
    for index in start..<all.count {
      let code = TrainingLoop.code(all[index])
      depth += code.count { $0 == "{" } - code.count { $0 == "}" }
      end = index
      if depth == 0 { break }
    }
    let indent = all[start].prefix { $0 == " " }.count
    lines = all[start...end].map { String($0.dropFirst(min(indent, $0.prefix { $0 == " " }.count))) }
  }

  static func of(lesson: Int) -> TrainingLoop? {
    TrainingLoop(source: EmbeddedFile.text(LessonFacts.of(lesson).source))
  }

  /// How many lines the rule counts.
  var count: Int { lines.count { TrainingLoop.counts($0) } }

  static func counts(_ line: String) -> Bool {
    let code = code(line).filter { $0 != " " }
    return !code.isEmpty && code.contains { $0 != "}" && $0 != ")" } && !code.hasPrefix("run.observe")
  }

  /// A line without its comment. The lessons have no "//" inside a string.
  static func code(_ line: String) -> String {
    var code = line
    if let comment = line.firstRange(of: "//") { code = String(line[..<comment.lowerBound]) }
    while code.hasSuffix(" ") { code.removeLast() }
    return code
  }
}

/// Which lines of two texts have a partner in the other: those of a longest common subsequence.
struct LineDiff: Sendable {
  /// For each old line, whether it is gone in the new text.
  let gone: [Bool]
  /// For each new line, whether it was not in the old text.
  let new: [Bool]

  init(_ old: [String], _ new: [String]) {
    // lengths[i][j]: how many lines the rests old[i...] and new[j...] can have in common.
    var lengths = [[Int]](repeating: [Int](repeating: 0, count: new.count + 1), count: old.count + 1)
    for i in old.indices.reversed() {
      for j in new.indices.reversed() {
        lengths[i][j] =
          old[i] == new[j] ? lengths[i + 1][j + 1] + 1 : max(lengths[i + 1][j], lengths[i][j + 1])
      }
    }
    var gone = [Bool](repeating: true, count: old.count)
    var added = [Bool](repeating: true, count: new.count)
    var (i, j) = (0, 0)
    while i < old.count && j < new.count {
      if old[i] == new[j] {
        (gone[i], added[j]) = (false, false)
        (i, j) = (i + 1, j + 1)
      } else if lengths[i + 1][j] >= lengths[i][j + 1] {
        i += 1
      } else {
        j += 1
      }
    }
    (self.gone, self.new) = (gone, added)
  }
}
