#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Loss curves drawn with Braille characters, each of which is a field of two by four dots; the losses on a logarithmic
/// scale.
struct Chart {
  struct Curve {
    let losses: [Double]
    /// One character, put at the curve's right end.
    let mark: Character
    let lesson: Int
  }

  let curves: [Curve]
  let terminal: Terminal

  private let rows = 14
  /// Space for the numbers at the left and the marks at the right.
  private let margin = 7
  private var columns: Int { min(terminal.width, 100) - margin - 1 - rightMargin }
  private var rightMargin: Int { curves.count + 2 }

  /// The chart's lines; none where no loss can be drawn.
  var lines: [String] {
    let positive = curves.flatMap(\.losses).filter { $0 > 0 && $0.isFinite }
    let steps = curves.map(\.losses.count).max() ?? 0
    guard let smallest = positive.min(), let largest = positive.max(), steps > 1, columns > 10 else { return [] }
    // Whole powers of ten, so that the scale's numbers are short.
    let bottom = floor(log10(smallest))
    let top = max(ceil(log10(largest)), bottom + 1)
    var grid = Grid(columns: columns, rows: rows)
    var ends = [[Curve]](repeating: [], count: rows)
    // The last curve lies on top, so that the first ones show only where they part from it.
    for curve in curves {
      let heights = curve.losses.map { loss in
        loss > 0 ? (top - log10(loss)) / (top - bottom) * Double(rows * 4 - 1) : nil
      }
      var last: Int?
      for x in 0..<columns * 2 {
        // Between two steps a straight line, for runs of fewer steps than there are dots.
        let position = Double(x * (steps - 1)) / Double(columns * 2 - 1)
        let step = Int(position)
        guard step < heights.count, let here = heights[step] else { continue }
        let next = heights[min(step + 1, heights.count - 1)] ?? here
        let y = Int((here + (next - here) * (position - Double(step))).rounded())
        grid.draw(from: last ?? y, to: y, x: x, lesson: curve.lesson)
        last = y
      }
      if let last, !ends[last / 4].contains(where: { $0.mark == curve.mark }) { ends[last / 4].append(curve) }
    }
    return picture(grid, ends, top: top, bottom: bottom) + axis(steps)
  }

  private func picture(_ grid: Grid, _ ends: [[Curve]], top: Double, bottom: Double) -> [String] {
    // Labels stand at powers of ten, every second or third of them where there are many.
    let every = max(1, Int((top - bottom) / 6))
    var labels: [Int: String] = [:]
    for exponent in stride(from: Int(top), through: Int(bottom), by: -every) {
      let share = (top - Double(exponent)) / (top - bottom)
      labels[Int((share * Double(rows * 4 - 1)).rounded()) / 4] = "1e\(exponent)"
    }
    return (0..<rows).map { row in
      let line = grid.row(row, terminal)
      let marks = ends[row].map { terminal.colored(String($0.mark), lesson: $0.lesson) }.joined()
      return (labels[row] ?? "").right(margin - 1) + (labels[row] == nil ? " │" : " ┤") + line
        + (marks.isEmpty ? "" : " " + marks)
    }
  }

  private func axis(_ steps: Int) -> [String] {
    let line = String(repeating: " ", count: margin) + "└" + String(repeating: "─", count: columns)
    let last = "\(steps - 1)"
    let middle = "step"
    let gap = columns - 1 - middle.count - last.count
    let left = gap / 2
    return [
      line,
      String(repeating: " ", count: margin + 1) + "0" + String(repeating: " ", count: left) + middle
        + String(repeating: " ", count: gap - left) + last,
    ]
  }

  /// Dots, and whose they are.
  private struct Grid {
    let columns: Int
    private var dots: [UInt32]
    private var owners: [Int]

    init(columns: Int, rows: Int) {
      self.columns = columns
      dots = [UInt32](repeating: 0, count: columns * rows)
      owners = [Int](repeating: 0, count: columns * rows)
    }

    /// A vertical line of dots in the dot column `x`, so that a steep curve has no holes.
    mutating func draw(from: Int, to: Int, x: Int, lesson: Int) {
      // The dots' bits in a Braille character, by row, for its left and its right column.
      let bits: [[UInt32]] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]]
      // From next to the last point on: the point itself stands in the column before.
      let start = from < to ? from + 1 : from > to ? from - 1 : from
      for y in min(start, to)...max(start, to) {
        let cell = y / 4 * columns + x / 2
        dots[cell] |= bits[x % 2][y % 4]
        owners[cell] = lesson
      }
    }

    func row(_ row: Int, _ terminal: Terminal) -> String {
      (0..<columns).map { column in
        let cell = row * columns + column
        if dots[cell] == 0 { return " " }
        let character = String(Character(Unicode.Scalar(0x2800 + dots[cell])!))
        return terminal.colored(character, lesson: owners[cell])
      }.joined()
    }
  }
}
