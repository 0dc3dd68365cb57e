import FoundationEssentials

/// The table, as text and as JSON.
struct Report {
  var header: [String] = []
  var rows: [Row] = []
  /// Requests for system memory in 100 steps, for each number of threads.
  var allocations: [(name: String, threads: Int, count: Int)] = []
  var buildSeconds: Double?

  /// Columns of one width each, the first to the left, the numbers to the right.
  var table: String {
    let heads = ["work", "threads", "ours", "against", "theirs", "ratio", "target", "floor", "ours/floor", "target"]
    // The same work with one thread and with two stands together.
    let order = Dictionary(zip(rows.map(\.work.name), 0...)) { first, _ in first }
    let sorted = rows.sorted {
      (order[$0.work.name]!, $0.threads) < (order[$1.work.name]!, $1.threads)
    }
    let lines = [heads] + sorted.map(cells)
    let widths = heads.indices.map { column in lines.map { $0[column].count }.max()! }
    return lines.map { line in
      line.indices.map { column in
        let padding = String(repeating: " ", count: widths[column] - line[column].count)
        return column == 0 || column == 3 ? line[column] + padding : padding + line[column]
      }.joined(separator: "  ")
    }.joined(separator: "\n")
  }

  private func cells(_ row: Row) -> [String] {
    let format = row.work.isMemory ? Report.bytes : Report.time
    // The best round, and by how much the slowest was slower.
    func figure(_ figure: Figure) -> String {
      guard let best = figure.best, let slowest = figure.slowest else { return "-" }
      return format(best) + (slowest > best ? " +\(Int((100 * (slowest / best - 1)).rounded()))%" : "")
    }
    return [
      row.work.name, "\(row.threads)", figure(row.ours), row.work.peer.rawValue, figure(row.theirs),
      row.ratio.map(Report.significant) ?? "-", verdict(row.ratio, row.goal),
      figure(row.floor), row.distance.map(Report.significant) ?? "-", verdict(row.distance, row.floorGoal),
    ]
  }

  private func verdict(_ value: Double?, _ goal: Double?) -> String {
    guard let goal else { return "" }
    let text = Report.significant(goal)
    return value.map { $0 <= goal ? "\(text) met" : "\(text) MISSED" } ?? text
  }

  /// What the table does not hold: how chains grow, requests for memory, the build, and how many targets are met.
  var footer: [String] {
    var lines = linearity
    let compared = rows.filter { $0.agrees != nil }
    if !compared.isEmpty {
      let different = compared.filter { $0.agrees == false }.map { row in
        "\(row.work.name), \(Report.threads(row.threads)): ours \(row.outcomes?.ours ?? .nan), theirs "
          + "\(row.outcomes?.theirs ?? .nan)"
      }
      lines.append("both sides compute the same in \(compared.count - different.count) of \(compared.count) rows")
      lines += different.map { "DIFFERENT RESULTS: \($0)" }
    }
    for threads in Set(allocations.map(\.threads)).sorted() {
      let counts = allocations.filter { $0.threads == threads }.map { "\($0.name) \($0.count)" }
      let title = "requests for system memory in 100 steps, \(Report.threads(threads)), target 0: "
      lines.append(title + counts.joined(separator: ", "))
    }
    if let buildSeconds { lines.append("build from clean: \(Report.time(buildSeconds))") }
    let pairs = rows.flatMap { [($0.ratio, $0.goal), ($0.distance, $0.floorGoal)] }
    let verdicts = pairs.compactMap { value, goal in value.flatMap { value in goal.map { value <= $0 } } }
    if !verdicts.isEmpty { lines.append("targets met: \(verdicts.filter { $0 }.count) of \(verdicts.count)") }
    return lines
  }

  /// The cost of an operation in a chain of 10^6 and fewer, over that in a chain of 10^3: at most 1.15.
  private var linearity: [String] {
    let prefix = "add and backward, chain of "
    let chains = rows.filter { $0.work.name.hasPrefix(prefix) && $0.ours.best != nil }
    return Set(chains.map(\.threads)).sorted().compactMap { threads in
      let costs = chains.filter { $0.threads == threads }.map { ($0.work.repetitions, $0.ours.best!) }
      guard let base = costs.first(where: { $0.0 == 1000 })?.1 else { return nil }
      let ratios = costs.filter { $0.0 > 1000 }.map { "\($0.0): \(Report.significant($0.1 / base))" }
      if ratios.isEmpty { return nil }
      return "a node's cost over that in a chain of 1000, \(Report.threads(threads)), target 1.15: "
        + ratios.joined(separator: ", ")
    }
  }

  // MARK: Numbers

  static func threads(_ count: Int) -> String { count == 1 ? "1 thread" : "\(count) threads" }

  static func time(_ seconds: Double) -> String {
    let units = [("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)]
    let unit = units.first { seconds >= $0.1 } ?? ("ns", 1e-9)
    return "\(significant(seconds / unit.1)) \(unit.0)"
  }

  static func bytes(_ count: Double) -> String { "\(significant(count / 1_048_576)) MiB" }

  /// Three digits, or all that stand before the point.
  static func significant(_ value: Double) -> String {
    if !(abs(value) < 1e15) { return "\(value)" }
    let decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0
    let scale = [1, 10, 100][decimals]
    let scaled = Int((value * Double(scale)).rounded())
    if decimals == 0 { return "\(scaled)" }
    let fraction = "\(scaled % scale)"
    return "\(scaled / scale)." + String(repeating: "0", count: decimals - fraction.count) + fraction
  }

  // MARK: JSON

  private struct File: Encodable {
    struct Line: Encodable {
      let work: String
      let threads: Int
      let unit: String
      let against: String
      let ours, theirs, ratio, target, floor, distanceToFloor, floorTarget: Double?
      let oursSlowest, theirsSlowest, floorSlowest: Double?
      let computesTheSame: Bool?
    }
    struct Allocations: Encodable {
      let work: String
      let threads: Int
      let requests: Int
    }
    let header: [String]
    let rows: [Line]
    let systemMemoryRequestsIn100Steps: [Allocations]
    let buildSeconds: Double?
  }

  var json: Data {
    get throws {
      let lines = rows.map { row in
        File.Line(
          work: row.work.name, threads: row.threads, unit: row.work.isMemory ? "bytes" : "seconds",
          against: row.work.peer.rawValue, ours: row.ours.best, theirs: row.theirs.best, ratio: row.ratio,
          target: row.goal, floor: row.floor.best, distanceToFloor: row.distance, floorTarget: row.floorGoal,
          oursSlowest: row.ours.slowest, theirsSlowest: row.theirs.slowest, floorSlowest: row.floor.slowest,
          computesTheSame: row.agrees)
      }
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
      return try encoder.encode(
        File(
          header: header, rows: lines,
          systemMemoryRequestsIn100Steps: allocations.map {
            File.Allocations(work: $0.name, threads: $0.threads, requests: $0.count)
          }, buildSeconds: buildSeconds))
    }
  }
}
