/// How far apart two numbers are.
struct Difference: Codable, Sendable {
  /// The distance over the larger magnitude: 0 the same, 2 opposite.
  var relative: Double
  /// The distance in units in the last place of float32, at the size of the larger magnitude.
  var ulps: Double

  static let none = Difference(relative: 0, ulps: 0)

  /// - Parameter scale: What the distance is measured against.
  init(distance: Double, scale: Double) {
    if distance == 0 {
      self = .none
    } else {
      relative = distance / scale
      ulps = distance / Double(Float(scale).ulp)
    }
  }

  init(_ a: Double, _ b: Double) { self.init(distance: abs(a - b), scale: max(abs(a), abs(b))) }

  private init(relative: Double, ulps: Double) {
    self.relative = relative
    self.ulps = ulps
  }

  /// The elements that are furthest apart, measured against the largest magnitude in either tensor: an element near 0 is a
  /// sum of large ones, and no more exact than they are. Nil for other shapes.
  static func between(_ a: SavedTensor, _ b: SavedTensor) -> Difference? {
    if a.shape != b.shape { return nil }
    var distance = 0.0
    for (p, q) in zip(a.values, b.values) {
      // max() lets a NaN through only where it comes first, and a NaN is never the same.
      if (p - q).isNaN { return Difference(relative: .greatestFiniteMagnitude, ulps: .greatestFiniteMagnitude) }
      distance = max(distance, abs(p - q))
    }
    return Difference(distance: distance, scale: max(a.scale, b.scale))
  }

  /// The larger of the two.
  static func larger(_ a: Difference?, _ b: Difference?) -> Difference? {
    guard let a, let b else { return a ?? b }
    return a.relative < b.relative ? b : a
  }
}
