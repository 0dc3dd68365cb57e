import Kernels

// Watching autograd work: what ran forward, what ran backward, in order of execution.

/// What happened while `trace(_:)` watched.
public struct Trace: CustomStringConvertible {
  /// One operation that ran, or one rule that was applied.
  public struct Event: Sendable {
    /// Whether it computed a result from inputs, or gradients from a gradient.
    public enum Direction: Sendable {
      /// A result from inputs.
      case forward
      /// Gradients of inputs from the gradient of the result.
      case backward
    }
    /// Which way.
    public let direction: Direction
    /// The operation's name in PyTorch: `mm`, `clamp`, `pow`.
    public let name: String
    /// The shapes of the operation's inputs.
    public let inputs: [Shape]
    /// The shape of the operation's result.
    public let output: Shape
    /// Backward: the norm of the gradient that arrived.
    public let gradientNorm: Double?
    /// Backward: for each input the norm of the gradient that it was given, nil where none was wanted.
    public internal(set) var inputNorms: [Double?] = []
  }

  /// Everything, in order of execution.
  public internal(set) var events: [Event] = []
  /// The graph that the first `backward()` walked, as it was before.
  public internal(set) var graph: ComputationGraph?

  /// A table to read, a line or two for each event.
  public var description: String {
    var text = ""
    for direction in [Event.Direction.forward, .backward] {
      let chosen = events.enumerated().filter { $0.element.direction == direction }
      if chosen.isEmpty { continue }
      text += direction == .forward ? "forward\n" : "backward\n"
      for (i, event) in chosen { text += Trace.line(i + 1, event) }
    }
    return text
  }

  private static func line(_ number: Int, _ event: Event) -> String {
    let place = pad("\(number)", 4, left: true) + "  " + pad(event.name, 10) + " "
    let inputs = event.inputs.map(\.description)
    switch event.direction {
    case .forward:
      return place + inputs.joined(separator: ", ") + " → \(event.output)\n"
    case .backward:
      let indent = pad("", 17)
      var text = place + "dy \(event.output), norm \(printed("%.*g", event.gradientNorm ?? 0, 6))\n"
      let rule = ruleInWords(event.name)
      if !rule.isEmpty { text += indent + rule + "\n" }
      for (i, norm) in event.inputNorms.enumerated() {
        text +=
          indent + "→ input \(i) \(inputs[i]), " + (norm.map { "norm \(printed("%.*g", $0, 6))" } ?? "not wanted")
          + "\n"
      }
      return text
    }
  }

  private static func pad(_ text: String, _ width: Int, left: Bool = false) -> String {
    let space = String(repeating: " ", count: max(0, width - text.count))
    return left ? space + text : text + space
  }

  /// What the derivative of an operation does, for those that the lessons use; dy is the gradient that arrives.
  static func ruleInWords(_ name: String) -> String {
    switch name {
    case "add": "a sum hands dy on to both terms"
    case "sub": "dy to the first term, -dy to the second"
    case "mul": "each factor gets dy times the other"
    case "div": "dy over the divisor; the divisor gets -dy times quotient over divisor"
    case "neg": "-dy"
    case "mm": "dy · (second)ᵀ to the first, (first)ᵀ · dy to the second"
    case "clamp": "dy where the input lay within the bounds, 0 elsewhere"
    case "relu": "dy where the input was above 0, 0 elsewhere"
    case "pow": "dy times exponent times input to the exponent less 1"
    case "sum": "every element gets the dy of its sum"
    case "t", "transpose": "dy, transposed back"
    case "expand": "dy, summed back to the shape that was repeated"
    case "view": "dy, in the shape that was"
    case "exp": "dy times the result"
    case "log": "dy over the input"
    case "clone", "to": "dy, as it is"
    default: ""
    }
  }
}

/// Collects a trace while `trace(_:)` runs.
package final class Tracer {
  private var trace = Trace()
  private let names: [String: Tensor]

  private init(names: [String: Tensor]) { self.names = names }

  /// The tracer of this thread, if it is being traced.
  static var current: Tracer? {
    guard let pointer = KindlingThreadState().pointee.tracer else { return nil }
    return Unmanaged<Tracer>.fromOpaque(pointer).takeUnretainedValue()
  }

  /// Starts watching this thread.
  package static func begin(names: [String: Tensor] = [:]) {
    if current != nil { fail("trace", "this thread is being traced already") }
    KindlingThreadState().pointee.tracer = Unmanaged.passRetained(Tracer(names: names)).toOpaque()
  }

  /// Stops watching, and tells what happened.
  package static func end() -> Trace {
    let state = KindlingThreadState()
    guard let pointer = state.pointee.tracer else { return Trace() }
    state.pointee.tracer = nil
    return Unmanaged<Tracer>.fromOpaque(pointer).takeRetainedValue().trace
  }

  func forward(_ name: StaticString, _ inputs: [Tensor], _ output: Tensor) {
    trace.events.append(
      Trace.Event(
        direction: .forward, name: "\(name)", inputs: inputs.map(\.shape), output: output.shape, gradientNorm: nil))
  }

  /// `backward()` is about to walk the graph of `root`.
  func walks(_ root: Tensor) { trace.graph = trace.graph ?? ComputationGraph(of: root, names: names) }

  func backward(_ node: Node, _ dy: Tensor, _ output: Tensor) {
    let inputs = (0..<node.edges.count).map { node.edges[$0].tensor.shape }
    trace.events.append(
      Trace.Event(
        direction: .backward, name: "\(node.name)", inputs: inputs, output: output.shape, gradientNorm: norm(dy),
        inputNorms: Array(repeating: nil, count: inputs.count)))
  }

  func delivered(_ gradient: Tensor, input: Int) {
    if !trace.events.isEmpty { trace.events[trace.events.count - 1].inputNorms[input] = norm(gradient) }
  }

  private func norm(_ tensor: Tensor) -> Double { unwatched { noGrad { tensor.to(.float64).norm().item() } } }
}

/// Runs `body` and notes every operation that is recorded, and every rule that `backward()` applies, in order of
/// execution.
///
/// - Parameters:
///   - names: What to call tensors that were not computed in the trace's graph, such as `["w1": w1]`.
///   - body: What to watch, such as one training step; it runs once.
public func trace(names: [String: Tensor] = [:], _ body: () throws -> Void) rethrows -> Trace {
  Tracer.begin(names: names)
  do {
    try body()
  } catch {
    _ = Tracer.end()
    throw error
  }
  return Tracer.end()
}
