import Kernels

// Watching operations run: for the first NaN (`detectAnomaly`), or to tell what happened (`trace`, `Walkthrough`). One flag
// decides whether anybody looks, so that operations pay for nothing else.

/// Whoever looks on while this thread computes. It is told of what is done, and takes of that what it wants to know.
package protocol Watcher: AnyObject {
  /// Whether it looks at the numbers in the tensors. If not, a tensor that is written is not copied first.
  var readsNumbers: Bool { get }

  /// An operation has made a tensor, or has written it in place.
  func ran(_ operation: RunOperation)

  /// An operation on plain numbers has made new ones, or, where it `writes`, has written over its first input.
  func ran(plain name: String, _ inputs: [PlainArray], _ output: PlainArray, numbers: [Double?]?, writes: Bool)

  /// `backward()` is about to walk the graph of `root`.
  func walks(_ root: Tensor)

  /// `backward()` has come to its end.
  func walked(_ root: Tensor)

  /// The rules of a recorded operation have been applied.
  ///
  /// - Parameter gradients: For each input what it is given; nil where nobody wants it.
  func applied(_ rule: AppliedRule, _ gradients: [Tensor?])

  /// An optimizer has changed a parameter.
  func updated(_ update: ParameterUpdate)
}

extension Watcher {
  package var readsNumbers: Bool { true }
  package func ran(_ operation: RunOperation) {}
  package func ran(
    plain name: String, _ inputs: [PlainArray], _ output: PlainArray, numbers: [Double?]?, writes: Bool
  ) {}
  package func walks(_ root: Tensor) {}
  package func walked(_ root: Tensor) {}
  package func applied(_ rule: AppliedRule, _ gradients: [Tensor?]) {}
  package func updated(_ update: ParameterUpdate) {}
}

/// Who looks on at this thread.
package enum Watching {
  private final class Box {
    let watcher: any Watcher
    init(_ watcher: any Watcher) { self.watcher = watcher }
  }

  /// The watcher of this thread, if there is one.
  package static var current: (any Watcher)? {
    guard let pointer = KindlingThreadState().pointee.watcher else { return nil }
    return Unmanaged<Box>.fromOpaque(pointer).takeUnretainedValue().watcher
  }

  /// A tensor that is about to be written, as it is now.
  package static func before(_ tensor: Tensor) -> Tensor {
    if !showsEachStep { return tensor }
    return unwatched { noGrad { tensor.clone() } }
  }

  /// Lets `watcher` look on from here, or nobody.
  ///
  /// - Returns: Who did until now.
  @discardableResult
  package static func set(_ watcher: (any Watcher)?) -> (any Watcher)? {
    let state = KindlingThreadState()
    let before = state.pointee.watcher.map { Unmanaged<Box>.fromOpaque($0).takeRetainedValue().watcher }
    state.pointee.watcher = watcher.map { UnsafeMutableRawPointer(Unmanaged.passRetained(Box($0)).toOpaque()) }
    return before
  }
}

/// An operation that has just run.
package struct RunOperation {
  /// Its name in PyTorch: `mm`, `clamp`, `sub_`.
  package let name: StaticString
  /// What it read; of a write in place first a copy of what was there before.
  package let inputs: [Tensor]
  /// What it made, or wrote.
  package let output: Tensor
  /// The numbers that it was given besides, if each element of the result came from those at its place alone; of a
  /// normalization its eps.
  package let numbers: [Double?]?
  /// Whether it wrote over a tensor that was there.
  package let writes: Bool
}

/// Numbers without a tensor. They do not know their shape; nil where the operation does not know it either.
package struct PlainArray {
  package let values: [Double]
  package let shape: Shape?
  package let isBool: Bool

  /// Numbers that an operation read or made, with their shape if it was told.
  package init(_ values: [Double], _ shape: Shape? = nil) {
    (self.values, self.shape, isBool) = (values, shape, false)
  }

  /// A mask.
  package init(_ values: [Bool]) { (self.values, shape, isBool) = (values.map { $0 ? 1 : 0 }, nil, true) }
}

/// The rules of a recorded operation, and what they are applied to.
package struct AppliedRule {
  package let node: Node
  let engine: Engine
  /// The gradient of the operation's result.
  package let gradient: Tensor
  /// The operation's result.
  package let output: Tensor

  /// The operation's name.
  package var name: StaticString { node.name }
  /// What the operation read.
  package var inputs: [Tensor] { (0..<node.edges.count).map { node.edges[$0].tensor } }

  /// What the rules make of another gradient.
  package func gradients(from other: Tensor) -> [Tensor?] {
    let gradients = engine.gradients(of: node, other, output)
    return (0..<node.edges.count).map { engine.wants(node, $0) ? gradients[$0] : nil }
  }
}

/// What an optimizer has done to a parameter.
package struct ParameterUpdate {
  /// The optimizer's name.
  package let name: String
  /// What it did, in one line.
  package let formula: String
  /// The numbers in the formula.
  package let numbers: [(name: String, value: Double)]
  /// The parameter as it was, what it was changed by, and what else was remembered of it, with its names in the formula.
  package let inputs: [(name: String, tensor: Tensor)]
  /// The parameter.
  package let parameter: Tensor

  package init(
    name: String, formula: String, numbers: [(name: String, value: Double)], inputs: [(name: String, tensor: Tensor)],
    parameter: Tensor
  ) {
    (self.name, self.formula, self.numbers, self.inputs, self.parameter) = (name, formula, numbers, inputs, parameter)
  }
}

package var isWatched: Bool {
  @inline(__always) get {
    let state = KindlingThreadState()
    return state.pointee.detectsAnomaly || state.pointee.watcher != nil
  }
}

/// Whether whoever looks on reads numbers. Then no kernel may take two steps in one.
package var showsEachStep: Bool {
  isWatched && (KindlingThreadState().pointee.detectsAnomaly || Watching.current?.readsNumbers ?? true)
}

/// Runs `body` with nobody watching.
package func unwatched<R: ~Copyable>(_ body: () throws -> R) rethrows -> R {
  let state = KindlingThreadState()
  let (detectsAnomaly, watcher) = (state.pointee.detectsAnomaly, state.pointee.watcher)
  state.pointee.detectsAnomaly = false
  state.pointee.watcher = nil
  defer {
    state.pointee.detectsAnomaly = detectsAnomaly
    state.pointee.watcher = watcher
  }
  return try body()
}

/// Runs `body` as a part of one operation: it is not recorded, and nobody sees it apart from the whole.
func within<R>(_ body: () throws -> R) rethrows -> R {
  let state = KindlingThreadState()
  let watcher = state.pointee.watcher
  state.pointee.watcher = nil
  defer { state.pointee.watcher = watcher }
  return try noGrad(body)
}

extension Tensor {
  /// Shows this result of an operation to whoever watches.
  @inline(never)
  func watched(_ name: StaticString, _ inputs: [Tensor], numbers: [Double?]? = nil, writes: Bool = false) {
    if KindlingThreadState().pointee.detectsAnomaly && hasNaN && !inputs.contains(where: \.hasNaN) {
      let shapes = inputs.map(\.shape.description).joined(separator: ", ")
      fail("detectAnomaly", "\(name) made a NaN out of inputs that have none (shapes \(shapes))")
    }
    Watching.current?.ran(
      RunOperation(name: name, inputs: inputs, output: self, numbers: numbers, writes: writes))
  }

  fileprivate var hasNaN: Bool {
    dtype.isFloatingPoint && unwatched { noGrad { isNaN().any().item(as: Bool.self) } }
  }
}

extension Engine {
  /// The gradients, shown to whoever watches: not the operations that the rules are made of, but what comes out, under the
  /// name of what it belongs to.
  func watchedGradients(of node: Node, _ dy: Tensor, _ output: Tensor) -> Gradients {
    let rule = AppliedRule(node: node, engine: self, gradient: dy, output: output)
    let gradients = unwatched { self.gradients(of: node, dy, output) }
    let wanted = (0..<node.edges.count).map { wants(node, $0) ? gradients[$0] : nil }
    if KindlingThreadState().pointee.detectsAnomaly && !dy.hasNaN {
      for case let gradient? in wanted where gradient.hasNaN {
        fail("detectAnomaly", "the derivative of \(node.name) made a NaN (shape of the gradient: \(gradient.shape))")
      }
    }
    Watching.current?.applied(rule, wanted)
    return gradients
  }
}
