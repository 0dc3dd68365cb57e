import Kindling

/// The first step as autograd sees it: for `--trace` and `--graph`.
struct StepTrace {
  private let prints: Bool
  private let graphPath: String?
  private var names: [String: Tensor] = [:]
  private var graph: ComputationGraph?

  init(options: Options) {
    prints = options.trace
    graphPath = options.graph
  }

  private var isWanted: Bool { prints || graphPath != nil }

  /// Gives tensors the names that the trace calls them by. From the last call on every operation is noted.
  mutating func begin(naming tensors: [(name: String, tensor: Tensor)]) {
    if !isWanted { return }
    for (name, tensor) in tensors { names[name] = tensor }
    _ = Tracer.end()
    Tracer.begin(names: names)
  }

  mutating func end() {
    if !isWanted { return }
    let trace = Tracer.end()
    if prints { print(trace) }
    graph = trace.graph
  }

  func write() throws { if let graphPath { try graph?.write(to: graphPath) } }
}
