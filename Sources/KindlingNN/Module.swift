import Kindling

/// A part of a network: parameters, other modules, and what they compute.
///
/// Subclass it, give it properties, and say in `forward(_:)` what becomes of the input:
///
/// ```swift
/// final class TwoLayerNet: Module {
///   let linear1: Linear
///   let linear2: Linear
///   init(_ dIn: Int, _ h: Int, _ dOut: Int) {
///     linear1 = Linear(dIn, h)
///     linear2 = Linear(h, dOut)
///   }
///   override func forward(_ x: Tensor) -> Tensor { linear2(linear1(x).clamp(min: 0)) }
/// }
/// ```
///
/// Nothing is registered: each question such as `parameters()` looks at the properties as they are now (see
/// ModuleMembers.swift). `Parameter`, `Buffer` and `Module` count, also in optionals, arrays, dictionaries, structs and
/// tuples. Name and index of a property make the name of what is in it: `linear1.weight`, `blocks.0.weight`.
open class Module: CustomStringConvertible {
  /// Whether the module is being trained, and not evaluated: `Dropout` does nothing in evaluation.
  public private(set) final var isTraining = true
  /// Whether the properties' declarations have been looked at, and the weak ones among them.
  final var hasCheckedProperties = false
  final var weakProperties: Set<String> = []
  final var hooks: ForwardHooks?

  /// A module that is in training.
  public init() {}

  /// Computes the output from the input. A subclass says how. Call the module itself, `model(x)`, so that hooks run.
  open func forward(_ x: Tensor) -> Tensor {
    fail(typeName, "it does not say what it computes; override forward(_:)")
  }

  /// The output for an input: `model(x)`.
  public final func callAsFunction(_ x: Tensor) -> Tensor {
    if let hooks { return hooks.run(self, x, forward) }
    return forward(x)
  }

  /// What stands between the brackets in the printed form, such as `in_features=784, out_features=100, bias=True`.
  open var extraDescription: String { "" }

  /// The name of the class.
  final var typeName: String { String(describing: type(of: self)) }

  /// The properties that hold something, by name, in order of declaration. The layers of this library list theirs by hand:
  /// the reflection that does it for all others takes about a microsecond a property.
  func members() -> [(name: String, member: Member)] { reflectedMembers() }

  // MARK: Training and evaluation

  /// Puts this module and all below it into training, or with `false` into evaluation.
  @discardableResult
  public final func train(_ mode: Bool = true) -> Self {
    for module in modules() { module.isTraining = mode }
    return self
  }

  /// Puts this module and all below it into evaluation.
  @discardableResult
  public final func eval() -> Self { train(false) }

  /// Sets whether the parameters require gradients: `backbone.requiresGrad_(false)` keeps a part as it is.
  @discardableResult
  public final func requiresGrad_(_ requiresGrad: Bool = true) -> Self {
    for parameter in parameters() { parameter.requiresGrad = requiresGrad }
    return self
  }

  /// Forgets the gradients of all parameters; with `setToNil: false` fills them with zeros instead.
  public final func zeroGrad(setToNil: Bool = true) {
    for parameter in parameters() {
      if setToNil { parameter.grad = nil } else { noGrad { _ = parameter.grad?.zero_() } }
    }
  }

  /// Calls `body` with every module below this one, and then with this one: for setting initial weights.
  @discardableResult
  public final func apply(_ body: (Module) -> Void) -> Self {
    for child in children() { child.apply(body) }
    body(self)
    return self
  }
}

// MARK: What a module is made of

extension Module {
  /// All parameters: a module's own first, then those of its modules, in order of declaration. One that two properties
  /// hold (tied weights) comes once.
  public final func parameters() -> [Parameter] {
    var found: [Parameter] = []
    forEachMember(named: false) { if case .parameter(let parameter) = $1 { found.append(parameter) } }
    return found
  }

  /// All parameters with their names, such as `linear1.weight`.
  public final func namedParameters() -> [(name: String, parameter: Parameter)] {
    var found: [(name: String, parameter: Parameter)] = []
    forEachMember { if case .parameter(let parameter) = $1 { found.append(($0, parameter)) } }
    return found
  }

  /// All buffers.
  public final func buffers() -> [Buffer] { namedBuffers().map(\.buffer) }

  /// All buffers with their names.
  public final func namedBuffers() -> [(name: String, buffer: Buffer)] {
    var found: [(name: String, buffer: Buffer)] = []
    forEachMember { if case .buffer(let buffer) = $1 { found.append(($0, buffer)) } }
    return found
  }

  /// This module and all below it.
  public final func modules() -> [Module] { namedModules().map(\.module) }

  /// This module, whose name is empty, and all below it with their names.
  public final func namedModules() -> [(name: String, module: Module)] {
    var found: [(name: String, module: Module)] = [("", self)]
    forEachMember { if case .module(let module) = $1 { found.append(($0, module)) } }
    return found
  }

  /// The modules that this one holds itself.
  public final func children() -> [Module] { namedChildren().map(\.module) }

  /// The modules that this one holds itself, with their names.
  public final func namedChildren() -> [(name: String, module: Module)] {
    var seen: Set<ObjectIdentifier> = []
    return members().compactMap { name, member in
      if case .module(let module) = member, seen.insert(ObjectIdentifier(module)).inserted {
        (name, module)
      } else {
        nil
      }
    }
  }
}

// MARK: Printing

extension Module {
  /// The module and all it holds, as PyTorch prints them.
  public final var description: String {
    let extra = extraDescription
    var lines = extra.isEmpty ? [] : [extra]
    for (name, member) in members() {
      guard case .module(let module) = member else { continue }
      let inner = module.description.split(separator: "\n", omittingEmptySubsequences: false)
      lines.append("(\(name)): " + inner.joined(separator: "\n  "))
    }
    if lines == [extra] { return "\(typeName)(\(extra))" }
    return lines.isEmpty ? "\(typeName)()" : "\(typeName)(\n  " + lines.joined(separator: "\n  ") + "\n)"
  }
}
