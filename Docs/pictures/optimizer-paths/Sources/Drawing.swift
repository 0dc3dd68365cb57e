/// A picture of the valley with the paths of some runs, as SVG.
struct Drawing {
  private static let scale = 40.0  // pixels for 1
  private static let (left, right, bottom, top) = (-7.0, 7.0, -1.2, 4.4)
  private static let colours = ["#c0392b", "#2471a3"]

  let svg: String

  init(_ runs: [Run]) {
    let width = Drawing.scale * (Drawing.right - Drawing.left)
    let height = Drawing.scale * (Drawing.top - Drawing.bottom)
    let names = runs.map(\.name).joined(separator: " and ")
    var lines = [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(short(width)) \(short(height))\" "
        + "font-family=\"sans-serif\" font-size=\"14\">",
      "<title>\(names): \(Run.steps) steps in the valley 0.04 (a - 2)² + (b - 1)²</title>",
      "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>",
    ]
    let centre = Drawing.point(Run.minimum[0], Run.minimum[1])
    // Lines of equal loss are ellipses.
    for level in [0.05, 0.2, 0.5, 1, 2, 3.5, 5.5, 8] {
      let radii = Run.curvature.map { Drawing.scale * (level / $0).squareRoot() }
      lines.append(
        "<ellipse cx=\"\(short(centre.x))\" cy=\"\(short(centre.y))\" rx=\"\(short(radii[0]))\" ry=\"\(short(radii[1]))\" "
          + "fill=\"none\" stroke=\"#ccc\"/>")
    }
    lines.append(cross(centre, "#333"))
    lines.append(cross(Drawing.point(0, 0), "#bbb"))  // where weight decay pulls
    for (run, colour) in zip(runs, Drawing.colours) { lines += Drawing.path(run, colour) }
    for (number, (run, colour)) in zip(runs, Drawing.colours).enumerated() {
      let y = short(height - 14 - 20 * Double(number))
      lines.append(
        "<text x=\"\(short(width - 12))\" y=\"\(y)\" text-anchor=\"end\" fill=\"\(colour)\">\(run.name)</text>")
    }
    svg = (lines + ["</svg>"]).joined(separator: "\n") + "\n"
  }

  private static func path(_ run: Run, _ colour: String) -> [String] {
    let points = run.places.map { point($0.a, $0.b) }
    let line = points.map { "\(short($0.x)),\(short($0.y))" }.joined(separator: " ")
    let dots = points.map { "<circle cx=\"\(short($0.x))\" cy=\"\(short($0.y))\" r=\"2.5\"/>" }.joined()
    return [
      "<polyline points=\"\(line)\" fill=\"none\" stroke=\"\(colour)\" stroke-width=\"1.5\" stroke-opacity=\"0.6\"/>",
      "<g fill=\"\(colour)\">\(dots)</g>",
    ]
  }

  private static func point(_ a: Double, _ b: Double) -> (x: Double, y: Double) {
    (scale * (a - left), scale * (top - b))
  }
}

private func cross(_ place: (x: Double, y: Double), _ colour: String) -> String {
  "<path d=\"M\(short(place.x - 6)) \(short(place.y))h12m-6 -6v12\" stroke=\"\(colour)\" stroke-width=\"2\"/>"
}

/// One decimal, and none where it is 0.
func short(_ number: Double) -> String {
  let rounded = (number * 10).rounded() / 10
  return rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)"
}
