import Kindling
import KindlingData
import LessonKit

/// What the test shows: which class was taken for which, and what the samples look like that were got wrong.
struct TestReport {
  private let predictions: [Int]
  private let labels: [Int]
  private let test: LabelledData
  /// How many mistakes are shown.
  private static let mostShown = 6
  /// How many columns a terminal has.
  private static let columns = 80

  /// - Parameter predictions: The class that each sample was taken for, [n].
  init(_ predictions: Tensor, _ test: LabelledData) {
    self.predictions = predictions.toArray(of: Int.self)
    labels = test.y.toArray(of: Int.self)
    self.test = test
  }

  /// A row for each class, a column for each that its samples were taken for.
  var confusion: String {
    let names = test.classNames
    var counts = [[Int]](repeating: [Int](repeating: 0, count: names.count), count: names.count)
    for (label, prediction) in zip(labels, predictions) { counts[label][prediction] += 1 }
    let titleWidth = names.map(\.count).max() ?? 0
    // Long names have no room above narrow columns; there their numbers do.
    let heads = titleWidth > 8 ? names.indices.map(String.init) : names
    let width = max(heads.map(\.count).max() ?? 1, String(counts.joined().max() ?? 0).count) + 1
    func row(_ title: String, _ cells: [String]) -> String {
      title + String(repeating: " ", count: titleWidth + 4 - title.count) + cells.map { padded($0, width) }.joined()
    }
    let rows = names.indices.map { i in
      row(titleWidth > 8 ? "\(i) \(names[i])" : names[i], counts[i].map { $0 == 0 ? "." : "\($0)" })
    }
    return (["rows: what it is; columns: what it was taken for", row("", heads)] + rows).joined(separator: "\n")
  }

  private func padded(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }

  /// The samples that were got wrong, the first of them as pictures or rows of numbers.
  var mistakes: String {
    let wrong = labels.indices.filter { labels[$0] != predictions[$0] }
    let head = "\(wrong.count) of \(labels.count) are wrong"
    let shown = Array(wrong.prefix(TestReport.mostShown))
    if shown.isEmpty { return head }
    let blocks = shown.map { block($0) }
    let width = blocks.joined().map(\.count).max() ?? 1
    let perRow = max(1, TestReport.columns / (width + 2))
    var lines = [head + (wrong.count > shown.count ? "; the first \(shown.count):" : ":")]
    for start in stride(from: 0, to: blocks.count, by: perRow) {
      let row = blocks[start..<min(start + perRow, blocks.count)]
      for line in 0..<(row.map(\.count).max() ?? 0) {
        let cells = row.map { block in
          let text = line < block.count ? block[line] : ""
          return text + String(repeating: " ", count: width + 2 - text.count)
        }
        lines.append(String(cells.joined().reversed().drop { $0 == " " }.reversed()))
      }
    }
    return lines.joined(separator: "\n")
  }

  /// A sample in lines of text.
  private func block(_ index: Int) -> [String] {
    let x = test.x[index].to(.cpu)
    let title = "\(test.classNames[labels[index]]), taken for \(test.classNames[predictions[index]])"
    if x.rank != 3 { return [title + ": " + x.toArray().map { fixed($0) }.joined(separator: " ")] }
    return [title] + picture(x[0])
  }

  /// An image, [height, width] with pixels from 0 to 1, in shades. A character is twice as high as it is wide: a pixel of a small
  /// image takes two of them, and in a large one two pixels share one.
  private func picture(_ image: Tensor) -> [String] {
    let (height, width) = (image.shape[0], image.shape[1])
    let pixels = image.toArray()
    let isSmall = width <= 16
    return stride(from: 0, to: height, by: isSmall ? 1 : 2).map { y in
      (0..<width).map { x in
        let both = [y, min(isSmall ? y : y + 1, height - 1)].map { pixels[$0 * width + x] }
        let shade = Int(((both[0] + both[1]) / 2 * 4).rounded())
        let character = [" ", "░", "▒", "▓", "█"][max(0, min(4, shade))]
        return isSmall ? character + character : character
      }.joined()
    }
  }
}
