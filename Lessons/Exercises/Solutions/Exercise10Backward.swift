// Exercise 10, solved: order, deliver, add up, leaves.

/// A number in a graph, and how it was computed.
public final class Value {
  /// The number.
  public let number: Double
  /// The values that it was computed from. One that was read twice is there twice.
  public let inputs: [Value]
  /// From the gradient of this value, that of each input, in order.
  public let rule: (Double) -> [Double]
  /// Of a leaf, what all walks have brought; nil before the first.
  public var grad: Double?

  /// A value with a rule; without inputs, a leaf.
  public init(_ number: Double, inputs: [Value] = [], rule: @escaping (Double) -> [Double] = { _ in [] }) {
    (self.number, self.inputs, self.rule) = (number, inputs, rule)
  }

  /// The sum of two values.
  public static func + (a: Value, b: Value) -> Value {
    Value(a.number + b.number, inputs: [a, b]) { dy in [dy, dy] }
  }

  /// The product of two values.
  public static func * (a: Value, b: Value) -> Value {
    Value(a.number * b.number, inputs: [a, b]) { dy in [dy * b.number, dy * a.number] }
  }
}

/// Brings the gradient of `result` to every leaf that it was computed from.
public func backward(from result: Value) {
  var gradients = [ObjectIdentifier(result): 1.0]
  for value in order(from: result) {
    let gradient = gradients[ObjectIdentifier(value)]!  // complete: all that use the value have been visited
    if value.inputs.isEmpty {
      value.grad = (value.grad ?? 0) + gradient
      continue
    }
    for (input, part) in zip(value.inputs, value.rule(gradient)) {
      gradients[ObjectIdentifier(input), default: 0] += part
    }
  }
}

/// Each value once, and after all that use it: exercise 3.
private func order(from result: Value) -> [Value] {
  var visited: Set<ObjectIdentifier> = []
  var order: [Value] = []
  func visit(_ value: Value) {
    guard visited.insert(ObjectIdentifier(value)).inserted else { return }
    for input in value.inputs { visit(input) }
    order.append(value)
  }
  visit(result)
  return order.reversed()
}
