#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Captures training steps with every number in them: each operation that runs, what it reads and what it makes, how that came
/// about, and the line of the program that asked for it.
///
/// ```swift
/// let walkthrough = Walkthrough(names: ["x": x, "y": y, "w1": w1, "w2": w2])
/// for t in 0..<500 {
///   if t == 0 || t == 499 { walkthrough.step(t) { train() } } else { train() }
/// }
/// try walkthrough.writePage(to: "steps.html")  // import KindlingPage
/// ```
///
/// Every tensor is copied, so that a captured step takes a multiple of its time and memory; other steps are as they were.
public final class Walkthrough {
  private let watcher: WalkthroughWatcher

  /// A capture that has seen nothing yet.
  ///
  /// - Parameter names: What to call tensors that no operation made: data and weights.
  public init(names: [String: Tensor] = [:]) {
    watcher = WalkthroughWatcher()
    for (name, tensor) in names.sorted(by: { $0.key < $1.key }) { setName(name, of: tensor) }
  }

  /// Gives a tensor that no operation makes a name.
  public func setName(_ name: String, of tensor: Tensor) { watcher.names.append((name, tensor)) }

  /// Captures what `body` does: one training step.
  public func step(_ number: Int, _ body: () throws -> Void) rethrows {
    begin(number)
    defer { end() }
    try body()
  }

  /// All tensors that were met, each as it was when it was read or made. A tensor that did not change between steps is there
  /// once.
  public var tensors: [Walkthrough.Snapshot] { watcher.tensors }
  /// The steps.
  public var steps: [Walkthrough.Step] { watcher.steps }

  /// Begins a step that ends with `end()`.
  package func begin(_ number: Int) {
    if Watching.current != nil { fail("Walkthrough", "this thread is being watched already") }
    watcher.begin(number)
    Watching.set(watcher)
  }

  /// Ends the step, if there is one.
  package func end() {
    if Watching.current === watcher {
      Watching.set(nil)
      watcher.end()
    }
  }

  /// Says that the next part of a step begins, where no `backward()` tells.
  package func enter(_ phase: Walkthrough.Operation.Phase) { watcher.phase = phase }

  /// Says what the loss of the step is, where no `backward()` tells.
  package func note(loss: Double) { if Watching.current === watcher { watcher.step.loss = loss } }

  /// The place in `tensors` of a tensor as it is now.
  package func place(of tensor: Tensor) -> Int { watcher.index(of: tensor) }

  /// The same for plain numbers.
  package func place(of values: [Double], _ shape: Shape) -> Int { watcher.index(of: PlainArray(values, shape)) ?? 0 }

  /// Whether a step is being captured.
  package var isCapturing: Bool { Watching.current === watcher }

  /// Gives plain numbers a name and a shape.
  package func name(_ values: [Double], _ shape: Shape, _ name: String) { watcher.name(values, shape, name) }
}

/// Looks on for a `Walkthrough`.
final class WalkthroughWatcher: Watcher {
  private(set) var tensors: [Walkthrough.Snapshot] = []
  private(set) var steps: [Walkthrough.Step] = []
  var names: [(name: String, tensor: Tensor)] = []
  var phase = Walkthrough.Operation.Phase.forward
  var step = Walkthrough.Step(number: 0)

  /// The tensor that was last met in a place of memory, seen in one way.
  private var met: [Window: Int] = [:]
  /// Of operations on plain numbers, what was met in this step.
  private var plain: [Int] = []
  /// Its numbers, held so that no others take their place in memory: two arrays of equal numbers are told apart by it.
  private var buffers: [Int: [Double]] = [:]
  private var lasting: [Int] = []
  /// What a formula calls tensors that may have no other name.
  private var symbols: [Int: String] = [:]
  private var sites = CallSites()
  private var places: [Int?] = []
  /// The operations that `backward()` will come back to.
  private var nodes: [ObjectIdentifier: Int] = [:]

  private struct Window: Hashable {
    let storage: ObjectIdentifier
    let offset: Int
    let shape, strides: Shape

    init(_ tensor: Tensor) {
      storage = ObjectIdentifier(tensor.storage)
      (offset, shape, strides) = (tensor.offset, tensor.shape, tensor.strides)
    }
  }

  func begin(_ number: Int) {
    step = Walkthrough.Step(number: number)
    phase = .forward
    plain = lasting
    buffers = buffers.filter { lasting.contains($0.key) }
  }

  func end() {
    for i in step.operations.indices {
      if let place = places[i] { step.operations[i].lines = sites.lines(at: place) }
    }
    Naming.name(&tensors, in: step, given: Set(names.map(\.name)))
    for (place, symbol) in symbols where tensors[place].name == nil { tensors[place].name = symbol }
    symbols = [:]
    steps.append(step)
    sites.forget()
    (places, nodes) = ([], [:])
  }

  // MARK: Tensors

  /// The place in `tensors` of a tensor as it is now.
  func index(of tensor: Tensor) -> Int {
    let values = unwatched { noGrad { tensor.to(.cpu).clone() } }
    let window = Window(tensor)
    if let known = met[window], tensors[known].values.holdsTheSame(as: values) { return known }
    return add(values, named: name(of: tensor), at: window)
  }

  /// The place of what a tensor held before it was written: `copy`, made meanwhile. It goes under the tensor's own name.
  private func index(of copy: Tensor, before written: Tensor) -> Int {
    let values = unwatched { noGrad { copy.to(.cpu).clone() } }
    if let known = met[Window(written)], tensors[known].values.holdsTheSame(as: values) { return known }
    return add(values, named: name(of: written))
  }

  private func add(_ values: Tensor, named name: String?, at window: Window? = nil) -> Int {
    tensors.append(Walkthrough.Snapshot(name: name, values: values))
    if let window { met[window] = tensors.count - 1 }
    return tensors.count - 1
  }

  private func name(of tensor: Tensor) -> String? {
    for (name, named) in names {
      if named === tensor { return name }
      if let grad = named.grad, grad === tensor || Window(grad) == Window(tensor) { return name + ".grad" }
    }
    return nil
  }

  // MARK: Operations

  private func note(_ operation: Walkthrough.Operation) {
    step.operations.append(operation)
    places.append(sites.note())
  }

  func ran(_ operation: RunOperation) {
    let name = "\(operation.name)"
    var inputs = operation.inputs
    var places: [Int] = []
    if operation.writes, let before = inputs.first {
      places.append(index(of: before, before: operation.output))
      inputs.removeFirst()
    }
    places += inputs.map(index)
    let output = index(of: operation.output)
    let explanation = Explaining(tensors).operation(name, places, output, operation)
    if let node = operation.output.node { nodes[ObjectIdentifier(node)] = step.operations.count }
    note(
      Walkthrough.Operation(
        phase: phase, name: name, forward: nil, isRule: false, writes: operation.writes,
        isPlain: false, inputs: places,
        results: [.init(tensor: output, input: nil, explanation: explanation)], words: "", module: Computing.place))
  }

  func walks(_ root: Tensor) {
    phase = .backward
    if root.elementCount == 1 { step.loss = unwatched { root.item() } }
  }

  func walked(_ root: Tensor) {
    phase = .update
    // A gradient that was summed to its leaf's shape on the way has become the leaf's own only now.
    for (name, tensor) in names {
      guard let gradient = tensor.grad, let place = met[Window(gradient)], tensors[place].name == nil else { continue }
      tensors[place].name = name + ".grad"
    }
  }

  func applied(_ rule: AppliedRule, _ gradients: [Tensor?]) {
    let dy = index(of: rule.gradient)
    let forward = nodes[ObjectIdentifier(rule.node)]
    let inputs = unwatched { rule.inputs.map(index) }
    let explaining = Explaining(tensors)
    let found = unwatched {
      noGrad { explaining.rules(of: rule, dy, inputs, gradients, forward.map { step.operations[$0] }) }
    }
    var results: [Walkthrough.Operation.Result] = []
    for (i, gradient) in gradients.enumerated() {
      guard let gradient, let found = found[i] else { continue }
      let place = index(of: gradient)
      var explanation = found.explanation
      if let local = found.local {
        let place = add(local, named: nil)
        explanation = .chain(gradient: dy, local: place)
      }
      results.append(.init(tensor: place, input: i, explanation: explanation))
    }
    var read = [dy]
    for i in results.flatMap(\.explanation.operands) where !read.contains(i) { read.append(i) }
    note(
      Walkthrough.Operation(
        phase: .backward, name: "\(rule.name)", forward: forward, isRule: true, writes: false,
        isPlain: false, inputs: read, results: results,
        words: Trace.ruleInWords("\(rule.name)"), module: forward.flatMap { step.operations[$0].module }))
  }

  func updated(_ update: ParameterUpdate) {
    let inputs =
      [index(of: update.inputs[0].tensor, before: update.parameter)]
      + update.inputs.dropFirst().map { index(of: $0.tensor) }
    for (place, input) in zip(inputs, update.inputs) { symbols[place] = input.name }
    let output = index(of: update.parameter)
    note(
      Walkthrough.Operation(
        phase: .update, name: update.name, forward: nil, isRule: false, writes: true, isPlain: false,
        inputs: inputs,
        results: [
          .init(
            tensor: output, input: nil,
            explanation: .update(
              before: inputs[0], of: Array(inputs.dropFirst()), formula: update.formula, numbers: update.numbers))
        ], words: "", module: nil))
  }

  // MARK: Plain numbers

  func name(_ values: [Double], _ shape: Shape, _ name: String) {
    if Watching.current === self, let place = index(of: PlainArray(values)) {
      tensors[place].name = name
    } else {
      let place = add(Tensor(values, shape: shape, dtype: .float64), named: name)
      lasting.append(place)
      buffers[place] = values
    }
  }

  func index(of array: PlainArray) -> Int? {
    func address(_ values: [Double]) -> UnsafePointer<Double>? { values.withUnsafeBufferPointer { $0.baseAddress } }
    let same = plain.last {
      buffers[$0]?.count == array.values.count && address(buffers[$0] ?? []) == address(array.values)
    }
    return same
      ?? plain.last {
        tensors[$0].values.elementCount == array.values.count && (tensors[$0].values.dtype == .bool) == array.isBool
          && tensors[$0].values.toArray().elementsEqual(array.values) { $0 == $1 || $0.isNaN && $1.isNaN }
      }
  }

  private func add(_ array: PlainArray, like shape: Shape?) -> Int {
    let shape = array.shape ?? (shape?.elementCount == array.values.count ? shape! : [array.values.count])
    let place = add(Tensor(array.values, shape: shape, dtype: array.isBool ? .bool : .float64), named: nil)
    plain.append(place)
    if !array.isBool { buffers[place] = array.values }
    return place
  }

  func ran(
    plain name: String, _ inputs: [PlainArray], _ output: PlainArray, numbers: [Double?]?, writes: Bool
  ) {
    unwatched {
      let inputs = inputs.map { index(of: $0) ?? add($0, like: nil) }
      let shape = inputs.first.map { tensors[$0].values.shape }
      let output = add(output, like: numbers == nil ? nil : shape)
      let explanation = Explaining(tensors).plain(name, inputs, output, numbers)
      note(
        Walkthrough.Operation(
          phase: phase, name: name, forward: nil, isRule: false, writes: writes, isPlain: true,
          inputs: inputs,
          results: [.init(tensor: output, input: nil, explanation: explanation)], words: "", module: nil))
    }
  }
}

extension Tensor {
  /// Whether both are of one shape and type and have the same bits, tensors on the CPU and in order.
  fileprivate func holdsTheSame(as other: Tensor) -> Bool {
    shape == other.shape && dtype == other.dtype && memcmp(pointer, other.pointer, elementCount * dtype.byteCount) == 0
  }
}
