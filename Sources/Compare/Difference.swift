import Kindling

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
  static func between(_ a: Tensor, _ b: Tensor) -> Difference? {
    if a.shape != b.shape { return nil }
    let (p, q) = (a.to(.float64), b.to(.float64))
    let distance = largest(p - q)
    // A NaN is never the same, and `max` gives it where there is one.
    if distance.isNaN { return Difference(relative: .greatestFiniteMagnitude, ulps: .greatestFiniteMagnitude) }
    return Difference(distance: distance, scale: max(largest(p), largest(q)))
  }

  /// The largest magnitude of any element; 0 where there is none.
  static func largest(_ x: Tensor) -> Double { x.elementCount == 0 ? 0 : x.abs().max().item() }

  /// The larger of the two.
  static func larger(_ a: Difference?, _ b: Difference?) -> Difference? {
    guard let a, let b else { return a ?? b }
    return a.relative < b.relative ? b : a
  }
}
