import Kindling

// How a module finds what it holds: by looking at its stored properties, through Swift's `Mirror`, at every question. A
// property that has been given another value since is seen with that.
//
// What the type alone tells is kept for each class (see DeclaredProperties). Where the values lie is not: `parameters()` takes
// 5 µs for a net of two layers, and reading optionals, arrays and enums at addresses would need all that `Mirror` does.

/// What a property holds.
enum Member {
  case parameter(Parameter)
  case buffer(Buffer)
  case module(ModuleBase)

  var identity: ObjectIdentifier {
    switch self {
    case .parameter(let parameter): ObjectIdentifier(parameter)
    case .buffer(let buffer): ObjectIdentifier(buffer)
    case .module(let module): ObjectIdentifier(module)
    }
  }
}

typealias NamedMember = (name: String, member: Member)

extension ModuleBase {
  /// Calls `body` with all that this module holds and with all that its modules hold: of each module first its own
  /// parameters and buffers, then module after module.
  ///
  /// - Parameters:
  ///   - named: Whether `body` is told names. Putting them together costs.
  ///   - once: Whether what two properties hold comes once only.
  func forEachMember(named: Bool = true, once: Bool = true, _ body: (_ name: String, _ member: Member) -> Void) {
    var path: [ModuleBase] = []
    var seen: Set<ObjectIdentifier> = []
    func isWanted(_ member: Member) -> Bool { !once || seen.insert(member.identity).inserted }
    func visit(_ module: ModuleBase, _ prefix: String) {
      path.append(module)
      let members = module.members()
      for (name, member) in members {
        if case .module = member { continue }
        if isWanted(member) { body(named ? prefix + name : "", member) }
      }
      for (name, member) in members {
        guard case .module(let child) = member else { continue }
        if path.contains(where: { $0 === child }) { module.failHoldingItself(name, path) }
        if !isWanted(member) { continue }
        body(named ? prefix + name : "", member)
        visit(child, named ? prefix + name + "." : "")
      }
      path.removeLast()
    }
    visit(self, "")
  }

  private func failHoldingItself(_ name: String, _ path: [ModuleBase]) -> Never {
    fail(
      typeName,
      "the property \(name) leads back to a module that this one is part of "
        + "(\(path.map(\.typeName).joined(separator: ", "))); make a reference back to a parent weak")
  }

  /// What this module's stored properties hold, superclasses first.
  func reflectedMembers() -> [NamedMember] {
    let declared = declared ?? DeclaredProperties.of(self)
    self.declared = declared
    if !declared.canHoldMembers { return [] }
    var found: [NamedMember] = []
    addMembers(of: Mirror(reflecting: self), declared.weak, to: &found)
    return found
  }

  private func addMembers(of mirror: Mirror, _ weak: Set<String>, to found: inout [NamedMember]) {
    if let parent = mirror.superclassMirror, parent.subjectType != ModuleBase.self {
      addMembers(of: parent, weak, to: &found)
    }
    for (label, value) in mirror.children {
      // A weak property is a reference back to a parent, and not a part.
      if !weak.isEmpty && weak.contains(label ?? "") { continue }
      add(value, label ?? "", to: &found)
    }
  }

  /// Adds what `value`, found under `name`, is or holds.
  private func add(_ value: Any, _ name: String, to found: inout [NamedMember]) {
    if let module = value as? ModuleBase {
      found.append((name, .module(module)))
    } else if let tensor = value as? Tensor {
      add(tensor, name, to: &found)
    } else if value is any TensorScalar || value is String {
      return
    } else if let container = value as? any Container {
      if !type(of: container).canHoldMembers { return }
      for (key, element) in container.elements { add(element, key.isEmpty ? name : "\(name).\(key)", to: &found) }
    } else {
      addFields(of: value, name, to: &found)
    }
  }

  private func add(_ tensor: Tensor, _ name: String, to found: inout [NamedMember]) {
    if let parameter = tensor as? Parameter {
      found.append((name, .parameter(parameter)))
    } else if let buffer = tensor as? Buffer {
      found.append((name, .buffer(buffer)))
    } else if tensor.requiresGrad && tensor.isLeaf {
      fail(
        typeName,
        "the property \(name) is a plain Tensor that requires a gradient, and parameters() would miss it; "
          + "write Parameter(…) around its value")
    }
  }

  /// Structs, tuples and enums are looked through; the objects of other classes are their own business.
  private func addFields(of value: Any, _ name: String, to found: inout [NamedMember]) {
    let mirror = Mirror(reflecting: value)
    switch mirror.displayStyle {
    case .struct, .tuple, .enum:
      for (label, field) in mirror.children {
        let label = label ?? ""
        add(field, "\(name).\(label.hasPrefix(".") ? String(label.dropFirst()) : label)", to: &found)
      }
    default: return
    }
  }
}

// MARK: Containers

/// An optional, an array or a dictionary. Going through their elements with `Mirror` is slow, and a long array of numbers
/// need not be gone through at all.
private protocol Container {
  static var canHoldMembers: Bool { get }
  /// The elements with their names in order, the empty name for one that goes by the container's.
  var elements: [(String, Any)] { get }
}

/// Whether a value of this type can be or hold a member, as far as the type tells.
func canHoldMembers(_ type: Any.Type) -> Bool {
  if let container = type as? any Container.Type { return container.canHoldMembers }
  if type is AnyClass { return type is ModuleBase.Type || type is Tensor.Type }
  return !(type is any TensorScalar.Type) && type != String.self && type != UInt8.self
}

extension Optional: Container {
  fileprivate static var canHoldMembers: Bool { KindlingNN.canHoldMembers(Wrapped.self) }
  fileprivate var elements: [(String, Any)] { map { [("", $0)] } ?? [] }
}

extension Array: Container {
  fileprivate static var canHoldMembers: Bool { KindlingNN.canHoldMembers(Element.self) }
  fileprivate var elements: [(String, Any)] { enumerated().map { ("\($0.offset)", $0.element) } }
}

extension Dictionary: Container {
  fileprivate static var canHoldMembers: Bool { KindlingNN.canHoldMembers(Value.self) }
  /// By key, since a dictionary's own order changes from run to run.
  fileprivate var elements: [(String, Any)] { map { ("\($0.key)", $0.value) }.sorted { $0.0 < $1.0 } }
}
