// Exercise 10: backward(), the whole engine.
//
// A value knows its number, the values that it was computed from, and its rule: what each of those gets when a gradient has
// arrived at it. For y = a · b the rule turns dy into [dy · b, dy · a]. Sums and products are there below; the walk is yours.
//
// backward(from: result) does four things:
//
//   order    visit each value once, and only when all values that use it have been visited (exercise 3)
//   deliver  ask its rule what its inputs get; the result itself starts with 1
//   add up   a value that was used twice gets two parts, and its gradient is their sum
//   leaves   a value without inputs keeps its gradient: what has arrived is added to its `grad`, which is nil at first
//
// As in PyTorch, `grad` belongs to leaves. A second backward() adds to it, since only the learner's loop knows when a step
// ends, while the gradients of values in between live for one walk: they are kept in a dictionary, and `grad` stays nil.
//
//   Tests/run exercise 10

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
///
/// `ObjectIdentifier(value)` tells values apart, and can be the key of a dictionary or be kept in a `Set`.
public func backward(from result: Value) {
  // Your code here.
}
