/// A graph as SVG: boxes for operations, rounded ones for the tensors that nobody computed, shapes on the edges.
struct GraphDrawing {
  private let graph: ComputationGraph
  private let excerpt: GraphExcerpt
  private let layout: GraphLayout
  private let labels: [[String]]

  init(_ graph: ComputationGraph) {
    self.graph = graph
    let excerpt = GraphExcerpt(graph)
    self.excerpt = excerpt
    let results = graph.results
    labels = excerpt.vertices.map { number in
      guard let number else { return ["\(grouped(excerpt.leftOut.count)) left out"] }
      let vertex = graph.vertices[number]
      return [shortened(withControlsShown(vertex.name))] + (results[number] ? ["\(vertex.shape)"] : [])
    }
    layout = GraphLayout(
      sizes: labels.map(GraphDrawing.size),
      edges: excerpt.edges.map { edge in
        let text = edge.shape.map { "\($0)" }
        let label = text.map { GraphLayout.Label($0, size: .init(width: width($0, GraphDrawing.small), height: 16)) }
        return GraphLayout.Edge(from: edge.from, to: edge.to, label: label)
      })
  }

  private static let large = 14.0, small = 12.0, margin = 12.0

  private static func size(_ lines: [String]) -> GraphLayout.Size {
    let name = width(lines[0], large)
    let shape = lines.count > 1 ? width(lines[1], small) : 0
    return GraphLayout.Size(width: max(48, max(name, shape) + 24), height: lines.count > 1 ? 48 : 32)
  }

  /// The picture as a file of its own, which may stand within a page as well.
  var svg: String {
    let caption = caption
    let top = GraphDrawing.margin + (caption.isEmpty ? 0 : 28)
    let inner = max(layout.width, caption.isEmpty ? 0 : width(caption, GraphDrawing.small))
    let (width, height) = (inner + 2 * GraphDrawing.margin, layout.height + top + GraphDrawing.margin)
    var text = """
      <svg xmlns="http://www.w3.org/2000/svg" class="kindling-graph" role="img" width="\(number(width))" \
      height="\(number(height))" viewBox="0 0 \(number(width)) \(number(height))">
      <title>Computation graph of \(grouped(graph.vertices.count)) vertices</title>
      <desc>\(escaped(description))</desc>
      <style>\(GraphDrawing.style)</style>
      <rect class="ground" width="100%" height="100%"/>

      """
    if !caption.isEmpty {
      text += "<text class=\"shape\" x=\"\(number(GraphDrawing.margin))\" y=\"26\">\(caption)</text>\n"
    }
    text += "<g transform=\"translate(\(number((width - layout.width) / 2)) \(number(top)))\">\n"
    for (edge, route) in zip(excerpt.edges, layout.routes) { text += drawn(edge.shape, route) }
    for vertex in excerpt.vertices.indices { text += drawn(vertex) }
    return text + "</g>\n</svg>\n"
  }

  private var caption: String {
    if excerpt.leftOut.isEmpty { return "" }
    let (all, some) = (grouped(graph.vertices.count), grouped(excerpt.leftOut.count))
    return "\(all) vertices, of which \(some) in the middle are left out"
  }

  /// The graph in words, for those who do not see it.
  private var description: String {
    var inputs: [Int: [String]] = [:]
    var sentences: [String] = caption.isEmpty ? [] : ["\(caption)."]
    let most = 100
    for edge in excerpt.edges where inputs.count < most || inputs[edge.to] != nil {
      inputs[edge.to, default: []].append("\(labels[edge.from][0]) \(edge.shape.map { "\($0)" } ?? "")")
    }
    for (vertex, lines) in labels.enumerated() {
      guard let inputs = inputs[vertex] else { continue }
      let rest = inputs.count > most ? " and \(inputs.count - most) more" : ""
      let result = lines.count > 1 ? " and gives \(lines[1])" : ""
      sentences.append("\(lines[0]) reads \(inputs.prefix(most).joined(separator: ", "))\(rest)\(result).")
    }
    if inputs.count == most { sentences.append("What else is read is in the picture alone.") }
    return sentences.joined(separator: " ")
  }

  // MARK: Parts

  private func drawn(_ shape: Shape?, _ route: GraphLayout.Route) -> String {
    let end = route.points.last!
    var path = "M\(number(route.points[0].x)) \(number(route.points[0].y))"
    for (from, to) in zip(route.points, route.points.dropFirst()) {
      let y = to == end ? to.y - 6 : to.y  // the head covers the end
      if from.x == to.x {
        path += "V\(number(y))"
      } else {
        // Leaves and arrives vertically, and stays between the two rows.
        let middle = number((from.y + y) / 2)
        path += "C\(number(from.x)) \(middle) \(number(to.x)) \(middle) \(number(to.x)) \(number(y))"
      }
    }
    var text = "<path class=\"edge\" d=\"\(path)\"/>"
    text += "<path class=\"head\" d=\"M\(number(end.x)) \(number(end.y))l-4 -8h8z\"/>"
    if let label = route.label, let shape {
      text += "<text class=\"shape\" x=\"\(number(label.x))\" y=\"\(number(label.y + 12))\">\(shape)</text>"
    }
    return text + "\n"
  }

  private func drawn(_ vertex: Int) -> String {
    let (box, lines) = (layout.boxes[vertex], labels[vertex])
    let (kind, tip) = words(vertex)
    let corner = kind == "leaf" || kind == "constant" ? box.height / 2 : 4
    var text =
      "<g class=\"\(kind)\"><title>\(escaped(tip))</title><rect x=\"\(number(box.x))\" y=\"\(number(box.y))\" "
      + "width=\"\(number(box.width))\" height=\"\(number(box.height))\" rx=\"\(number(corner))\"/>"
    let middle = number(box.x + box.width / 2)
    for (index, line) in lines.enumerated() {
      let y = box.y + (lines.count == 1 ? 21 : 20 + 18 * Double(index))
      let look = index == 0 ? "" : "class=\"shape\" "
      text += "<text \(look)x=\"\(middle)\" y=\"\(number(y))\" text-anchor=\"middle\">\(escaped(line))</text>"
    }
    return text + "</g>\n"
  }

  /// The class of a vertex, and what is shown where a pointer rests on it.
  private func words(_ place: Int) -> (kind: String, tip: String) {
    guard let number = excerpt.vertices[place] else { return ("gap", caption) }
    let vertex = graph.vertices[number]
    switch vertex.kind {
    case .operation: return ("operation", "\(vertex.name): its result is \(vertex.shape)")
    case .leaf: return ("leaf", "\(vertex.name) \(vertex.shape): a leaf, which collects a gradient")
    case .constant: return ("constant", "\(vertex.name) \(vertex.shape): no gradient is asked for")
    }
  }

  /// Colours that can be told apart by lightness and by outline alone, in light and in dark.
  private static let style = """

    .kindling-graph text { font: 14px ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #1c2430; }
    .kindling-graph .shape { font-size: 12px; fill: #4d5866; }
    .kindling-graph rect { stroke-width: 1.5; }
    .kindling-graph .ground { fill: #ffffff; }
    .kindling-graph .operation rect { fill: #e6eef9; stroke: #3f689f; }
    .kindling-graph .leaf rect { fill: #fdeccf; stroke: #a8650a; }
    .kindling-graph .constant rect { fill: #f2f3f5; stroke: #6f7884; stroke-dasharray: 4 3; }
    .kindling-graph .gap rect { fill: none; stroke: #6f7884; stroke-dasharray: 2 4; }
    .kindling-graph .edge { fill: none; stroke: #6f7884; stroke-width: 1.5; }
    .kindling-graph .head { fill: #6f7884; }
    @media (prefers-color-scheme: dark) {
      .kindling-graph text { fill: #e8ecf2; }
      .kindling-graph .shape { fill: #b3bdca; }
      .kindling-graph .ground { fill: #15191f; }
      .kindling-graph .operation rect { fill: #1f3352; stroke: #7fa8e0; }
      .kindling-graph .leaf rect { fill: #4a3410; stroke: #e0a54a; }
      .kindling-graph .constant rect { fill: #262c35; stroke: #8f9aa8; }
      .kindling-graph .gap rect { stroke: #8f9aa8; }
      .kindling-graph .edge { stroke: #8f9aa8; }
      .kindling-graph .head { fill: #8f9aa8; }
    }

    """
}

// MARK: Text

/// The width of `text` in a font of `size`, rather too large than too small: in fonts of one width a character takes about
/// 0.6 of the size, and one that is not of Latin script may come from another font.
private func width(_ text: String, _ size: Double) -> Double {
  size * text.reduce(0) { $0 + ($1.unicodeScalars.contains { $0.value >= 0x250 } ? 1.4 : 0.62) }
}

/// A name of which both ends are shown: what they have in common stands in the middle, if anywhere.
private func shortened(_ name: String) -> String {
  name.count <= 40 ? name : "\(name.prefix(14))…\(name.suffix(25))"
}

/// With commas between thousands.
private func grouped(_ count: Int) -> String {
  var (text, digits) = ("", Array("\(count)"))
  while digits.count > 3 {
    text = "," + String(digits.suffix(3)) + text
    digits.removeLast(3)
  }
  return String(digits) + text
}

private func number(_ value: Double) -> String {
  let tenths = (value * 10).rounded() / 10
  return tenths == tenths.rounded() ? "\(Int(tenths))" : "\(tenths)"
}

/// As XML.
private func escaped(_ text: String) -> String {
  withControlsShown(text, escaping: ["&": "&amp;", "<": "&lt;", ">": "&gt;", "\"": "&quot;"])
}

/// With a sign for each character that XML forbids, that would end a line, or that would turn the direction of the text
/// around.
///
/// - Parameter escapes: What else to replace: by scalars, since a quote with an accent is another `Character`, but not for
///   those who read the text.
func withControlsShown(_ text: String, escaping escapes: [Unicode.Scalar: String] = [:]) -> String {
  var result = String.UnicodeScalarView()
  for scalar in text.unicodeScalars {
    switch scalar.value {
    case 0...0x1F: result.append(Unicode.Scalar(0x2400 + scalar.value)!)
    case 0x7F: result.append("\u{2421}")
    case 0x80...0x9F, 0x2028...0x202E, 0x2066...0x2069, 0xFFFE...0xFFFF: result.append("\u{FFFD}")
    default: result += escapes[scalar]?.unicodeScalars ?? String(scalar).unicodeScalars
    }
  }
  return String(result)
}
