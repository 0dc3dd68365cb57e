import Kindling

/// What holds parameters, buffers and other modules: finds them, moves, saves and prints them, and knows whether it is being
/// trained. `Module` adds a `forward` of one tensor, and `Loss` one of two.
///
/// Derive from it directly for other inputs, and give the subclass a `callAsFunction` of its own:
///
/// ```swift
/// final class Gate: ModuleBase {
///   let weigh: Linear
///   init(_ size: Int) { weigh = Linear(size, size) }
///   func callAsFunction(_ x: Tensor, _ y: Tensor) -> Tensor {
///     runHooks(x) { x in weigh(x).sigmoid() * y }
///   }
/// }
/// ```
///
/// Nothing is registered: each question such as `parameters()` looks at the properties as they are now (see
/// ModuleMembers.swift). `Parameter`, `Buffer` and modules count, also in optionals, arrays, dictionaries, structs and
/// tuples. Name and index of a property make the name of what is in it: `linear1.weight`, `blocks.0.weight`.
open class ModuleBase: CustomStringConvertible {
  /// Whether the module is being trained, and not evaluated: `Dropout` does nothing in evaluation.
  public private(set) final var isTraining = true
  /// What the class declares, once it has been asked for.
  final var declared: DeclaredProperties?
  final var hooks: ForwardHooks?

  /// A module that is in training.
  public init() { _ = ModuleBase.namesFailingParts }

  /// Computes an output, and lets the forward hooks see input and output. With several inputs it is the first that they see.
  public final func runHooks(_ input: Tensor, _ forward: (Tensor) -> Tensor) -> Tensor {
    Computing.by(self) { hooks?.run(self, input, forward) ?? forward(input) }
  }

  /// What stands between the brackets in the printed form, such as `in_features=784, out_features=100, bias=True`.
  open var extraDescription: String { "" }

  /// The modules that are printed, with their names: `ModuleList` prints those in a row that are alike once.
  func described(_ modules: [(name: String, text: String)]) -> [(name: String, text: String)] { modules }

  /// The name of the class.
  final var typeName: String { String(describing: type(of: self)) }

  /// The properties that hold something, by name, in order of declaration. `Linear` lists its own by hand: the reflection
  /// that finds all others takes about a microsecond a property, and most models have more of it than of anything else.
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
      if setToNil {
        parameter.grad = nil
      } else {
        noGrad { _ = parameter.grad?.zero_() }
      }
    }
  }

  /// Calls `body` with every module below this one, and then with this one: for setting initial weights.
  @discardableResult
  public final func apply(_ body: (ModuleBase) -> Void) -> Self {
    for child in children() { child.apply(body) }
    body(self)
    return self
  }
}

// MARK: What a module is made of

extension ModuleBase {
  /// All parameters: a module's own first, then those of its modules, in order of declaration. One that two properties
  /// hold (tied weights) comes once.
  public func parameters() -> [Parameter] {
    var found: [Parameter] = []
    forEachMember(named: false) { if case .parameter(let parameter) = $1 { found.append(parameter) } }
    return found
  }

  /// All parameters with their names, such as `linear1.weight`.
  public func namedParameters() -> [(name: String, parameter: Parameter)] {
    var found: [(name: String, parameter: Parameter)] = []
    forEachMember { if case .parameter(let parameter) = $1 { found.append(($0, parameter)) } }
    return found
  }

  /// All buffers.
  public func buffers() -> [Buffer] { namedBuffers().map(\.buffer) }

  /// All buffers with their names.
  public func namedBuffers() -> [(name: String, buffer: Buffer)] {
    var found: [(name: String, buffer: Buffer)] = []
    forEachMember { if case .buffer(let buffer) = $1 { found.append(($0, buffer)) } }
    return found
  }

  /// This module and all below it.
  public func modules() -> [ModuleBase] { namedModules().map(\.module) }

  /// This module, whose name is empty, and all below it with their names.
  public func namedModules() -> [(name: String, module: ModuleBase)] {
    var found: [(name: String, module: ModuleBase)] = [("", self)]
    forEachMember { if case .module(let module) = $1 { found.append(($0, module)) } }
    return found
  }

  /// The modules that this one holds itself.
  public func children() -> [ModuleBase] { namedChildren().map(\.module) }

  /// The modules that this one holds itself, with their names.
  public func namedChildren() -> [(name: String, module: ModuleBase)] {
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

extension ModuleBase {
  /// The module and all it holds, as PyTorch prints them.
  public var description: String {
    let extra = extraDescription
    let modules = members().compactMap { name, member in
      if case .module(let module) = member { (name, module.description) } else { nil }
    }
    let lines =
      (extra.isEmpty ? [] : [extra])
      + described(modules).map { name, text in
        "(\(name)): " + text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\n  ")
      }
    if lines == [extra] { return "\(typeName)(\(extra))" }
    return lines.isEmpty ? "\(typeName)()" : "\(typeName)(\n  " + lines.joined(separator: "\n  ") + "\n)"
  }
}
